#!/usr/bin/env bats
# Exercise 06: write()'s count is ignored, and bytes are lost.

load check

READ="lessons/06-partial-write/README.md, What you see, Why; write(2), poll(2)"

# More than the buffers of slow() hold.
# slow NAME [--LADDER-OPTION...] STEP...: a play with small buffers, so that there
# is soon no room. Who writes one byte at a time has many calls to make.
slow()
{
    local name=$1 options=(--calls 25000)
    shift
    while [[ $1 = --* ]]; do
        options+=("$1")
        shift
    done
    begin "$name" "${options[@]}" "$(with_buffers 6144 "$PEER" listen "$PORT" \
        "$@" -- "$PROGRAM" 127.0.0.1 "$PORT")"
}

begin_all()
{
    local server=("$PEER" listen "$PORT" read-end --)
    local client=("$PROGRAM" 127.0.0.1 "$PORT") busy=() i
    begin nobody "${server[@]}" "$PROGRAM" 127.0.0.1 7001 < <(printf x)
    # Who ignores the address that it is told finds no server. Who waits for the
    # server to close waits in vain.
    begin whole "$PEER" listen "127.0.0.2:$PORT" read-end other:ended -- \
        "$PROGRAM" 127.0.0.2 "$PORT" \
        < <("$PEER" feed 'hello,\n' 'server\n' 2>/dev/null 3>&-)
    write_longer
    begin longer --calls 10000 "$PEER" listen "$PORT" "read-file:$longer" \
        expect-end -- "${client[@]}" < <(cat "$longer" 3>&-)
    begin bytes --short-writes=client:1 "${server[@]}" "${client[@]}" \
        < <(printf '%s' abcdefghijklmnopqrstuvwxyz)
    # The server does other things at first: who asks again and again meanwhile
    # is found out. It reads when the client waits: there was no room, then.
    for i in {1..30}; do
        busy+=(unread:1)
    done
    busy+=(other:idle)
    slow room "${busy[@]}" read-end < <(digits 2000 3>&-)
    begin zero "${server[@]}" "${client[@]}" < <(printf 'a\0b\377\200c\r\n')
    # Of a pipe, as a device is neither that nor a file.
    begin empty "${server[@]}" "${client[@]}" < <(:)
    begin signals --eintr=client:2 --short-writes=client:4 "${server[@]}" \
        "${client[@]}" < <(printf interrupted)
    # Whichever call it waits with.
    fail_waits client EINTR@1
    slow interrupted "${fails[@]}" "${busy[@]}" read-end < <(digits 2000 3>&-)
    # More than any send buffer holds that a program may ask for (SO_SNDBUF).
    slow reset unread:1 shutdown reset < <(head -c 1000000 /dev/zero 3>&-)
}

# server_gets TEXT [CAUSE]: TEXT as the server quotes it, behind its ready line.
# (It may have read it in several pieces.)
# CAUSE may be why there is only a part of it.
server_gets()
{
    local came=${partner#listening*"$PORT"} wanted=$BATS_TEST_TMPDIR/wanted
    local got=$BATS_TEST_TMPDIR/got cause=''
    came=${came#$'\n'\"}
    came=${came%\"}
    came=${came//\"$'\n'\"/}
    [ "$came" != "$1" ] || return 0
    [[ -z $came || $1 != "$came"* ]] || cause=${2+. $2}
    unquoted "$1" >"$wanted"
    unquoted "$came" >"$got"
    if [[ $story = *"server return read = -1 ECONNRESET"* ]]; then
        came="a reset (RST) in place of the end: the server's read() gives -1"
    else
        came=$(how_they_differ "$wanted" "$got")$cause
    fi
    complain "the server receives $(how_it_begins "$wanted"), then the end" "$came"
}

# Of the play `longer`, where the server compares.
server_gets_all()
{
    local came
    ! ended_by_itself server || [ "$ended_with" != 0 ] || return 0
    came="$(sum_of 'server return read') bytes, by then"
    ! grep -q 'other bytes' "$folder/server.err" ||
        came+=", and other ones among them"
    complain "the server receives these 1,200,000 bytes, then the end" "$came"
}

two_pieces()
{
    step "standard input, which comes in two pieces, reaches the server"
    look whole
    expect_connect "127.0.0.2:$PORT"
    [ "$(tail -n 1 <<<"$partner")" != '"hello,\nserver\n"' ] ||
        expect "when all is sent, it ends: the server does not close before" \
            "it waits.$(what_it_does)" ended_by_itself client
    expect_well
    server_gets 'hello,\nserver\n' \
        "A read() of standard input gives what is there, and 0 only at its end"
    expect_exit 0
}

one_byte_at_a_time()
{
    step "26 bytes reach the server, though each write() takes but one of them"
    look bytes
    expect_well
    server_gets abcdefghijklmnopqrstuvwxyz \
        "write() says how many it took: the rest is still to be sent"
    expect_exit 0
}

waits_for_room()
{
    step "where there is no room, it waits for some, and does not ask for ever"
    look room
    expect_waits 'write|send' SO_SNDTIMEO POLLOUT
    is_impatient || return 0
    # A limit may begin again with what little room there still was.
    local pause=$((2 * $(shortest_wait) + 400))
    slow patience --stall=4 unread:1 "pause:$pause" read-end < <(digits 2000 3>&-)
    look patience
    server_gets "$(digits 2000)" "It read nothing for $pause milliseconds"
}

slow_server()
{
    step "10,000 bytes reach a server that is slow, and 1,200,000 one that is not"
    look room
    expect_well
    server_gets "$(digits 2000)"
    expect_exit 0
    look longer
    # Who sends one byte at a time is told to stop.
    ! is_slow || return 0
    expect_well
    server_gets_all
    expect_exit 0
}

any_bytes()
{
    step "bytes that are no text, such as 0 and 255, are sent like any other"
    look zero
    expect_well
    server_gets 'a\000b\377\200c\r\n'
    expect_exit 0
}

empty_input()
{
    step "of an empty standard input nothing is sent, and that is no error"
    look empty
    expect_well
    server_gets ''
    expect_exit 0
}

interrupted()
{
    step "a call that a signal interrupts (EINTR) is made again" "signal(7), EINTR"
    look signals
    expect_well
    server_gets interrupted
    expect_exit 0
    look interrupted
    expect_well
    server_gets "$(digits 2000)"
    expect_exit 0
}

broken_off()
{
    step "the server breaks off: an error, the status is 1, no signal ends it" "write(2), EPIPE"
    look reset
    expect "write() tells of the error (EPIPE), and the program of it" \
        "the signal SIGPIPE ended the program" \
        [ "${story/client exit SIGPIPE/}" = "$story" ]
    expect_failure
}

no_server()
{
    step "where no server is, the status is 1" "connect(2), ERRORS"
    look nobody
    expect_failure
}

@test "send what comes from standard input" {
    begin_all
    take two_pieces one_byte_at_a_time waits_for_room slow_server any_bytes \
        empty_input interrupted broken_off no_server
}
