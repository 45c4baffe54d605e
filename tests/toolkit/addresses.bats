#!/usr/bin/env bats
# The toolkit's names and addresses, of both families.

load ../helper

needs_ipv6()
{
    local said
    said=$("$BIN/echo-client" ::1 1 2>&1 || true)
    [[ ! $said =~ EAFNOSUPPORT|EADDRNOTAVAIL|ENETUNREACH ]] ||
        skip "needs IPv6"
}

echoes()
{
    try 0 "$BIN/echo-client" "$@" <<<"hello"
    is "$output" hello
    is "$errors" ""
}

@test "a server listens on 127.0.0.1 unless told otherwise" {
    start_server "$BIN/echo-server" 0
    is "$line" "listening on 127.0.0.1:$port"
    echoes "$port"
    echoes 127.0.0.1 "$port"
    stop_server
    start_server "$BIN/daytime-server" 0
    is "$line" "listening on 127.0.0.1:$port"
    stop_server
}

@test "both servers and clients speak IPv6" {
    needs_ipv6
    start_server "$BIN/echo-server" ::1 0
    is "$line" "listening on [::1]:$port"
    echoes ::1 "$port"
    try 1 "$BIN/echo-client" 127.0.0.1 "$port"
    has "$errors" ECONNREFUSED
    stop_server
    start_server "$BIN/daytime-server" ::1 0
    try 0 "$BIN/daytime-client" ::1 "$port"
    like "$output" 'UTC$'
    stop_server
}

@test "a name will do for both; every one of its addresses is tried" {
    start_server "$BIN/echo-server" 127.0.0.1 0
    echoes localhost "$port"
    stop_server
    start_server "$BIN/echo-server" localhost 0
    echoes localhost "$port"
    stop_server
}

@test "any is all addresses of both families, on one line, with one port" {
    start_server "$BIN/echo-server" any 0
    like " $line" " 0\.0\.0\.0:$port( |\$)"
    echoes 127.0.0.1 "$port"
    echoes localhost "$port"
    if [[ $line == *[* ]]; then
        has "$line " " [::]:$port "
        echoes ::1 "$port"
    fi
    stop_server
}

# start_failing CALL ERRNO REGEX: starts an echo server for any address and two
# clients, in which the first CALL fails that strace would show like REGEX. The
# C library makes some of its own; so it is counted first which one that is.
# With -D the server, not strace, is our child, and can be ended.
start_failing()
{
    local log=$BATS_TEST_TMPDIR/calls when
    needs strace
    strace -o "$log" true 2>/dev/null || skip "strace may not trace here"
    # The sanitizer's search for leaks is a tracer too.
    export ASAN_OPTIONS=detect_leaks=0
    start_server strace -D -o "$log" -e "trace=$1" \
        "$BIN/echo-server" --clients=1 any 0
    has "$line" "[::]:"
    echoes "$port"
    ends
    when=$(grep -nE -m 1 "$3" "$log")
    start_server strace -D -o "$log" -e "trace=$1" \
        -e "inject=$1:error=$2:when=${when%%:*}" \
        "$BIN/echo-server" --clients=2 any 0
    has "$(cat "$log")" "(INJECTED)"
}

@test "any serves IPv4 on a machine without IPv6" {
    needs_ipv6
    start_failing socket EAFNOSUPPORT '^socket\((A|P)F_INET6, SOCK_STREAM'
    is "$line" "listening on 0.0.0.0:$port"
    echoes "$port"
    echoes localhost "$port"
    ends
    is "$errors" ""
}

@test "a free port that is taken on the other address is not kept" {
    needs_ipv6
    start_failing bind EADDRINUSE '^bind\(.*sin6_port'
    has "$line " "0.0.0.0:$port "
    has "$line " "[::]:$port "
    echoes 127.0.0.1 "$port"
    echoes ::1 "$port"
    ends
}

@test "an address of another machine is refused, and what to do is said" {
    try 1 "$BIN/echo-server" 192.0.2.1 0
    has "$errors" "echo-server: bind 192.0.2.1:0: "
    has "$errors" "(EADDRNOTAVAIL)"
    try 2 "$BIN/echo-server" "" 0
    try 2 "$BIN/daytime-client" "" 7
}

@test "a port can be had again at once, also while old clients linger" {
    start_server "$BIN/echo-server" --grace=0 0
    local first=$port
    start "$PEER" connect "$port" send:x read:1 wait
    local client=$slot
    next_line
    slot=1
    stop_server
    start_server "$BIN/echo-server" "$first"
    is "$port" "$first"
    stop_server
    slot=$client
    end_input
    ends
}
