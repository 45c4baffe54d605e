#!/usr/bin/env bats
# The benchmark works: in small, for figures are for a quiet machine.

load ../helper

BENCH=$BIN/../tests/bench/echo.py

setup()
{
    needs python3
    [ -x "$BIN/echo-load" ] || skip "needs echo-load"
}

@test "make bench: a table of two servers, with ratios" {
    try 0 "$BENCH" --columns ping-1,connect --servers 16,toolkit \
        --rounds 1 --seconds 0.05
    like "$output" $'\nping-1, req/s\n  16 +[0-9.]+ +1.00 .*\n  toolkit +[0-9.]+ +[0-9]+\\.[0-9]{2} '
    like "$output" $'\nconnect, conn/s\n  16 +[0-9.]+ +1.00 '
}

@test "make bench: a server that is not installed is left out, a wrong name told" {
    try 2 "$BENCH" --servers nobody
    has "$errors" "unknown: nobody"
    try 0 "$BENCH" -h
    has "$output" "ping-1000"
}

@test "make bench: a curve's figures, a row for each number of clients" {
    try 0 "$BENCH" --curve "$BATS_TEST_TMPDIR/curve" --servers 12,16 \
        --rounds 1 --seconds 0.05
    is "$(head -n 1 "$BATS_TEST_TMPDIR/curve")" $'clients\t12\t16'
    is "$(cut -f 2 "$BATS_TEST_TMPDIR/curve" | grep -c '?')" 10
    like "$(tail -n 1 "$BATS_TEST_TMPDIR/curve")" $'^1000\t[?]\t[0-9]+$'
}
