#!/usr/bin/env bats
# Exercise 11: an echo client that writes everything, then reads.

load check

READ="lessons/11-echo-client/README.md, Why; poll(2)"

# None of its lines is an order.
PIECES=('exit\n' 'quit\n' 'One line, and another one,\nq\n.\n')
printf -v TEXT %b "${PIECES[@]}"

# input TEXT: gives it to a client by a pipe, as `begin ... < <(input TEXT)`.
input()
{
    printf %s "$1"
}

begin_all()
{
    local client=("$PROGRAM" 127.0.0.1 "$PORT")
    begin nobody "$PEER" listen "$PORT" echo-end -- "$PROGRAM" 127.0.0.1 7001 \
        < <(input "$TEXT")
    local server=("$PEER" listen "$PORT" echo-end)
    local much=$BATS_TEST_TMPDIR/much
    local bytes=$BATS_TEST_TMPDIR/bytes
    # The buffers on the way hold less than 10,000 bytes.
    printf '%0499d\n' {1..28} >"$much"
    write_longer
    printf %b "$(printf '\\0%o' {0..255} {255..0} 13 10 13 10)" >"$bytes"
    # Who ignores the address that it is told finds no server. Who asks again and
    # again meanwhile is found out.
    begin line "$PEER" listen "127.0.0.2:$PORT" echo-end other:idle -- \
        "$PROGRAM" 127.0.0.2 "$PORT" < <("$PEER" feed "${PIECES[@]}" \
        2>/dev/null 3>&-)
    # Who reads once for each write(), whatever comes, reads too little.
    begin much --no-output --calls 30000 --short-reads=client:50 "$(with_buffers \
        4096 "$PEER" listen "$PORT" echo:14000 expect-end other:idle close -- \
        "${client[@]}")" < <(cat "$much")
    begin more --no-output --calls 10000 "${server[@]}" -- "${client[@]}" \
        < <(cat "$longer")
    # Byte by byte, both sides make up to 3,000 calls. The server's end is there when
    # most is still to be read.
    begin bytes --calls 5000 --short-reads=client:50 "${server[@]}" -- "${client[@]}" < <(cat "$bytes")
    # The end comes when all else has been read: some take a short read, with the
    # end behind it, for the last one.
    local text=("$PEER" listen "$PORT" echo:41 expect-end other:idle)
    begin pieces --short-reads=client:7 --short-writes=client:7 \
        "${text[@]}" close -- "${client[@]}" < <(input "$TEXT")
    interrupt_again client
    begin signals "${fails[@]}" --eintr=client:2 --short-reads=client:7 \
        --short-writes=client:7 "${text[@]}" close -- "${client[@]}" \
        < <(input "$TEXT")
    begin nothing "${server[@]}" -- "${client[@]}"
    # One of two threads may count what it has sent a moment later.
    begin early "$PEER" listen "$PORT" echo:40 read:1 other:quiet close -- \
        "${client[@]}" < <(input "$TEXT")
    # The same before its input has ended.
    begin earlier "$PEER" listen "$PORT" read:4 send:on close -- "${client[@]}" \
        < <("$PEER" feed 'one\n' 'two\n' 2>/dev/null 3>&-)
    # By then all has come back: who counts, and does not wait for the end, never
    # knows.
    begin reset "${text[@]}" other:quiet reset -- "${client[@]}" \
        < <(input "$TEXT")
    begin gone --calls 100000 "$(with_buffers 4096 "$PEER" listen "$PORT" \
        read:3 reset -- "${client[@]}")" < <(cat "$much")
}

# expect_sent SIZE [WHICH]: all of its input.
expect_sent()
{
    local came written both=''
    [[ $story != *"client exit SIG"[^K]* ]] || expect_well
    came=$(sum_of 'server return read')
    [ "$came" != "$1" ] || return 0
    written=$(sum_of 'client return (write|send)[a-z]*')
    [[ $story != *SHUT_RDWR* ]] ||
        both=". SHUT_RDWR ends its reading, too; SHUT_WR does not"
    if [ "$written" = "$1" ] && ended_by_itself client; then
        complain "it reads all that comes back, and then ends" "it has sent all, and \
ends too early: with bytes unread, which resets the connection (RST)$both"
    fi
    complain "it sends its input: $1 bytes${2-}" "$came bytes, by then (write() says \
how many it took: the rest is still to be sent, before more is read)"
}

comes_back()
{
    step "a text that comes in three pieces comes back, and is printed"
    look line
    expect_connect "127.0.0.2:$PORT"
    expect_sent "${#TEXT}" ', in pieces, of which none is an order, not "exit"'
    expect_well
    expect_printed "$TEXT"
    expect_exit 0
    expect_patience "${TEXT%$'\n'}" "$PEER" listen "$PORT" echo:3 "pause:$PAUSE" \
        echo-end -- "$PROGRAM" 127.0.0.1 "$PORT" < <(input "$TEXT")
}

more_than_the_buffers()
{
    step "14,000 bytes come back, more than the buffers on the way hold; so do 1,200,000"
    look much
    expect "it reads what comes back while it still has something to send" \
        "it waits in write(), and so does the server: what came is not read, or not all" \
        not_stuck
    is_slow || expect_sent 14000
    expect_long "$BATS_TEST_TMPDIR/much" "the input, as it was sent"
    look more
    expect_long "$longer" "1,200,000 bytes, as they were sent"
}

# Who is told to stop may be in write(), too.
not_stuck()
{
    is_slow || [[ ! $story =~ 'client note '[^$'\n']*' is still in '(write|send) ]]
}

any_bytes()
{
    step "bytes of any value come back, '\0' too, and no newline at the end"
    look bytes
    expect_sent 516
    expect_well
    expect_file "$BATS_TEST_TMPDIR/bytes" "each value from 0 to 255, twice, and \
\\r\\n twice"
    expect_exit 0
}

some_bytes_at_a_time()
{
    step "read() and write() move 7 bytes at a time: none is lost"
    look pieces
    expect_sent "${#TEXT}"
    expect_well
    expect_printed "$TEXT"
    expect_exit 0
}

interrupted()
{
    step "a call that a signal interrupts (EINTR) is made again" "signal(7), EINTR"
    look signals
    expect_well
    expect_printed "$TEXT"
    expect_exit 0
}

empty_input()
{
    step "of an empty input nothing is printed, and that is no error"
    look nothing
    expect_well
    expect_printed ""
    expect_exit 0
}

closed_early()
{
    step "a server that closes with a part sent back is an error: the status is 1"
    look early
    expect_failure
    look earlier
    expect_no "the server closes while the input is still open, with a part sent back: \
the status is 1" 'client exit 0$'
    expect_failure
}

reset_for_the_end()
{
    step "a reset (ECONNRESET) in place of the end is an error: the status is 1"
    look reset
    expect_no "behind its input it ends its direction (shutdown(), SHUT_WR), and \
reads on to the end of the stream, where the server resets: the status is 1" \
        'client exit 0$'
    expect_failure
}

broken_off()
{
    step "a connection that breaks off while it sends is an error, too"
    look gone
    expect_failure
}

no_server()
{
    step "where no server is, the status is 1" "connect(2), ERRORS"
    look nobody
    expect_printed ""
    expect_failure
}

@test "an echo client (RFC 862)" {
    begin_all
    take comes_back more_than_the_buffers any_bytes some_bytes_at_a_time \
        interrupted empty_input closed_early reset_for_the_end broken_off \
        no_server
}
