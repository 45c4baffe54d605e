#!/usr/bin/env bats
# The ladder stops before every call: --step, --predict. Without a terminal the
# keys come from standard input, and without a session there is none.

load stage

setup_file()
{
    find_stage
    make_players
}

setup()
{
    on_stage
    needs setsid
    LEADER=setsid
    pair=("$BIN/10-daytime-server" --clients=1 13 -- "$BIN/09-daytime-client" 13)
}

# press KEYS STATUS [ARG...]: the ladder, with keys as printf wants them.
press()
{
    # shellcheck disable=SC2059 # the escapes are wanted
    printf "$1" >"$BATS_TEST_TMPDIR/keys"
    shift
    play "$@" <"$BATS_TEST_TMPDIR/keys"
}

stops()
{
    is "$(grep -c '^# [a-z0-9]*, next: ' "$out")" "$1"
}

@test "Enter lets one call go on, c all, and each is shown with a sentence" {
    press '\n\n\nc\n' 0 --step "${pair[@]}"
    is "$errors" ""
    stops 4
    like "$output" $'\n''# server, next: socket\(PF_INET, SOCK_STREAM, 0\)
# Asks the kernel for a new socket, PF_INET and SOCK_STREAM.[^#]* = 3
# server, next: setsockopt\(3, SOL_SOCKET, SO_REUSEADDR, 1\)
# Sets the option SO_REUSEADDR of descriptor 3 to 1.'
    in_order 'client return connect = 0' 'client return read = 26' \
        'client exit 0'
    is "$(awk 'length > 80' "$out")" ""
}

@test "an end of the keys lets all go on" {
    press '' 0 --step "${pair[@]}"
    stops 1
    in_order 'client return read = 26' 'server exit 0'
}

@test "every call of both programs stops" {
    press "$(printf '\\n%.0s' {1..99})" 0 --step "${pair[@]}"
    stops "$(grep -cE '^[a-z]+ call ' <<<"$story")"
}

@test "b NAME goes to the next call of that name, of whichever program" {
    press 'b connect\n\nb shutdown\nc\n' 0 --step "${pair[@]}"
    like "$output" '# client, next: connect\(3, 127.0.0.1:13\)'
    like "$output" '# server, next: shutdown\([0-9]+, SHUT_WR\)'
    [[ $output != *"next: bind"* ]]
    [[ $output != *"next: close"* ]]
    # Nobody has that call: it ends by itself.
    press 'b splice\n' 0 --step "${pair[@]}"
    stops 1
}

@test "1 and 2 let one side only go on, and the other is seen to wait" {
    # Both are held before the handshake; the server goes into accept alone.
    press 'b connect\n1\n2\n2\nq\n' 1 --step "${pair[@]}"
    has "$output" "# client, next: connect"
    # Nothing but the server goes on, from its first call to its accept.
    press "$(printf '1\\n%.0s' {1..6})q\\n" 1 --step "${pair[@]}"
    in_order 'server return bind = 0' 'server return listen = 0' \
        'server call accept'
    happens 0 'client call'
    press '1\n1\n1\n1\n1\n1\n2\n2\nc\n' 0 --step "${pair[@]}"
    in_order 'server call accept' 'client call socket' 'client call connect'
}

@test "? lists the keys, and so does what is no key; the same call is shown again" {
    local key
    for key in '?' x; do
        press "$key\n\nq\n" 1 --step "${pair[@]}"
        has "$output" "# Enter  go on with this call"
        like "$output" '# 1 +only the server .* b NAME '
        like "$output" '# 2 +only the clients .* q +end'
        is "$(grep -c 'server, next: socket' "$out")" 2
        is "$(grep -c 'server, next: setsockopt' "$out")" 1
    done
}

@test "q ends both programs, with status 1" {
    press 'b connect\nq\n' 1 --step "${pair[@]}"
    has "$output" "# Ended."
    in_order 'client call socket'
    happens 0 'client call connect'
    happens 0 '.*exit 0'
}

@test "--predict asks first what will happen, and then shows it" {
    press '\n\n\n\nc\n' 0 --predict "${pair[@]}"
    is "$errors" ""
    # On a busy machine a call and its result stand in two rows.
    local socket='socket\(PF_INET, SOCK_STREAM, 0' setsockopt='setsockopt\(.*'
    socket+='(\)|, \.\.\.'$'\n'' *: \.\.\. socket) = 3'
    setsockopt+='(\)|\.\.\. setsockopt) = 0'
    like "$output" '# server, next: socket\([^)]*\)
# What will happen\?
# Asks the kernel for a new socket[^:]*: '"$socket"'
# server, next: setsockopt\([^)]*\)
# What will happen\?
# Sets the option SO_REUSEADDR .*
.*'"$setsockopt"'
# server, next: bind\([^)]*\)
# What will happen\?'
}

@test "keys are not the client's input" {
    # More than are read at a time.
    press "$(printf '\\n%.0s' {1..600})c\\n" 0 --step \
        "$BIN/12-echo-server" --clients=1 -- "$BIN/11-echo-client"
    happens 0 'client call write'
    in_order 'client call shutdown'
}

@test "on a terminal the keys are typed, and standard input is not the client's" {
    with_players
    LEADER='' try 0 "$PLAYERS" terminal 80 "$BIN/ladder" --events "$events" \
        --step "$BIN/12-echo-server" --clients=1 -- "$BIN/11-echo-client" \
        < <(printf '\n\nc\n')
    tell_story "$events"
    like "$output" 'server, next: socket'
    is "$(grep -c ', next: ' "$out")" 3
    happens 0 'client call write'
    try 1 "$PLAYERS" terminal 80 "$BIN/ladder" --step "${pair[@]}" \
        < <(printf 'q\n')
    has "$output" "Ended."
}

@test "b of a call that there is not says so, and lets nothing go on" {
    press 'b zzz\nb \nc\n' 0 --step "${pair[@]}"
    stops 3
    has "$output" '# No call'"'"'s name begins with "zzz".'
    press 'b acc\nc\n' 0 --step "${pair[@]}"
    like "$output" '# server, next: accept'
}

@test "with --predict any words are a prediction" {
    press 'it waits\n\nc\n' 0 --step --predict "${pair[@]}"
    happens 1 'client exit 0'
    [[ $output != *"run to the end"* ]]
    like "$output" 'What will happen\?
# Asks the kernel for a new socket'
}

@test "what a program printed before a call stands above the question" {
    press 'b accept\nc\n' 0 --step "${pair[@]}"
    in_order 'server stdout listening' 'server call accept'
    like "$(tr -s ' ' <"$out")" 'listening on.*# server, next: accept'
}
