#!/usr/bin/env bats
# Lesson 07: the book's three.

load ../helper

hamlet='to be, or not to be,\nthat is\nthe question\n'

@test "07 records come back whole from an echo server" {
    start_server "$BIN/12-echo-server" --clients=1 0
    try 0 "$BIN/07-readn-writen-readline" --size=50000 "$port"
    is "$(grep -c 'writen() and readn() of 50000 bytes, the same$' "$out")" 3
    ends
    has "$output" "echoed 150042 bytes"
}

@test "07 a line costs a read per byte without a buffer, few with one" {
    start_server "$PEER" listen 0 read:42 "send:$hamlet"
    try 0 "$BIN/07-readn-writen-readline" --records=0 "$port"
    has "$output" 'without a buffer: a line of 21 bytes, read() calls: 21'
    has "$output" 'readline() gave 8 bytes: "that is\n"'
    has "$output" 'readline() gave 13 bytes: "the question\n"'
    has "$output" 'with a buffer: 2 lines, read() calls: 1'
    is "$errors" ""
    ends
}

@test "07 all three put together what comes byte by byte" {
    start_server "$PEER" listen 0 read:10 drip:1111111111 read:42 "drip:$hamlet"
    try 0 "$BIN/07-readn-writen-readline" --records=1 --size=10 "$port"
    has "$output" 'record 1: writen() and readn() of 10 bytes, the same'
    has "$output" 'readline() gave 13 bytes: "the question\n"'
    ends
}

@test "07 a stream that ends within a record or a line is an error" {
    start_server "$PEER" listen 0 read:10 send:11111 shutdown expect-end
    try 1 "$BIN/07-readn-writen-readline" --records=1 --size=10 "$port"
    has "$errors" 'the stream ended within record 1, after 5 bytes'
    ends
    start_server "$PEER" listen 0 read:42 'send:to be\nthat' shutdown expect-end
    try 1 "$BIN/07-readn-writen-readline" --records=0 "$port"
    has "$output" 'readline() gave 4 bytes: "that"'
    has "$errors" 'the stream ended after 1 of 2 lines'
    ends
}

@test "07 a line that is too long for its place comes in pieces" {
    local long
    long=$(printf '%0300d' 0)
    start_server "$PEER" listen 0 read:42 "send:x\\n$long\\n"
    try 0 "$BIN/07-readn-writen-readline" --records=0 "$port"
    has "$output" 'readline() gave 255 bytes: "000'
    has "$output" 'readline() gave 46 bytes: "000'
    ends
}

@test "07 an echo that is not the same is said" {
    start_server "$PEER" listen 0 read:10 send:1111111112 read:42 "send:$hamlet"
    try 0 "$BIN/07-readn-writen-readline" --records=1 --size=10 "$port"
    has "$output" 'of 10 bytes, not the same'
    ends
}
