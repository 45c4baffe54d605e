#!/usr/bin/env bats
# Those who start a server: systemd's sockets and readiness, inetd's descriptor
# 0, root. Python plays systemd, as it needs no packages.

load ../helper

setup()
{
    needs python3
}

# HAND OVER: runs the server with what LISTEN_FDS says. The first argument is
# Python that puts descriptors into `handed`, and their names into `names`.
hand_over()
{
    local program=$1
    shift
    start_server python3 -c '
import os, socket, sys
handed, names = [], []
def stream(host="127.0.0.1"):
    s = socket.create_server((host, 0))
    handed.append(s)
    return s.getsockname()[1]
def datagram(port=0):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", port))
    handed.append(s)
    return s.getsockname()[1]
'"$program"'
# All of them out of the way first, then 3, 4, ...
for fd in [os.dup2(s.fileno(), 50 + i) for i, s in enumerate(handed)]:
    os.dup2(fd, fd - 47)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(handed)))
if names:
    os.environ["LISTEN_FDNAMES"] = ":".join(names)
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}

udp_echo()
{
    try 0 python3 -c 'if True:
        import socket, sys
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(9)
        s.sendto(b"datagram", ("127.0.0.1", int(sys.argv[1])))
        print(s.recv(9).decode())' "$1"
    is "$output" datagram
}

@test "LISTEN_FDS: a listening socket and one of UDP are served" {
    hand_over 'datagram(stream())' "$BIN/echo-server"
    is "$line" "listening on 127.0.0.1:$port"
    try 0 "$BIN/echo-client" "$port" <<<"hello"
    is "$output" hello
    udp_echo "$port"
    stop_server
}

@test "LISTEN_FDNAMES says which service a socket is for" {
    hand_over 'stream(); stream(); names = ["echo", "daytime"]' \
        "$BIN/simple-services"
    like "$line" '^listening on echo 127.0.0.1:([0-9]+) daytime '
    local echo=${BASH_REMATCH[1]}
    try 0 "$BIN/daytime-client" "$port"
    like "$output" 'UTC$'
    try 0 "$BIN/echo-client" "$echo" <<<"hello"
    is "$output" hello
    stop_server
    start python3 -c 'if True:
        import os, socket, sys
        s = socket.create_server(("127.0.0.1", 0))
        os.dup2(os.dup2(s.fileno(), 50), 3)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
        os.execv(sys.argv[1], sys.argv[1:])' "$BIN/simple-services"
    ends 1
    has "$errors" "which service is that?"
    has "$errors" "FileDescriptorName=echo"
}

@test "LISTEN_FDS: a connected socket is served to its end, and that is all" {
    try 0 python3 - "$BIN/echo-server" <<'END'
import os, socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 0))
ours = socket.create_connection(listener.getsockname(), 9)
theirs = listener.accept()[0]
server = subprocess.Popen(
    ["sh", "-c", 'exec 3<&%d; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0"'
     % theirs.fileno(), sys.argv[1]], pass_fds=[theirs.fileno()],
    stdout=subprocess.PIPE)
theirs.close()
ours.sendall(b"hello")
ours.shutdown(socket.SHUT_WR)
got = b""
while piece := ours.recv(9):
    got += piece
print(got, server.communicate()[0], server.returncode)
END
    is "$output" "b'hello' b'' 0"
}

# systemd has the sockets open all along, and starts the next server with them.
@test "LISTEN_FDS: who comes while it drains is the next server's, and waits" {
    try 0 python3 - "$BIN/echo-server" <<'END'
import os, resource, socket, subprocess, sys
listener = socket.create_server(("127.0.0.1", 0))
where = listener.getsockname()
bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
bound.bind(where)
handed = [listener.fileno(), bound.fileno()]
def server():
    started = subprocess.Popen(
        ["sh", "-c", 'exec 3<&%d 4<&%d; LISTEN_PID=$$ LISTEN_FDS=2 '
         'exec "$0" --grace=1' % tuple(handed), sys.argv[1]],
        pass_fds=handed, stdout=subprocess.PIPE)
    started.stdout.readline()
    return started
def seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
def ticks(pid):
    return sum(map(int, open("/proc/%d/stat" % pid).read().split()[13:15]))
first = server()
old = socket.create_connection(where, 9)
old.send(b"old")
print(old.recv(9))
# What a wrapper of python3 had as children counts among ours.
before = seconds() + ticks(first.pid) / os.sysconf("SC_CLK_TCK")
first.terminate()
# The first datagram may still be answered.
asks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asks.settimeout(9)
new = []
for _ in range(3):
    asks.sendto(b"datagram", where)
    new.append(socket.create_connection(where, 9))
    new[-1].send(b"new")
print(old.recv(9))
old.close()
print(first.wait(), "spins" if seconds() - before > 0.3 else "sleeps")
second = server()
print([s.recv(9) for s in new], asks.recv(9))
second.kill()
END
    is "$output" "b'old'
b''
0 sleeps
[b'new', b'new', b'new'] b'datagram'"
}

@test "LISTEN_PID of another process: it is not meant" {
    LISTEN_PID=1 LISTEN_FDS=1 start_server "$BIN/echo-server" 0
    is "$line" "listening on 127.0.0.1:$port"
    stop_server
    LISTEN_PID=1 LISTEN_FDS=1 try 2 "$BIN/simple-services"
    has "$errors" "no service"
}

@test "what is handed over must be a socket" {
    try 1 sh -c 'exec 3</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0"' \
        "$BIN/echo-server"
    has "$errors" "ENOTSOCK"
    has "$errors" "started by inetd"
    try 1 "$BIN/echo-server" --inetd
    # Standard error is where it was, as it is no socket.
    has "$errors" "started by inetd"
}

# inetd PROGRAM: runs Python with `server(handed)`, which starts it with
# descriptors 0 to 2 being the socket.
inetd()
{
    try 0 python3 -c '
import socket, subprocess, sys
def server(handed):
    return subprocess.Popen(sys.argv[1:], stdin=handed, stdout=handed,
                            stderr=handed)
'"$1" "${@:2}"
}

@test "--inetd: a connected socket, and not a word of ours in it" {
    inetd '
listener = socket.create_server(("127.0.0.1", 0))
ours = socket.create_connection(listener.getsockname(), 9)
theirs = listener.accept()[0]
inetd = server(theirs)
theirs.close()
ours.sendall(b"hello" * 100000)
ours.shutdown(socket.SHUT_WR)
got = 0
while piece := ours.recv(65536):
    got += len(piece)
print(got, inetd.wait(9))' "$BIN/echo-server" --inetd
    is "$output" "500000 0"
}

@test "--inetd: who resets is no failure, and nobody is told" {
    inetd '
import struct
listener = socket.create_server(("127.0.0.1", 0))
ours = socket.create_connection(listener.getsockname(), 9)
theirs = listener.accept()[0]
ours.send(b"hello")
ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
ours.close()
inetd = server(theirs)
print(inetd.wait(9))' "$BIN/echo-server" --inetd
    is "$output" "0"
}

@test "--inetd: a listening socket and one of UDP (wait) are served" {
    inetd '
listener = socket.create_server(("127.0.0.1", 0))
inetd = server(listener)
ours = socket.create_connection(listener.getsockname(), 9)
ours.send(b"hello")
print(ours.recv(9))
ours.close()
inetd.terminate()
print(inetd.wait(9))
bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
bound.bind(("127.0.0.1", 0))
ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ours.settimeout(9)
ours.sendto(b"datagram", bound.getsockname())
inetd = server(bound)
print(ours.recv(9))
inetd.terminate()
print(inetd.wait(9))' "$BIN/echo-server" --inetd
    is "$output" "b'hello'
0
b'datagram'
0"
}

@test "NOTIFY_SOCKET hears when it is ready, and when it stops" {
    local path
    for path in "$BATS_TEST_TMPDIR/notify" "@netprog-test-$$"; do
        try 0 python3 - "$path" "$BIN/echo-server" <<'END'
import os, socket, subprocess, sys
path = sys.argv[1]
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.settimeout(9)
heard.bind("\0" + path[1:] if path[0] == "@" else path)
server = subprocess.Popen([sys.argv[2], "0"], stdout=subprocess.PIPE,
                          env=dict(os.environ, NOTIFY_SOCKET=path))
print(heard.recv(99).decode())
line = server.stdout.readline()
server.terminate()
print(heard.recv(99).decode(), server.wait(9))
END
        is "$output" "READY=1
STOPPING=1 0"
        is "$errors" ""
    done
    # Nobody listens there: that is told, and no more.
    NOTIFY_SOCKET=$BATS_TEST_TMPDIR/nobody \
        start_server "$BIN/echo-server" --clients=1 0
    try 0 "$BIN/echo-client" "$port" <<<"hello"
    ends
    has "$errors" "sendto NOTIFY_SOCKET"
}

@test "--user: root binds port 7, then is nobody, for good" {
    [ "$(id -u)" = 0 ] || skip "needs root"
    needs unshare
    unshare -n true 2>/dev/null || skip "needs a network of its own"
    try 0 unshare -n python3 - "$BIN/echo-server" <<'END'
import socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
server = subprocess.Popen([sys.argv[1], "7", "--user=nobody", "--threads=2"],
                          stdout=subprocess.PIPE, text=True)
print(server.stdout.readline(), end="")
s = socket.create_connection(("127.0.0.1", 7), 9)
s.send(b"hello")
print(s.recv(9))
s.close()
for line in open("/proc/%d/status" % server.pid):
    if line.startswith(("Uid", "CapEff")):
        print(*line.split())
server.terminate()
print(server.wait(9))
END
    local nobody
    nobody=$(id -u nobody)
    is "$output" "listening on 127.0.0.1:7
b'hello'
Uid: $nobody $nobody $nobody $nobody
CapEff: 0000000000000000
0"
    try 1 "$BIN/echo-server" 0 --user=no-such-user
    has "$errors" 'no user "no-such-user"'
}

@test "--user: only root can become another one" {
    needs setpriv
    [ "$(id -u)" = 0 ] || skip "needs root, to be nobody"
    # The sanitizer's search for leaks wants to trace, which nobody may not.
    setpriv --reuid=nobody --clear-groups test -x "$BIN/echo-server" ||
        skip "nobody may not come here"
    ASAN_OPTIONS=detect_leaks=0 try 1 setpriv --reuid=nobody --clear-groups \
        "$BIN/echo-server" 0 --user=daemon
    has "$errors" "initgroups daemon: "
    has "$errors" "Only root"
}

@test "xinetd starts it, a server for each connection" {
    PATH=$PATH:/usr/sbin
    needs xinetd
    start_server "$BIN/echo-server" --tcp 0
    local free=$port conf=$BATS_TEST_TMPDIR/conf
    stop_server
    cat >"$conf" <<END
service netprog-echo
{
    type = UNLISTED
    socket_type = stream
    protocol = tcp
    user = $(id -un)
    wait = no
    bind = 127.0.0.1
    port = $free
    server = $BIN/echo-server
    server_args = --inetd
}
END
    start xinetd -dontfork -f "$conf" -pidfile "$conf.pid" -filelog "$conf.log"
    local daemon=$server_pid
    # Whether it listens can only be tried.
    head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
    try 0 sh -c 'until "$0" "$1" <"$2" | cmp -s - "$2"; do :; done' \
        "$BIN/echo-client" "$free" "$BATS_TEST_TMPDIR/random"
    kill "$daemon"
    ends
}
