#!/usr/bin/env bats
# Lesson 05: a stream of bytes has no messages.

load ../helper

@test "05 reads 26 bytes one at a time, then 0" {
    start_server "$BIN/05-read-one-byte" --serve 0
    try 0 "$BIN/05-read-one-byte" "$port"
    is "$(grep -c '^read() of up to 1 gave 1: "[a-z]"$' "$out")" 26
    has "$output" 'gave 0: the end. Bytes: 26, reads: 26'
    is "$errors" ""
    ends
    is "$output" "sent 26 bytes with 26 calls of write()"
}

@test "05 one write of 26 bytes takes 26 reads, if each asks for one byte" {
    start_server "$PEER" listen 0 send:abcdefghijklmnopqrstuvwxyz
    try 0 "$BIN/05-read-one-byte" "$port"
    has "$output" 'Bytes: 26, reads: 26'
    ends
}

@test "05 26 writes of one byte may be one read of 26 bytes" {
    start_server "$BIN/05-read-one-byte" --serve 0
    try 0 "$PEER" connect "$port" unread:26 read:26 expect-end
    is "$output" '"abcdefghijklmnopqrstuvwxyz"'
    ends
}

@test "05 however the bytes are cut, all come, in order" {
    start_server "$PEER" listen 0 drip:abcdefghijklmnopqrstuvwxyz
    try 0 "$BIN/05-read-one-byte" --size=100 "$port"
    is "$(sed -n 's/.*gave [1-9][0-9]*: "\(.*\)"$/\1/p' "$out" | tr -d '\n')" \
        abcdefghijklmnopqrstuvwxyz
    like "$output" 'Bytes: 26, reads: [0-9]+$'
    ends
}

@test "05 a peer that closes at once gives 0, one that resets gives ECONNRESET" {
    start_server "$PEER" listen 0 close
    try 0 "$BIN/05-read-one-byte" "$port"
    is "$output" 'read() gave 0: the end. Bytes: 0, reads: 0'
    ends
    start_server "$PEER" listen 0 reset
    try 1 "$BIN/05-read-one-byte" "$port"
    like "$errors" '(read|connect .*): .* \(ECONNRESET\)'
    ends
}

@test "05 its server outlives a client that resets" {
    start_server "$BIN/05-read-one-byte" --serve --clients=2 0
    try 0 "$PEER" connect "$port" reset
    try 0 "$BIN/05-read-one-byte" "$port"
    has "$output" 'Bytes: 26,'
    ends
}
