#!/usr/bin/env bats
# Exercise 09: a daytime client that stops at the first read.

load check

READ="lessons/09-daytime-client/README.md, Why; read(2), RFC 867"

NIST=$'\n61004 26-11-25 10:50:14 00 0 0 100.0 UTC(NIST) *\n'

long()
{
    printf '%06d, ' {1..2500}
}

begin_all()
{
    local client=("$PROGRAM" 127.0.0.1 "$PORT")
    begin nobody "$PEER" listen "$PORT" 'send:never\r\n' -- \
        "$PROGRAM" 127.0.0.1 7001
    # Who ignores the address that it is told finds no server. Who asks again and
    # again meanwhile is found out.
    begin whole "$PEER" listen "127.0.0.2:$PORT" other:idle \
        'send:25 NOV 2026 10:50:14 UTC\r\n' -- "$PROGRAM" 127.0.0.2 "$PORT"
    begin pieces --short-reads=client:1 "$PEER" listen "$PORT" \
        'send:25 NOV 2026 10:50:14 UTC\r\n' -- "${client[@]}"
    begin lines --short-reads=client:2 "$PEER" listen "$PORT" \
        "send:${NIST//$'\n'/\\r\\n}" -- "${client[@]}"
    # Who reads one byte at a time has 20,000 calls to make.
    begin long --calls 50000 "$PEER" listen "$PORT" "send:$(long)" other:idle \
        send:. -- "${client[@]}"
    write_longer
    begin longer --no-output --calls 10000 "$PEER" listen "$PORT" \
        "send-file:$longer" -- "${client[@]}"
    begin strange "$PEER" listen "$PORT" \
        $'send:a\\0b\e[31mc\\td\\r\x7f\x80\xffcaf\xc3\xa9~%d\\n' -- "${client[@]}"
    interrupt_again client
    begin signals "${fails[@]}" --eintr=client:2 --short-reads=client:4 "$PEER" \
        listen "$PORT" 'send:MON 10:50:14\r\n' -- "${client[@]}"
    begin nothing "$PEER" listen "$PORT" close -- "${client[@]}"
    begin byte "$PEER" listen "$PORT" send:1 -- "${client[@]}"
    begin reset "$PEER" listen "$PORT" 'send:25 NOV' other:quiet reset -- \
        "${client[@]}"
}

prints_the_line()
{
    step "the line is printed, with '\n' at its end and no '\r'"
    look whole
    expect_connect "127.0.0.2:$PORT"
    expect_well
    expect_printed $'25 NOV 2026 10:50:14 UTC\n'
    expect_exit 0
    expect_patience 'MON 10:50:14' "$PEER" listen "$PORT" 'send:MON ' \
        "pause:$PAUSE" 'send:10:50:14\r\n' -- "$PROGRAM" 127.0.0.1 "$PORT"
}

one_byte_at_a_time()
{
    step "the line comes in pieces: each read() gives one byte of it"
    look pieces
    expect_well
    expect_printed $'25 NOV 2026 10:50:14 UTC\n'
    expect_exit 0
}

two_lines()
{
    step "the text has two lines, the first one empty: a newline is not its end"
    look lines
    expect_well
    expect_printed "$NIST"
    expect_exit 0
}

long_text()
{
    step "20,001 bytes without a newline are printed, and 1,200,000 with some"
    look long
    expect_well
    expect_printed "$(long)."
    expect_exit 0
    look longer
    expect_long "$longer"
}

no_text()
{
    step "a byte that is no text ('\0', ESC, 255, ...) is printed as '?'"
    look strange
    expect_well
    local text='a?b?[31mc?d???caf??~%d\n'
    unquoted "$text" >"$BATS_TEST_TMPDIR/text"
    expect_file "$BATS_TEST_TMPDIR/text" "23 bytes, \"$text\", for \
\"a\\000b\\033[31mc\\td\\r\\177\\200\\377caf\\303\\251~%d\\n\""
    expect_exit 0
}

interrupted()
{
    step "a call that a signal interrupts (EINTR) is made again" "signal(7), EINTR"
    look signals
    expect_well
    expect_printed $'MON 10:50:14\n'
    expect_exit 0
}

nothing_comes()
{
    step "a server that closes without a word is an error, but not after one byte"
    look nothing
    expect_printed ""
    expect_failure
    look byte
    expect_well
    expect_printed 1
    expect_exit 0
}

reset()
{
    step "a connection that breaks off (ECONNRESET) is an error: the status is 1"
    look reset
    expect_failure
}

no_server()
{
    step "where no server is, the status is 1" "connect(2), ERRORS"
    look nobody
    expect_printed ""
    expect_failure
}

@test "a daytime client (RFC 867)" {
    begin_all
    take prints_the_line one_byte_at_a_time two_lines long_text no_text \
        interrupted nothing_comes reset no_server
}
