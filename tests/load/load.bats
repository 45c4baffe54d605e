#!/usr/bin/env bats
# bin/echo-load against the echo server: every mode and every option. Runs end
# after so many requests, so that all that is counted is known.

load ../helper

setup()
{
    [ -x "$BIN/echo-load" ] || skip "echo-load is Linux's"
}

# value KEY: of the JSON object in $output; numbers and words only.
value()
{
    local rest=${output#*\""$1"\": }
    rest=${rest%%[,\}]*}
    echo "${rest//\"/}"
}

# counts CONNECTIONS SIZE REQUESTS: all were echoed and nothing else; of each
# connection that stays, one byte more was sent, when it was opened.
counts()
{
    is "$(value requests)" "$3"
    is "$(value bytes_sent)" "$(($1 + $2 * $3))"
    is "$(value bytes_echoed)" "$(value bytes_sent)"
    local key
    for key in refused lost wrong late; do
        is "$key $(value $key)" "$key 0"
    done
}

@test "pingpong: so many requests, each echoed, and the connections closed" {
    start_server "$BIN/echo-server" --clients=10 0
    try 0 "$BIN/echo-load" --json --requests 1000 --connections 10 "$port"
    is "$errors" ""
    counts 10 64 1000
    is "$(value mode)" pingpong
    is "$(value connected)" 10
    is "$(value stood)" 10
    ends
}

@test "pingpong with other sizes, depths and threads" {
    start_server "$BIN/echo-server" 0
    local load=("$BIN/echo-load" --json "$port")
    try 0 "${load[@]}" --requests 500 --size 1
    counts 1 1 500
    try 0 "${load[@]}" --requests 50 --size 1000000 --connections 3 --threads 2
    counts 3 1000000 50
    is "$(value threads)" 2
    try 0 "${load[@]}" --requests 5000 --size 100 --depth 64 --connections 2
    counts 2 100 5000
    is "$(value depth)" 64
    try 0 "${load[@]}" --requests 7 --connections 3 --threads 9
    counts 3 64 7
    is "$(value threads)" 3
    try 0 "${load[@]}" --requests 100 --busy
    counts 1 64 100
    stop_server
}

@test "stream: both directions at once, whatever the size" {
    start_server "$BIN/echo-server" 0
    try 0 "$BIN/echo-load" --json --mode stream --requests 2000 \
        --connections 4 "$port"
    counts 4 65536 2000
    try 0 "$BIN/echo-load" --json --mode stream --requests 50 \
        --size 3000000 "$port"
    counts 1 3000000 50
    try 0 "$BIN/echo-load" --json --mode stream --requests 3000 \
        --size 7 --depth 10 "$port"
    counts 1 7 3000
    stop_server
}

@test "connect: a connection for each request, closed or reset" {
    start_server "$BIN/echo-server" --clients=900 0
    try 0 "$BIN/echo-load" --json --mode connect --requests 500 \
        --connections 8 "$port"
    counts 0 64 500
    is "$(value connected)" 500
    is "$(value stood)" 500
    try 0 "$BIN/echo-load" --json --mode connect --requests 400 --reset \
        --size 100000 "$port"
    counts 0 100000 400
    ends
}

# The connections to $port that are in TIME-WAIT, which is state 6.
in_time_wait()
{
    awk -v "port=:$(printf %04X "$port")" '
        substr($3, 9) == port && $4 == "06" { count++ }
        END { print count + 0 }' /proc/net/tcp
}

@test "connect ends in TIME-WAIT, and with --reset it does not" {
    start_server "$BIN/echo-server" 0
    # An earlier server may have had this port.
    local before
    before=$(in_time_wait)
    try 0 "$BIN/echo-load" --mode connect --requests 50 --reset "$port"
    [ "$(in_time_wait)" -le "$before" ] || fail "there are more"
    try 0 "$BIN/echo-load" --mode connect --requests 50 "$port"
    [ "$(in_time_wait)" -gt "$before" ] || fail "there are none"
    stop_server
}

@test "idle: each connection still echoes at the end" {
    start_server "$BIN/echo-server" --clients=200 0
    try 0 "$BIN/echo-load" --json --mode idle --connections 200 \
        --duration 0.01 --size 10 "$port"
    counts 200 10 200
    is "$(value stood)" 200
    ends
}

@test "10,000 connections at once" {
    (ulimit -n 10100) 2>/dev/null ||
        skip "$(ulimit -Hn) descriptors are not enough"
    start_server sh -c 'ulimit -n 10100; exec "$0" --per-address=0 0' \
        "$BIN/echo-server"
    try 0 "$BIN/echo-load" --json --mode idle --connections 10000 \
        --duration 0.01 --timeout 30 "$port"
    is "$(value stood)" 10000
    counts 10000 64 10000
    stop_server
}

@test "more connections than descriptors: says by how much it falls short" {
    local as=()
    if [ "$(id -u)" = 0 ]; then # who may raise the hard limit too
        needs setpriv
        as=(setpriv --bounding-set=-sys_resource)
    fi
    try 3 sh -c 'ulimit -n 50; exec "$@"' sh "${as[@]}" "$BIN/echo-load" \
        --connections 100
    is "$errors" "echo-load: 100 connections need 135 descriptors:\
 85 more than the limit of 50 ('ulimit -Hn')"
}

@test "the soft limit of descriptors is raised" {
    start_server "$BIN/echo-server" 0
    try 0 sh -c 'ulimit -Sn 50; exec "$@"' sh "$BIN/echo-load" --json \
        --connections 100 --requests 100 "$port"
    counts 100 64 100
    stop_server
}

@test "--rate: requests are sent when they are due" {
    start_server "$BIN/echo-server" 0
    try 0 "$BIN/echo-load" --json --rate 2000 --requests 200 \
        --connections 3 --threads 2 "$port"
    counts 3 64 200
    # 200 at 2,000 a second: the last one is due after 0.0995 s.
    like "$(value seconds)" '^(0\.[1-9]|0\.099[5-9]|[1-9])'
    try 0 "$BIN/echo-load" --json --rate 2000 --requests 200 \
        --mode connect --connections 3 "$port"
    counts 0 64 200
    stop_server
}

# The peer stalls after ten requests while another load runs for 0.3 s. All of
# the other 190 are due in the first 0.2 s: each has to count at least 0.1 s,
# though one connection can only send one at a time.
@test "--rate: a stall counts for every request that was due meanwhile" {
    start_server "$BIN/echo-server" 0
    local other=$port
    start_server "$PEER" listen 0 echo:641 unread:64 say:stalled wait echo-end
    local peer=$slot
    start "$BIN/echo-load" --json --rate 1000 --requests 200 "$port"
    slot=$peer
    next_line
    try 0 "$BIN/echo-load" --duration 0.3 "$other"
    end_input
    ends
    slot=$((peer + 1))
    ends
    counts 1 64 200
    [ "$(value p50)" -gt 100000000 ] || fail "$output"
}

@test "--rate: what could not be sent any more counts as late" {
    start_server "$PEER" listen 0 echo:65 unread:64 peer-gone
    try 3 "$BIN/echo-load" --json --rate 1000 --duration 0.2 --timeout 1 "$port"
    is "$(value requests)" 1
    is "$(value lost)" 1
    [ "$(value late)" -ge 150 ] || fail "$output"
    [ "$(value p99)" -gt 150000000 ] || fail "$output"
    ends
}

@test "--duration and --warmup: what is due in the warmup is not counted" {
    start_server "$BIN/echo-server" 0
    try 0 "$BIN/echo-load" --json --duration 0.05 --warmup 0.05 "$port"
    like "$(value seconds)" '^0\.'
    [ "$(value bytes_sent)" -gt $((1 + 64 * $(value requests))) ] ||
        fail "$output"
    try 2 "$BIN/echo-load" --duration 1.2.3
    has "$errors" 'duration "1.2.3": not a whole number, nor a decimal'
    stop_server
}

@test "names and IPv6 addresses" {
    start_server "$BIN/echo-server" localhost 0
    try 0 "$BIN/echo-load" --json --requests 10 localhost "$port"
    counts 1 64 10
    stop_server
    [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6 ||
        skip "needs IPv6"
    start_server "$BIN/echo-server" ::1 0
    try 0 "$BIN/echo-load" --json --mode connect --requests 10 ::1 "$port"
    counts 0 64 10
    is "$(value peer)" "[::1]:$port"
    stop_server
}

@test "what does not go together is wrong usage" {
    local words
    for words in "--mode ping" "--mode connect --depth 2" "--mode idle --rate 9" \
        "--mode stream --rate 9" "--reset" "--duration 86401" "--warmup -1"; do
        # shellcheck disable=SC2086 # words
        try 2 "$BIN/echo-load" $words
        has "$errors" "'echo-load -h' shows the usage."
    done
}

@test "the histogram's percentiles are exact to one percent" {
    try 0 "$BIN/.build/histogram-check"
    is "$output" ""
}
