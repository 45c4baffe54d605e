#!/usr/bin/env bats
# bin/daytime-server and bin/daytime-client.

load ../helper

now()
{
    LC_ALL=C date -u '+%d %b %Y %H:%M:%S UTC' | tr '[:lower:]' '[:upper:]'
}

# Two times in this form are in order if these are.
sortable()
{
    local day month year clock months=JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC
    read -r day month year clock <<<"$1"
    months=${months%"$month"*}
    printf '%s%02d%s%s\n' "$year" $((${#months} / 3)) "$day" "$clock"
}

@test "daytime-server sends the time in one line, CR LF, then the end" {
    start_server "$BIN/daytime-server" --clients=1 0
    local before after told
    before=$(sortable "$(now)")
    try 0 "$PEER" connect "$port" read-end
    after=$(sortable "$(now)")
    like "$output" '^"([0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} UTC)\\r\\n"$'
    told=$(sortable "${BASH_REMATCH[1]}")
    [[ ! $told < $before && ! $told > $after ]] ||
        fail "not between $before and $after: $told"
    ends
    is "$output" ""
    is "$errors" ""
}

@test "daytime: the client prints the line without the CR" {
    start_server "$BIN/daytime-server" --clients=1 0
    try 0 "$BIN/daytime-client" "$port"
    like "$output" '^[0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} UTC$'
    is "$(wc -c <"$out" | tr -d ' ')" 25
    is "$errors" ""
    ends
}

@test "daytime: the toolkit and the lessons understand each other" {
    start_server "$BIN/daytime-server" --clients=1 0
    try 0 "$BIN/09-daytime-client" "$port"
    has "$output" 'Bytes: 26'
    ends
    start_server "$BIN/10-daytime-server" --clients=1 0
    try 0 "$BIN/daytime-client" "$port"
    like "$output" ' UTC$'
    ends
}

@test "daytime-server throws away what comes, so that no reset meets the line" {
    start_server "$BIN/daytime-server" --clients=2 0
    try 0 "$PEER" connect "$port" send-bytes:1000000 read-end
    like "$output" 'UTC\\r\\n"$'
    try 0 "$PEER" connect "$port" send:quit read:26 send:again expect-end
    ends
    is "$errors" ""
}

@test "daytime-server does not wait for ever for a client to close" {
    start_server "$BIN/daytime-server" --clients=1 0
    start "$PEER" connect "$port" read:26 wait
    slot=1
    ends
}

@test "daytime-client takes the line one byte at a time" {
    start_server "$PEER" listen 0 'drip:22 NOV 2026 07:01:02 UTC\r\n'
    try 0 "$BIN/daytime-client" "$port"
    is "$output" '22 NOV 2026 07:01:02 UTC'
    ends
}

@test "daytime-client lets no byte from the network command a terminal" {
    start_server "$PEER" listen 0 send:$'\033[2J\r\a\\0\377\tone\r\\r\ntwo'
    try 0 "$BIN/daytime-client" "$port"
    is "$output" $'\\033[2J\\015\\007\\000\\377\tone\\015\ntwo'
    ends
}

@test "daytime-client does not wait or read for ever" {
    start_server "$PEER" listen 0 send-bytes:3000 peer-gone
    local peer=$slot
    start "$BIN/daytime-client" --timeout=1 "$port"
    ends 1
    has "$errors" "read 127.0.0.1:$port: "
    has "$errors" "timed out (ETIMEDOUT)"
    slot=$peer
    ends
    start_server "$PEER" listen 0 send-bytes:5000 peer-gone
    try 1 "$BIN/daytime-client" "$port"
    has "$errors" "127.0.0.1:$port says more than 4095 bytes: not the time"
    ends
}

@test "daytime-client says that the server closed at once, or reset" {
    start_server "$PEER" listen 0 close
    try 1 "$BIN/daytime-client" "$port"
    is "$errors" "daytime-client: 127.0.0.1:$port closed without a word"
    ends
    start_server "$PEER" listen 0 send:half reset
    try 1 "$BIN/daytime-client" "$port"
    has "$errors" '(ECONNRESET)'
    ends
}
