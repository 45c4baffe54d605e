#!/usr/bin/env bats
# The toolkit and the lessons against programs that nobody here wrote. Each is
# optional, and its test is skipped where it is missing.

load ../helper

# echoes PROGRAM [ARG...]: gives it random bytes, wants the same ones back.
echoes()
{
    local random=$BATS_TEST_TMPDIR/random
    head -c 1000000 /dev/urandom >"$random"
    # shellcheck disable=SC2094 # both only read it
    try 0 sh -c '"$@" | cmp - "$0" && echo same' "$random" "$@" <"$random"
    is "$output" same
}

@test "socat's echo and daytime" {
    needs socat
    start_server "$BIN/echo-server" localhost 0
    echoes socat -t 10 - "TCP4:127.0.0.1:$port"
    slot=1
    stop_server
    start_server "$BIN/daytime-server" 0
    try 0 socat -u "TCP:127.0.0.1:$port" -
    like "$output" '^[0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} UTC'
    slot=2
    stop_server
}

@test "ncat's echo and daytime" {
    needs ncat
    start_server "$BIN/echo-server" 0
    echoes ncat 127.0.0.1 "$port"
    stop_server
    start_server "$BIN/daytime-server" 0
    try 0 ncat --recv-only 127.0.0.1 "$port"
    like "$output" 'UTC'
    stop_server
}

@test "a Python client: small pieces, half-close, slow reading" {
    needs python3
    start_server "$BIN/echo-server" 0
    try 0 python3 - "$port" <<'END'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sent = bytes(i * 7 % 256 for i in range(3000))
for i in range(0, 300):
    s.sendall(sent[i:i + 1])
s.sendall(sent[300:])
s.shutdown(socket.SHUT_WR)
got = b""
while piece := s.recv(1):
    got += piece
print("same" if got == sent else "not the same")
END
    is "$output" same
    stop_server
}

@test "a Python server: our clients get along with it" {
    needs python3
    start_server python3 -c 'if True:
        import socket, threading
        s = socket.create_server(("127.0.0.1", 0))
        print("listening on 127.0.0.1:%d" % s.getsockname()[1], flush=True)
        c, _ = s.accept()
        while b := c.recv(1000):
            c.sendall(b)
        c.close()
        c, _ = s.accept()
        c.sendall(b"Sunday, November 22, 2026\r\n")
        c.close()'
    echoes "$BIN/echo-client" "$port"
    try 0 "$BIN/daytime-client" "$port"
    is "$output" "Sunday, November 22, 2026"
    ends
}

xinetd_service()
{
    cat <<END
service $1
{
    type = INTERNAL UNLISTED
    id = $1-stream
    socket_type = stream
    protocol = tcp
    user = $(id -un)
    wait = no
    bind = 127.0.0.1
    port = $2
}
END
}

# Sets $echo and $daytime, its ports. It cannot be asked for free ones: if one
# is taken between our asking and its taking, there are others.
start_xinetd()
{
    local conf=$BATS_TEST_TMPDIR/conf log
    for _ in 1 2 3; do
        start_server "$BIN/echo-server" 0
        echo=$port
        start_server "$BIN/echo-server" 0
        daytime=$port
        stop_server
        slot=$((slot - 1))
        stop_server
        {
            printf 'defaults\n{\n    log_type = FILE %s.log\n}\n' "$conf"
            xinetd_service echo "$echo"
            xinetd_service daytime "$daytime"
        } >"$conf"
        # Its log goes into the FIFO of its standard output, which it closes
        # before: with a writer of our own this is not the end.
        log=$BATS_TEST_TMPDIR/$((${#pids[@]} + 1)).out
        start xinetd -dontfork -f "$conf" -pidfile "$conf.pid" -filelog "$log"
        exec 19>"$log"
        while next_line && [[ $line != *"Started working"* ]]; do :; done
        exec 19>&-
        [[ $line != *": 2 available"* ]] || return 0
        kill "$server_pid"
        ends
    done
    fail "no ports for xinetd: $line"
}

@test "xinetd's echo and daytime: our clients and the lessons' get along" {
    PATH=$PATH:/usr/sbin
    needs xinetd
    start_xinetd
    echoes "$BIN/echo-client" "$echo"
    echoes "$BIN/11-echo-client" "$echo"
    try 0 "$BIN/daytime-client" "$daytime"
    like "$output" '^[0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} [A-Z]+$'
    is "$errors" ""
    try 0 "$BIN/09-daytime-client" "$daytime"
    has "$output" '\r\n"'
    kill "$server_pid"
    ends
}
