#!/usr/bin/env bats
# The lessons and programs that nobody here wrote, where they are installed.

load ../helper

# What every client of an echo server is to send and get back.
make_data()
{
    head -c 2000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
}

@test "others: socat is a client of 10 and 12" {
    needs socat
    make_data
    start_server "$BIN/12-echo-server" --clients=1 0
    try 0 socat -t 10 - "TCP:127.0.0.1:$port" <"$BATS_TEST_TMPDIR/data"
    cmp "$out" "$BATS_TEST_TMPDIR/data"
    ends
    start_server "$BIN/10-daytime-server" --clients=1 0
    try 0 socat -u "TCP:127.0.0.1:$port" -
    like "$output" '^[0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} UTC'
    ends
}

@test "others: ncat is a client of 10 and 12" {
    needs ncat
    make_data
    start_server "$BIN/12-echo-server" --clients=1 0
    try 0 ncat 127.0.0.1 "$port" <"$BATS_TEST_TMPDIR/data"
    cmp "$out" "$BATS_TEST_TMPDIR/data"
    ends
    start_server "$BIN/10-daytime-server" --clients=1 0
    try 0 ncat --recv-only 127.0.0.1 "$port"
    like "$output" '^[0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} UTC'
    ends
}

@test "others: socat and ncat are clients of 13 to 16, at the same time" {
    needs socat
    needs ncat
    make_data
    local server pid
    for server in "$BIN"/1[3-6]-*; do
        start_server "$server" --clients=2 0
        bounded socat -t 10 - "TCP:127.0.0.1:$port" <"$BATS_TEST_TMPDIR/data" \
            >"$BATS_TEST_TMPDIR/back" &
        pid=$!
        try 0 ncat 127.0.0.1 "$port" <"$BATS_TEST_TMPDIR/data"
        cmp "$out" "$BATS_TEST_TMPDIR/data"
        wait "$pid"
        cmp "$BATS_TEST_TMPDIR/back" "$BATS_TEST_TMPDIR/data"
        ends
    done
}

@test "others: Python is a client of 12, slow and byte by byte" {
    needs python3
    start_server "$BIN/12-echo-server" --clients=1 0
    try 0 python3 -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
data = bytes(range(256)) * 4
for byte in data:
    s.send(bytes([byte]))
s.shutdown(socket.SHUT_WR)
back = b""
while piece := s.recv(7):
    back += piece
print("same" if back == data else "not the same")' "$port"
    is "$output" same
    ends
}

# socat serves one connection with $1; it says on standard error where.
start_socat()
{
    # shellcheck disable=SC2016
    start sh -c 'exec socat -d -d "$@" 2>&1' - TCP-LISTEN:0,bind=127.0.0.1 "$1"
    while next_line && [[ $line != *"listening on"* ]]; do :; done
    port=${line##*:}
}

@test "others: socat is a server for 09 and 11" {
    needs socat
    make_data
    start_socat PIPE
    try 0 "$BIN/11-echo-client" "$port" <"$BATS_TEST_TMPDIR/data"
    cmp "$out" "$BATS_TEST_TMPDIR/data"
    ends
    start_socat 'EXEC:echo 12 o clock'
    try 0 "$BIN/09-daytime-client" "$port"
    has "$output" '"12 o clock\n"'
    ends
}
