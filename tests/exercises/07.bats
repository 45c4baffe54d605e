#!/usr/bin/env bats
# Exercise 07: a static buffer, and bytes of one connection turn up on another.

load check

READ="lessons/07-readn-writen-readline/README.md, Why; read(2)"

begin_all()
{
    begin nobody "$PEER" listen "$PORT" close -- "$PROGRAM" 127.0.0.1 7001
    # Who ignores the address that it is told finds no server.
    # A line comes in two pieces: who reads the first one finds nothing then, and
    # that is not the end.
    begin one "$PEER" listen "127.0.0.2:$PORT" send:fi other:idle 'send:rst\n' \
        accept 'send:second\n' -- "$PROGRAM" 127.0.0.2 "$PORT"
    lines turns '1a\n1b\n1c\n' '2a\n2b\n2c\n'
    lines bytes '1a\n1b\n1c\n' '2a\n2b\n2c\n' --short-reads=client:1
    lines more_first '1a\n1b\n1c\n1d\n' '2a\n'
    lines more_second '1a\n' '2a\n2b\n2c\n2d\n'
    # Who reads one byte at a time has 10,000 calls to make.
    lines long "$(digits 2000)\\n1b\\n" '2a\n2b\n' --calls 25000
    # More than a buffer has that is made big enough, as one may hope (1 MiB).
    printf '%s\n' "$(head -c 1200000 /dev/zero | tr '\0' x)" 1b >"$BATS_TEST_TMPDIR/line"
    begin longer --no-output --calls 10000 "$PEER" listen "$PORT" \
        "send-file:$BATS_TEST_TMPDIR/line" accept 'send:2a\n' -- \
        "$PROGRAM" 127.0.0.1 "$PORT"
    # Who looks for a newline in a string does not see the one behind the '\0':
    # it prints too much, where each connection has its turn once more.
    lines any '\na\0b\r'$'\377''c\n%d\n' '2a\r\n\n2c\n'
    # Neither is an empty line no line at all.
    lines hollow '1a\n' '2a\n\n2c\n'
    lines last '1a\n' '2a\nlast'
    lines empty '' ''
    interrupt_again client
    lines signals '1a\n1b\n' '2a\n2b\n' "${fails[@]}" --eintr=client:2 \
        --short-reads=client:4
    fail_reads client ECONNRESET@2
    lines reset '1a\n1b\n' '2a\n2b\n' --short-reads=client:4 "${fails[@]}"
    # The rest of the other one may be read elsewhere in the program.
    begin rest "$PEER" listen "$PORT" 'send:1a\n' close accept 'send:2a\n2b\n' \
        other:quiet reset -- "$PROGRAM" 127.0.0.1 "$PORT"
}

# lines NAME FIRST SECOND [LADDER-OPTION...]: what comes on each connection.
lines()
{
    local name=$1 first=$2 second=$3
    shift 3
    begin "$name" "$@" "$PEER" listen "$PORT" "send:$first" accept \
        "send:$second" -- "$PROGRAM" 127.0.0.1 "$PORT"
}

one_line_each()
{
    step "of two connections with one line each, both lines are printed"
    look one
    expect_connect "127.0.0.2:$PORT"
    expect_well
    expect_printed $'first\nsecond\n'
    expect_exit 0
    expect_patience $'first\nsecond' "$PEER" listen "$PORT" send:fir \
        "pause:$PAUSE" 'send:st\n' accept 'send:second\n' -- \
        "$PROGRAM" 127.0.0.1 "$PORT"
}

by_turns()
{
    step "three lines come at once on each connection: they are printed by turns"
    look turns
    expect_well
    expect_printed $'1a\n2a\n1b\n2b\n1c\n2c\n'
    expect_exit 0
}

one_byte_at_a_time()
{
    step "the same lines, and each read() gives one byte"
    look bytes
    expect_well
    expect_printed $'1a\n2a\n1b\n2b\n1c\n2c\n'
    expect_exit 0
}

more_lines_on_one()
{
    step "one connection has more lines than the other: the rest follows"
    look more_first
    expect_well
    expect_printed $'1a\n2a\n1b\n1c\n1d\n'
    expect_exit 0
    look more_second
    expect_well
    expect_printed $'1a\n2a\n2b\n2c\n2d\n'
    expect_exit 0
}

long_line()
{
    step "a line of 10,000 bytes is one line"
    look long
    expect_well
    expect_printed "$(digits 2000)"$'\n2a\n1b\n2b\n'
    expect_exit 0
}

buffered()
{
    step "such a line costs fewer calls than it has bytes"
    look long
    local calls
    calls=$(grep -cE '^client return (read|recv)' <<<"$story") || true
    expect "with a buffer, 10,000 bytes cost some calls of read()" \
        "$calls calls" [ "$calls" -lt 2500 ]
}

any_bytes()
{
    step "an empty line, and bytes of value 0 and 255, are printed like any others"
    look any
    expect_well
    printf '\n2a\r\na\0b\r\377c\n\n%%d\n2c\n' >"$BATS_TEST_TMPDIR/any"
    expect_file "$BATS_TEST_TMPDIR/any"
    expect_exit 0
    look hollow
    expect_well
    expect_printed $'1a\n2a\n\n2c\n'
    expect_exit 0
}

open_last_line()
{
    step "the last line is printed, though it ends without a newline"
    look last
    expect_well
    expect_printed $'1a\n2a\nlast'
    expect_exit 0
}

no_line()
{
    step "where no line comes nothing is printed, and that is no error"
    look empty
    # Who reads first waits for a server that waits for the second connection.
    expect_story "it connects twice before it waits for a line" \
        'client call connect' 'client call connect'
    expect_well
    expect_printed ""
    expect_exit 0
}

interrupted()
{
    step "a call that a signal interrupts (EINTR) is made again" "signal(7), EINTR"
    look signals
    expect_well
    expect_printed $'1a\n2a\n1b\n2b\n'
    expect_exit 0
}

reset()
{
    step "a connection that breaks off (ECONNRESET) is an error: the status is 1"
    look reset
    expect_failure
    look rest
    expect_failure
}

no_server()
{
    step "where no server is, the status is 1" "connect(2), ERRORS"
    look nobody
    expect_failure
}

longer_line()
{
    step "and a line of 1,200,000 bytes is one line, too"
    look longer
    sed 's/^1b$/2a\n1b/' "$BATS_TEST_TMPDIR/line" >"$BATS_TEST_TMPDIR/by-turns"
    expect_long "$BATS_TEST_TMPDIR/by-turns" "1,200,000 bytes, a newline, and \"2a\n1b\n\""
}

@test "read lines from two connections" {
    begin_all
    take one_line_each by_turns one_byte_at_a_time more_lines_on_one \
        long_line buffered any_bytes open_last_line no_line interrupted reset \
        no_server longer_line
}
