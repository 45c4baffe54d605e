#!/usr/bin/env bats
# Lesson 10: the server of RFC 867.

load ../helper

@test "10 sends one line of printable ASCII with the time, CR LF, and closes" {
    start_server "$BIN/10-daytime-server" --clients=1 0
    local before after
    before=$(date -u '+%d %b %Y %H:%M' | tr '[:lower:]' '[:upper:]')
    try 0 "$PEER" connect "$port" read-end
    after=$(date -u '+%d %b %Y %H:%M' | tr '[:lower:]' '[:upper:]')
    like "$output" '^"([0-9]{2} [A-Z]{3} [0-9]{4} [0-9]{2}:[0-9]{2}):[0-9]{2} UTC\\r\\n"$'
    [ "${BASH_REMATCH[1]}" = "$before" ] || is "${BASH_REMATCH[1]}" "$after"
    ends
    is "$errors" ""
}

@test "10 throws away what the client sent, so that no reset meets the line" {
    start_server "$BIN/10-daytime-server" --clients=2 0
    try 0 "$PEER" connect "$port" send-bytes:60000 read-end
    like "$output" 'UTC\\r\\n"$'
    try 0 "$PEER" connect "$port" send:quit read:26 send:again expect-end
    ends
    is "$errors" ""
}

@test "10 goes on after a client that resets or closes at once" {
    start_server "$BIN/10-daytime-server" --clients=3 0
    try 0 "$PEER" connect "$port" reset
    try 0 "$PEER" connect "$port" close
    try 0 "$BIN/09-daytime-client" "$port"
    has "$output" 'Bytes: 26'
    ends
}

@test "10 gives up on a client that never ends, and serves the next one" {
    start_server "$BIN/10-daytime-server" --clients=2 0
    start "$PEER" connect "$port" wait
    try 0 "$BIN/09-daytime-client" "$port"
    has "$output" 'Bytes: 26'
    end_input
    ends
    slot=1
    ends
}

@test "10 no client's descriptor stays open (Linux)" {
    [ -d /proc/self/fd ] || skip "needs /proc"
    start_server "$BIN/10-daytime-server" 0
    local before i
    before=$(find "/proc/$server_pid/fd" | wc -l)
    for i in 1 2 3 4 5; do
        try 0 "$PEER" connect "$port" reset
        try 0 "$BIN/09-daytime-client" "$port"
    done
    # The last client has seen the end before its descriptor is closed: the
    # next one's line tells that it is.
    start "$PEER" connect "$port" read:26 wait
    next_line
    is "$(find "/proc/${pids[1]}/fd" | wc -l)" "$((before + 1))"
    end_input
    ends
    slot=1
    kill "${pids[1]}"
    ends
}

@test "10 SIGINT and SIGTERM end it with status 0, also amid a client" {
    local signal
    for signal in INT TERM; do
        start_server "$BIN/10-daytime-server" 0
        local server=$slot
        start "$PEER" connect "$port" read:26 wait
        next_line
        local client=$slot
        slot=$server
        stop_server "$signal"
        slot=$client
        end_input
        ends
    done
}
