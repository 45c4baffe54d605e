#!/usr/bin/env bats
# Lesson 16: one thread and epoll(7) for all clients (Linux).

load many

setup()
{
    SERVER=$BIN/16-echo-server-epoll
}

@test "16 echoes to the end, all of it before it closes" {
    echoes_all_before_it_closes
}

@test "16 binary data and one byte at a time come back as they were" {
    echoes_binary_data
}

@test "16 a silent client and one that stays do not keep a third one waiting" {
    serves_three_at_once
}

@test "16 twenty clients at once, and each gets its own back" {
    mixes_up_nobody
}

@test "16 one client's reset does not end the server" {
    survives_resets
}

@test "16 who does not read is held back, and the others do not notice" {
    holds_back_who_does_not_read
}

@test "16 a slow reader gets everything in the end" {
    sends_a_slow_reader_everything
}

@test "16 no client's descriptor stays open (Linux)" {
    keeps_no_descriptor
}

@test "16 SIGINT and SIGTERM end it with status 0, also amid a client" {
    ends_on_signals_amid_a_client
}

@test "16 without a descriptor for the next client it rests, and does not spin" {
    rests_at_emfile 9
    is "$(grep -c EMFILE <<<"$errors")" 1
}

@test "16 a client that does not read is watched for room, and for nothing else" {
    watches_a_full_client_for_room_only
}

@test "16 --quiet says nothing of its clients" {
    start_server "$SERVER" --quiet --clients=1 0
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    ends
    is "$output$errors" ""
}

# work PROGRAM IDLE: beside so many idle clients, how many descriptors the kernel
# has looked through for ten echoes: those that poll() was given, or those that
# epoll_wait() gave back.
work()
{
    local trace=$BATS_TEST_TMPDIR/trace idle=0 i
    start_counted strace -qq -o "$trace" \
        -e trace=poll,ppoll,epoll_wait,epoll_pwait,read \
        "$BIN/$1" --quiet --clients="$(($2 + 1))" 0
    local server=$slot
    if [ "$2" -gt 0 ]; then
        start "$PEER" fill-queue "$port" "$2"
        idle=$slot
        for ((i = 1; i <= $2; i++)); do
            next_line
            is "$line" "connection $i: ESTABLISHED"
        done
    fi
    try 0 "$PEER" connect "$port" send:x read:1 send:x read:1 send:x read:1 \
        send:x read:1 send:x read:1 send:x read:1 send:x read:1 send:x read:1 \
        send:x read:1 send:x read:1
    if [ "$2" -gt 0 ]; then
        slot=$idle
        end_input
        ends
    fi
    slot=$server
    ends
    work=$(awk '
        /^p?poll\(/ { sub(/^.*\], /, ""); sub(/,.*/, ""); waited = $0 }
        /^epoll/ { sub(/^.*\) = /, ""); waited = $0 }
        /^read\([0-9]+, "x"/ { work += waited; echoes++ }
        END { print echoes ": " work }' "$trace")
}

@test "16 idle clients cost poll() work for every echo, and epoll none" {
    needs strace
    strace -o /dev/null true || skip "strace may not trace here"
    # LeakSanitizer cannot look at a process that is traced.
    export ASAN_OPTIONS=detect_leaks=0
    work 16-echo-server-epoll 0
    is "$work" "10: 10"
    work 16-echo-server-epoll 200
    is "$work" "10: 10"
    work 15-echo-server-poll 0
    is "$work" "10: 20"
    work 15-echo-server-poll 200
    like "$work" '^10: 20[0-9][0-9]$'
}

@test "16 an idle client takes less than 200 bytes of its memory" {
    [[ $(<"$BIN/.build/flags") != *fsanitize* ]] ||
        skip "the sanitizers' memory is not the program's"
    [ -r /proc/self/smaps_rollup ] || skip "needs smaps_rollup"
    local pid i before
    start_server "$SERVER" --quiet --clients=902 0
    pid=$server_pid
    local server=$slot
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    before=$(awk '$1 == "Pss_Anon:" { print $2 }' "/proc/$pid/smaps_rollup")
    start "$PEER" fill-queue "$port" 900
    for ((i = 1; i <= 900; i++)); do
        next_line
    done
    local idle=$slot
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    i=$(awk '$1 == "Pss_Anon:" { print $2 }' "/proc/$pid/smaps_rollup")
    [ $(((i - before) * 1024)) -lt $((900 * 200)) ] ||
        fail "$before KiB before, $i KiB after"
    slot=$idle
    end_input
    ends
    slot=$server
    ends
}
