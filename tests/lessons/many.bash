# shellcheck shell=bash
# many.bash - what the tests of lessons 13 to 16 share: one server for many
# clients at once, told in four ways, has to behave in one. It loads ../helper.
#
# $SERVER is the program; each function is a test of it.

# What the helper and the tests set is not known here (2153, 2154); programs for
# sh -c stand in single quotes (2016).
# shellcheck disable=SC2016,SC2153,SC2154

load ../helper

# start_server for a program whose descriptors are to be counted, as bats leaves
# it some of its own; with $MOST_FILES, it may have no more than so many.
start_counted()
{
    start_server sh -c 'exec "$@" 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-' sh \
        sh -c '[ -z "$MOST_FILES" ] || ulimit -n "$MOST_FILES"
            exec "$@"' sh "$@"
}

echoes_all_before_it_closes()
{
    start_server "$SERVER" --clients=1 0
    try 0 "$PEER" connect "$port" send-bytes:60000 shutdown read-bytes:60000 \
        expect-end
    ends
    has "$output" "echoed 60000 bytes"
    is "$errors" ""
}

echoes_binary_data()
{
    start_server "$SERVER" --clients=1 0
    try 0 "$PEER" connect "$port" 'drip:a\0b\r\n\0' shutdown read-end
    is "$output" '"a\000b\r\n\000"'
    ends
}

# The silent one is there first, the second one stays, the third comes and goes.
serves_three_at_once()
{
    start_server "$SERVER" --clients=3 0
    local server=$slot
    start "$PEER" connect "$port" say:connected wait shutdown expect-end
    local silent=$slot
    next_line
    start "$PEER" connect "$port" send:one read:3 wait send:more read:4
    local second=$slot
    next_line
    is "$line" '"one"'
    try 0 "$PEER" connect "$port" send:two shutdown read-end
    is "$output" '"two"'
    slot=$second
    end_input
    ends
    is "$output" '"more"'
    slot=$silent
    end_input
    ends
    slot=$server
    ends
    has "$output" "echoed 0 bytes"
    has "$output" "echoed 3 bytes"
    has "$output" "echoed 7 bytes"
    is "$errors" ""
}

# Twenty at once, and each gets what it has sent.
mixes_up_nobody()
{
    start_server "$SERVER" --clients=20 0
    local server=$slot i
    for i in {1..20}; do
        "$PEER" connect "$port" send:"this is $i" shutdown read-end \
            >"$BATS_TEST_TMPDIR/client$i" 3>&- &
        pids[100 + i]=$!
    done
    for i in {1..20}; do
        wait "${pids[100 + i]}"
        pids[100 + i]=0
        is "$(<"$BATS_TEST_TMPDIR/client$i")" "\"this is $i\""
    done
    slot=$server
    ends
    is "$errors" ""
}

survives_resets()
{
    start_server "$SERVER" --clients=3 0
    try 0 "$PEER" connect "$port" send:x read:1 reset
    try 0 "$PEER" connect "$port" reset
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    is "$output" '"x"'
    ends
    like "$errors" "${SERVER##*/}: read: .* \(ECONNRESET\)"
}

# That the first client's writes end in EAGAIN shows that the server has stopped
# to read from it; a buffer that grows would take them all.
holds_back_who_does_not_read()
{
    start_server "$SERVER" --clients=2 0
    local server=$slot
    start "$PEER" connect "$port" fill wait reset
    local full=$slot
    next_line
    like "$line" '^filled with [0-9]+ bytes'
    try 0 "$PEER" connect "$port" send-bytes:60000 shutdown read-bytes:60000 \
        expect-end
    slot=$full
    end_input
    ends
    slot=$server
    ends
    like "$errors" '\((ECONNRESET|EPIPE)\)'
}

# An echo, the first or the second (the ready line may be a write, too, or a
# writev), is told that there is no room. Whoever then watched for input as well
# would be told of it, and spin.
watches_a_full_client_for_room_only()
{
    needs_injection
    local trace=$BATS_TEST_TMPDIR/trace
    start_server strace -qq -o "$trace" -e trace=poll,ppoll,epoll_ctl,write \
        -e inject=write:error=EAGAIN:when=2 "$SERVER" --quiet --clients=1 0
    try 0 "$PEER" connect "$port" send:x read:1 send:y read:1 shutdown \
        expect-end
    is "$output" $'"x"\n"y"'
    ends
    is "$errors" ""
    grep -q 'INJECTED' "$trace" || fail "nothing was injected"
    grep -qE '[^|]E?POLLOUT[^|]' "$trace" || fail "not watched for room"
    ! grep -E 'POLLIN\|E?POLLOUT' "$trace" || fail "watched for both"
}

# The client's own output is a pipe that nobody reads from for now.
sends_a_slow_reader_everything()
{
    local data=$BATS_TEST_TMPDIR/data
    head -c 20000000 /dev/urandom >"$data"
    start_server "$SERVER" --clients=2 0
    local server=$slot
    start sh -c 'exec "$1" "$2" <"$3"' - "$BIN/11-echo-client" "$port" "$data"
    local slow=$slot
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    is "$output" '"x"'
    slot=$slow
    bounded cat <&$((20 + slot)) >"$data.back"
    cmp "$data" "$data.back"
    ends
    slot=$server
    ends
    has "$output" "echoed 20000000 bytes"
    is "$errors" ""
}

# A client that has got everything back is no longer there; one that was reset
# may be for a moment, but not when a later one has been served to its end.
keeps_no_descriptor()
{
    [ -d /proc/self/fd ] || skip "needs /proc"
    start_server "$SERVER" 0
    local before pid=$server_pid i
    before=$(find "/proc/$pid/fd" | wc -l)
    for i in 1 2 3 4 5; do
        try 0 "$PEER" connect "$port" send:x read:1 reset
        try 0 "$PEER" connect "$port" send:x shutdown read-end
    done
    is "$(find "/proc/$pid/fd" | wc -l)" "$before"
    stop_of_resets
}

# As stop_server, where some clients were reset.
stop_of_resets()
{
    kill -TERM "${pids[slot]}"
    ends 0
}

ends_on_signals_amid_a_client()
{
    local signal
    for signal in INT TERM; do
        start_server "$SERVER" 0
        local server=$slot
        start "$PEER" connect "$port" send:x read:1 wait
        next_line
        local client=$slot
        slot=$server
        stop_server "$signal"
        slot=$client
        end_input
        ends
    done
}

# Four clients are all that there is room for; the fifth waits until one leaves.
# As the kernel queues it, its connection is made and its data taken before the
# second message of the first one is sent: so the server has met EMFILE by then.
rests_at_emfile()
{
    local clients=() i
    export MOST_FILES=$1
    start_counted "$SERVER" --clients=5 0
    local server=$slot
    for i in 1 2 3 4; do
        start "$PEER" connect "$port" send:x read:1 wait send:y read:1
        next_line
        clients[i]=$slot
    done
    start "$PEER" connect "$port" send:late say:connected read:4
    local late=$slot
    next_line
    is "$line" connected
    slot=${clients[1]}
    end_input
    ends
    is "$output" '"y"'
    slot=$late
    next_line
    is "$line" '"late"'
    ends
    for i in 2 3 4; do
        slot=${clients[i]}
        end_input
        ends
    done
    slot=$server
    ends
    has "$errors" "(EMFILE)"
}
