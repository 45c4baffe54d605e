#!/usr/bin/env bats
# The ladder where the system forbids its means: it says what is missing and how
# to allow it, and shows the rest.

load stage

setup_file()
{
    find_stage
    make_players
}

setup()
{
    with_players
    without=("$PLAYERS" forbids)
}

@test "without ptrace the wire, the server's states and the output are shown, with status 3" {
    try 3 "${without[@]}" ptrace "$BIN/ladder" --events "$events" \
        "$BIN/10-daytime-server" 13 --clients=1 -- "$BIN/09-daytime-client" 13
    is "$(wc -l <"$err" | tr -d ' ')" 1
    like "$errors" '^ladder: ptrace is forbidden here: .*To allow it: .*SYS_PTRACE'
    tell_story "$events"
    in_order 'server state LISTEN' '[a-z?]+ > server SYN$' \
        'server > [a-z?]+ SYN ACK$' 'server state ESTABLISHED' \
        'server > [a-z?]+ PSH ACK 26 bytes' 'server state TIME-WAIT'
    happens 1 'client stdout .*Bytes: 26'
    happens 1 'client exit 0'
    happens 0 '[a-z]+ (call|return)'
}

@test "without ptrace nobody outlives the ladder either" {
    mkfifo "$BATS_TEST_TMPDIR/door"
    bounded cat <"$BATS_TEST_TMPDIR/door" >/dev/null &
    local door=$! signal=KILL
    exec 9>"$BATS_TEST_TMPDIR/door"
    start "${without[@]}" ptrace "$BIN/ladder" "$BIN/12-echo-server" \
        -- "$PEER" connect 7007 send:x read:1 wait
    until_line '<-+ 1 byte' # the client waits for an input that does not end
    kill -KILL "$server_pid"
    ends 137
    exec 9>&-
    wait "$door" || fail "somebody outlives the ladder"
}

@test "without ptrace their children end with the ladder too: killed, or at its end" {
    local way door
    for way in KILL timeout; do
        mkfifo "$BATS_TEST_TMPDIR/door.$way"
        bounded cat <"$BATS_TEST_TMPDIR/door.$way" >/dev/null &
        door=$!
        exec 9>"$BATS_TEST_TMPDIR/door.$way"
        if [ "$way" = KILL ]; then
            start "${without[@]}" ptrace "$BIN/ladder" "$PLAYERS" forks 2 \
                -- "$PEER" connect 7000 send:x read:1 wait
            until_line '<-+ 1 byte' # the child has answered, and waits
            # shellcheck disable=SC2154 # the helper's
            kill -KILL "$server_pid"
            ends 137
        else
            try 3 "${without[@]}" ptrace "$BIN/ladder" --timeout 0.4 \
                "$PLAYERS" daemon -- "$PEER" connect 7000 wait
        fi
        exec 9>&-
        wait "$door" || fail "$way: somebody outlives the ladder"
    done
}

@test "without namespaces the machine's own network is used, and all is shown there" {
    local run port
    start_server "$PEER" bind 0 wait # a port that is free a moment later
    end_input
    ends
    for run in first second; do
        try 0 "${without[@]}" unshare "$BIN/ladder" --events "$events" \
            "$BIN/10-daytime-server" "$port" --clients=1 \
            -- "$BIN/09-daytime-client" "$port"
        is "$(wc -l <"$err" | tr -d ' ')" 1
        like "$errors" '^ladder: no private network \(unshare: .*To allow it: '
        tell_story "$events"
        in_order 'client call connect' 'client return connect = 0' \
            'client return read = 26' 'client exit 0'
        happens 1 'client stdout .*Bytes: 26'
        happens 1 'server state TIME-WAIT' # its own, and not an older one
    done
}

@test "without segments too an older connection is not taken for the server's" {
    local run port user=''
    # shellcheck disable=SC2089,SC2090 # words
    if [ "$(id -u)" = 0 ]; then
        needs setpriv
        user='setpriv --reuid 65534 --regid 65534 --clear-groups'
        $user test -x "$BIN/ladder" || skip "nobody may not enter $BIN"
    fi
    start_server "$PEER" bind 0 wait
    end_input
    ends
    for run in first second; do
        # shellcheck disable=SC2086 # words
        try 0 "${without[@]}" unshare $user "$BIN/ladder" \
            "$BIN/10-daytime-server" "$port" --clients=1 \
            -- "$BIN/09-daytime-client" "$port"
        has "$errors" "without segments"
        like "$output" 'connect\([0-9]+, 127'
        has "$output" "[ESTABLISHED]"
        is "$(grep -c 'TIME-WAIT' "$out")" 1
    done
}

@test "without both, output and the server's states are shown, in one line's words" {
    start_server "$PEER" bind 0 wait # a port that is free a moment later
    end_input
    ends
    local user=''
    # shellcheck disable=SC2089,SC2090 # words
    if [ "$(id -u)" = 0 ]; then
        needs setpriv
        user='setpriv --reuid 65534 --regid 65534 --clear-groups'
        $user test -x "$BIN/ladder" || skip "nobody may not enter $BIN"
    fi
    # shellcheck disable=SC2086 # words
    try 3 "${without[@]}" unshare "${without[@]}" ptrace $user "$BIN/ladder" \
        "$BIN/10-daytime-server" "$port" --clients=1 \
        -- "$BIN/09-daytime-client" "$port"
    is "$(wc -l <"$err" | tr -d ' ')" 1
    like "$errors" '^ladder: no private network \(unshare: .*, without segments\. And ptrace is forbidden here: .*To allow it: .*SYS_ADMIN\. For ptrace: .*SYS_PTRACE'
    has "$output" "[LISTEN, 0 of 6 waiting]"
    has "$output" "Bytes: 26"
    is "$(grep -c 'exit 0' "$out")" 2
}

@test "without both, a server that serves for ever is ended, with its children" {
    with_players
    mkfifo "$BATS_TEST_TMPDIR/door"
    bounded cat <"$BATS_TEST_TMPDIR/door" >/dev/null &
    local door=$!
    exec 9>"$BATS_TEST_TMPDIR/door"
    try 3 "${without[@]}" unshare "${without[@]}" ptrace "$BIN/ladder" \
        --timeout 2 sh -c '"$0" listen 0 wait <&- & exec sleep 100' "$PEER"
    exec 9>&-
    wait "$door" || fail "somebody outlives the ladder"
}
