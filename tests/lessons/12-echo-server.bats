#!/usr/bin/env bats
# Lesson 12: the iterative server of RFC 862.

load ../helper

@test "12 echoes to the end, all of it before it closes" {
    start_server "$BIN/12-echo-server" --clients=1 0
    try 0 "$PEER" connect "$port" send-bytes:60000 shutdown read-bytes:60000 \
        expect-end
    ends
    has "$output" "echoed 60000 bytes"
    is "$errors" ""
}

@test "12 binary data and one byte at a time come back as they were" {
    start_server "$BIN/12-echo-server" --clients=1 0
    try 0 "$PEER" connect "$port" 'drip:a\0b\r\n\0' shutdown read-end
    is "$output" '"a\000b\r\n\000"'
    ends
}

@test "12 the second client's connect succeeds, and then it waits" {
    start_server "$BIN/12-echo-server" --clients=2 0
    local server=$slot
    start "$PEER" connect "$port" send:one read:3 wait
    local first=$slot
    next_line
    is "$line" '"one"'
    start "$PEER" connect "$port" send:two say:connected read:3 say:done
    local second=$slot
    next_line
    is "$line" connected
    # The server tells each client as it accepts it: of the second no word yet,
    # although it is connected and has sent.
    slot=$server
    next_line
    like "$line" '^client 127.0.0.1:'
    slot=$first
    end_input
    ends
    slot=$server
    next_line
    is "$line" "echoed 3 bytes"
    next_line
    like "$line" '^client 127.0.0.1:'
    slot=$second
    next_line
    is "$line" '"two"'
    ends
    slot=$server
    ends
}

@test "12 one client's reset does not end the server" {
    start_server "$BIN/12-echo-server" --clients=3 0
    try 0 "$PEER" connect "$port" send:x read:1 reset
    try 0 "$PEER" connect "$port" reset
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    is "$output" '"x"'
    ends
    like "$errors" '^12-echo-server: read: .* \(ECONNRESET\)'
}

@test "12 a client that never reads gets stuck, and its end frees the server" {
    start_server "$BIN/12-echo-server" --clients=2 0
    local server=$slot
    try 0 "$PEER" connect "$port" fill reset
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    is "$output" '"x"'
    slot=$server
    ends
    like "$errors" '\((ECONNRESET|EPIPE)\)'
}

@test "12 no client's descriptor stays open (Linux)" {
    [ -d /proc/self/fd ] || skip "needs /proc"
    start_server "$BIN/12-echo-server" 0
    local before i
    before=$(find "/proc/$server_pid/fd" | wc -l)
    for i in 1 2 3 4 5; do
        try 0 "$PEER" connect "$port" send:x read:1 reset
        try 0 "$PEER" connect "$port" send:x shutdown read-end
    done
    start "$PEER" connect "$port" send:x read:1 wait
    next_line
    is "$(find "/proc/${pids[1]}/fd" | wc -l)" "$((before + 1))"
}

@test "12 a second server on the same port says EADDRINUSE" {
    start_server "$BIN/12-echo-server" 0
    try 1 "$BIN/12-echo-server" "$port"
    like "$errors" "^12-echo-server: bind 127.0.0.1:$port: .* \(EADDRINUSE\)"
    stop_server
}

@test "12 a restart on the port it has just used works at once" {
    start_server "$BIN/10-daytime-server" --clients=1 0
    try 0 "$BIN/09-daytime-client" "$port"
    ends
    start_server "$BIN/12-echo-server" "$port"
    stop_server
}

@test "12 SIGINT and SIGTERM end it with status 0, also amid a client" {
    local signal
    for signal in INT TERM; do
        start_server "$BIN/12-echo-server" 0
        local server=$slot
        start "$PEER" connect "$port" send:x read:1 wait
        next_line
        local client=$slot
        slot=$server
        stop_server "$signal"
        slot=$client
        end_input
        ends
    done
}
