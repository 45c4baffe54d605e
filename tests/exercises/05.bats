#!/usr/bin/env bats
# Exercise 05: one read() is taken for the whole message.

load check

READ="lessons/05-read-one-byte/README.md, Why; read(2)"

begin_all()
{
    local client=("$PROGRAM" 127.0.0.1 "$PORT")
    begin nobody "$PEER" listen "$PORT" close -- "$PROGRAM" 127.0.0.1 7001
    # Who ignores the address that it is told finds no server. Who asks again and
    # again meanwhile is found out.
    begin whole "$PEER" listen "127.0.0.2:$PORT" other:idle \
        'send:hello,\nclient\n' -- "$PROGRAM" 127.0.0.2 "$PORT"
    begin bytes --short-reads=client:1 "$PEER" listen "$PORT" \
        "send:abcdefghijklm\nopqrstuvwxyz" -- "${client[@]}"
    # Who reads one byte at a time has 10,000 calls to make. The server waits until
    # all that is there was read: then nothing is, and that is not the end.
    begin long --calls 25000 "$PEER" listen "$PORT" "send:$(digits 2000)" other:idle \
        send:. -- "${client[@]}"
    write_longer
    begin longer --no-output --calls 10000 "$PEER" listen "$PORT" \
        "send-file:$longer" -- "${client[@]}"
    begin zero --short-reads=client:2 "$PEER" listen "$PORT" 'send:a\0b'$'\377\200''c\r\n' -- \
        "${client[@]}"
    begin empty "$PEER" listen "$PORT" close -- "${client[@]}"
    interrupt_again client
    begin signals "${fails[@]}" --eintr=client:2 --short-reads=client:4 "$PEER" \
        listen "$PORT" send:interrupted -- "${client[@]}"
    fail_reads client ECONNRESET@2
    begin reset "${fails[@]}" --short-reads=client:4 "$PEER" listen "$PORT" \
        'send:half of it' -- "${client[@]}"
    # A real one, too, of which not only read() tells. (Where both come at once,
    # libuv takes what it reads for the last, and the reset for the end.)
    begin broken "$PEER" listen "$PORT" 'send:half of it' other:quiet reset -- \
        "${client[@]}"
}

one_piece()
{
    step "a message that comes in one piece is printed"
    look whole
    expect_connect "127.0.0.2:$PORT"
    expect_well
    expect_printed $'hello,\nclient\n'
    expect_exit 0
    expect_waits 'read|recv' SO_RCVTIMEO POLLIN
    expect_patience hello "$PEER" listen "$PORT" send:hel "pause:$PAUSE" \
        send:lo -- "$PROGRAM" 127.0.0.1 "$PORT"
}

one_byte_at_a_time()
{
    step "the server sends 26 bytes, and each read() gives one of them"
    look bytes
    expect_well
    expect_printed $'abcdefghijklm\nopqrstuvwxyz'
    expect_exit 0
}

long_message()
{
    step "10,001 bytes are printed, of which the last one comes late, and 1,200,000"
    look long
    expect_well
    expect_printed "$(digits 2000)."
    expect_exit 0
    look longer
    expect_long "$longer"
}

any_bytes()
{
    step "bytes that are no text, such as 0 and 255, are printed like any other"
    look zero
    expect_well
    printf 'a\0b\377\200c\r\n' >"$BATS_TEST_TMPDIR/zero"
    expect_file "$BATS_TEST_TMPDIR/zero"
    expect_exit 0
}

empty_message()
{
    step "of an empty message nothing is printed, and that is no error"
    look empty
    expect_well
    expect_printed ""
    expect_exit 0
}

interrupted()
{
    step "a call that a signal interrupts (EINTR) is made again" "signal(7), EINTR"
    look signals
    expect_well
    expect_printed interrupted
    expect_exit 0
}

reset()
{
    step "a connection that breaks off (ECONNRESET) is an error: the status is 1"
    look reset
    expect_failure
    look broken
    expect_failure
}

no_server()
{
    step "where no server is, the status is 1" "connect(2), ERRORS"
    look nobody
    expect_failure
}

@test "read a message" {
    begin_all
    take one_piece one_byte_at_a_time long_message any_bytes empty_message \
        interrupted reset no_server
}
