#!/usr/bin/env bats
# Exercise 08: `while (read(...) != 0)` takes a reset for the end.

load check

READ="lessons/08-close-and-eof/README.md, Why and Break it; read(2), shutdown(2)"

begin_all()
{
    local client=("$PROGRAM" 127.0.0.1 "$PORT")
    local server=("$PEER" listen "$PORT")
    begin nobody "${server[@]}" close -- "$PROGRAM" 127.0.0.1 7001
    # Who ignores the address that it is told finds no server. Who asks again and
    # again meanwhile is found out.
    begin end "$PEER" listen "127.0.0.2:$PORT" read-end other:idle \
        $'send:hello from the s\xc3\xa9rvr\\n' close -- "$PROGRAM" 127.0.0.2 "$PORT"
    # To close with hello unread is to send a reset. What was sent has been read by
    # then: some take a short read, with an end behind it, for the last one.
    begin reset "${server[@]}" unread:6 peer-gone \
        'send:hello from the server\n' other:idle close -- "${client[@]}"
    begin reset_at_once "${server[@]}" read-end reset -- "${client[@]}"
    begin nothing "${server[@]}" read-end close -- "${client[@]}"
    begin bytes --short-reads=client:1 "${server[@]}" read-end \
        $'send:hello\\0from the\xffserver\\n' other:idle close -- "${client[@]}"
    # Who reads one byte at a time has 10,000 calls to make.
    begin long --calls 25000 "${server[@]}" read-end send-bytes:5000 other:idle \
        send-bytes:5000 close -- "${client[@]}"
    # More than two bytes can count.
    write_longer
    begin longer --calls 10000 "${server[@]}" read-end "send-file:$longer" close -- \
        "${client[@]}"
    interrupt_again client
    begin signals "${fails[@]}" --eintr=client:2 --short-reads=client:4 "${server[@]}" \
        read-end 'send:hello from the server\n' other:idle close -- "${client[@]}"
    fail_reads client ETIMEDOUT
    begin broken "${fails[@]}" "${server[@]}" read-end send:lost close -- \
        "${client[@]}"
}

counts_to_the_end()
{
    step "the server has read hello and its end; it sends 22 bytes, and closes"
    look end
    expect_connect "127.0.0.2:$PORT"
    [[ ! $story =~ "client call shutdown "[0-9]+", SHUT_RD"($|$'\n') ]] ||
        complain "no more will be sent: shutdown() with SHUT_WR" \
            "with SHUT_RD: no more will be read"
    expect_well
    expect_printed $'22 bytes, then the end\n'
    expect_exit 0
    expect 'the server reads "hello\n", then the end' "${partner#*$'\n'}" \
        [ "${partner#*$'\n'}" = '"hello\n"' ]
    expect_patience '5 bytes, then the end' "$PEER" listen "$PORT" read-end \
        send:hel "pause:$PAUSE" send:lo close -- "$PROGRAM" 127.0.0.1 "$PORT"
}

counts_to_the_reset()
{
    step "the server sends 22 bytes, and breaks off: read() gives 22, then -1"
    look reset
    expect_well
    expect_printed $'22 bytes, then a reset\n'
    expect_exit 1
}

reset_at_once()
{
    step "the server breaks off before it has sent anything"
    look reset_at_once
    expect_well
    expect_printed $'0 bytes, then a reset\n'
    expect_exit 1
}

end_at_once()
{
    step "the server closes without a word: read() gives 0 at once"
    look nothing
    expect_well
    expect_printed $'0 bytes, then the end\n'
    expect_exit 0
}

one_byte_at_a_time()
{
    step "the server sends 22 bytes, '\0' and 255 too, and each read() gives one"
    look bytes
    expect_well
    expect_printed $'22 bytes, then the end\n'
    expect_exit 0
}

long_message()
{
    step "the server sends 5,000 bytes, and 5,000 when these were read; or 1,200,000"
    look long
    expect_well
    expect_printed $'10000 bytes, then the end\n'
    expect_exit 0
    look longer
    # Who reads byte by byte is told to stop.
    ! is_slow || return 0
    expect_well
    expect_printed $'1200000 bytes, then the end\n'
    expect_exit 0
}

interrupted()
{
    step "a call that a signal interrupts (EINTR) is made again" "signal(7), EINTR"
    look signals
    expect_well
    expect_printed $'22 bytes, then the end\n'
    expect_exit 0
}

other_error()
{
    step "every read() fails by another error, ETIMEDOUT: neither the end nor a reset"
    look broken
    expect_well
    expect_printed ""
    expect_failure
}

no_server()
{
    step "where no server is, the status is 1" "connect(2), ERRORS"
    look nobody
    expect_failure
}

@test "tell how a connection ended" {
    begin_all
    take counts_to_the_end counts_to_the_reset reset_at_once end_at_once \
        one_byte_at_a_time long_message interrupted other_error no_server
}
