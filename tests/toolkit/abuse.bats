#!/usr/bin/env bats
# The servers under those who mean harm, or only are many: limits, silence,
# resets at every moment, slow and greedy clients.

load ../helper

ok()
{
    try 0 "$BIN/echo-client" "$port" <<<"hello"
    is "$output" hello
}

@test "--connections: others wait until one ends, which is told once" {
    start_server "$BIN/echo-server" --connections=2 --grace=0 0
    local i
    for i in 2 3 4 5; do
        start "$PEER" connect "$port" say:here send:x read:1 wait
        next_line
    done
    for ((slot = 2; slot <= 5; slot++)); do
        end_input
    done
    for ((slot = 2; slot <= 5; slot++)); do
        ends
        has "$output" '"x"'
    done
    ok
    kill "${pids[1]}"
    slot=1
    ends
    is "$errors" "echo-server: 2 connections: others wait until one ends"
}

@test "--per-address: one more is closed, another address is served" {
    needs python3
    start_server "$BIN/echo-server" --per-address=2 --grace=0 0
    try 0 python3 - "$port" <<'END'
import socket, sys
def served(host):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 9, (host, 0))
    try:
        s.send(b"x")
        return s, s.recv(1) == b"x"
    except ConnectionError:
        return s, False
held = [served("127.0.0.1") for _ in range(3)]
print([s[1] for s in held])
print(served("127.0.0.2")[1])
held[0][0].close()
# Its end is seen before the next one's beginning, or else a little later.
while not served("127.0.0.1")[1]:
    pass
print(served("127.0.0.1")[1])
END
    is "$output" "[True, True, False]
True
True"
    kill -USR1 "$server_pid"
    kill "$server_pid"
    ends
    like "$errors" 'refused [1-9]'
}

@test "--idle: who is silent is let go, who speaks is not" {
    needs python3
    start_server "$BIN/echo-server" --idle=2 0
    try 0 python3 - "$port" <<'END'
import socket, sys
def connect():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])), 9)
speaks, silent = connect(), connect()
speaks.settimeout(0.5)
silent.setblocking(False)
while True:
    speaks.send(b"x")
    assert speaks.recv(1) == b"x"
    try:
        print("silent:", silent.recv(1))
        break
    except BlockingIOError:
        pass
speaks.send(b"x")
print("speaks:", speaks.recv(1))
END
    is "$output" "silent: b''
speaks: b'x'"
    stop_server
}

@test "a client that never reads: others do not notice, nothing grows" {
    start_server "$BIN/echo-server" --threads=1 --grace=0 0
    local before after i
    ok
    # Its own share is what its sockets hold, and one buffer.
    start "$PEER" connect "$port" fill wait
    next_line
    like "$line" '^filled with [0-9]+ bytes$'
    before=$(awk '/VmRSS/ { print $2 }' "/proc/${pids[1]}/status")
    for i in 1 2 3; do
        try 0 "$BIN/echo-client" "$port" < <(head -c 5000000 /dev/zero)
        head -c 5000000 /dev/zero | cmp - "$out"
    done
    after=$(awk '/VmRSS/ { print $2 }' "/proc/${pids[1]}/status")
    [ $((after - before)) -lt 2000 ] || fail "it grew by $((after - before)) KiB"
    slot=1
    stop_server
    slot=2
    end_input
    ends
}

@test "a thousand connect and vanish" {
    needs python3
    start_server "$BIN/echo-server" 0
    local descriptors
    descriptors=$(find "/proc/$server_pid/fd" | wc -l)
    try 0 python3 - "$port" <<'END'
import socket, struct, sys
where = ("127.0.0.1", int(sys.argv[1]))
reset = struct.pack("ii", 1, 0)
for i in range(1000):
    s = socket.socket()
    if i % 4 == 0:
        s.setblocking(False)
        s.connect_ex(where)
    else:
        s.connect(where)
    if i % 4 >= 2:
        s.send(b"x" * 10000)
    if i % 2:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
    s.close()
END
    ok
    # Of those that did not reset it sees the end when it has read so far.
    while [ "$(find "/proc/$server_pid/fd" | wc -l)" -gt "$descriptors" ]; do
        ok
    done
    stop_server
}

@test "resets at every moment, in threads side by side" {
    needs python3
    start_server "$BIN/simple-services" --threads=3 --echo=0 --chargen=0
    like "$line" 'echo 127.0.0.1:([0-9]+) '
    local echo=${BASH_REMATCH[1]}
    try 0 python3 - "$echo" "$port" <<'END'
import random, select, socket, struct, sys
random.seed(4)
reset = struct.pack("ii", 1, 0)
held = []
for i in range(1500):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1 + i % 2])), 9)
    s.setblocking(False)
    held.append(s)
    for s in random.sample(held, min(3, len(held))):
        try:
            what = random.randrange(4)
            if what == 0:
                s.send(b"x" * random.choice((1, 1000, 300000)))
            elif what == 1:
                s.recv(random.choice((1, 1000, 300000)))
            elif what == 2:
                s.shutdown(socket.SHUT_WR)
        except (BlockingIOError, OSError):
            pass
    if len(held) > 50:
        s = held.pop(random.randrange(len(held)))
        if random.randrange(2):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        s.close()
END
    port=$echo
    ok
    kill "$server_pid"
    ends
    is "$errors" ""
}

@test "a half-open client, and slow senders of one byte, are waited for" {
    needs python3
    start_server "$BIN/echo-server" 0
    try 0 python3 - "$port" <<'END'
import socket, sys
def connect():
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 9)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s
slow = [connect() for _ in range(50)]
ended = connect()
ended.send(b"y" * 100000)
ended.shutdown(socket.SHUT_WR)
for byte in b"slow and steady":
    for s in slow:
        s.send(bytes([byte]))
    for s in slow:
        assert s.recv(1) == bytes([byte])
got = b""
while piece := ended.recv(7):
    got += piece
print(len(got), set(got) == set(b"y"))
END
    is "$output" "100000 True"
    stop_server
}

# Two descriptors for each connection on one machine, one at either end.
@test "ten thousand connections at once" {
    needs python3
    [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 10200 ] ||
        skip "needs 10,200 descriptors, $(ulimit -Hn) are allowed"
    start_server "$BIN/echo-server" --grace=0 0
    try 0 python3 - "$port" <<'END'
import resource, socket, sys
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
all = []
for i in range(10000):
    # One address has ports for 28,000, less what other tests have.
    all.append(socket.create_connection(("127.0.0.1", int(sys.argv[1])), 9,
                                        ("127.0.0.%d" % (2 + i % 8), 0)))
for i, s in enumerate(all):
    s.send(b"%05d" % i)
print(sum(s.recv(9) == b"%05d" % i for i, s in enumerate(all)))
END
    is "$output" 10000
    stop_server
}

@test "restart on the same port under load: no client finds it wrong" {
    needs python3
    start_server "$BIN/echo-server" 0
    local first=$port i
    # Clients that come anew all the time; between two servers nobody listens,
    # and that is all that may happen to them.
    start python3 -u -c 'if True:
        import socket, sys
        wrong = whole = 0
        print("ready", flush=True)
        while sys.stdin not in __import__("select").select([sys.stdin],[],[],0)[0]:
            try:
                s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 9)
            except ConnectionError:
                continue
            try:
                s.sendall(b"x" * 50000)
                s.shutdown(socket.SHUT_WR)
                got = 0
                while piece := s.recv(65536):
                    got += len(piece)
                wrong += got != 50000
                whole += got == 50000
            except ConnectionResetError:
                wrong += 1
        print("wrong", wrong, whole > 0, flush=True)' "$port"
    local load=$slot
    next_line
    slot=1
    for i in 1 2 3; do
        ok
        stop_server
        start_server "$BIN/echo-server" "$first"
    done
    ok
    local last=$slot
    slot=$load
    end_input
    next_line
    is "$line" "wrong 0 True"
    ends
    slot=$last
    stop_server
}

@test "a million requests: memory and descriptors stay as they are" {
    [ -x "$BIN/echo-load" ] || skip "needs echo-load"
    start_server "$BIN/echo-server" --threads=2 0
    local round descriptors memory
    for round in 1 2; do
        LIMIT=100 try 0 "$BIN/echo-load" --connections 20 --depth 50 \
            --requests 500000 --duration 0 "$port"
        set -- "$descriptors" "$memory"
        descriptors=$(find "/proc/$server_pid/fd" | wc -l)
        memory=$(awk '/VmRSS/ { print $2 }' "/proc/$server_pid/status")
    done
    is "$descriptors" "$1"
    [ "$memory" -le $(($2 + 400)) ] || fail "from $2 KiB to $memory KiB"
    stop_server
}
