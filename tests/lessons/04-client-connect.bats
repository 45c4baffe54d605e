#!/usr/bin/env bats
# Lesson 04: a client chooses no address, and learns whether it worked.

load ../helper

@test "04 connect gives this end an address, and the other end is the server" {
    start_server "$PEER" listen 0 expect-end
    try 0 "$BIN/04-client-connect" "$port"
    has "$output" 'before connect(), this end is 0.0.0.0:0'
    like "$output" 'after connect\(\), this end is 127.0.0.1:[1-9][0-9]*'
    has "$output" "the other end is 127.0.0.1:$port"
    is "$errors" ""
    ends
}

@test "04 nobody listens: ECONNREFUSED, and what to do" {
    start_server "$PEER" bind 0 wait
    try 1 "$BIN/04-client-connect" "$port"
    like "$errors" "^04-client-connect: connect 127.0.0.1:$port: .* \(ECONNREFUSED\)"
    has "$errors" "start the server"
    end_input
    ends
}

@test "04 stays connected for as long as it is told" {
    start_server "$PEER" listen 0 expect-end
    start "$BIN/04-client-connect" --hold=1000 "$port"
    next_line && next_line && next_line && next_line
    is "$line" "staying connected for 1000 seconds"
    kill "$server_pid"
    ends 143
    slot=1
    ends
}
