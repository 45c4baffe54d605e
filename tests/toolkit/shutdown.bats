#!/usr/bin/env bats
# The end of a server, and what it tells: drain, grace, signals, log, counters.

load ../helper

# The server of slot 1 gets a signal.
signal()
{
    kill "-$1" "${pids[1]}"
}

# Signals are taken in order: when it has told its counters, it has taken what
# was sent before.
counted()
{
    signal USR1
    until grep -q connections "$BATS_TEST_TMPDIR/1.err"; do :; done
}

@test "SIGTERM in the midst of transfers: not a byte is lost" {
    start_server "$BIN/echo-server" --grace=60 0
    head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/random"
    local i
    for i in 2 3 4 5; do
        start sh -c '{ cat; cat "$2"; } | "$0" "$1"' \
            "$BIN/echo-client" "$port" "$BATS_TEST_TMPDIR/random"
        feed 'begun\n'
        next_line
        is "$line" begun
    done
    signal TERM
    counted
    for i in 2 3 4 5; do
        slot=$i
        feed 'more\n'
        next_line
        is "$line" more
        end_input
        bounded cat <&$((20 + slot)) |
            cmp - "$BATS_TEST_TMPDIR/random" || fail "client $i"
        ends
    done
    slot=1
    ends
    is "$output" ""
}

@test "while it drains, nobody new is served" {
    start_server "$BIN/echo-server" --grace=60 0
    start "$BIN/echo-client" "$port"
    feed 'begun\n'
    next_line
    signal TERM
    counted
    try 1 "$BIN/echo-client" "$port" <<<"hello"
    has "$errors" ECONNREFUSED
    end_input
    ends
    slot=1
    ends
}

@test "who is in the queue when SIGTERM comes is served" {
    needs python3
    start_server "$BIN/echo-server" --threads=1 --grace=60 0
    # Stopped, it cannot accept; more wait than it accepts in one turn.
    signal STOP
    start python3 -u -c 'if True:
        import socket, sys
        all = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), 9)
               for _ in range(200)]
        for s in all:
            s.send(b"hello")
            s.shutdown(socket.SHUT_WR)
        print("sent")
        served = 0
        for s in all:
            try:
                served += s.recv(9) == b"hello" and s.recv(9) == b""
            except ConnectionError:
                pass
        print("served", served)' "$port"
    next_line
    signal TERM
    signal CONT
    next_line
    is "$line" "served 200"
    ends
    slot=1
    ends
}

# Between the last accept() and the close() there is a moment, made long here.
@test "who comes when SIGTERM does is served, or never let in" {
    needs python3
    needs_injection
    try 0 python3 - "$BIN/echo-server" <<'END'
import os, socket, subprocess, sys
for host in "127.0.0.1", "::1":
    if host == "::1" and not os.path.exists("/proc/net/if_inet6"):
        print("refused")
        continue
    traced = subprocess.Popen(
        ["strace", "-qq", "-o", "/dev/null", "-e", "trace=accept4",
         "-e", "inject=accept4:delay_exit=300000",
         sys.argv[1], "--threads=1", host, "0"], stdout=subprocess.PIPE)
    port = int(traced.stdout.readline().rsplit(b":", 1)[1])
    with open("/proc/{0}/task/{0}/children".format(traced.pid)) as children:
        os.kill(int(children.read()), 15)
    try:
        while True:
            s = socket.create_connection((host, port), 9)
            s.send(b"hello")
            assert s.recv(9) == b"hello"
            s.close()
    except ConnectionRefusedError:
        print("refused")
    assert traced.wait() == 0
END
    is "$output" "refused
refused"
    is "$errors" ""
}

@test "--grace is how long clients may go on; then what was read is sent" {
    start_server "$BIN/echo-server" --grace=1 0
    start "$PEER" connect "$port" send:x read:1 expect-end say:ended
    next_line
    signal TERM
    next_line
    is "$line" ended
    ends
    slot=1
    ends
}

# Sends and reads as long as it is let.
GREEDY='
import select, socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 9)
s.setblocking(False)
piece = bytes(range(256)) * 64
sent = back = 0
print("begun")
while True:
    can = select.select([s], [s], [], 9)
    try:
        if can[1]:
            at = sent % 256
            sent += s.send(piece[at:])
        if can[0]:
            got = s.recv(65536)
            if got == b"":
                print("the end", back > 0)
                break
            at = back % 256
            while got:
                n = min(len(got), len(piece) - at)
                assert got[:n] == piece[at:at + n]
                got, back, at = got[n:], back + n, 0
    except BlockingIOError:
        pass
    except ConnectionError as error:
        print(error)
        break
'

@test "--grace: who does not stop sending sees an end, and no reset" {
    needs python3
    start_server "$BIN/echo-server" --threads=3 --grace=1 0
    local i
    for i in 2 3 4; do
        start python3 -u -c "$GREEDY" "$port"
        next_line
    done
    signal TERM
    for i in 2 3 4; do
        slot=$i
        next_line
        is "$line" "the end True"
        ends
    done
    slot=1
    ends
}

@test "a second signal ends it at once, and --grace=0 is at once" {
    start_server "$BIN/echo-server" --grace=1000 0
    start "$PEER" connect "$port" send:x read:1 peer-gone say:gone
    next_line
    signal TERM
    counted
    signal INT
    next_line
    is "$line" gone
    slot=1
    ends
}

@test "SIGHUP does nothing" {
    start_server "$BIN/echo-server" 0
    signal HUP
    try 0 "$BIN/echo-client" "$port" <<<"hello"
    is "$output" hello
    stop_server
}

@test "the port can be had again while the old server drains" {
    start_server "$BIN/echo-server" --grace=60 0
    local first=$port
    start "$BIN/echo-client" "$port"
    feed 'old\n'
    next_line
    signal TERM
    counted
    start_server "$BIN/echo-server" "$first"
    is "$port" "$first"
    try 0 "$BIN/echo-client" "$port" <<<"new"
    is "$output" new
    stop_server
    slot=2
    feed 'still\n'
    next_line
    is "$line" still
    end_input
    ends
    slot=1
    ends
}

@test "SIGUSR1 tells the counters, again and again" {
    start_server "$BIN/echo-server" 0
    try 0 "$BIN/echo-client" "$port" <<<"hello"
    signal USR1
    until grep -q "in 6, out 6" "$BATS_TEST_TMPDIR/1.err"; do :; done
    try 0 "$BIN/echo-client" "$port" <<<"hello"
    signal USR1
    until grep -q "connections 2.*in 12, out 12" "$BATS_TEST_TMPDIR/1.err"; do
        :
    done
    signal TERM
    ends
    has "$errors" "echo-server: connections 1, open 0, refused 0; "
}

@test "SIGUSR1 tells the counters of a program with a long name, and no more" {
    local name
    printf -v name '%0700d' 0
    start bash -c 'exec -a "$0" "$@"' "$name" "$BIN/echo-server" 0
    next_line
    signal USR1
    signal TERM
    ends
    like "$errors" '^0+: connections 0, .* dropped 0$'
}

@test "--log tells each connection at its end, and the counters at ours" {
    start_server "$BIN/simple-services" --log --clients=3 --echo=0
    try 0 "$PEER" connect "$port" send:hello read:5 ends shutdown expect-end
    like "$output" '127.0.0.1:([0-9]+), the other'
    local peer=127.0.0.1:${BASH_REMATCH[1]}
    next_line
    like "$line" "^20[0-9-]{8}T[0-9:]{8}Z echo $peer in 5 out 5 [0-9.]+ s end\$"
    try 0 "$PEER" connect "$port" send:x read:1 reset
    next_line
    like "$line" 'in 1 out 1 [0-9.]+ s ECONNRESET$'
    try 0 "$PEER" connect "$port" shutdown expect-end
    next_line
    ends
    like "$errors" 'connections 3, open 0, refused 0; bytes in 6, out 6; '
}

@test "--log: who does not read it does not stop the service" {
    start_server "$BIN/echo-server" --log --threads=1 0
    # Its pipe is full long before the last: nobody reads it meanwhile.
    needs python3
    try 0 python3 - "$port" <<'END'
import socket, sys
for i in range(2000):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 9)
    s.shutdown(socket.SHUT_WR)
    assert s.recv(1) == b""
END
    try 0 "$BIN/echo-client" "$port" <<<"hello"
    is "$output" hello
    local before=0
    while next_line && [[ $line != *"in 6"* ]]; do
        before=$((before + 1))
        # There is room again for the next client's line.
        [ "$before" != 100 ] ||
            try 0 "$BIN/echo-client" "$port" <<<"hello"
        [[ $line != *" lines were lost" ]] || break
    done
    like "$line" '^[0-9]+ lines were lost$'
    signal TERM
    ends
}
