#!/usr/bin/env bats
# What bin/echo-load shows: text and bars, progress, JSON, SVG.

load ../helper

setup()
{
    [ -x "$BIN/echo-load" ] || skip "echo-load is Linux's"
    start_server "$BIN/echo-server" 0
}

# on_terminal LOCALE COMMAND...: the same as try 0, with a terminal as output;
# its lines end in CR LF.
on_terminal()
{
    local locale=$1
    shift
    needs script
    LC_ALL=$locale TERM=xterm try 0 script -qec "$*" /dev/null
}

@test "the text: rate, bytes, latencies, bars of ASCII in a pipe" {
    LC_ALL=C.UTF-8 try 0 "$BIN/echo-load" --requests 1000 "$port"
    is "$errors" ""
    has "$output" "pingpong 127.0.0.1:$port: 1 connection, 64 bytes, depth 1, "
    like "$output" 'requests +1000, [0-9]+ a second, [0-9.]+ MiB/s each way'
    like "$output" 'bytes +64001 sent, 64001 came back'
    like "$output" 'connected +1 made, 1 served to the end'
    like "$output" 'errors +none'
    like "$output" 'latency +p50 [0-9.]+ [num]?s, p90 .*, p99 .*, p99.9 .*, max '
    like "$output" '\| #{40} [0-9.]+ %'
    [[ ! $output == *[!\ -~$'\n']* ]] || fail "not ASCII: $output"
    local line
    while IFS= read -r line; do
        [ "${#line}" -le 80 ] || fail "too long: $line"
    done <<<"$output"
}

@test "on a terminal: blocks in colour; --ascii and NO_COLOR are heeded" {
    local load="$BIN/echo-load --requests 100 $port"
    on_terminal C.UTF-8 "$load"
    has "$output" $'│ \033[36m█'
    NO_COLOR=1 on_terminal C.UTF-8 "$load"
    has "$output" '│ █'
    [[ $output != *$'\033[36m'* ]] || fail "$output"
    on_terminal C.UTF-8 "$load --ascii"
    has "$output" $'| \033[36m#'
    on_terminal C "$load"
    has "$output" $'| \033[36m#'
}

@test "progress: a line that is rewritten each second, on a terminal only" {
    on_terminal C "$BIN/echo-load --duration 1.05 $port"
    like "$output" $'running: [0-9]+ requests/s, [0-9.]+ MiB/s\r'
    try 0 "$BIN/echo-load" --duration 1.05 "$port"
    is "$errors" ""
}

@test "--json: one object, whose parts agree" {
    needs python3
    try 0 "$BIN/echo-load" --json --requests 1000 --connections 3 "$port"
    is "$errors" ""
    local json=$BATS_TEST_TMPDIR/load.json
    cp "$out" "$json"
    is "$(wc -l <"$json")" 1
    try 0 python3 -c '
import json, sys
all = json.load(open(sys.argv[1]))
times = all["latency_ns"]
order = [times[k] for k in ("min", "p50", "p90", "p99", "p99_9", "max")]
assert order == sorted(order), order
assert times["min"] <= times["mean"] <= times["max"]
assert sum(count for _, count in all["histogram_ns"]) == 1000
assert abs(all["requests_per_second"] * all["seconds"] - 1000) < 1
assert abs(all["mib_per_second"] - all["requests_per_second"] * 64 / 2**20) < .1
' "$json"
    try 3 "$BIN/echo-load" --json 127.0.0.1 1
    cp "$out" "$json"
    try 0 python3 -m json.tool "$json"
}

@test "--svg: a well-formed picture for light and dark, without a script" {
    needs python3
    local svg=$BATS_TEST_TMPDIR/load.svg
    try 0 "$BIN/echo-load" --requests 1000 --svg "$svg" "$port"
    has "$output" "requests"
    try 0 python3 -c '
import sys, xml.dom.minidom
picture = xml.dom.minidom.parse(sys.argv[1])
texts = [t.firstChild.data for t in picture.getElementsByTagName("text")]
assert picture.documentElement.tagName == "svg"
assert picture.getElementsByTagName("title")[0].firstChild.data == (
    "Latency of " + texts[0]), texts
for mark in ("p50 ", "p99 ", "p99.9 ", "max "):
    assert any(t.startswith(mark) for t in texts), mark
bars = picture.getElementsByTagName("rect")[1:]
told = [b.firstChild.firstChild.data.split() for b in bars]
assert sum(int(words[-3]) for words in told) == 1000
assert not picture.getElementsByTagName("script")
axis = [float(t.getAttribute("x"))
        for t in picture.getElementsByTagName("text")
        if t.firstChild.data[0].isdigit()]
assert all(b - a > 70 for a, b in zip(axis, axis[1:])), axis
' "$svg"
    grep -q prefers-color-scheme "$svg"
}

@test "--svg: a file that cannot be written is told before the run" {
    try 1 "$BIN/echo-load" --svg /nowhere/load.svg "$port"
    has "$errors" "echo-load: fopen /nowhere/load.svg: "
    is "$output" ""
    [ -e /dev/full ] || skip "needs /dev/full"
    try 1 "$BIN/echo-load" --requests 1 --svg /dev/full "$port"
    has "$errors" "echo-load: /dev/full: "
}

@test "a full standard output is an error" {
    [ -e /dev/full ] || skip "needs /dev/full"
    try 1 sh -c 'exec "$@" >/dev/full' sh "$BIN/echo-load" --requests 1 "$port"
    has "$errors" "standard output: "
}
