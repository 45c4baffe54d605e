#!/usr/bin/env bats
# Lesson 06: a write takes what there is room for.

load ../helper

@test "06 partial writes and EAGAIN, and nothing is lost" {
    start_server "$BIN/06-partial-write" --serve 0
    try 0 "$BIN/06-partial-write" --bytes=20000000 "$port"
    like "$output" '^write\(\) of 20000000 bytes took ([0-9]+)'
    [ "${BASH_REMATCH[1]}" -lt 20000000 ]
    has "$output" 'gave EAGAIN: poll() waits for room'
    like "$output" 'wrote (20000000 bytes, checksum [0-9a-f]+)$'
    local sum=${BASH_REMATCH[1]}
    ends
    is "$output" "received $sum"
    is "$errors" ""
}

@test "06 what each write took adds up to the whole" {
    start_server "$BIN/06-partial-write" --serve --pause=0 0
    try 0 "$BIN/06-partial-write" --bytes=20000000 "$port"
    is "$(awk '/took/ {sum += $NF} END {print sum}' "$out")" 20000000
    ends
}

@test "06 a blocking write is partial too, when a signal interrupts it" {
    start_server "$PEER" listen 0 wait
    local reader=$slot
    start "$BIN/06-partial-write" --blocking --bytes=100000000 "$port"
    next_line
    like "$line" '^write\(\) of 100000000 bytes took ([0-9]+)$'
    [ "${BASH_REMATCH[1]}" -lt 100000000 ]
    kill "$server_pid"
    ends 143
    slot=$reader
    end_input
    ends
}

@test "06 nothing is lost with a blocking socket either" {
    start_server "$BIN/06-partial-write" --serve --pause=1 0
    try 0 "$BIN/06-partial-write" --blocking --bytes=20000000 "$port"
    like "$output" 'wrote (20000000 bytes, checksum [0-9a-f]+)$'
    local sum=${BASH_REMATCH[1]}
    ends
    is "$output" "received $sum"
}

@test "06 a reader that never reads leaves it waiting in poll, not spinning" {
    start_server "$PEER" listen 0 wait
    local reader=$slot
    start "$BIN/06-partial-write" --bytes=100000000 "$port"
    while next_line && [[ $line != *EAGAIN* ]]; do :; done
    slot=$reader
    end_input
    ends
    slot=2
    ends 1
    [ "$(grep -c EAGAIN <<<"$output")" -le 2 ]
    like "$errors" 'write: .* \((ECONNRESET|EPIPE)\)'
}

@test "06 its server tells what came before a reset" {
    start_server "$BIN/06-partial-write" --serve 0
    try 0 "$PEER" connect "$port" reset
    ends
    like "$output" '^received 0 bytes'
    like "$errors" '^06-partial-write: read: .* \(ECONNRESET\)'
}
