#!/bin/sh
# ladder.sh [CALLS [ROUNDS]] - how much the ladder slows down a pair that makes
# so many network calls (100000), beside strace and alone, in turn; medians of
# the rounds (5), in seconds, and the ladder's memory at its largest. Needs
# strace; run it on a quiet machine.

cd "$(dirname "$0")/../.." || exit
calls=${1-100000} rounds=${2-5}
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
command -v strace >/dev/null || { echo "ladder.sh: needs strace" >&2; exit 1; }
${CC:-cc} -O2 -o "$work/chat" tests/bench/chat.c || exit

now() { date +%s.%N; }

# measure NAME COMMAND...: adds a line to the file of that name.
measure()
{
    name=$1 begin=$(now)
    shift
    "$@" >"$work/output" 2>&1 || { cat "$work/output" >&2; exit 1; }
    echo "$begin $(now)" | awk '{ print $2 - $1 }' >>"$work/$name"
}

median() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    measure bare "$work/chat" "$calls"
    measure strace strace -f --seccomp-bpf -e trace=network,desc \
        -o "$work/strace.out" "$work/chat" "$calls"
    measure picture bin/ladder --timeout 600 "$work/chat" "$calls"
    measure events bin/ladder --timeout 600 --events "$work/events.jsonl" \
        "$work/chat" "$calls"
done

echo "$calls calls, medians of $rounds rounds, in seconds:"
for name in bare strace picture events; do
    echo "$(median "$name") $(median strace)" |
        awk -v name="$name" '{
            printf "  %-8s %8.3f   %5.2f times strace\n", name, $1, $1 / $2
        }'
done
# Its own high-water mark, read while it still is there.
# shellcheck disable=SC2016 # the inner shell expands it
peak=$(bin/ladder --timeout 600 --events "$work/events.jsonl" sh -c \
    '"$0" "$1" >/dev/null; grep VmHWM "/proc/$PPID/status"' "$work/chat" \
    "$calls" | grep -o '[0-9]* kB')
echo "memory of the ladder at its largest: $peak"
echo "events of the last round: $(grep -c . "$work/events.jsonl")"
