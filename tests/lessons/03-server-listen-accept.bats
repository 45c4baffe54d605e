#!/usr/bin/env bats
# Lesson 03 with 04: the kernel queues, accept() takes.

load ../helper

# Lines of the server until one has $1 in it.
until_line()
{
    while next_line; do
        [[ $line != *"$1"* ]] || return 0
    done
    return 1
}

@test "03 accept gives a new descriptor, the peer's address and its length" {
    start_server "$BIN/03-server-listen-accept" --clients=1 0
    is "$line" "listening on 127.0.0.1:$port"
    try 0 "$BIN/04-client-connect" "$port"
    like "$output" "after connect\(\), this end is (127.0.0.1:[0-9]+)"
    local client=${BASH_REMATCH[1]}
    ends
    like "$output" 'accept\(\) on descriptor ([0-9]+), room for 128 bytes'
    local listening=${BASH_REMATCH[1]}
    like "$output" "gave descriptor ([0-9]+): peer $client, 16 bytes of address"
    [ "${BASH_REMATCH[1]}" != "$listening" ]
    is "$errors" ""
}

@test "03 the handshake is done while nobody is in accept" {
    start_server "$BIN/03-server-listen-accept" --hold=1000 0
    next_line
    is "$line" "keeping away from accept() for 1000 seconds"
    try 0 "$BIN/04-client-connect" "$port"
    has "$output" "the other end is 127.0.0.1:$port"
    if [ "$(uname)" = Linux ]; then
        next_line
        is "$line" "the queue (backlog 5): 1 waiting, handshake done"
    fi
    stop_server
    [[ $output != *"accept()"* ]]
}

@test "03 a backlog of N admits N + 1, the next ones stay in SYN-SENT (Linux)" {
    [ "$(uname)" = Linux ] || skip "Linux's rule"
    local backlog i server client
    for backlog in 0 2; do
        start_server "$BIN/03-server-listen-accept" --hold=1000 \
            --backlog="$backlog" 0
        server=$slot
        start "$PEER" fill-queue "$port" "$((backlog + 2))"
        client=$slot
        for ((i = 1; i <= backlog + 1; i++)); do
            next_line
            is "$line" "connection $i: ESTABLISHED"
        done
        next_line
        is "$line" "connection $i: SYN-SENT"
        slot=$server
        until_line "the queue (backlog $backlog): $((backlog + 1)) waiting"
        stop_server
        slot=$client
        end_input
        ends
    done
}

@test "03 the backlog is capped by somaxconn (Linux)" {
    local cap=/proc/sys/net/core/somaxconn
    [ -r "$cap" ] || skip "Linux's rule"
    start_server "$BIN/03-server-listen-accept" --hold=1000 \
        --backlog=2147483647 0
    try 0 "$BIN/04-client-connect" "$port"
    until_line "the queue"
    is "$line" "the queue (backlog $(cat $cap)): 1 waiting, handshake done"
    stop_server
}

@test "03 whoever waited in the queue is accepted after the hold, in order" {
    start_server "$BIN/03-server-listen-accept" --hold=1 --clients=2 0
    try 0 "$BIN/04-client-connect" "$port"
    like "$output" "after connect\(\), this end is (127.0.0.1:[0-9]+)"
    local first=${BASH_REMATCH[1]}
    try 0 "$BIN/04-client-connect" "$port"
    like "$output" "after connect\(\), this end is (127.0.0.1:[0-9]+)"
    local second=${BASH_REMATCH[1]}
    ends
    like "$output" "peer $first,.*peer $second,"
}

@test "03 serves until SIGINT or SIGTERM, which end it with status 0" {
    local signal i
    for signal in INT TERM; do
        start_server "$BIN/03-server-listen-accept" 0
        for i in 1 2 3; do
            try 0 "$BIN/04-client-connect" "$port"
        done
        until_line gave && until_line gave && until_line gave
        stop_server "$signal"
    done
}
