#!/usr/bin/env bats
# Lesson 11: the client of RFC 862.

load ../helper

@test "11 sends standard input, and prints what comes back" {
    start_server "$BIN/12-echo-server" --clients=2 0
    try 0 "$BIN/11-echo-client" "$port" <<<"hello"
    is "$output" hello
    is "$errors" ""
    try 0 "$BIN/11-echo-client" "$port" </dev/null
    is "$output" ""
    ends
}

@test "11 fifty million random bytes come back the same" {
    start_server "$BIN/12-echo-server" --clients=1 0
    head -c 50000000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
    try 0 sh -c '"$1" "$2" <"$3" | cmp - "$3" && echo same' - \
        "$BIN/11-echo-client" "$port" "$BATS_TEST_TMPDIR/random"
    is "$output" same
    ends
    has "$output" "echoed 50000000 bytes"
}

@test "11 a line comes back before the input ends" {
    start_server "$BIN/12-echo-server" 0
    start "$BIN/11-echo-client" "$port"
    feed 'one\n'
    next_line
    is "$line" one
    feed 'two\n'
    next_line
    is "$line" two
    end_input
    ends
    slot=1
    kill "${pids[1]}"
    ends
}

@test "11 half-closes at the end of its input, and reads on to the end" {
    start_server "$PEER" listen 0 read:5 expect-end drip:hello
    try 0 "$BIN/11-echo-client" "$port" < <(printf hello)
    is "$output" hello
    ends
}

@test "11 writing all before reading gets stuck after some megabytes" {
    start_server "$BIN/12-echo-server" --clients=1 0
    try 1 "$BIN/11-echo-client" --write-first "$port" \
        < <(head -c 100000000 /dev/zero)
    like "$errors" '^11-echo-client: stuck: ([0-9]+) bytes written, none read'
    [ "${BASH_REMATCH[1]}" -lt 100000000 ]
    ends
}

@test "11 with little to write, writing all first works: that is the trap" {
    start_server "$BIN/12-echo-server" --clients=1 0
    try 0 "$BIN/11-echo-client" --write-first "$port" <<<"hello"
    is "$output" hello
    ends
}

@test "11 a server that closes too early is an error, with both counts" {
    start_server "$PEER" listen 0 read:5 send:he
    try 1 "$BIN/11-echo-client" "$port" < <(printf hello)
    is "$output" he
    has "$errors" 'closed too early: 5 bytes sent, 2 came back'
    ends
    start_server "$PEER" listen 0 close
    start "$BIN/11-echo-client" "$port"
    ends 1
    has "$errors" 'closed too early: 0 bytes sent'
}

@test "11 a server that resets is an error" {
    start_server "$PEER" listen 0 read:5 reset
    try 1 "$BIN/11-echo-client" "$port" < <(printf hello)
    like "$errors" '\((ECONNRESET|EPIPE)\)'
    ends
}

@test "11 a reset that is faster than shutdown() is told by read()" {
    start_server "$PEER" listen 0 read:5 say:got wait send:hi reset
    local peer=$slot client
    start "$BIN/11-echo-client" "$port"
    client=$slot
    feed hello
    slot=$peer
    next_line
    # The end of its input, the last bytes and the reset meet it all at once.
    kill -STOP "$server_pid"
    end_input
    ends
    slot=$client
    end_input
    kill -CONT "$server_pid"
    ends 1
    is "$output" hi
    has "$errors" "11-echo-client: read: Connection reset by peer (ECONNRESET)"
}

@test "11 full or closed standard output, closed standard input: said" {
    start_server "$BIN/12-echo-server" 0
    [ ! -e /dev/full ] || {
        try 1 bash -c '"$@" >/dev/full' - "$BIN/11-echo-client" "$port" <<<x
        like "$errors" '^11-echo-client: standard output: .* \(ENOSPC\)'
    }
    try 1 bash -c '"$@" >&-' - "$BIN/11-echo-client" "$port" <<<x
    like "$errors" '^11-echo-client: standard output: .* \(EBADF\)'
    try 1 bash -c '"$@" <&-' - "$BIN/11-echo-client" "$port"
    like "$errors" '^11-echo-client: standard input: .* \(EBADF\)'
}
