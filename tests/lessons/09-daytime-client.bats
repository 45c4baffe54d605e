#!/usr/bin/env bats
# Lesson 09: the client of RFC 867.

load ../helper

@test "09 prints the line of the server, and its end" {
    start_server "$BIN/10-daytime-server" --clients=1 0
    try 0 "$BIN/09-daytime-client" "$port"
    like "$output" '^"[0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} UTC\\r\\n"'
    has "$output" 'read() gave 0: the end. Bytes: 26, reads: 1'
    is "$errors" ""
    ends
}

@test "09 reads on to the end when the line comes byte by byte" {
    start_server "$PEER" listen 0 'drip:22 NOV 2026 07:01:02 UTC\r\n'
    try 0 "$BIN/09-daytime-client" "$port"
    is "$(sed -n 's/^"\(.*\)"$/\1/p' "$out" | tr -d '\n')" \
        '22 NOV 2026 07:01:02 UTC\r\n'
    has "$output" 'Bytes: 26, reads: '
    ends
}

@test "09 nothing from the network reaches the terminal raw" {
    start_server "$PEER" listen 0 send:$'\033[2J\a\\0"\377'
    try 0 "$BIN/09-daytime-client" "$port"
    has "$output" '"\033[2J\a\000\"\377"'
    ends
}

@test "09 a server that closes at once sends 0 bytes, one that resets is an error" {
    start_server "$PEER" listen 0 close
    try 0 "$BIN/09-daytime-client" "$port"
    is "$output" 'read() gave 0: the end. Bytes: 0, reads: 0'
    ends
    start_server "$PEER" listen 0 send:half reset
    try 1 "$BIN/09-daytime-client" "$port"
    has "$errors" '(ECONNRESET)'
    ends
}

@test "09 takes a long answer in many reads" {
    start_server "$PEER" listen 0 send-bytes:100000
    try 0 "$BIN/09-daytime-client" "$port"
    has "$output" 'Bytes: 100000, reads: '
    ends
}
