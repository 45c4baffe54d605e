#!/usr/bin/env bats
# The ladder ends well: its exit status, what it says when something is wrong,
# and that nobody outlives it.

load stage

setup_file()
{
    find_stage
    make_players
}

setup()
{
    on_stage
    pair=("$BIN/10-daytime-server" --clients=1 13 -- "$BIN/09-daytime-client" 13)
}

@test "the status is 0 if all programs ended with 0, and 1 if one did not" {
    try 0 "$BIN/ladder" true
    try 1 "$BIN/ladder" false
    has "$output" "exit 1"
    play 1 "$BIN/03-server-listen-accept" --clients=1 \
        -- sh -c "$BIN/04-client-connect; exit 7"
    happens 1 'client exit 7'
    happens 1 'server exit 0'
    play 1 "$BIN/03-server-listen-accept" -- true -- false -- true
    happens 1 'client2 exit 1'
    play 1 sh -c 'kill -SEGV $$'
    happens 1 'server exit SIGSEGV'
    has "$output" "SIGSEGV"
}

@test "a program that is not there, or may not be run, gets one line" {
    local file=$BATS_TEST_TMPDIR/file
    try 1 "$BIN/ladder" "$BIN/no-such" -- "$BIN/04-client-connect"
    is "$(wc -l <"$err" | tr -d ' ')" 1
    has "$errors" "ladder: cannot run $BIN/no-such: No such file or directory"
    PATH=/usr/bin:/bin try 1 "$BIN/ladder" no-such-command-anywhere
    has "$errors" "No such file or directory (ENOENT)"
    printf 'data\n' >"$file"
    try 1 "$BIN/ladder" "$file" -- true
    is "$errors" "ladder: cannot run $file: Permission denied (EACCES)"
    try 1 "$BIN/ladder" "$BIN/03-server-listen-accept" -- "$file"
    is "$errors" "ladder: cannot run $file: Permission denied (EACCES)"
    # Of the server it says that nobody will come.
    has "$output" "All clients have ended"
}

@test "a server that ends before it listens, or never listens, is told" {
    try 1 "$BIN/ladder" true -- "$BIN/04-client-connect"
    is "$errors" \
        "ladder: the server ended before it listened: no client was started"
    play 1 sh -c 'echo dead; kill -KILL $$' -- "$BIN/04-client-connect"
    has "$errors" "ended before it listened"
    happens 1 'server exit SIGKILL'
    happens 0 'client '
    with_players
    play 1 --timeout 0.3 "$PLAYERS" waits -- "$BIN/04-client-connect"
    has "$output" "The time is over: 0.3 seconds."
    has "$output" "The server has not called listen()."
    happens 0 'client '
}

@test "--calls and --spin end who spins, and whoever spins is ended in time" {
    needs python3
    local spin='
import socket
s = socket.socket()
s.setblocking(False)
while True:
    try: s.recv(1)
    except OSError: pass'
    play 1 --calls 500 --timeout 9 python3 -c "$spin"
    has "$(grep '#' "$out")" "There were 500 calls."
    play 1 --spin 500 --timeout 9 python3 -c "$spin"
    has "$(grep '#' "$out")" "There were 500 calls in a row that moved nothing."
    play 0 --spin 20 --short-reads=1 --short-writes=1 \
        "$BIN/10-daytime-server" --clients=1 0 -- \
        "$BIN/09-daytime-client" '{port}'
    play 1 --timeout 0.5 python3 -c "$spin"
    has "$(grep '#' "$out")" "The time is over: 0.5 seconds."
}

@test "--stall ends those who wait for each other, and nobody who works" {
    play 1 --stall 0.5 --timeout 25 "$BIN/12-echo-server" -- "$PEER" connect \
        7007 send:x read:1 expect-end
    has "$output" "# Nothing has happened for 0.5 seconds."
    like "$(tr -s ' \n' ' ' <"$out")" '# client is still in read\([0-9]+'
    needs python3
    # More than that of the processor's time, and no call in it.
    play 0 --stall 1 --timeout 25 python3 -c '
import time
while time.process_time() < 1.2: pass'
    # The same by processes that end soon, while another one waits for them.
    play 0 --stall 0.3 --timeout 25 sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do
        sh -c "i=0; while [ \$i -lt 60000 ]; do i=\$((i + 1)); done"
    done'
}

@test "--stall: who waits for a disk is not silent" {
    with_players
    play 0 --stall 0.4 "$PLAYERS" in-state-d 1200
    happens 0 'server note'
}

@test "--stall: who waits for a processor is not silent" {
    needs taskset
    local cpu
    cpu=$(sed -nE 's/^Cpus_allowed_list:[^0-9]*([0-9]+).*/\1/p' /proc/self/status)
    start taskset -c "$cpu" sh -c 'while :; do :; done'
    # As the last of all, on one that works for another one.
    play 0 --stall 0.15 --timeout 25 taskset -c "$cpu" nice -n 19 true
    has "$output" ": exit 0"
}

@test "who looks around again and again, and finds nothing, is as silent as who waits" {
    with_players
    needs python3
    local look server
    # Where a look waits for a processor, silence comes late: there is time.
    for look in 'select.select([s], [], [], 0.2)' 'time.sleep(0.2)'; do
        server="
import select, socket, time
s = socket.create_server(('127.0.0.1', 7000))
s.setblocking(False)
while True:
    try: client = s.accept()
    except BlockingIOError: $look"
        play 0 --timeout 50 python3 -c "$server" -- "$PLAYERS" connects-once 7000
        has "$output" "All clients have ended: SIGTERM"
        play 1 --stall 0.5 --timeout 50 python3 -c "$server" -- "$PEER" connect \
            7000 read:1
        has "$output" "# Nothing has happened for 0.5 seconds."
    done
}

@test "a ladder that was stopped itself takes that neither for silence nor for time" {
    needs python3
    # The player stops it for longer than its patience, over and over.
    play 0 --stall 0.4 --timeout 3 python3 -c '
import os, signal, socket, threading
ladder, never = os.getppid(), threading.Event()
for times in range(6):
    os.kill(ladder, signal.SIGSTOP)
    never.wait(0.6)
    os.kill(ladder, signal.SIGCONT)
    socket.socket().close()'
}

@test "--processes ends a program that forks without end" {
    play 1 --processes 50 --timeout 25 sh -c 'f() { f | f & }; f; f'
    has "$output" "# There were more than 50 processes."
    play 0 --processes 3 sh -c 'sh -c true; sh -c true; sh -c true; (true)'
}

@test "--processes ends who makes threads faster than they can be looked at" {
    with_players
    local i
    for i in {1..8}; do
        play 1 --processes 50 "$PLAYERS" crowd 1000
        has "$output" "# There were more than 50 processes."
    done
}

@test "a program ends while one of its threads makes others" {
    with_players
    local i
    for i in {1..25}; do
        play 0 --processes 2000 --timeout 25 "$PLAYERS" births $((i * 300))
    done
}

@test "--cpu ends a program, or its child, that works for ever" {
    play 1 --cpu 1 sh -c 'while :; do :; done'
    happens 1 'server exit SIGXCPU$'
    play 0 --cpu 1 sh -c '(while :; do :; done); true'
    happens 0 'server note'
}

@test "--cpu ends a loop earlier than what works" {
    needs python3
    play 0 --cpu 2 python3 -c '
import signal, sys, time
signal.signal(signal.SIGXCPU, lambda *_: sys.exit(time.process_time() > 1))
while True: pass'
    play 0 --cpu 2 python3 -c '
import os, signal, sys, time
signal.signal(signal.SIGXCPU, lambda *_: sys.exit(time.process_time() > 1))
zeros = os.open("/dev/zero", os.O_RDONLY)
while True: os.read(zeros, 1)'
    play 0 --cpu 1 python3 -c '
import mmap, time
while time.process_time() < 0.7: mmap.mmap(-1, 1)[0] = 1'
}

@test "a server that listens twice is told where its clients went" {
    with_players
    play 0 "$PLAYERS" listens-twice -- "$BIN/04-client-connect" '{port}'
    happens 2 'server return listen = 0'
    happens 1 'client return connect = 0: [0-9]+, 127.0.0.1:7000'
    has "$(tr -s ' \n' ' ' <"$out" | sed 's/ : / /g')" \
        "The server listens on another socket as well"
}

@test "{port} and {address} are filled in, wherever they stand" {
    play 0 "$BIN/10-daytime-server" --clients=1 0 \
        -- sh -c 'echo "$0 $1"; exec "$2" "$3"' 'x{port}y{port}{' \
        '{address}{prot}' "$BIN/09-daytime-client" '{port}'
    local port
    port=$(sed -n 's/^server stdout listening on 127.0.0.1://p' <<<"$story")
    happens 1 "client stdout x${port}y$port\\{ 127.0.0.1\\{prot\\}$"
    happens 'client stdout .*Bytes: 26'
    # A wildcard is reached by loopback.
    play 0 "$BIN/10-daytime-server" --clients=1 any 0 \
        -- "$BIN/09-daytime-client" '{address}' '{port}'
}

@test "standard input goes to the first client, or to a program that is alone" {
    play 0 "$BIN/12-echo-server" --clients=2 -- "$BIN/11-echo-client" \
        -- sh -c 'cat; exec "$0"' "$BIN/11-echo-client" <<<'a line'
    happens 1 'client stdout a line'
    happens 0 'client2 stdout'
    play 1 sh -c 'cat; echo end' -- true <<<'not for a server'
    happens 0 'server stdout not'
    play 0 sh -c 'cat; echo end' <<<'for who is alone'
    happens 1 'server stdout for who is alone'
}

@test "--timeout says who is blocked in which call, and ends both with status 1" {
    play 1 --timeout=0.4 "$BIN/12-echo-server" -- "$PEER" connect 7007 send:x \
        read:1 expect-end
    has "$output" "# The time is over: 0.4 seconds."
    local said
    said=$(tr -s ' \n' ' ' <"$out" | sed 's/ : / /g')
    like "$said" '# client is still in read\([0-9]+'
    like "$said" '# server is still in read\([0-9]+'
    happens 0 '.* exit 0'
    try 1 "$BIN/ladder" --timeout=2 "$BIN/03-server-listen-accept" \
        --hold=1000 -- "$BIN/04-client-connect" --hold=1000
    has "$output" "# server is in no network call"
    has "$output" "# client is in no network call, but in "
    mkfifo "$BATS_TEST_TMPDIR/silent"
    try 1 "$BIN/ladder" --timeout=0.4 sh -c 'exec <>"$0"; read -r line' \
        "$BATS_TEST_TMPDIR/silent"
    has "$output" "read(0, ...)"
}

@test "a server that serves for ever is asked to end when its clients have, then made to" {
    play 0 "$BIN/10-daytime-server" 13 -- "$BIN/09-daytime-client" 13
    has "$output" "All clients have ended: SIGTERM"
    in_order 'client exit 0' 'server signal SIGTERM' 'server exit 0'
    # One that has no handler ends by the signal, which is as good.
    needs python3
    play 0 python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 7000))
while True: s.accept()[0].close()' -- "$BIN/04-client-connect"
    in_order 'server signal SIGTERM' 'server exit SIGTERM'
}

# Every program of the ladder's holds descriptor 9, so that this ends when the
# last one of them is gone.
hold_door()
{
    mkfifo "$BATS_TEST_TMPDIR/door"
    bounded cat <"$BATS_TEST_TMPDIR/door" >/dev/null &
    door=$!
    exec 9>"$BATS_TEST_TMPDIR/door"
}

door_closes()
{
    exec 9>&-
    wait "$door" || fail "somebody outlives the ladder: $(ps -ef | tail -n 20)"
}

@test "no process outlives the ladder, not even a daemon, when it is killed" {
    with_players
    hold_door
    start "$BIN/ladder" --events "$events" "$PLAYERS" daemon \
        -- "$PEER" connect 7000 wait
    until_line 'connect = 0'
    kill -KILL "$server_pid"
    ends 137
    door_closes
}

@test "no process outlives the ladder when it is interrupted, or ends all" {
    with_players
    local signal
    for signal in INT TERM HUP; do
        hold_door
        start "$BIN/ladder" "$PLAYERS" daemon -- "$PEER" connect 7000 wait
        until_line 'connect = 0'
        kill -"$signal" "$server_pid"
        ends 1
        is "$errors" ""
        has "$output" "# Interrupted."
        door_closes
        rm "$BATS_TEST_TMPDIR/door"
    done
    hold_door
    try 1 "$BIN/ladder" --timeout=0.3 "$PLAYERS" daemon \
        -- "$PEER" connect 7000 expect-end
    door_closes
}

@test "Ctrl-C on a terminal ends all, and leaves it as it was" {
    with_players
    # The client presses it, for want of a person.
    hold_door
    try 1 "$PLAYERS" terminal 80 "$BIN/ladder" "$BIN/03-server-listen-accept" \
        -- sh -c 'trap "" INT; kill -INT 0; read -r line'
    has "$output" "Interrupted."
    door_closes
}

@test "a player that signals its process group reaches itself alone" {
    play 1 "$PEER" listen 0 expect-end -- sh -c 'kill 0'
    in_order 'client exit SIGTERM' 'server note All clients have ended' \
        'server signal SIGTERM'
    [[ $output != *Interrupted* ]] || fail "the ladder was signalled, too"
}

@test "signals that arrive are shown, and do what they do without the ladder" {
    play 0 sh -c 'trap "echo caught" USR1; kill -USR1 $$; echo on'
    in_order 'server signal SIGUSR1' 'server stdout caught' 'server stdout on'
    has "$output" "-- SIGUSR1 --"
    # A stopped program goes on at SIGCONT, and is not ended by either.
    play 0 sh -c '(kill -STOP $$; kill -CONT $$) & wait; echo on'
    in_order 'server stdout on'
}
