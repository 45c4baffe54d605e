#!/usr/bin/env bats
# The toolkit's servers with many clients, and with those that misbehave.

load ../helper

# ok: the server of this port still serves.
ok()
{
    try 0 "$PEER" connect "$port" send:x read:1 shutdown expect-end
}

@test "echo-server serves forty clients at once" {
    head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
    start_server "$BIN/echo-server" --clients=40 0
    try 0 sh -c 'cd "$1"
        for i in 0 1 2 3; do
            for j in 0 1 2 3 4 5 6 7 8 9; do
                "$0" "$2" <random | cmp - random && echo same &
            done
        done
        wait' "$BIN/echo-client" "$BATS_TEST_TMPDIR" "$port"
    is "$(grep -c same "$out")" 40
    ends
    is "$errors" ""
}

@test "who is silent or does not read is waited for, and others are served" {
    start_server "$BIN/echo-server" --grace=0 0
    start "$PEER" connect "$port" say:here wait
    next_line
    start "$PEER" connect "$port" fill wait
    next_line
    like "$line" '^filled with [0-9]+ bytes$'
    ok
    try 0 "$BIN/echo-client" "$port" < <(head -c 2000000 /dev/zero)
    head -c 2000000 /dev/zero | cmp - "$out"
    slot=1
    stop_server
    slot=2
    end_input
    ends
    slot=3
    end_input
    ends
}

@test "daytime-server tells the time while others do not go" {
    start_server "$BIN/daytime-server" --grace=0 0
    start "$PEER" connect "$port" read:26 wait
    next_line
    start "$PEER" connect "$port" send-bytes:100000 read:26 wait
    next_line
    try 0 "$BIN/daytime-client" "$port"
    like "$output" 'UTC$'
    slot=1
    stop_server
    slot=2
    end_input
    ends
    slot=3
    end_input
    ends
}

@test "no client's reset ends a server, or is told" {
    start_server "$BIN/echo-server" 0
    try 0 "$PEER" connect "$port" reset
    try 0 "$PEER" connect "$port" close
    try 0 "$PEER" connect "$port" send:x read:1 reset
    try 0 "$PEER" connect "$port" send-bytes:60000 reset
    try 0 "$PEER" connect "$port" fill reset
    ok
    stop_server
    start_server "$BIN/daytime-server" 0
    try 0 "$PEER" connect "$port" reset
    try 0 "$PEER" connect "$port" close
    try 0 "$PEER" connect "$port" send-bytes:60000 reset
    try 0 "$PEER" connect "$port" read:26 reset
    try 0 "$BIN/daytime-client" "$port"
    stop_server
}

@test "--clients N: no other is served, and the end is status 0" {
    start_server "$BIN/echo-server" --clients=2 0
    start "$PEER" connect "$port" send:x read:1 wait
    local client=$slot
    next_line
    ok
    try 1 "$PEER" connect "$port" expect-end
    slot=$client
    end_input
    ends
    slot=1
    ends
    is "$output" ""
    is "$errors" ""
}

@test "SIGINT and SIGTERM end the servers with status 0, also amid clients" {
    local program signal
    for program in echo-server daytime-server; do
        for signal in INT TERM; do
            start_server "$BIN/$program" --grace=0 0
            local server=$slot
            start "$PEER" connect "$port" send:x read:1 say:here peer-gone
            next_line
            next_line
            slot=$server
            stop_server "$signal"
            slot=$((server + 1))
            ends
        done
    done
}

@test "no client's descriptor stays open (Linux)" {
    [ -d /proc/self/fd ] || skip "needs /proc"
    local program before
    for program in echo-server daytime-server; do
        start_server "$BIN/$program" 0
        local server=$slot pid=$server_pid
        before=$(find "/proc/$pid/fd" | wc -l)
        for _ in 1 2 3 4 5; do
            try 0 "$PEER" connect "$port" reset
            try 0 "$PEER" connect "$port" send:x shutdown read:1
        done
        # Who comes is served after those that went before have been let go.
        start "$PEER" connect "$port" send:x read:1 wait
        next_line
        is "$(find "/proc/$pid/fd" | wc -l)" "$((before + 1))"
        end_input
        ends
        slot=$server
        stop_server
    done
}

@test "out of descriptors: told once, and others wait until a client leaves" {
    # A shell may need a tenth descriptor for a redirection.
    start_server sh -c 'exec 2>&1; ulimit -n 9; exec "$0" --tcp 0' "$BIN/echo-server"
    local i
    for i in 2 3 4 5 6 7 8; do
        start "$PEER" connect "$port" say:here send:x read:1 wait
        next_line
    done
    slot=1
    next_line
    like "$line" '^echo-server: accept .*\(EMFILE\)$'
    next_line
    for ((slot = 2; slot <= 8; slot++)); do
        end_input
    done
    for ((slot = 2; slot <= 8; slot++)); do
        ends
    done
    ok
    slot=1
    stop_server
    is "$output" ""
}

@test "accept() may fail for a reason that is a client's or the network's" {
    needs strace
    strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
    # The sanitizer's search for leaks is a tracer too.
    export ASAN_OPTIONS=detect_leaks=0
    # -D: the server is our child, not strace's.
    local error
    for error in EINTR EAGAIN ECONNABORTED ENETDOWN; do
        start_server strace -D -o /dev/null -e trace=accept4 \
            -e "inject=accept4:error=$error:when=1" \
            "$BIN/echo-server" --clients=1 0
        ok
        ends
        [ "$error" = ENETDOWN ] || is "$errors" ""
    done
    like "$errors" '^echo-server: accept .* \(ENETDOWN\)$'
}

@test "--spin: an only client is asked itself, and others are heard as well" {
    start_server "$BIN/echo-server" --threads=1 --spin=1000000 0
    local server=$slot
    start "$PEER" connect "$port" send:x read:1 wait send:y read:1 \
        shutdown expect-end
    local client=$slot
    next_line
    try 0 "$PEER" connect "$port" send:x read:1 reset
    try 0 "$PEER" connect "$port" send:x read:1 shutdown expect-end
    slot=$client
    end_input
    ends
    slot=$server
    stop_server
}
