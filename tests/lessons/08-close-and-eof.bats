#!/usr/bin/env bats
# Lesson 08: the ends of a connection.

load ../helper

hello_client='"hello from the client\n"'
hello_server='"hello from the server\n"'

@test "08 the client closes: the server reads what was on its way, then 0" {
    start_server "$BIN/08-close-and-eof" --serve 0
    try 0 "$BIN/08-close-and-eof" --close "$port"
    has "$output" "read() gave 22 bytes: $hello_server"
    ends
    like "$output" "gave 22 bytes: .*read\(\) gave 0: the other end"
    has "$output" "$hello_client"
    is "$errors" ""
}

@test "08 either end may close: now it is the server" {
    start_server "$BIN/08-close-and-eof" --serve --close 0
    try 0 "$BIN/08-close-and-eof" "$port"
    has "$output" "read() gave 22 bytes: $hello_server"
    has "$output" "read() gave 0: the other end"
    ends
    [[ $output != *"gave 0"* ]]
    is "$errors" ""
}

@test "08 after a half-close the other direction still works" {
    start_server "$BIN/08-close-and-eof" --serve --answer 0
    try 0 "$BIN/08-close-and-eof" --half-close "$port"
    like "$output" 'shutdown.*read\(\) gave 12 bytes: "and goodbye.n".*read\(\) gave 0'
    ends
    like "$output" 'read\(\) gave 0.*write\(\) took 12 bytes'
    is "$errors" ""
}

@test "08 after a close the answer is taken by the kernel, and read by nobody" {
    start_server "$BIN/08-close-and-eof" --serve --answer 0
    try 0 "$BIN/08-close-and-eof" --close "$port"
    ends
    has "$output" 'write() took 12 bytes: "and goodbye\n"'
}

@test "08 closing with unread input resets: the data first, then ECONNRESET" {
    start_server "$BIN/08-close-and-eof" --serve 0
    try 0 "$BIN/08-close-and-eof" --unread "$port"
    has "$output" "close() with unread input"
    ends
    has "$output" "read() gave 22 bytes: $hello_client"
    [[ $output != *"gave 0"* ]]
    like "$errors" '^08-close-and-eof: read: .* \(ECONNRESET\)'
    start_server "$BIN/08-close-and-eof" --serve --unread 0
    try 1 "$BIN/08-close-and-eof" "$port"
    has "$output" "read() gave 22 bytes: $hello_server"
    has "$errors" '(ECONNRESET)'
    ends
}

@test "08 the peer's kernel says the same: FIN for a close, RST for unread" {
    start_server "$BIN/08-close-and-eof" --serve --close 0
    try 0 "$PEER" connect "$port" send:hi read:22 expect-end
    ends
    start_server "$BIN/08-close-and-eof" --serve --unread 0
    try 0 "$PEER" connect "$port" send:hi read:22 expect-reset
    ends
}
