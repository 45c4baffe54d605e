#!/usr/bin/env bats
# UDP: which datagrams are answered, and from where.

load ../helper

setup()
{
    needs python3
}

# In a network of its own even an ordinary user may send from port 7.
private()
{
    needs unshare
    unshare -rn true 2>/dev/null || skip "needs user namespaces"
    try 0 unshare -rn sh -c 'ip link set lo up && exec "$@"' - "$@"
}

@test "no payload, and 65,507 bytes, come back as they were" {
    start_server "$BIN/echo-server" 0
    try 0 python3 - "$port" <<'END'
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(9)
s.connect(("127.0.0.1", int(sys.argv[1])))
for size in 0, 1, 512, 16384, 16385, 65507:
    sent = os.urandom(size)
    s.send(sent)
    got = s.recv(65536)
    print(size, "same" if got == sent else "not the same: %d" % len(got))
END
    is "$(grep -c same "$out")" 6
    is "$(grep -c not "$out" || true)" 0
    stop_server
}

@test "IPv6 answers too, and an answer leaves from the address that was asked" {
    start_server "$BIN/echo-server" any 0
    try 0 python3 - "$port" <<'END'
import socket, sys
port = int(sys.argv[1])
for family, host in ((socket.AF_INET, "127.0.0.1"),
                     (socket.AF_INET, "127.0.0.77"), (socket.AF_INET6, "::1")):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.settimeout(9)
    try:
        s.sendto(b"hello", (host, port))
    except OSError:
        print("hello from", host, "(not on this machine)")
        continue
    got, peer = s.recvfrom(9)
    print(got.decode(), "from", peer[0])
END
    [[ $output != *"not on"*127* ]]
    like "$output" '^hello from 127.0.0.1
hello from 127.0.0.77
hello from ::1'
    stop_server
}

# What must not be answered is sent, then an ordinary datagram: its answer has
# to be the only one that comes.
GUARD='
import socket, subprocess, sys
server = subprocess.Popen([sys.argv[1], "any", "0", "--threads=1"],
                          stdout=subprocess.PIPE, text=True)
port = int(server.stdout.readline().rsplit(":", 1)[1])

def made(host, from_port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.bind((host, from_port))
    s.settimeout(9)
    return s

def answered(s, to):
    s.sendto(b"forged", (to, port))
    plain = made("", 0)
    plain.sendto(b"plain", ("127.0.0.1", port))
    assert plain.recv(9) == b"plain"
    s.setblocking(False)
    try:
        return s.recv(9).decode()
    except BlockingIOError:
        return "silence"

print("port 7:", answered(made("", 7), "127.0.0.1"))
print("port 1023:", answered(made("", 1023), "127.0.0.1"))
print("port 1024:", answered(made("", 1024), "127.0.0.1"))
print("port 7013:", answered(made("", 7013), "127.0.0.1"))
print("port 7014:", answered(made("", 7014), "127.0.0.1"))
print("broadcast:", answered(made("", 0), "127.255.255.255"))
group = made("", 0)
group.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                 socket.inet_aton("127.0.0.1"))
print("multicast:", answered(group, "224.0.0.1"))
server.terminate()
print("status:", server.wait(9))
'

@test "no answer to services' ports, to broadcast or multicast" {
    needs ip
    private python3 -c "$GUARD" "$BIN/echo-server"
    is "$output" "port 7: silence
port 1023: silence
port 1024: forged
port 7013: silence
port 7014: forged
broadcast: silence
multicast: silence
status: 0"
}

@test "no answer to another one of its kind, which would answer for ever" {
    start_server "$BIN/echo-server" 0
    try 0 python3 - "$port" <<'END'
import socket, sys
port = int(sys.argv[1])
twin = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
twin.bind(("127.0.0.9", port))
twin.sendto(b"forged", ("127.0.0.1", port))
plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
plain.settimeout(9)
plain.sendto(b"plain", ("127.0.0.1", port))
print(plain.recv(9))
twin.setblocking(False)
try:
    print(twin.recv(9))
except BlockingIOError:
    print("silence")
END
    is "$output" "b'plain'
silence"
    stop_server
}

@test "a flood of datagrams does not starve TCP" {
    start_server "$BIN/echo-server" --threads=1 0
    start python3 -u -c 'if True:
        import socket, sys
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        print("ready", flush=True)
        while True:
            s.sendto(b"x" * 1000, ("127.0.0.1", int(sys.argv[1])))' "$port"
    local flood=$server_pid
    next_line
    head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
    try 0 "$BIN/echo-client" "$port" <"$BATS_TEST_TMPDIR/random"
    cmp "$out" "$BATS_TEST_TMPDIR/random"
    kill "$flood"
    ends 143
    slot=1
    stop_server
}

@test "datagrams in, out and dropped are counted" {
    start_server "$BIN/echo-server" --threads=1 0
    try 0 python3 - "$port" <<'END'
import socket, sys
where = ("127.0.0.1", int(sys.argv[1]))
twin = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
twin.bind(("127.0.0.9", where[1]))
twin.sendto(b"forged", where)
plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
plain.settimeout(9)
for i in range(3):
    plain.sendto(b"plain", where)
    plain.recv(9)
END
    kill -USR1 "$server_pid"
    kill -TERM "$server_pid"
    ends
    has "$errors" "datagrams in 4, out 3, dropped 1"
}
