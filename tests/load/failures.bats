#!/usr/bin/env bats
# bin/echo-load against servers that do not echo as they should.

load ../helper

setup()
{
    [ -x "$BIN/echo-load" ] || skip "echo-load is Linux's"
}

# meets STATUS STEPS...: one connection, one request of 64 bytes, and a peer
# that takes these steps after it has echoed the first byte. Leaves $output and
# $errors of the load.
meets()
{
    local status=$1
    shift
    start_server "$PEER" listen 0 echo:1 "$@"
    try "$status" "$BIN/echo-load" --requests 1 --timeout 1 "$port"
    local load_output=$output load_errors=$errors
    ends
    output=$load_output errors=$load_errors
}

@test "a wrong byte: its connection, its offset, what was expected" {
    meets 1 echo:10 flip:1 echo:53 peer-gone
    like "$errors" 'wrong byte at offset 11: expected 0x.., got 0x.. \(connection 1\)$'
    [[ $errors =~ 0x(..),\ got\ 0x(..) ]]
    is $((0x${BASH_REMATCH[1]} ^ 0x${BASH_REMATCH[2]})) 255
    has "$output" "0 refused, 0 lost, 1 with wrong bytes"
}

@test "a byte that is lost, and one that is put in" {
    meets 1 read:32 send:x echo:32 peer-gone
    like "$errors" 'wrong byte at offset 1: '
    meets 1 read:1 echo:63 shutdown peer-gone
    like "$errors" 'wrong byte at offset 1: '
}

@test "a surplus byte, before and after the half-close" {
    meets 1 read:0 echo:64 send:x peer-gone
    has "$errors" "surplus bytes at offset 65: expected none, got 1, the first 0x78"
    meets 1 echo:64 expect-end send:xy shutdown
    has "$errors" "surplus bytes at offset 65: expected none, got 2, the first 0x78"
}

@test "a short echo, and an end without one" {
    meets 3 echo:10 unread:54 shutdown peer-gone
    has "$errors" "the server closed: 11 of 65 bytes came back (connection 1)"
    has "$output" "0 refused, 1 lost, 0 with wrong bytes"
    start_server "$PEER" listen 0 shutdown peer-gone
    try 3 "$BIN/echo-load" "$port"
    has "$errors" "the server closed: 0 of 1 bytes came back (connection 1)"
    ends
}

@test "a reset" {
    meets 3 echo:10 reset
    has "$errors" "11 of 65 bytes came back (connection 1):"
    has "$errors" "(ECONNRESET)"
}

@test "a server that never answers" {
    meets 3 unread:64 peer-gone
    has "$errors" "1 of 65 bytes came back (connection 1):"
    has "$errors" "(ETIMEDOUT)"
}

@test "a server that never closes" {
    start_server "$PEER" listen 0 echo:65 expect-end wait
    try 3 "$BIN/echo-load" --requests 1 --timeout 1 "$port"
    has "$errors" "65 of 65 bytes came back (connection 1):"
    has "$errors" "(ETIMEDOUT)"
    end_input
    ends
}

@test "refused" {
    start_server "$PEER" bind 0 wait
    local mode
    for mode in pingpong stream idle; do
        try 3 "$BIN/echo-load" --mode "$mode" --connections 2 "$port"
        has "$errors" "echo-load: connect 127.0.0.1:$port: "
        has "$errors" "(ECONNREFUSED)"
        has "$output" "2 refused, 0 lost, 0 with wrong bytes"
    done
    try 3 "$BIN/echo-load" --mode connect --requests 20 --connections 4 "$port"
    has "$errors" "further errors are counted, not told"
    has "$output" "20 refused"
}

@test "one connection's failure does not end the others" {
    # The first request is taken, and never answered.
    start_server "$PEER" listen 0 echo:1 read:64 reset accept echo-end
    try 3 "$BIN/echo-load" --connections 2 --requests 100 "$port"
    has "$errors" "bytes came back (connection 1):"
    has "$output" "0 refused, 1 lost, 0 with wrong bytes"
    like "$output" 'requests +99,'
    ends
}

@test "Ctrl-C ends the run early, and tells what there was" {
    start_server "$PEER" listen 0 echo:641 say:served echo-end
    local peer=$slot
    start "$BIN/echo-load" --duration 0 "$port"
    local load=$slot
    slot=$peer
    next_line
    slot=$load
    stop_server INT
    like "$output" 'requests +[0-9]+, '
    has "$output" "none"
    slot=$peer
    ends
}

@test "a second Ctrl-C does not wait for what is on its way" {
    start_server "$PEER" listen 0 echo:1 say:idle unread:64 say:asked peer-gone
    local peer=$slot
    start "$BIN/echo-load" --mode idle --duration 0 --timeout 0 "$port"
    local load=$slot
    slot=$peer
    next_line
    kill -INT "${pids[load]}"
    next_line
    is "$line" asked
    slot=$load
    stop_server INT
    slot=$peer
    ends
}
