#!/usr/bin/env bats
# The ladder watches any programs: forking and threaded ones, other people's,
# IPv6, datagrams, many.

load stage

setup_file()
{
    find_stage
    make_players
}

setup()
{
    on_stage
}

# The port of a server that says it in its first line is not needed: the
# ladder's network is its own, and all its ports are free.

@test "a forking server's children are followed, and stay in its lane with a mark" {
    with_players
    play 0 "$PLAYERS" forks 2 -- "$BIN/11-echo-client" 7000 \
        -- "$BIN/04-client-connect" 7000 <<<'hello'
    happens 2 'server fork [0-9]+'
    happens 1 'client stdout hello'
    happens 1 'server return write = 6'
    happens 3 'server exit 0'
    # The child that echoes is not who listens.
    local child
    child=$(sed -n 's/.*"pid":\([0-9]*\),"event":"return","child":true,"call":"write".*/\1/p' \
        "$events")
    happens 1 "server fork $child"
    like "$output" "'[ab] write\\("
    like "$output" "fork = $child  \\('[ab]\\)"
    is "$(grep -c '"event":"fork","call":"fork","result":' "$events")" 2
}

@test "no two children have the same mark" {
    with_players
    play 0 --no-output "$PLAYERS" forks 30 -- "$PLAYERS" connects 7000 30
    local marks
    marks=$(grep -o "fork = [0-9]*  ('[a-z]*)" "$out" | sed "s/.*'//; s/)//")
    is "${marks//$'\n'/ }" \
        "a b c d e f g h i j k l m n o p q r s t u v w x y z aa ab ac ad"
    has "$output" "'ad exit 0"
}

@test "a threaded server's threads are followed" {
    with_players
    play 0 "$PLAYERS" threads 2 -- "$BIN/11-echo-client" 7000 \
        -- "$BIN/04-client-connect" 7000 <<<'hello'
    happens 2 'server fork [0-9]+'
    happens 1 'client stdout hello'
    happens 2 'server call close'
    like "$output" "clone = [0-9]+  \\('a\\)"
    is "$(grep -c '"event":"fork","call":"clone","result":' "$events")" 2
    grep -q '"event":"return","child":true,"call":"write"' "$events"
}

@test "each of three clients has a name, and is connected to the same server" {
    play 0 "$BIN/echo-server" 7 -- "$BIN/echo-client" 7 -- "$BIN/echo-client" 7 \
        -- "$BIN/04-client-connect" 7 <<<'hello'
    local client
    for client in client client2 client3; do
        in_order "$client call connect [0-9]+, 127.0.0.1:7" \
            "$client > server SYN\$" "server > $client SYN ACK\$" \
            "$client return connect = (0|-1 EINPROGRESS)" || in_order \
            "$client call connect" "$client return connect = -1 EINPROGRESS"
        happens 1 "$client exit 0"
        happens 1 "$client state TIME-WAIT"
    done
    in_order 'client call socket' 'client2 call socket' 'client3 call socket'
    happens 1 'client stdout hello'
    like "$output" '^CLIENT 1 echo-client .* SERVER '
    like "$output" $'\n''CLIENT 3 '
    like "$output" $'\n''3 connect\('
}

@test "an IPv6 pair is shown as an IPv4 pair is" {
    grep -q . /proc/net/if_inet6 2>/dev/null || skip "needs IPv6"
    play 0 "$BIN/daytime-server" ::1 13 -- "$BIN/daytime-client" '{address}' \
        '{port}'
    in_order 'client call connect [0-9]+, \[::1\]:13' 'client > server SYN$' \
        'server > client SYN ACK' 'client > server ACK'
    in_order 'server state LISTEN 1/' 'server return accept4? = [0-9]+'
    in_order 'server > client .*ACK 2[0-9] bytes' 'client return read = 2[0-9]'
    grep -q '"from":"\[::1\]:[0-9]*","to":"\[::1\]:13"' "$events"
}

@test "datagrams are shown, of 0 bytes too, by IPv4 and IPv6" {
    with_players
    grep -q . /proc/net/if_inet6 2>/dev/null || skip "needs IPv6"
    play 0 "$PLAYERS" datagrams
    happens 2 'server > server datagram 5 bytes$'
    happens 2 'server > server datagram$'
    in_order 'server call sendto .*127.0.0.1' 'server > server datagram 5' \
        'server return recvfrom = 5 from 127.0.0.1' 'server > server datagram$' \
        'server return recvfrom = 0' 'server call sendto .*\[::1\]' \
        'server > server datagram 5' 'server return recvfrom = 5 from \[::1\]'
    grep -q '"protocol":"udp","length":5' "$events"
}

@test "the clients of a server of UDP start when it waits" {
    with_players
    play 0 "$PLAYERS" answers -- "$PLAYERS" asks '{port}'
    in_order 'server call recvfrom' 'client call connect .*:7007' \
        'client > server datagram 5' 'server > client datagram 5' \
        'client return recvfrom = 5'
    # A call that was held back for a lecturer is waited for as well.
    play 0 --step "$PLAYERS" answers -- "$PLAYERS" asks '{port}' <<<c
    happens 1 'client exit 0'
    # Nobody asked: it is ended as any other server.
    play 1 "$PLAYERS" answers -- false
    has "$output" "All clients have ended"
}

@test "the clients of a server of UDP and TCP are sent to where it listens" {
    with_players
    play 0 "$PLAYERS" both -- "$BIN/04-client-connect" '{port}'
    happens 1 'client return connect = 0: [0-9]+, 127.0.0.1:7000'
}

@test "as many retransmissions are shown as the kernel counts" {
    on_stage
    local cast=$BATS_TEST_TMPDIR/cast counted
    # Windows that are always full: acknowledgements come late, and the kernel
    # sends again what was not lost (RFC 8985, 7).
    cat >"$cast" <<END
server: sh -c '"$BIN/06-partial-write" --serve --pause=20; cat /proc/net/snmp'
client: $BIN/06-partial-write --bytes=200000
sysctl: net.ipv4.tcp_wmem=4096 16384 16384
sysctl: net.ipv4.tcp_rmem=4096 8192 8192
END
    play 0 "$cast"
    counted=$(sed -n 's/^server stdout Tcp: \([0-9-]* \)\{11\}\([0-9]*\) .*/\2/p' \
        <<<"$story")
    like "$counted" '^[0-9]+$'
    happens "$counted" '.* > .* again$'
}

@test "python3's http.server answers curl" {
    needs python3
    needs curl
    # Not all of its children: pyenv's shims, for one, would be seen at work.
    local python
    python=$(python3 -c 'import sys; print(sys.executable)')
    echo "the page" >"$BATS_TEST_TMPDIR/page"
    play 0 "$python" -m http.server --bind 127.0.0.1 --directory \
        "$BATS_TEST_TMPDIR" 80 -- curl -sS --noproxy '*' \
        'http://{address}:{port}/page'
    in_order 'client call connect [0-9]+, 127.0.0.1:80' 'client > server SYN$' \
        'client > server PSH ACK' 'server > client PSH ACK' \
        'client stdout the page' 'client exit 0'
    happens 'server stderr .*GET /page'
    has "$output" '"GET /page HTTP/1'
}

@test "socat and ncat talk to each other" {
    needs socat
    needs ncat
    play 0 socat -t 10 TCP-LISTEN:7000,reuseaddr EXEC:cat \
        -- ncat 127.0.0.1 7000 <<<'hello'
    in_order 'client call connect' 'client > server SYN$' \
        'client > server PSH ACK 6 bytes' 'server > client PSH ACK 6 bytes' \
        'client stdout hello'
    in_order 'client > server SYN$' 'server return accept'
}

# tell_calls FILE: "NAME RESULT [ERRNO]" of each call that returned, a process
# after the other.
tell_calls()
{
    awk -F '"' '/"event":"return"/ {
        match($0, /"pid":[0-9]+/)
        pid = substr($0, RSTART + 6, RLENGTH - 6)
        match($0, /"call":"[a-z0-9_]+"/)
        name = substr($0, RSTART + 8, RLENGTH - 9)
        error = ""
        if (match($0, /"result":-?[0-9]+/))
            result = substr($0, RSTART + 9, RLENGTH - 9)
        if (match($0, /"errno":"[A-Z0-9]+"/))
            error = " " substr($0, RSTART + 9, RLENGTH - 10)
        if (!(pid in calls)) order[++count] = pid
        calls[pid] = calls[pid] name " " result error "\n"
    } END {
        for (i = 1; i <= count; i++) printf "%s\n", calls[order[i]]
    }' "$1"
}

# strace_calls FILE...: the same from strace -ff -y, of calls about sockets.
strace_calls()
{
    local file
    for file; do
        grep -E '<socket:|eventpoll' "$file" |
            grep -vE '^fcntl.* F_(SETFD|GETFD|SETOWN|SETSIG)' |
            sed -E 's/^([a-z0-9_]+)\(.*\) += (0x[0-9a-f]+|-?[0-9]+)(<[^ ]*>)?( E[A-Z0-9]+)?.*/\1 \2\4/' |
            while read -r name result rest; do
                echo "$name $((result))${rest:+ $rest}"
            done
        echo
    done
}

strace_one()
{
    local name=$1
    shift
    bounded strace -ff -y -e trace=network,desc -o "$BATS_TEST_TMPDIR/$name" \
        "$@"
}

@test "one call of each kind: as strace tells them, none missing, none invented" {
    needs strace
    with_players
    play 0 "$PLAYERS" everything
    strace_one all "$PLAYERS" everything
    is "$(tell_calls "$events")" "$(strace_calls "$BATS_TEST_TMPDIR"/all.*)"
    [ "$(tell_calls "$events" | wc -l)" -gt 75 ]
}

@test "what the kernel gives back is told: offsets, lengths, flags" {
    with_players
    play 0 "$PLAYERS" everything
    happens 1 'server return sendfile = 8: [0-9]+, [0-9]+, \[2 => 10\], 8$'
    happens 1 'server return getsockopt = 0: .*, SO_TYPE, \[SOCK_STREAM\], \[8 => 4\]$'
    happens 1 'server return fcntl = 2: [0-9]+, F_GETFL => O_RDWR$'
    happens 1 'server return fcntl = 2050: [0-9]+, F_GETFL => O_RDWR\|O_NONBLOCK$'
    has "$output" ', F_GETFL => O_NONBLOCK) = 2050'
    has "$output" ', F_SETFL, O_NONBLOCK) = 0'
    like "$output" 'getsockopt\([0-9]+, SO_TYPE, \[SOCK_STREAM\],[ :
]+\[8 => 4\]\) = 0'
    like "$output" 'setsockopt\([0-9]+, SO_RCVBUF, NULL\)[ :
]+= -1 EFAULT'
}

@test "a pair's calls are as strace tells them, none missing, none invented" {
    needs strace
    local server client
    play 0 "$BIN/08-close-and-eof" --serve --answer 0 \
        -- "$BIN/08-close-and-eof" --half-close '{port}'
    start strace -ff -y -e trace=network,desc -o "$BATS_TEST_TMPDIR/server" \
        "$BIN/08-close-and-eof" --serve --answer 0
    next_line
    strace_one client "$BIN/08-close-and-eof" --half-close "${line##*:}" \
        >/dev/null
    ends
    # Descriptors differ with what the tests hold open.
    is "$(tell_calls "$events" | sed -E 's/^(socket|accept) .*/\1/')" \
        "$(strace_calls "$BATS_TEST_TMPDIR"/server.* \
            "$BATS_TEST_TMPDIR"/client.* | sed -E 's/^(socket|accept) .*/\1/')"
}

@test "200 connections by one client are all told, and none is mistaken for another" {
    with_players
    play 0 --no-output "$BIN/12-echo-server" --clients=200 \
        -- "$PLAYERS" connects 7007 200
    happens 200 'client > server SYN$'
    happens 200 'server > client SYN ACK$'
    happens 200 'client return connect = 0'
    happens 200 'server return accept = '
    happens 200 'client state TIME-WAIT'
    happens 200 'server state ESTABLISHED'
    happens 0 '.* again$'
    happens 0 '.*\?'
}

@test "more datagrams are seen than the ring of the wire has room for" {
    with_players
    try 0 "$BIN/ladder" --events "$events" "$PLAYERS" floods 34
    is "$(grep -c '"protocol":"udp"' "$events")" 34816
    [[ $output != *"went by unseen"* ]]
}

# They take 5 seconds on a quiet machine.
@test "100,000 calls are all told" {
    with_players
    local calls=100000
    LIMIT=100 try 0 "$BIN/ladder" --timeout 100 --events "$events" \
        --svg "$BATS_TEST_TMPDIR/svg" "$PLAYERS" calls "$calls"
    is "$(grep -c '"event":"return","call":"getsockname"' "$events")" "$calls"
    is "$(wc -l <"$events" | tr -d ' ')" $((2 * calls + 5))
    [ "$(wc -c <"$BATS_TEST_TMPDIR/svg")" -lt 10000000 ]
}
