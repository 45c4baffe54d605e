#!/usr/bin/env bats
# The helper and the scripted peer do what they say, and fail where they must.

load helper

# Takes a check that has to fail; what it says is in $refusal.
refused()
{
    if "$@" 2>"$BATS_TEST_TMPDIR/refusal"; then
        fail "passed, and should not have: $*"
        return
    fi
    refusal=$(cat "$BATS_TEST_TMPDIR/refusal")
}

@test "expectations hold, and say what was expected and what was there" {
    is a a
    has abc b
    like abc '^a.c$'
    refused is got expected
    is "$refusal" $'expected: expected\ngot:      got'
    refused has got expected
    has "$refusal" "expected, somewhere: expected"
    refused like got expected
    has "$refusal" "expected to match: expected"
}

@test "try keeps both outputs, and checks the exit status" {
    try 3 sh -c 'echo out; echo err >&2; exit 3'
    is "$output" out
    is "$errors" err
    refused try 0 sh -c 'echo out; echo err >&2; exit 3'
    has "$refusal" "expected status: 0"
    has "$refusal" "got: 3"
    has "$refusal" "standard error: err"
}

@test "a server that dies before it is ready fails at once, with its errors" {
    refused start_server sh -c 'echo too bad >&2'
    has "$refusal" "too bad"
    refused start_server no-such-program
    has "$refusal" "not found"
}

@test "stop_server wants status 0 and an empty standard error" {
    start_server sh -c 'trap "exit 0" TERM; echo ready:7; read x'
    stop_server
    start_server sh -c 'trap "exit 4" TERM; echo ready:7; read x'
    refused stop_server
    has "$refusal" "got: 4"
    start_server sh -c 'trap "echo oops >&2; exit 0" TERM; echo ready:7; read x'
    refused stop_server
    has "$refusal" "oops"
}

@test "two programs at a time: lines, input and ends of each" {
    start sh -c 'read x; echo "one $x"; read x; echo "one $x"; cat'
    local one=$slot
    start cat
    local two=$slot
    slot=$one
    feed 'first\nsecond\n'
    next_line
    is "$line" "one first"
    next_line
    is "$line" "one second"
    slot=$two
    feed 'third\n'
    next_line
    is "$line" third
    slot=$one
    end_input
    ends
    slot=$two
    end_input
    ends
    refused next_line
}

@test "two peers exchange bytes, and both see the end" {
    start_server "$PEER" listen 0 read:5 drip:'one\r\n' shutdown read-end
    try 0 "$PEER" connect "$port" send:hello read:5 expect-end \
        send:'\\t\0"' close
    is "$output" '"one\r\n"'
    ends
    is "$output" $'"hello"\n"\\\\t\\000\\""'
}

@test "the peer's pattern shows a byte that is lost" {
    start_server "$PEER" listen 0 read-bytes:100000 expect-end
    try 0 "$PEER" connect "$port" send-bytes:100000
    ends
    start_server "$PEER" listen 0 read-bytes:4000
    try 0 "$PEER" connect "$port" send:x send-bytes:3999
    ends 1
    has "$errors" "other bytes came than expected, behind byte 0"
}

@test "the peer sends a file, and reads what a file has" {
    local file=$BATS_TEST_TMPDIR/file
    printf '%04095d\n' {1..30} >"$file"
    start_server "$PEER" listen 0 "read-file:$file" expect-end
    try 0 "$PEER" connect "$port" "send-file:$file"
    ends
    start_server "$PEER" listen 0 "read-file:$file"
    try 0 "$PEER" connect "$port" send:0
    ends 1
    has "$errors" "the stream ended early"
}

@test "the peer expects these bytes, and no others" {
    start_server "$PEER" listen 0 'expect:a\0b' expect:ab expect:abc
    try 0 "$PEER" connect "$port" 'send:a\0babABC'
    ends 1
    is "$output" $'"a\\000b"\n"ab"\n"ABC"'
    is "$errors" "peer: expect:abc: other bytes came"
}

@test "the peer feeds a pipe, a piece when the one before was read (Linux)" {
    [ "$(uname)" = Linux ] || skip "Linux's FIONREAD"
    # One read() each, which takes what is there.
    is "$("$PEER" feed 'one\n' two three |
        for piece in 1 2 3; do dd bs=100 count=1 2>/dev/null; echo .; done)" \
        $'one\n.\ntwo.\nthree.'
    "$PEER" feed unread | true
}

@test "unread waits for so many bytes, and closing them resets" {
    start_server "$PEER" listen 0 unread:10 close
    try 0 "$PEER" connect "$port" send-bytes:4 drip:sixsix expect-reset
    ends
    start_server "$PEER" listen 0 unread:10
    try 0 "$PEER" connect "$port" send-bytes:9
    ends 1
    has "$errors" "the stream ended early"
}

@test "the peer resets, and sees a reset and an end as different" {
    start_server "$PEER" listen 0 reset
    try 0 "$PEER" connect "$port" expect-reset
    ends
    start_server "$PEER" listen 0 shutdown wait
    try 1 "$PEER" connect "$port" expect-reset
    has "$errors" "the stream ended"
    end_input
    ends
    start_server "$PEER" listen 0 reset
    try 1 "$PEER" connect "$port" expect-end
    has "$errors" "expect-end: "
    ends
}

@test "the peer fills a connection that nobody reads, and sees it go" {
    start_server "$PEER" listen 0 fill peer-gone
    start "$PEER" connect "$port" wait
    local client=$slot
    slot=1
    next_line
    like "$line" '^filled with [0-9]+ bytes$'
    slot=$client
    end_input
    ends
    slot=1
    ends
}

@test "a bound port refuses connections, and is taken" {
    start_server "$PEER" bind 0 wait
    try 1 "$PEER" connect "$port"
    try 1 "$PEER" listen "$port"
    end_input
    ends
}

@test "the peer tells a connection's state (Linux)" {
    [ "$(uname)" = Linux ] || skip "needs Linux"
    start_server "$PEER" listen 0 accept wait
    start "$PEER" fill-queue "$port" 2
    next_line
    is "$line" "connection 1: ESTABLISHED"
    next_line
    end_input
    ends
    slot=1
    end_input
    ends
    try 1 "$PEER" start "$port" state expect-end
    is "$output" CLOSED
}

@test "an unknown step is wrong usage" {
    try 2 "$PEER"
    start_server "$PEER" bind 0 wait
    try 2 "$PEER" start "$port" dance
    try 2 "$PEER" start "$port" send
    end_input
    ends
}
