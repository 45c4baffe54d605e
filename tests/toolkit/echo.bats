#!/usr/bin/env bats
# bin/echo-server and bin/echo-client: the bytes, and the ends of a connection.

load ../helper

# echoes COUNT PROGRAM [ARG...]: gives it so many random bytes, and wants the
# same ones back. They are too many for $output.
echoes()
{
    local random=$BATS_TEST_TMPDIR/random
    head -c "$1" /dev/urandom >"$random"
    shift
    # shellcheck disable=SC2094 # both only read it
    try 0 sh -c '"$@" | cmp - "$0" && echo same' "$random" "$@" <"$random"
    is "$output" same
    is "$errors" ""
}

@test "echo: what goes in comes back, and nothing else is printed" {
    start_server "$BIN/echo-server" --clients=2 0
    try 0 "$BIN/echo-client" "$port" <<<"hello"
    is "$output" hello
    is "$errors" ""
    try 0 "$BIN/echo-client" "$port" </dev/null
    is "$output" ""
    is "$errors" ""
    ends
    is "$output" ""
    is "$errors" ""
}

@test "echo: fifty million random bytes come back the same" {
    start_server "$BIN/echo-server" --clients=1 0
    echoes 50000000 "$BIN/echo-client" "$port"
    ends
}

@test "echo: the toolkit and the lessons understand each other" {
    start_server "$BIN/echo-server" --clients=1 0
    echoes 3000000 "$BIN/11-echo-client" "$port"
    ends
    start_server "$BIN/12-echo-server" --clients=1 0
    echoes 3000000 "$BIN/echo-client" "$port"
    ends
}

@test "echo: a line comes back before the input ends" {
    start_server "$BIN/echo-server" --clients=1 0
    start "$BIN/echo-client" "$port"
    feed 'one\n'
    next_line
    is "$line" one
    feed 'two\n'
    next_line
    is "$line" two
    end_input
    ends
    slot=1
    ends
}

@test "echo-server sends everything before it answers a half-close" {
    start_server "$BIN/echo-server" --clients=2 0
    try 0 "$PEER" connect "$port" send-bytes:60000 shutdown \
        read-bytes:60000 expect-end
    try 0 "$PEER" connect "$port" shutdown expect-end
    ends
}

@test "echo-server takes one byte at a time, zeros among them" {
    start_server "$BIN/echo-server" --clients=1 0
    try 0 "$PEER" connect "$port" 'drip:a\0b\r\n\0' shutdown read-end
    is "$output" '"a\000b\r\n\000"'
    ends
}

@test "echo-client half-closes at the end of its input, and reads on" {
    start_server "$PEER" listen 0 read:5 expect-end 'drip:hello'
    try 0 "$BIN/echo-client" "$port" < <(printf hello)
    is "$output" hello
    ends
}

@test "echo-client says with both counts that the server closed early" {
    start_server "$PEER" listen 0 read:5 send:he
    try 1 "$BIN/echo-client" "$port" < <(printf hello)
    is "$output" he
    is "$errors" "echo-client: 127.0.0.1:$port closed early: \
sent 5 bytes, 2 came back"
    ends
    start_server "$PEER" listen 0 close
    start "$BIN/echo-client" "$port"
    ends 1
    has "$errors" "closed early: sent 0 bytes, 0 came back"
}

@test "echo-client says that more came back than it sent" {
    start_server "$PEER" listen 0 send:nonsense shutdown expect-end
    try 1 "$BIN/echo-client" "$port" </dev/null
    is "$output" nonsense
    has "$errors" "closed: sent 0 bytes, 8 came back"
    ends
}

@test "echo-client prints what came before a reset, and says how much" {
    start_server "$PEER" listen 0 read:5 send:he reset
    try 1 "$BIN/echo-client" "$port" < <(printf hello)
    is "$output" he
    like "$errors" '\(sent 5 bytes, 2 came back\): .* \(ECONNRESET\)'
    ends
}

@test "echo-client gets out when nobody reads what it sends" {
    start_server "$PEER" listen 0 unread:50000 reset
    try 1 "$BIN/echo-client" "$port" </dev/zero
    like "$errors" '\(sent [0-9]+ bytes, 0 came back\): .* \(ECONNRESET\)'
    ends
}

@test "echo-client says that standard input or output is the trouble" {
    start_server "$BIN/echo-server" --clients=3 0
    try 1 "$BIN/echo-client" "$port" </
    is "$errors" "echo-client: standard input: Is a directory (EISDIR)"
    try 1 sh -c 'exec "$0" "$1" <&-' "$BIN/echo-client" "$port"
    has "$errors" "echo-client: standard input: "
    [ -c /dev/full ] || skip "needs /dev/full"
    try 1 sh -c 'echo hello | "$0" "$1" >/dev/full' "$BIN/echo-client" "$port"
    like "$errors" '^echo-client: standard output: .* \(ENOSPC\)$'
    ends
}

@test "echo-client does not wait longer than --timeout for an answer" {
    [ "$(uname)" = Linux ] || skip "a full queue is ignored on Linux"
    start_server "$BIN/03-server-listen-accept" --backlog=0 --hold=60 0
    start "$PEER" fill-queue "$port" 1
    next_line
    is "$line" "connection 1: ESTABLISHED"
    try 1 "$BIN/echo-client" --timeout=1 "$port"
    has "$errors" "connect 127.0.0.1:$port: "
    has "$errors" "timed out (ETIMEDOUT)"
    end_input
    ends
}
