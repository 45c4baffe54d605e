#!/usr/bin/env bats
# The ladder: what happens is told in the order in which it happened.

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

@test "the handshake is seen to finish while the server holds back from accept" {
    play_until '^exit 0' "$BIN/03-server-listen-accept" --hold=1000 \
        -- "$BIN/04-client-connect"
    in_order 'client call connect' 'client > server SYN$' \
        'server > client SYN ACK' 'client > server ACK' \
        'client return connect = 0' 'client exit 0'
    in_order 'client > server ACK' 'server state ESTABLISHED' \
        'server state LISTEN 1/5'
    happens 0 'server call accept'
}

@test "the queue of a listening socket grows with each handshake, and shrinks with accept" {
    play 0 "$BIN/03-server-listen-accept" --hold=1 --clients=2 \
        -- "$BIN/04-client-connect" -- "$BIN/04-client-connect"
    in_order 'server return listen = 0' 'server state LISTEN 0/5' \
        'server state LISTEN 1/5' 'server state LISTEN 2/5' \
        'server return accept = ' 'server state LISTEN 1/5' \
        'server return accept = ' 'server state LISTEN 0/5' 'server state CLOSED'
    has "$output" "2 of 6 waiting"
}

@test "on a backlog of N the last of N + 2 clients stays in SYN-SENT, and its SYN is sent again" {
    exec 8<> <(:) # an input that does not end
    play_until 'SYN again|SYN \(again\)|retransmi' \
        "$BIN/03-server-listen-accept" --hold=1000 --backlog=1 \
        -- "$PEER" fill-queue 7000 3 <&8
    in_order 'client state SYN-SENT' 'client state ESTABLISHED' \
        'client state SYN-SENT' 'client state ESTABLISHED' \
        'server state LISTEN 2/1' 'client state SYN-SENT' \
        'client stdout connection 3: SYN-SENT' 'client > server SYN again'
    happens 3 'client > server SYN$'
    happens 2 'server > client SYN ACK'
    happens 2 'client state ESTABLISHED'
}

@test "a close with unread data is seen to reset the connection" {
    play 0 "$BIN/08-close-and-eof" --serve -- "$BIN/08-close-and-eof" --unread
    in_order 'client call close 3' 'client > server RST ACK' \
        'server return read = -1 ECONNRESET'
    in_order 'client > server RST ACK' '(client|server) state CLOSED' \
        '(client|server) state CLOSED'
    happens 0 '.* FIN'
    happens 0 '.* state TIME-WAIT'
}

@test "a connect where nobody listens is seen to be refused" {
    play 1 "$BIN/04-client-connect" 9
    in_order 'server call connect 3, 127.0.0.1:9' 'server > \? SYN$' \
        'server state SYN-SENT' '\? > server RST ACK' \
        'server return connect = -1 ECONNREFUSED: 3, 127.0.0.1:9' \
        'server stderr 04-client-connect: connect' 'server exit 1'
}

@test "a half-close goes through all its states, TIME-WAIT at who closed first" {
    play 0 "$BIN/08-close-and-eof" --serve --answer \
        -- "$BIN/08-close-and-eof" --half-close
    in_order 'client call shutdown 3, SHUT_WR' 'client > server FIN ACK' \
        'client state FIN-WAIT-1' 'client state FIN-WAIT-2' \
        'server > client FIN ACK' 'client state TIME-WAIT'
    in_order 'client > server FIN ACK' 'server state CLOSE-WAIT' \
        'server return read = 0' 'server > client PSH ACK 12 bytes' \
        'server call close [0-9]' 'server > client FIN ACK' \
        'server state LAST-ACK' 'client > server ACK' 'server state CLOSED'
    in_order 'server > client PSH ACK 12 bytes' 'client return read = 12' \
        'client return read = 0'
    happens 0 'server state (FIN|TIME)-WAIT'
}

@test "TIME-WAIT is the server's where the server closes first" {
    play 0 "$BIN/08-close-and-eof" --serve --close -- "$BIN/08-close-and-eof"
    in_order 'server state FIN-WAIT-1' 'server state FIN-WAIT-2' \
        'server state TIME-WAIT'
    in_order 'client state CLOSE-WAIT' 'client state LAST-ACK' \
        'client state CLOSED'
    happens 0 'client state (FIN|TIME)-WAIT'
}

@test "bytes that wait to be read are told with the state" {
    play 0 "$BIN/10-daytime-server" --clients=1 13 \
        -- "$PEER" connect 13 unread:26 peer-gone read-end
    in_order 'server > client PSH ACK 26 bytes' 'server > client FIN ACK' \
        'client state CLOSE-WAIT 26 unread' 'client return read = 26'
    has "$output" "[CLOSE-WAIT, 26 bytes unread]"
}

@test "what a program leaves open is closed below its end, and by an exec below that" {
    with_players
    play 0 "$PLAYERS" leaves -- "$PLAYERS" connects-once 7000
    in_order 'client return connect = 0' 'client exit 0' \
        'client > server FIN ACK' 'client state FIN-WAIT-1' \
        'server return read = 0' 'server call execve .*exe' \
        'server > client FIN ACK' 'server state LAST-ACK' \
        'server return execve = 0' 'server stdout executed' 'server exit 0'
    happens 1 'client exit'
    happens 1 'server exit'
}

@test "a program that is killed is told of once, and its sockets below" {
    with_players
    play 1 "$BIN/12-echo-server" --clients=1 -- "$PLAYERS" killed 7007
    happens 1 'client exit SIGKILL'
    in_order 'client exit SIGKILL' 'client > server (FIN|RST)' \
        'server return read = 0'
}

@test "a poll that a stopped program goes on with is seen to return" {
    with_players
    [ "$(uname -m)" = x86_64 ] || skip "of ppoll the kernel begins anew"
    play 0 "$PLAYERS" polls
    in_order 'server call poll ' 'server return poll = -1 ERESTART_RESTARTBLOCK' \
        'server call restart_syscall \[\{[0-9]+, POLLIN\}\]' \
        'server return restart_syscall = 1: \[\{[0-9]+, POLLIN\}\]'
}

@test "of two ends that close at once, neither is said to have heard the other" {
    local try
    for try in 1 2 3 4 5 6 7 8; do # the kernels meet in every third
        play 1 --timeout 0.3 "$BIN/12-echo-server" \
            -- "$BIN/04-client-connect" 7007 --hold=60
        [[ $story != *CLOSING* ]] || happens 0 '.* state LAST-ACK'
    done
}
