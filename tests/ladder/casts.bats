#!/usr/bin/env bats
# The lessons on stage: each one's cast, and bin/lesson.

load stage

setup_file()
{
    find_stage
}

@test "every lesson plays on the ladder, and ends with 0" {
    on_stage
    local i
    # Four at a time: in some a client stays for a second, within which others
    # are served.
    # shellcheck disable=SC2016 # for that shell
    LIMIT=120 try 0 xargs -P 4 -I {} sh -c '
        "$0/lesson" {} --events "$1/{}.events" >"$1/{}.out"' \
        "$BIN" "$BATS_TEST_TMPDIR" < <(printf '%s\n' {1..16})
    is "$errors" ""
    is "$(awk 'length > 80' "$BATS_TEST_TMPDIR"/*.out)" ""
    # Each shows what its page says.
    tell_story "$BATS_TEST_TMPDIR/1.events"
    in_order 'server return socket' 'server return close = 0' 'server exit 0'
    tell_story "$BATS_TEST_TMPDIR/3.events"
    in_order 'client call connect' 'server state LISTEN 1/' 'server call accept'
    in_order 'client return connect = 0' 'server return accept'
    tell_story "$BATS_TEST_TMPDIR/6.events"
    in_order 'client return write = ' 'client return write = -1 EAGAIN' \
        'client return write = '
    tell_story "$BATS_TEST_TMPDIR/8.events"
    in_order 'client call shutdown' 'server call write' 'client return read = 0'
    tell_story "$BATS_TEST_TMPDIR/12.events"
    in_order 'client2 return connect = 0' 'client call close' \
        'client2 return read = '
    # From here on the silent first client keeps nobody waiting.
    for i in {13..16}; do
        tell_story "$BATS_TEST_TMPDIR/$i.events"
        in_order 'client return connect = 0' 'client2 return read = 22' \
            'client call close' 'server return read = 0'
        in_order 'client return connect = 0' 'client3 return read = 22' \
            'client call close' 'server return read = 0'
    done
}

@test "a cast names its players, their input and options, with quotes and comments" {
    on_stage
    local cast=$BATS_TEST_TMPDIR/cast
    cat >"$cast" <<END
# A comment, and an empty line

server: "$BIN/12-echo-server" --clients=2 0
client: '$BIN/11-echo-client' {port}
client: $BIN/11-echo-client {address} {port}
input: one\ntwo words\n
option: --seq
option: --short-reads=client:2
END
    play 0 "$cast"
    happens 1 'client stdout two words'
    happens 1 'client2 stdout two words'
    happens 'client2? return read = 2 \*short read'
    like "$output" 'SYN, seq 0'
}

@test "a cast is played from everywhere, with options before and behind it" {
    on_stage
    local cast=$BIN/../lessons/09-daytime-client/cast
    cd "$BATS_TEST_TMPDIR"
    play 0 --seq "$cast" --no-output
    happens 1 'client return connect = 0'
    happens 0 '[a-z]+ stdout'
    like "$output" 'SYN, seq 0'
    # What is given behind a cast goes before its own.
    printf '%s\n' "server: $BIN/10-daytime-server --clients=1 13" \
        "client: $BIN/09-daytime-client 13" 'option: --short-reads=client:26' >own
    play 0 own --short-reads=client:13
    happens 2 'client return read = 13 \*short read'
    # A file of that name here comes first.
    mkdir bin
    printf '#!/bin/sh\necho mine\n' >bin/10-daytime-server
    chmod +x bin/10-daytime-server
    try 1 "$BIN/ladder" "$cast"
    has "$output" "| mine"
    try 2 "$BIN/ladder" "$cast" --seq true
    has "$errors" 'a cast names all players; what is "true"?'
    try 2 "$BIN/ladder" "$cast" --explain --nonsense
    has "$errors" "unknown option --nonsense"
}

@test "a cast sets its private network's own sysctls, and no other's" {
    on_stage
    local cast=$BATS_TEST_TMPDIR/cast before line
    local file=/proc/sys/net/ipv4/tcp_wmem
    before=$(<"$file")
    printf '%s\n' "server: cat $file" "sysctl: net.ipv4.tcp_wmem=4096 8192 9999" \
        >"$cast"
    try 0 "$BIN/ladder" "$cast"
    is "$errors" ""
    like "$output" '4096.8192.9999|4096 +8192 +9999'
    is "$(<"$file")" "$before"
    try 0 "$BIN/ladder" --host-net "$cast"
    has "$errors" "sysctl lines are for a private network"
    is "$(<"$file")" "$before"
    # What the kernel does not take is told, and nobody starts.
    for line in net.ipv4.no_such=1 net.ipv4.tcp_wmem=many net=1 \
        "net.$(printf '%0300d' 0)=1"; do
        printf '%s\n' "server: touch $cast.started" "sysctl: $line" >"$cast"
        try "$([[ $line = net=* ]] && echo 2 || echo 1)" "$BIN/ladder" "$cast"
        has "$errors" "ladder: "
        [ ! -e "$cast.started" ]
    done
}

@test "a cast that is wrong is wrong usage, and says in which file" {
    on_stage
    local cast=$BATS_TEST_TMPDIR/cast content
    for content in 'client: true' 'server:' 'server: true\nserver: true' \
        'servant: true' 'no colon' 'server: true\noption: --nonsense' '' \
        'server: true\nclient:' '# nobody' 'server: true\nsysctl: kernel.pid=1' \
        'server: true\nsysctl: net.ipv4/../../kernel/x=1' \
        'server: true\nsysctl: net.ipv4.tcp_wmem' \
        'server: true\nsysctl: net.ipv4.tcp_wmem='; do
        # shellcheck disable=SC2059 # the escapes are wanted
        printf "$content\n" >"$cast"
        try 2 "$BIN/ladder" "$cast"
        has "$errors" "ladder: "
        is "$output" ""
    done
    printf 'server: true\n\nclient: sh -c "exit\n' >"$cast"
    try 2 "$BIN/ladder" "$cast"
    has "$errors" "ladder: $cast, line 3: a \" is missing at the end"
}

@test "bin/lesson lists the sixteen lessons, from wherever it is called" {
    cd /
    try 0 "$BIN/lesson"
    is "$(grep -c '^  [0-9][0-9]' "$out")" 16
    like "$output" '03.*[Ll]isten'
    is "$errors" ""
    try 0 "$BIN/lesson" -h
    has "$output" "Usage: "
    has "$output" "--text"
    try 0 "$BIN/lesson" --help
}

@test "bin/lesson shows a lesson's page as text" {
    local number
    for number in 3 03 003; do
        PAGER='' try 0 "$BIN/lesson" "$number" --text
        cmp "$out" "$BIN"/../lessons/03-*/README.md
    done
    # None is octal.
    for number in 8 08 008; do
        PAGER='' try 0 "$BIN/lesson" "$number" --text
        cmp "$out" "$BIN"/../lessons/08-*/README.md
    done
    for number in 12 012; do
        PAGER='' try 0 "$BIN/lesson" "$number" --text
        cmp "$out" "$BIN"/../lessons/12-*/README.md
    done
    PAGER="head -n 1" try 0 "$BIN/lesson" 9 --text
    is "$(wc -l <"$out" | tr -d ' ')" 1
}

@test "an installed bin/lesson lists, shows and plays, and is uninstalled" {
    local root=$BATS_TEST_TMPDIR/root
    # The flags of what stands in bin/: nothing is built anew.
    local make=(make -s -C "$BIN/.." -o all DESTDIR="$root" PREFIX=/opt/net)
    local lessons
    lessons=$("$BIN/lesson" | grep '^  [0-9]' | sed -E 's/ +(tried|solved)$//')
    try 0 "${make[@]}" install
    cd "$BATS_TEST_TMPDIR"
    try 0 root/opt/net/bin/lesson
    is "$(grep '^  [0-9]' "$out")" "$lessons"
    try 3 root/opt/net/bin/lesson check 5
    is "$errors" "lesson: the exercises need the source tree of netprog:\
 there, bin/lesson check"
    PAGER='' try 0 root/opt/net/bin/lesson 8 --text
    cmp "$out" "$BIN"/../lessons/08-*/README.md
    if [ -z "$STAGE_MISSING" ]; then
        try 0 root/opt/net/bin/lesson 9 --svg picture.svg </dev/null
        has "$output" "exit 0"
        [ -s picture.svg ]
    fi
    try 0 "${make[@]}" uninstall
    is "$(find root ! -type d)" ""
}

@test "a number that no lesson has is wrong usage" {
    local number
    for number in 0 17 99 -3 3x three 1.5 '3 4' ' ' 00 +1; do
        try 2 "$BIN/lesson" "$number"
        has "$errors" "lesson: "
        has "$errors" "'lesson -h' shows the usage"
        is "$output" ""
    done
    try 2 "$BIN/lesson" 99 --text
    for number in '3 --no-output --text' '3 --text --step' '3 --text 4'; do
        # shellcheck disable=SC2086 # words
        try 2 "$BIN/lesson" $number
        has "$errors" "lesson: --text shows the page: it stands alone"
    done
    try 2 "$BIN/lesson" 1 2
    has "$errors" 'lesson: "2" is no option'
}

@test "a lesson takes the ladder's options, and files are named from where one stands" {
    on_stage
    cd "$BATS_TEST_TMPDIR"
    try 0 "$BIN/lesson" 9 --seq --svg picture.svg --events happened </dev/null
    like "$output" 'SYN, seq 0'
    [ -s picture.svg ] || fail "picture.svg is not here"
    [ -s happened ]
    try 2 "$BIN/lesson" 9 --nonsense
    has "$errors" "unknown option --nonsense"
}
