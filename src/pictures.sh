#!/bin/sh
# pictures [CAST]... - `make pictures`: draws each lesson's ladder.svg, or some,
# by playing its cast. Ports, times and interleaving differ from run to run, so
# look at what has come out. A picture is replaced only if the stage was whole.

cd "$(dirname "$0")/.." || exit
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

[ $# -gt 0 ] || set -- lessons/[0-9]*/cast
for cast; do
    picture=${cast%cast}ladder.svg
    if bin/ladder --svg "$work/svg" "$cast" </dev/null >"$work/out" \
        2>"$work/err" && [ ! -s "$work/err" ]; then
        cat "$work/svg" >"$picture" || exit
        echo "$picture"
    else
        echo "pictures: $cast was not played to its end:" >&2
        cat "$work/out" "$work/err" >&2
        exit 1
    fi
done
