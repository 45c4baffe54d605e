#!/usr/bin/env bats
# Exercise 10: a daytime server that closes with what the client sent unread.

load check

READ="lessons/10-daytime-server/README.md, Why; shutdown(2), RFC 867"

begin_all()
{
    printf -v begun '%(%s)T' -1
    local server=("$PROGRAM" 127.0.0.1 "$PORT")
    local client=("$PEER" connect "$PORT")
    begin later "${server[@]}" -- "${client[@]}" read-end close next-second \
        connect read-end
    # Who ignores the address that it is told is not found there.
    begin one "$PROGRAM" 127.0.0.2 "$PORT" -- "$PEER" connect \
        "127.0.0.2:$PORT" read-end
    # More than the buffers hold, when the server has read the line, and sleeps:
    # who stops to read is found out for certain.
    local talks=("${client[@]}" 'send:what time is it?\n' read-end other:idle
        send-bytes:30000 shutdown expect-end)
    begin talks --calls 50000 "$(with_buffers 8192 "${server[@]}" -- \
        "${talks[@]}")"
    # Who throws away as much as a big buffer holds, and no more, is found out.
    begin much --calls 10000 "${server[@]}" -- "${client[@]}" read-end \
        send-bytes:200000 shutdown expect-end
    begin three "${server[@]}" -- "${client[@]}" read-end -- \
        "${client[@]}" read-end -- "${client[@]}" read-end
    begin pieces --short-writes=server:5 "${server[@]}" -- "${client[@]}" \
        read-end
    begin signals --eintr=server:1 --calls 100000 "$(with_buffers 8192 \
        "${server[@]}" -- "${talks[@]}")"
    # The second, fourth and sixth connection are gone before the one in front
    # of it lets a server that serves one at a time go on with it. No more than
    # one waits: any backlog is right. More than ten come in all, as somebody may
    # count so far.
    local more=() i
    for i in {1..6}; do
        more+=(connect read-end close)
    done
    begin gone --short-writes=server:5 "${server[@]}" -- "${client[@]}" \
        read-end connect close use:1 reset \
        connect read-end connect reset use:3 reset \
        connect read-end connect send:x reset use:5 reset \
        "${more[@]}" connect read-end
    # A client that has gone may be told of first by shutdown().
    begin broken --fail=server:shutdown=ENOTCONN@1 "${server[@]}" -- \
        "${client[@]}" read:5 reset connect read-end
    # Of a socket read() tells an error once, and 0 then. Who takes -1 for bytes is
    # found out.
    fail_reads server ECONNRESET
    begin lost "${fails[@]}" "${server[@]}" -- "${client[@]}" read-end
    begin taken "$PEER" listen "$PORT" -- "${server[@]}"
}

# expect_line TEXT: the client got this, which `peer` has quoted.
expect_line()
{
    local line='^"([^\"]|\\["\])*\\r\\n"$' year
    year=$(date +%Y)
    [ -n "$1" ] || expect_serving
    expect 'the client gets one line, printable ASCII with "\r\n" at its end, '\
'and then the end of the stream' "${1:-$(what_came)}" matches "$1" "$line"
    expect "the line has the year in four digits: $year" "$1" \
        matches "$1" "($((year - 1))|$year|$((year + 1)))"
    expect_date "$1"
    expect_minutes "$1"
}

# expect_date LINE: where it has a date in numbers, these are day and month of the
# play's, here or elsewhere in the world.
expect_date()
{
    local mark='[-/.]' number='([0-9]{1,2})' date='' day
    local year='[0-9]{4}'
    matches "$1" "[^0-9]$number$mark$number$mark${year}[^0-9]" ||
        matches "$1" "[^0-9]$year$mark$number$mark${number}[^0-9]" || return 0
    local a=$((10#${BASH_REMATCH[1]})) b=$((10#${BASH_REMATCH[2]}))
    for day in 0 -1 1; do
        printf -v day '%(%-d %-m)T' $((begun + day * 86400))
        date=${date:-$day}
        [ "$a $b" != "$day" ] && [ "$b $a" != "$day" ] || return 0
    done
    complain "the line has the date: day ${date% *}, month ${date#* } (tm_mon counts \
from 0)" "$1"
}

# expect_minutes LINE: two digits of it, between others or alone, are the minutes of
# the time of the play, here or in UTC.
expect_minutes()
{
    local time now minutes=''
    printf -v now '%(%s)T' -1
    for ((time = begun / 60 * 60; time <= now; time += 60)); do
        printf -v minutes '%s|%(%M)T|%02d' "$minutes" "$time" $((time / 60 % 60))
    done
    expect "the line has the time: the minutes are ${minutes##*|}" "$1" matches "$1" \
        "(^|[^0-9]|[0-9]{2})(${minutes#|})([0-9]{2}|[^0-9]|$)"
}

what_came()
{
    local got="no line"
    ! grep -q '^client return read = [1-9]' <<<"$story" ||
        got="it gets the line, and no end"
    echo "$got.$(what_peer_says)$(what_waits)$(what_it_does)"
}

matches()
{
    [[ $1 =~ $2 ]]
}

expect_no_reset()
{
    expect_no "the client gets no reset: when the server calls close(), what \
the client sent is read, and the client has ended too" \
        '(server|\?) > client[0-9]* RST'
}

tells_the_time()
{
    step "a client that sends nothing gets one line with the time, then the end"
    look one server
    expect_bound "127.0.0.2:$PORT"
    expect_listening
    expect_line "$partner"
    expect_well
}

no_reset()
{
    step "a client sends a line, goes on to send, or sends 200,000 bytes: no reset"
    look talks server
    # Where it waits for ever, the reset is the ladder's end.
    expect_well
    expect_no_reset
    expect_line "$partner"
    look much server
    # Who reads byte by byte is told to stop.
    ! is_slow || return 0
    expect_well
    expect_no_reset
    waits_a_second
    waits_anew
}

# Who waits for less, as calls tell, is judged by one more play.
waits_a_second()
{
    look one server
    local least
    least=$(shortest_wait)
    [ "$least" -gt 0 ] && [ "$least" -le 800 ] || return 0
    begin late "$PROGRAM" 127.0.0.1 "$PORT" -- "$PEER" connect "$PORT" read-end \
        pause:950 send:late shutdown expect-end
    look late server
    expect_no "a client is silent for 0.95 seconds, and then sends: no reset" \
        '(server|\?) > client[0-9]* RST'
    expect_well
}

# Where a limit is an odd time, it is what is left of one for all waits, as select()
# counts it down.
waits_anew()
{
    look talks server
    local most going_on=() i
    grep -qE '^server call .* [0-9][.][0-9]{4,} s$' <<<"$story" || return 0
    most=$(waits | sort -n | tail -n 1)
    for ((i = 0; i <= most + 500; i += 500)); do
        going_on+=(pause:500 send:x)
    done
    begin on "$PROGRAM" 127.0.0.1 "$PORT" -- "$PEER" connect "$PORT" read-end \
        "${going_on[@]}" shutdown expect-end
    look on server
    expect_no "a client goes on to send, a byte in half a second: no reset, as it is \
never silent for a second (on Linux select() changes its timeval: what is left)" \
        '(server|\?) > client[0-9]* RST'
    expect_well
}

serves_three()
{
    step "three clients are served, and their descriptors closed"
    local client
    look three server
    expect_serving
    for client in "$folder"/client{,2,3}.out; do
        fetch partner "$client"
        expect_line "$partner"
    done
    expect_well
    expect_closed
}

short_writes()
{
    step "write() takes 5 bytes at a time: the line arrives whole"
    look pieces server
    expect_line "$partner"
    expect_well
}

interrupted()
{
    step "each call is interrupted by a signal once (EINTR), and made again" "signal(7), EINTR"
    look signals server
    expect_line "$partner"
    expect_no_reset
    expect_well
    expect_serving
}

gone_clients()
{
    step "clients that closed or reset before they were served: the next one is"
    look gone server
    expect_well
    expect_serving
    expect_line "${partner##*$'\n'}"
    expect_closed
    look broken server
    expect_well
    expect_serving
    expect_line "${partner##*$'\n'}"
    expect_closed
    look lost server
    ! has_socketpair || return 0
    ! too_many || complain "where each read() fails, with ECONNRESET, the server \
closes the connection, and waits for the next one" \
        "it calls on and on. $(say_last_call)"
    expect_well
    expect_serving
}

taken_port()
{
    step "where the port is taken, the status is 1" "bind(2), ERRORS"
    expect_taken
    expect_failure
}

tells_another_time()
{
    step "a client that comes in the next second is told another time"
    look later server
    local before=${partner%%$'\n'*} now=${partner##*$'\n'}
    expect_line "$before"
    expect_line "$now"
    expect_well
    expect_serving
    # Who tells no seconds may tell the same.
    ! matches "$now" '[0-9]:[0-9]{2}:[0-9]{2}' ||
        expect "the time when this client has come" \
            "that of the client before: $before" [ "$now" != "$before" ]
}

@test "a daytime server (RFC 867)" {
    begin_all
    take tells_the_time no_reset serves_three short_writes interrupted \
        gone_clients taken_port tells_another_time
}
