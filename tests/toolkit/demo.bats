#!/usr/bin/env bats
# src/demo.sh, which is `make demo`.

load ../helper

setup()
{
    export ASAN_OPTIONS=detect_leaks=0 # impossible in programs that are traced
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
}

nothing_stays()
{
    is "$(ls "$TMPDIR")" ""
}

@test "the demo shows both sides of both pairs, and leaves nothing" {
    try 0 sh "$BIN/../src/demo.sh"
    is "$errors" ""
    like "$output" '\| "[0-9]{2} [A-Z]{3} [0-9]{4} [0-9:]{8} UTC'
    like "$output" 'server \| listening on 127.0.0.1:[0-9]+'
    like "$output" 'client \| Still there\?'
    is "$(awk 'length > 80' "$out")" ""
    nothing_stays
}

@test "the demo fails when it cannot be seen" {
    [ -c /dev/full ] || skip "needs /dev/full"
    try 1 sh -c 'exec sh "$0" >/dev/full' "$BIN/../src/demo.sh"
    nothing_stays
}

@test "SIGINT and SIGTERM end the demo, and nothing stays" {
    mkdir -p "$BATS_TEST_TMPDIR/src" "$BATS_TEST_TMPDIR/bin"
    cp "$BIN/../src/demo.sh" "$BATS_TEST_TMPDIR/src"
    cp "$BIN/10-daytime-server" "$BATS_TEST_TMPDIR/bin"
    # A client that interrupts it, instead of a person.
    local signal status
    for signal in INT TERM; do
        printf '#!/bin/sh\nkill -%s "$DEMO"\n' "$signal" \
            >"$BATS_TEST_TMPDIR/bin/09-daytime-client"
        chmod +x "$BATS_TEST_TMPDIR/bin/09-daytime-client"
        status=130
        [ "$signal" = INT ] || status=143
        try "$status" sh -c 'DEMO=$$ exec sh "$0"' \
            "$BATS_TEST_TMPDIR/src/demo.sh"
        nothing_stays
    done
}
