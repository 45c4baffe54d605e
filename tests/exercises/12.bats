#!/usr/bin/env bats
# Exercise 12: an echo server that treats bytes as a string.

load check

READ="lessons/12-echo-server/README.md, Why; read(2), write(2)"

begin_all()
{
    local server=("$PROGRAM" 127.0.0.1 "$PORT")
    local client=("$PEER" connect "$PORT")
    # Who ignores the address that it is told is not found there; who asks again
    # and again meanwhile is found out.
    begin lines "$PROGRAM" 127.0.0.2 "$PORT" -- "$PEER" connect \
        "127.0.0.2:$PORT" other:idle 'send:hello\n' read:6 'send:\n' read:1 \
        'send:quit\n' read:5 'send:exit\n' read:5 'send:bye\n' read:4 \
        $'send:\4\\n' read:2 'send:still there?\r\n' read:14 shutdown expect-end
    begin bytes "${server[@]}" -- "${client[@]}" \
        $'send:a\\0b\\r\\n\\0\\0c\xff\\n' shutdown read-end
    begin rest --short-reads=server:4 "${server[@]}" -- "${client[@]}" \
        'send:two lines,\nthe last is open\0' read:28 shutdown expect-end
    begin pieces --short-writes=server:5 "${server[@]}" -- "${client[@]}" \
        'send:one, two, three, four\n' shutdown read-end
    begin three "${server[@]}" -- \
        "${client[@]}" 'send:the first client\n' shutdown read-end -- \
        "${client[@]}" 'send:the second\n' shutdown read-end -- \
        "${client[@]}" 'send:third\n' shutdown read-end
    # Who reads one byte at a time has 40,000 calls to make. The client does not read
    # before there is no room for what comes back.
    begin much --calls 100000 "$(with_sysctls \
        "sysctl: net.ipv4.tcp_wmem=4096 4096 4096" "${server[@]}" -- "${client[@]}" \
        close receive-buffer:1 segment:536 send-buffer:200000 connect \
        send-bytes:20000 shutdown other:idle read-bytes:20000 expect-end)"
    begin signals --eintr=server:1 --short-reads=server:4 "${server[@]}" -- \
        "${client[@]}" 'send:interrupted\n' shutdown read-end
    # The second, fourth and sixth connection are gone before the one in front
    # of it lets a server that serves one at a time go on with it. No more than
    # one waits: any backlog is right. More than ten come in all, as somebody may
    # count so far.
    local more=() i
    for i in {1..6}; do
        more+=(connect shutdown expect-end close)
    done
    begin gone --short-writes=server:1 "${server[@]}" -- "${client[@]}" \
        send:1 read:1 connect send:lost close use:1 reset \
        connect send:3 read:1 connect send:lost reset use:3 reset \
        connect send:5 read:1 connect reset use:5 reset "${more[@]}" \
        connect 'send:next\n' shutdown read-end
    begin taken "$PEER" listen "$PORT" -- "${server[@]}"
}

# expect_echo WHAT QUOTED...: the client printed this, and met no error.
expect_echo()
{
    local what=$1 came=${partner//$'\n'/ }
    shift
    if [ "$came" != "$*" ]; then
        expect_serving
        ! too_many || complain "the client gets $what${*:+: $*}" \
            "$so_many $(say_last_call)"
        complain "the client gets $what${*:+: $*}" \
            "${came:-$(what_was_read)}.$(what_peer_says)$(what_waits)$(what_it_does)"
    fi
    ! client_waits || expect_closed
    expect_well
    expect "the client gets no error" "$(what_peer_says)" \
        [ ! -s "$folder/client.err" ]
}

# By a client that has not come to its end, and not told of it.
what_was_read()
{
    local size
    size=$(sum_of 'client return read')
    [ "$size" = 0 ] && echo nothing || echo "$(in_bytes "$size") of them"
}

line_by_line()
{
    step "each line, an empty one too, comes back at once, and in the end the end"
    look lines server
    expect_bound "127.0.0.2:$PORT"
    expect_listening
    expect_echo "each line, and then the end" '"hello\n"' '"\n"' '"quit\n"' \
        '"exit\n"' '"bye\n"' '"\004\n"' '"still there?\r\n"'
    expect_patience '"x"'$'\n''"y"' "$PROGRAM" 127.0.0.1 "$PORT" -- "$PEER" connect \
        "$PORT" send:x read:1 "pause:$PAUSE" send:y read:1 shutdown expect-end
}

any_bytes()
{
    step "bytes of any value come back: there is a '\0' among them"
    look bytes server
    expect_echo "all 10 bytes" '"a\000b\r\n\000\000c\377\n"'
}

open_last_line()
{
    step "what comes last, with no newline, comes back before the client has ended"
    look rest server
    expect_echo "all of it" '"two lines,\nthe last is open\000"'
}

short_writes()
{
    step "write() takes 5 bytes at a time: none is lost"
    look pieces server
    expect_echo "all of it" '"one, two, three, four\n"'
}

serves_three()
{
    step "three clients are served, one after the other"
    look three server
    expect_echo "its own line" '"the first client\n"'
    fetch partner "$folder/client2.out"
    expect_echo "its own line" '"the second\n"'
    fetch partner "$folder/client3.out"
    expect_echo "its own line" '"third\n"'
    expect_serving
    expect_closed
}

many_bytes()
{
    step "20,000 bytes come back as they were sent, to a client that reads them late"
    look much server
    expect_echo "the bytes that it sent"
}

interrupted()
{
    step "each call is interrupted by a signal once (EINTR), and made again" "signal(7), EINTR"
    look signals server
    expect_echo "all of it" '"interrupted\n"'
    expect_serving
}

gone_clients()
{
    step "clients that closed or reset before they were served: the next one is"
    look gone server
    expect_serving
    expect_echo "what it sent" '"1"' '"3"' '"5"' '"next\n"'
    expect_closed
}

taken_port()
{
    step "where the port is taken, the status is 1" "bind(2), ERRORS"
    expect_taken
    expect_failure
}

@test "an echo server (RFC 862), one client at a time" {
    begin_all
    take line_by_line any_bytes open_last_line short_writes serves_three \
        many_bytes interrupted gone_clients taken_port
}
