#!/usr/bin/env bats
# The five small services, over TCP and UDP, and bin/simple-services.

load ../helper

# start_service NAME: one of them alone, at a free port.
start_service()
{
    start_server "$BIN/simple-services" "--$1=0"
    is "$line" "listening on $1 127.0.0.1:$port"
}

# datagram TEXT: sends one, gives what comes back, as Python shows it.
datagram()
{
    needs python3
    try 0 python3 - "$port" "$1" <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(9)
s.connect(("127.0.0.1", int(sys.argv[1])))
s.send(sys.argv[2].encode())
print(s.recv(65536))
END
}

@test "discard takes what comes, and answers with the end alone" {
    start_service discard
    try 0 "$PEER" connect "$port" send-bytes:1000000 shutdown expect-end
    stop_server
}

@test "time is 4 bytes, the seconds since 1900, then the end; also by UDP" {
    start_service time
    needs python3
    local before after count got
    before=$(date +%s)
    try 0 python3 - "$port" <<'END'
import socket, sys
where = ("127.0.0.1", int(sys.argv[1]))
s = socket.create_connection(where, 9)
stream = b""
while piece := s.recv(9):
    stream += piece
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.settimeout(9)
u.sendto(b"", where)
for answer in stream, u.recv(9):
    print(len(answer), int.from_bytes(answer, "big") - 2208988800)
END
    after=$(date +%s)
    while read -r count got; do
        is "$count" 4
        [ "$got" -ge "$before" ] && [ "$got" -le "$after" ] || fail "$got"
    done <"$out"
    is "$(wc -l <"$out" | tr -d ' ')" 2
    stop_server
}

# RFC 864 by another road than ours: awk instead of C.
characters()
{
    awk 'BEGIN {
        for (i = 0; i < 95; i++)
            ring = ring sprintf("%c", 32 + i)
        for (line = 0; line < 2000; line++)
            printf "%s\r\n", substr(ring ring, line % 95 + 1, 72)
    }' | head -c 140000
}

@test "chargen sends the pattern without a gap, while anybody reads" {
    characters >"$BATS_TEST_TMPDIR/expected"
    start_service chargen
    try 0 sh -c '"$0" "$1" </dev/null 2>/dev/null | head -c 140000' \
        "$BIN/echo-client" "$port"
    cmp "$out" "$BATS_TEST_TMPDIR/expected"
    stop_server
}

@test "chargen waits for who does not read, and stops when all have gone" {
    start_service chargen
    local server=$slot
    start "$PEER" connect "$port" unread:1000 say:here wait
    next_line
    try 0 "$PEER" connect "$port" read:5 reset
    is "$output" '" !\"#$"'
    end_input
    ends
    slot=$server
    stop_server
}

@test "UDP: echo, daytime and chargen answer, discard does not" {
    needs python3
    start_server "$BIN/echo-server" 0
    datagram "hello"
    is "$output" "b'hello'"
    stop_server
    start_server "$BIN/daytime-server" 0
    datagram ""
    like "$output" "^b'[0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} UTC.r.n'\$"
    stop_server
    # Not twice the same length, unless by chance; never more than 512.
    start_service chargen
    try 0 python3 - "$port" <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(9)
s.connect(("127.0.0.1", int(sys.argv[1])))
answers = []
for i in range(50):
    s.send(b"")
    answers.append(s.recv(65536))
whole = bytes(32 + i % 95 for i in range(72))
print(len({len(a) for a in answers}) > 10, max(map(len, answers)) <= 512,
      all(a[:72] == whole[:len(a)] for a in answers))
END
    is "$output" "True True True"
    stop_server
    start_service discard
    try 0 python3 - "$port" <<'END'
import socket, sys
where = ("127.0.0.1", int(sys.argv[1]))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"hello", where)
s.setblocking(False)
# What TCP answers now was asked later.
t = socket.create_connection(where, 9)
t.shutdown(socket.SHUT_WR)
t.recv(1)
try:
    print(s.recv(9))
except BlockingIOError:
    print("no answer")
END
    is "$output" "no answer"
    stop_server
}

@test "simple-services serves what is named, each at its own port" {
    start_server "$BIN/simple-services" --echo=0 --daytime=0
    like "$line" '^listening on echo 127.0.0.1:([0-9]+) daytime 127.0.0.1:[0-9]+$'
    local echo=${BASH_REMATCH[1]}
    try 0 "$BIN/daytime-client" "$port"
    like "$output" 'UTC$'
    try 0 "$BIN/echo-client" "$echo" <<<"hello"
    is "$output" hello
    stop_server
    try 2 "$BIN/simple-services"
    has "$errors" "simple-services: no service: name some, or --all"
    try 2 "$BIN/simple-services" --echo=65536
    has "$errors" 'echo "65536"'
    try 2 "$BIN/simple-services" --echo 7
    has "$errors" 'unexpected argument "7"'
}

@test "simple-services -h lists the table, within 80 columns" {
    try 0 "$BIN/simple-services" -h
    local name
    for name in echo discard daytime chargen time; do
        like "$output" "--$name\[=PORT\] +[a-z0-9 ]+ \(RFC 86[0-9]\)"
    done
    is "$(awk 'length > 80' "$out")" ""
    try 0 "$BIN/echo-server" -h
    is "$(awk 'length > 80' "$out")" ""
}

@test "--tcp and --udp leave the other one out" {
    needs python3
    start_server "$BIN/echo-server" --tcp 0
    local first=$port
    start_server "$BIN/echo-server" --udp "$first"
    is "$port" "$first"
    datagram "hello"
    is "$output" "b'hello'"
    slot=1
    stop_server
    try 1 "$BIN/echo-client" "$first" <<<"hello"
    has "$errors" ECONNREFUSED
    slot=2
    stop_server
}

@test "TCP and UDP have one port; where one is taken, it says which" {
    start_server "$BIN/echo-server" 0
    try 1 "$BIN/echo-server" "$port"
    has "$errors" "echo-server: bind 127.0.0.1:$port: "
    try 1 "$BIN/echo-server" --udp "$port"
    has "$errors" "echo-server: bind 127.0.0.1:$port (UDP): "
    has "$errors" "(EADDRINUSE)"
    stop_server
}
