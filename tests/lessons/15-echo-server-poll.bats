#!/usr/bin/env bats
# Lesson 15: one thread and poll(2) for all clients.

load many

setup()
{
    SERVER=$BIN/15-echo-server-poll
}

@test "15 echoes to the end, all of it before it closes" {
    echoes_all_before_it_closes
}

@test "15 binary data and one byte at a time come back as they were" {
    echoes_binary_data
}

@test "15 a silent client and one that stays do not keep a third one waiting" {
    serves_three_at_once
}

@test "15 twenty clients at once, and each gets its own back" {
    mixes_up_nobody
}

@test "15 one client's reset does not end the server" {
    survives_resets
}

@test "15 who does not read is held back, and the others do not notice" {
    holds_back_who_does_not_read
}

@test "15 a slow reader gets everything in the end" {
    sends_a_slow_reader_everything
}

@test "15 no client's descriptor stays open (Linux)" {
    keeps_no_descriptor
}

@test "15 SIGINT and SIGTERM end it with status 0, also amid a client" {
    ends_on_signals_amid_a_client
}

@test "15 without a descriptor for the next client it rests, and does not spin" {
    rests_at_emfile 8
    is "$(grep -c EMFILE <<<"$errors")" 1
}

@test "15 a client that does not read is watched for room, and for nothing else" {
    watches_a_full_client_for_room_only
}

@test "15 what becomes of its standard input is nothing to it" {
    start_server sh -c ': | "$@"' - "$SERVER" --clients=1 0
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    is "$output" '"x"'
    ends
    is "$errors" ""
}

@test "15 --quiet says nothing of its clients" {
    start_server "$SERVER" --quiet --clients=1 0
    try 0 "$PEER" connect "$port" send:x shutdown read-end
    ends
    is "$output$errors" ""
}
