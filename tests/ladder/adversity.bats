#!/usr/bin/env bats
# The ladder makes life hard for programs: short reads and writes, interrupted
# calls, failures. What was changed is marked.

load stage

setup_file()
{
    find_stage
    make_players
}

setup()
{
    on_stage
    case $(uname -m) in
    x86_64 | aarch64) ;;
    *) skip "x86-64 and AArch64 only" ;;
    esac
    pair=("$BIN/10-daytime-server" --clients=1 13 -- "$BIN/09-daytime-client" 13)
    echo=("$BIN/12-echo-server" --clients=1 -- "$BIN/11-echo-client")
}

@test "the daytime client still prints its line when it reads one byte at a time" {
    play 0 --short-reads=client:1 "${pair[@]}"
    happens 26 'client return read = 1 \*short read\*'
    happens 0 'client return read = [2-9]'
    happens 0 'server return .* \*'
    is "$(sed -n 's/^client stdout \\"\(.*\)\\"$/\1/p' <<<"$story" | wc -l |
        tr -d ' ')" 26
    in_order 'client stdout read\(\) gave 0: the end. Bytes: 26, reads: 26'
    has "$output" "*short read*"
    is "$errors" ""
}

@test "a server that writes 5 bytes at a time sends 26 in six segments" {
    play 0 --short-writes=server:5 "${pair[@]}"
    happens 5 'server return write = 5 \*short write\*: [0-9]+, .*, (26|21|16|11|6)$'
    happens 1 'server return write = 1: '
    in_order 'server > client PSH ACK 5 bytes' 'server > client PSH ACK 1 bytes'
    happens 0 'client return .* \*'
    happens 'client stdout .*Bytes: 26, reads: '
}

@test "the echo pair is still right with short reads, short writes, and both on both sides" {
    local hard
    printf 'hello\nstill there?\n' >"$BATS_TEST_TMPDIR/input"
    for hard in --short-reads=3 --short-writes '--short-reads --short-writes=2' \
        '--short-reads=server:1 --short-writes=client:1'; do
        # shellcheck disable=SC2086 # words
        play 0 $hard "${echo[@]}" <"$BATS_TEST_TMPDIR/input"
        is "$(sed -n 's/^client stdout //p' <<<"$story")" \
            "$(<"$BATS_TEST_TMPDIR/input")"
        happens 'server stdout echoed 19 bytes'
    done
    happens 19 'server return read = 1 \*short read\*'
    happens 'server return read = 0: ' # the end: nothing was changed
    happens 19 'client return write = 1[ :]'
    happens 0 'client return .*short read'
    happens 0 'server return .*short write'
}

@test "calls that take several buffers move no more either, and find all as it was" {
    with_players
    play 0 --short-reads=3 --short-writes=2 "$PLAYERS" pieces
    # Seven bytes by twos and threes; the last one is not cut short.
    local call
    for call in writev sendmsg pwritev2; do
        happens 3 "server return $call = 2 \\*short write\\*"
        happens 1 "server return $call = 1: "
    done
    for call in readv recvmsg preadv2; do
        happens "server return $call = [23] \\*short read\\*"
    done
    happens 'server return sendmmsg = 1 \*short write\*'
    happens 'server return recvmmsg = 1 \*short read\*'
    happens 1 'server return splice = 2 \*short write\*'
    happens 0 '[a-z]+ > [a-z]+ PSH ACK ([3-9]|[0-9]{2,}) bytes'
    # Without adversity it is another story, with the same end.
    play 0 "$PLAYERS" pieces
    happens 0 '.*\*'
}

@test "what is no stream is not cut: datagrams and the kernel's messages come whole" {
    with_players
    play 0 --short-reads --short-writes "$PLAYERS" datagrams
    happens 2 'server > server datagram 5 bytes$'
    happens 0 '.*\*short'
    needs python3
    local python
    python=$(python3 -c 'import sys; print(sys.executable)')
    play 0 --short-reads --short-writes --eintr "$python" -c '
import socket
names = {info[4][0] for info in socket.getaddrinfo("localhost", 80)}
print("127.0.0.1" in names or "::1" in names)'
    happens 1 'server stdout True'
}

@test "an interrupted call is seen to return EINTR, is marked, and was not made" {
    play 0 --eintr=client:2 "${pair[@]}"
    happens 'client return read = -1 EINTR \*interrupted\*'
    happens 0 'server return .*EINTR'
    has "$output" "*interrupted*"
    in_order 'client return read = -1 EINTR' 'client call read' \
        'client return read = '
    happens 'client stdout .*Bytes: 26,'
    happens 0 '[a-z]+ signal'
}

@test "what does not wait is not interrupted, and a peek moves no bytes" {
    needs python3
    play 0 --eintr=server:1 python3 -c '
import select, socket
with socket.create_server(("127.0.0.1", 7000)) as listener:
    with listener.accept()[0] as peer:
        peer.recv(9, socket.MSG_PEEK)
        peer.send(peer.recv(9))
        peer.setblocking(False)
        select.select([peer], [], [])
        peer.recv(9)
        select.select([peer], [], [], 0)' -- "$PEER" connect 7000 send:one \
        read:3 send:two peer-gone
    happens 1 'server return recvfrom = -1 EINTR'
    happens 1 'server return p?select6? = -1 EINTR'
}

@test "the pairs of 05 to 12 still work when every second blocking call is interrupted" {
    local number pids=() i=0 failed=''
    for number in 05 06 07 08 09 10 11 12; do
        bounded "$BIN/lesson" "$number" --eintr \
            --events "$BATS_TEST_TMPDIR/$number" >/dev/null 2>&1 </dev/null &
        pids[i++]=$!
    done
    i=0
    for number in 05 06 07 08 09 10 11 12; do
        wait "${pids[i++]}" || failed="$failed $number"
    done
    is "$failed" ""
    for number in 05 06 07 08 09 10 11 12; do
        grep -q '"changed":"interrupted"' "$BATS_TEST_TMPDIR/$number"
    done
}

@test "threads and children that are late begin when all others wait" {
    with_players
    local role
    for role in threads forks; do
        play 0 --late=server: "$PLAYERS" "$role" 2 -- "$PLAYERS" connects 7000 2
        in_order 'server fork [0-9]+' 'server return accept = ' \
            'server fork [0-9]+' 'server call read'
        has "$output" "('b) *late*"
        grep -q '"event":"fork",.*,"changed":"late"' "$events"
    done
}

@test "a thread that is late begins, too, where the others are never silent" {
    with_players
    play 0 --late=server: --timeout 20 "$PLAYERS" restless -- true
    happens 1 'server fork [0-9]+'
}

@test "a call that is made to fail does, once or always, at one side, and its program names it" {
    play 1 --fail=client:read=ECONNRESET@2 "${pair[@]}"
    in_order 'client return read = 26: ' \
        'client return read = -1 ECONNRESET \*made to fail\*' \
        'client stderr 09-daytime-client: read: .*\(ECONNRESET\)' \
        'client exit 1'
    like "$output" 'ECONNRESET[^*]*\*made to fail\*'
    grep -q '"result":-1,"errno":"ECONNRESET","changed":"made to fail"' "$events"

    play 1 --fail bind=EADDRINUSE "${pair[@]}"
    in_order 'server return bind = -1 EADDRINUSE \*made to fail\*: [0-9]+, 127' \
        'server stderr 10-daytime-server: bind 127.0.0.1:13: .*\(EADDRINUSE\)' \
        'server exit 1'
    happens 0 'client '

    play 1 --fail=socket=EMFILE@1 --fail client:connect=ETIMEDOUT "${pair[@]}"
    happens 'server return socket = -1 EMFILE \*made to fail\*'

    play 1 --fail=client:socket=EMFILE@2 --fail client:connect=ETIMEDOUT \
        --timeout 1 "${pair[@]}"
    happens 'client return socket = [0-9]+: '
    happens 'client stderr 09-daytime-client: connect .*\(ETIMEDOUT\)'
    happens 0 '.* SYN$' # the kernel was not asked
}
