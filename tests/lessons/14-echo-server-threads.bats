#!/usr/bin/env bats
# Lesson 14: a thread for each client.

load many

setup()
{
    SERVER=$BIN/14-echo-server-threads
}

@test "14 echoes to the end, all of it before it closes" {
    echoes_all_before_it_closes
}

@test "14 binary data and one byte at a time come back as they were" {
    echoes_binary_data
}

@test "14 a silent client and one that stays do not keep a third one waiting" {
    serves_three_at_once
}

@test "14 twenty clients at once, and each gets its own back" {
    mixes_up_nobody
}

@test "14 one client's reset does not end the server" {
    survives_resets
}

@test "14 who does not read is held back, and the others do not notice" {
    holds_back_who_does_not_read
}

@test "14 a slow reader gets everything in the end" {
    sends_a_slow_reader_everything
}

@test "14 no client's descriptor stays open (Linux)" {
    keeps_no_descriptor
}

@test "14 SIGINT and SIGTERM end it with status 0, also amid a client" {
    ends_on_signals_amid_a_client
}

@test "14 without a descriptor for the next client it rests, and does not spin" {
    rests_at_emfile 8
    # One a second; a spin would make it thousands.
    [ "$(grep -c EMFILE <<<"$errors")" -lt 20 ] || fail "it spins"
}

@test "14 one process, one descriptor table, a thread for each client (Linux)" {
    [ -d /proc/self/task ] || skip "needs /proc"
    start_counted "$SERVER" --clients=2 0
    local server=$slot pid=$server_pid clients=() i
    for i in 1 2; do
        start "$PEER" connect "$port" send:x read:1 wait
        next_line
        clients[i]=$slot
        slot=$server
        next_line
        like "$line" "^client 127.0.0.1:[0-9]+ on descriptor $((i + 3))$"
    done
    is "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" 3
    for i in 1 2; do
        slot=${clients[i]}
        end_input
        ends
    done
    slot=$server
    ends
    is "$errors" ""
}
