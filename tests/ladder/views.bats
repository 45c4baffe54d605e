#!/usr/bin/env bats
# The ladder's views: the text, its options, the SVG, the events file.

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

# A byte for each character, whatever awk knows of UTF-8.
columns_of()
{
    LC_ALL=C tr -d '\200-\277' <"$1"
}

# No line of what the last `try` wrote is wider.
no_wider()
{
    is "$(columns_of "$out" | awk -v most="$1" 'length > most')" ""
}

no_byte_above_7f_and_no_escape()
{
    LC_ALL=C
    ! tr -d '\n -~' <"$out" | grep -q . || fail "not plain: $output"
}

@test "a picture in a pipe is plain ASCII, 80 columns wide, calls at the left and right" {
    try 0 "$BIN/ladder" "${pair[@]}"
    no_byte_above_7f_and_no_escape
    no_wider 80
    is "$errors" ""
    like "$output" '^CLIENT 09-daytime-client +WIRE SERVER 10-daytime-server'
    like "$output" $'\n''connect\(3, 127.0.0.1:13, \.\.\. +:'
    like "$output" $'\n''\[SYN-SENT\] +SYN -+>'
    like "$output" ' <-+ SYN ACK \[SYN-RECEIVED\]'
    like "$output" ' <-+ 26 bytes'
    like "$output" ': bind\([0-9]+, 127.0.0.1:13\) = 0'
    like "$output" ': \| listening on 127.0.0.1:13'
    like "$output" $'\n''\| "[0-9]{2} [A-Z]{3} .* UTC\\r\\n" +:'
    has "$output" "[TIME-WAIT]"
    [[ $output != *seq* ]]
}

@test "every option that changes the picture changes just that" {
    try 0 "$BIN/ladder" --ascii "${pair[@]}"
    no_byte_above_7f_and_no_escape
    COLUMNS=120 try 0 "$BIN/ladder" "${pair[@]}"
    no_wider 120
    has "$output" "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, 1) = 0"
    [ "$(awk 'length > 80' "$out")" ]
    COLUMNS=40 try 0 "$BIN/ladder" "${pair[@]}"
    no_wider 80
    COLUMNS=400 try 0 "$BIN/ladder" "${pair[@]}"
    no_wider 120
    try 0 "$BIN/ladder" --seq "${pair[@]}"
    no_wider 80
    like "$output" 'SYN, seq 0 win [0-9]+ -+>'
    like "$output" '<-+ SYN ACK, seq 0 ack 1 win'
    like "$output" '<-+ 26 bytes, seq 1 ack 1 win'
    like "$output" ' ack 27 win [0-9]+ -+>'
    play 0 --no-output "${pair[@]}"
    [[ $output != *listening* && $output != *UTC* ]]
    happens 0 '[a-z]+ stdout'
    try 0 "$BIN/ladder" --explain "${pair[@]}"
    no_wider 80
    has "$output" "# Asks the kernel for a new socket,"
    like "$output" '# Says that descriptor [0-9]+ will send'
    # A listening socket has no other end.
    COLUMNS=120 try 0 "$BIN/ladder" --explain --no-output "${pair[@]}"
    has "$output" "nobody can connect any more"
    is "$(grep -c 'It does not wait for' "$out")" 2
}

@test "what a lane has no room for leaves a mark, or goes on in a second line" {
    with_players
    # The address's length, room and size, whether accept() was seen to wait...
    local hold
    for hold in '' --hold=1; do
        try 0 "$BIN/ladder" "$BIN/03-server-listen-accept" --clients=1 $hold \
            -- "$BIN/04-client-connect" --hold=2
        no_wider 80
        like "$output" ': (\.\.\. )?accept\(3, 127.0.0.1:[0-9]+,[ :
]+\[128 => 16\]\)[ :
]+= [0-9]'
        like "$output" 'getsockname\(3, 127.0.0.1:[0-9]{5},[ :
]+\[16\]\)[ :
]+= 0'
    done
    # ...what was made to happen, with the descriptor...
    try 0 "$BIN/ladder" --fail server:write=ECONNABORTED "${pair[@]}"
    no_wider 80
    # The client may do something before it returns.
    like "$output" ': (write\([0-9]+, "[^"]*"\.\.\., 26\)
 +:     = -1 ECONNABORTED \*made to fail\*|\.\.\. write = -1 ECONNABORTED
 +:     \*made to fail\*)'
    try 0 "$BIN/ladder" --eintr=server:1 "$BIN/12-echo-server" --clients=1 \
        -- "$BIN/11-echo-client" 7007 <<<'hello, how are you today?'
    no_wider 80
    like "$output" ': (\.\.\. accept|accept\([0-9]+, \.\.\.\)) = -1 EINTR \*interrupted\*'
    try 1 "$BIN/ladder" --fail client:write=EPROTONOSUPPORT \
        "$BIN/12-echo-server" --clients=1 -- "$BIN/11-echo-client" 7007 \
        <<<'hello, how are you today?'
    like "$output" $'\n''(write\(3, \.\.\.\)|\.\.\. write) = -1 EPROTONOSUPPORT +:
    \*made to fail\* +:'
    # ...and what a poll() was asked for that was not seen to begin.
    try 0 "$BIN/ladder" "$PLAYERS" everything
    no_wider 80
    like "$output" ': poll\(\.\.\. => \[\{[0-9]+, POLLIN\}\], 1, -1\) = 1'
}

@test "data of quotes, control bytes and UTF-8 is shown, and is told as valid JSON" {
    local text=$'say "\\no" \033[2J\a\t\177 \303\244\342\202\254 \377 end\n'
    text=${text/\\n/'\\n'}
    play 0 --svg "$BATS_TEST_TMPDIR/svg" "$BIN/12-echo-server" --clients=1 \
        -- "$BIN/11-echo-client" < <(printf '%s' "$text")
    no_byte_above_7f_and_no_escape
    happens 'client call write [0-9]+, \\"say \\\\\\"'
    happens 'client return read = [0-9]+: '
    needs jq
    # What is no UTF-8 becomes U+FFFD; all else is as it was.
    is "$(jq -r 'select(.actor == "client" and .event == "output").text' \
        "$events")" "$(printf '%s' "${text/$'\377'/$'\357\277\275'}")"
    is "$(jq -s 'length' "$events")" "$(wc -l <"$events" | tr -d ' ')"
    ! command -v xmllint >/dev/null || xmllint --noout "$BATS_TEST_TMPDIR/svg"
}

@test "the events file has an object on each line, with the documented keys" {
    play 0 "${pair[@]}"
    [ "$(grep -c . "$events")" -gt 40 ]
    is "$(grep -vE '^\{"time":[0-9]+\.[0-9]{6},"actor":"(server|client|wire)",("pid":[0-9]+,)?"event":"(call|return|segment|state|output|exit)",.*\}$' \
        "$events")" ""
    local part
    for part in '"call":"connect","args":"3, 127.0.0.1:13","result":0' \
        '"flags":"SYN ACK","seq":0,"ack":1,"window":' \
        '"from_actor":"server","to_actor":"client","protocol":"tcp","length":26' \
        '"state":"LISTEN","waiting":1,"backlog":5' '"stream":"stdout"' \
        '"event":"exit","status":0'; do
        grep -qF "$part" "$events" || fail "not in the events: $part"
    done
    if command -v jq >/dev/null; then
        jq -e . "$events" >/dev/null
    else
        needs python3
        python3 -c 'import json, sys; [json.loads(l) for l in sys.stdin]' \
            <"$events"
    fi
}

@test "the SVG is well-formed, has a title on each row, no script, and text as text" {
    local svg=$BATS_TEST_TMPDIR/picture.svg titles
    play 0 --svg "$svg" "${pair[@]}"
    if command -v xmllint >/dev/null; then
        xmllint --noout "$svg"
    elif command -v python3 >/dev/null; then
        python3 -c 'import sys, xml.dom.minidom as d; d.parse(sys.argv[1])' \
            "$svg"
    fi
    local whole
    whole=$(<"$svg")
    like "$whole" '<svg [^>]*xmlns="http://www.w3.org/2000/svg"'
    has "$whole" "prefers-color-scheme"
    for titles in 'connect(3, 127.0.0.1:13' 'SYN ACK' '26 bytes' TIME-WAIT; do
        has "$whole" "$titles"
    done
    [ "$(grep -c '<title>' "$svg")" -gt 25 ]
    is "$(grep -iE '<script|<foreign|javascript:|href=|on(load|click)=' "$svg")" ""
}

@test "the ladder's own notes, and who was killed, are in every view" {
    local svg=$BATS_TEST_TMPDIR/picture.svg
    play 0 --svg "$svg" "$BIN/12-echo-server" --clients=2 7 \
        -- "$BIN/04-client-connect" 7
    has "$(<"$svg")" "# All clients have ended: SIGTERM for"
    has "$(<"$svg")" "server: All clients have ended: SIGTERM for the server."
    in_order 'client exit 0' 'server note All clients have ended: SIGTERM' \
        'server signal SIGTERM'
    play 1 --svg "$svg" --timeout 3 "$BIN/12-echo-server" 7 \
        -- "$BIN/04-client-connect" 7 --hold=60
    in_order 'wire note The time is over: 3 seconds' \
        'server note server is still in read' 'server exit SIGKILL'
    happens 1 'client exit SIGKILL'
    has "$(<"$svg")" ">killed by SIGKILL<"
    has "$(<"$svg")" "># The time is over: 3 seconds.<"
    has "$output" ": killed by SIGKILL"
    # Times never go back.
    is "$(grep -o '^{"time":[0-9.]*' "$events" | cut -d : -f 2 | sort -nc 2>&1)" ""
}

@test "a file that cannot be written is told in a line, before anything runs" {
    local option file=$BATS_TEST_TMPDIR/none/file
    for option in --svg --events; do
        try 1 "$BIN/ladder" "$option" "$file" \
            touch "$BATS_TEST_TMPDIR/started"
        is "$errors" "ladder: $option $file: No such file or directory (ENOENT)"
        is "$output" ""
        [ ! -e "$BATS_TEST_TMPDIR/started" ] || fail "a program was started"
    done
    [ -c /dev/full ] || return 0
    for option in --svg --events; do
        try 1 "$BIN/ladder" "$option" /dev/full "${pair[@]}"
        has "$errors" "ladder: /dev/full: No space left on device"
    done
    try 1 sh -c 'exec "$@" >/dev/full' sh "$BIN/ladder" "${pair[@]}"
    has "$errors" "ladder: standard output: No space left on device"
}

@test "--save-output keeps what each program prints, byte for byte" {
    local dir=$BATS_TEST_TMPDIR/kept
    try 0 "$BIN/ladder" --save-output "$dir" "$BIN/10-daytime-server" \
        --clients=1 13 -- sh -c 'printf "a\\0b\\377\\nno newline"
            exec "$0" 13 >&2' "$BIN/04-client-connect"
    printf 'a\0b\377\nno newline' | cmp - "$dir/client.out"
    has "$(<"$dir/client.err")" "after connect()"
    like "$(<"$dir/server.out")" '^listening on 127.0.0.1:13'
    try 1 "$BIN/ladder" --save-output "$dir/none/kept" true
    has "$errors" "ladder: --save-output $dir/none/kept: No such file"
    try 1 "$BIN/ladder" --save-output "$dir/client.out" true
    has "$errors" "ladder: --save-output $dir/client.out: Not a directory"
    # Into one that is there, too.
    [ -c /dev/full ] || return 0
    ln -sf /dev/full "$dir/server.out"
    try 1 "$BIN/ladder" --save-output "$dir" echo hello
    has "$errors" "No space left on device (ENOSPC)"
}

@test "a terminal gets colour and lines of UTF-8, as wide as it is, and is left as it was" {
    with_players
    local terminal=("$PLAYERS" terminal) escape=$'\033['
    export LC_ALL=C.UTF-8
    TERM=xterm try 0 "${terminal[@]}" 100 "$BIN/ladder" "${pair[@]}"
    has "$output" "$escape"
    has "$output" '►'
    has "$output" '◄'
    sed $'s/\033\\[[0-9;]*m//g; s/\r$//' "$out" >"$out.plain"
    out=$out.plain
    no_wider 100
    [ "$(columns_of "$out" | awk 'length > 80')" ]
    TERM=xterm NO_COLOR=1 try 0 "${terminal[@]}" 80 "$BIN/ladder" "${pair[@]}"
    [[ $output != *"$escape"* ]] || fail "colour: $output"
    has "$output" '──►'
    TERM=xterm try 0 "${terminal[@]}" 80 "$BIN/ladder" --ascii "${pair[@]}"
    has "$output" "$escape"
    has "$output" '---'
    [[ $output != *'─'* ]]
    # The same where the locale knows no UTF-8; nobody has to have said so.
    LC_ALL=C TERM=xterm try 0 "${terminal[@]}" 80 "$BIN/ladder" "${pair[@]}"
    [[ $output != *'─'* ]]
    has "$output" '---'
    TERM=xterm try 0 env -u LC_ALL -u LC_CTYPE -u LANG "${terminal[@]}" 80 \
        "$BIN/ladder" "${pair[@]}"
    has "$output" '►'
}

@test "the machine's own network is used on request, and others' segments are not shown" {
    play 0 --host-net "$BIN/10-daytime-server" --clients=1 0 \
        -- "$BIN/09-daytime-client" '{address}' '{port}'
    in_order 'client call connect' 'client return connect = 0' \
        'client return read = 26'
    happens 0 '\? > \?'
    if [ "$(id -u)" = 0 ]; then
        in_order 'client call connect' 'client > server SYN$' \
            'server > client SYN ACK' 'client return connect = 0'
        is "$errors" ""
    fi
    happens 'client state ESTABLISHED'
}

@test "what has no newline is shown too: above the exit, and while its program waits" {
    play 1 sh -c 'printf hello; printf oh >&2; exit 2'
    in_order 'server stdout hello' 'server stderr oh' 'server exit 2'
    exec 8<> <(:) # an input that does not end
    play_until '\| your name\?' sh -c 'printf "your name? "; read -r name' <&8
    in_order 'server stdout your name\? $' 'server exit SIGKILL'
}

@test "a picture is drawn while it happens, and the events are written then" {
    start "$BIN/ladder" --events "$events" "$BIN/10-daytime-server" 13 \
        --clients=1 -- "$PEER" connect 13 read:26 wait
    until_line 'read\(' # the client waits for an input that does not end
    until_line 'FIN'
    grep -q '"call":"connect"' "$events"
    end_input
    ends
    has "$output" "exit 0"
}
