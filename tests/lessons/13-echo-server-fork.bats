#!/usr/bin/env bats
# Lesson 13: a child for each client.

load many

setup()
{
    SERVER=$BIN/13-echo-server-fork
}

@test "13 echoes to the end, all of it before it closes" {
    echoes_all_before_it_closes
}

@test "13 binary data and one byte at a time come back as they were" {
    echoes_binary_data
}

@test "13 a silent client and one that stays do not keep a third one waiting" {
    serves_three_at_once
}

@test "13 twenty clients at once, and each gets its own back" {
    mixes_up_nobody
}

@test "13 one client's reset does not end the server" {
    survives_resets
}

@test "13 who does not read is held back, and the others do not notice" {
    holds_back_who_does_not_read
}

@test "13 a slow reader gets everything in the end" {
    sends_a_slow_reader_everything
}

@test "13 no client's descriptor stays open (Linux)" {
    keeps_no_descriptor
}

# The pid that the server's next line tells: "child 4711: client ...".
next_child()
{
    next_line
    like "$line" '^child ([0-9]+): client 127.0.0.1:[0-9]+ on descriptor 4$'
    child=${BASH_REMATCH[1]}
}

# Waits until this is the state of a process, as ps(1) has it; "" if it has none.
until_state()
{
    local stat='' end=$((SECONDS + 10))
    until { read -r stat <"/proc/$1/stat" || stat=''; } 2>/dev/null &&
        stat=${stat##*) } && [ "${stat%% *}" = "$2" ]; do
        [ "$SECONDS" -lt "$end" ] || fail "child $1: ${stat:-gone}" || return
    done
}

@test "13 each client is descriptor 4: the parent has closed it (Linux)" {
    [ -d /proc/self/fd ] || skip "needs /proc"
    start_counted "$SERVER" --clients=2 0
    local server=$slot clients=() i
    for i in 1 2; do
        start "$PEER" connect "$port" wait
        clients[i]=$slot
        slot=$server
        next_child
        # Its client's socket, and not the listener.
        is "$(find "/proc/$child/fd" -lname 'socket:*')" "/proc/$child/fd/4"
    done
    for i in 1 2; do
        slot=${clients[i]}
        end_input
        ends
    done
    slot=$server
    ends
    is "$errors" ""
}

@test "13 children that have ended are reaped (Linux)" {
    [ -d /proc/self/fd ] || skip "needs /proc"
    start_counted "$SERVER" 0
    local i
    for i in 1 2 3; do
        try 0 "$PEER" connect "$port" send:x shutdown read-end
        next_child
        next_line
        until_state "$child" ""
    done
    stop_server
}

@test "13 children that nobody asks for stay, as zombies (Linux)" {
    [ -d /proc/self/fd ] || skip "needs /proc"
    start_counted "$SERVER" --keep-zombies 0
    local i children=()
    for i in 1 2 3; do
        try 0 "$PEER" connect "$port" send:x shutdown read-end
        next_child
        next_line
        children[i]=$child
    done
    for i in 1 2 3; do
        until_state "${children[i]}" Z
    done
    stop_server
    # Without a parent they are asked for by whoever has taken its place.
}

@test "13 SIGTERM ends the parent, and a child serves its client to the end" {
    start_server "$SERVER" 0
    local server=$slot
    start "$PEER" connect "$port" send:x read:1 wait send:more shutdown read-end
    next_line
    local client=$slot
    kill -TERM "${pids[server]}"
    wait "${pids[server]}"
    slot=$client
    end_input
    ends
    is "$output" '"more"'
    slot=$server
    ends
    is "$errors" ""
    has "$output" "echoed 5 bytes"
}

@test "13 SIGINT and SIGTERM end it with status 0" {
    local signal
    for signal in INT TERM; do
        start_server "$SERVER" 0
        stop_server "$signal"
    done
}
