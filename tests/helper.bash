# shellcheck shell=bash
# helper.bash - what every .bats file loads: `load helper`, `load ../helper`.
#
#   $BIN, $PEER           the folder bin/, and the scripted peer (tests/peer.c)
#   $BATS_TEST_TMPDIR     a folder for this test's files, thrown away by bats
#
# In the foreground; standard input is /dev/null, or what the test redirects:
#
#   try STATUS COMMAND...   runs it for $LIMIT seconds at most (60, so that only
#                           what hangs is ended), checks its exit status;
#                           then $output and $errors hold what it wrote, as do
#                           the files $out and $err, byte by byte
#
# In the background (never in a pipe, a `run` or a subshell):
#
#   start_server PROGRAM [ARG...]  waits for the first line, which ends in the
#                           port; sets $line, $port, $server_pid and $slot
#   start PROGRAM [ARG...]  the same for what prints no ready line: a client, a
#                           peer that connects; sets $server_pid and $slot
#   next_line               its next line of output, into $line
#   feed TEXT               writes TEXT to its standard input, with printf's
#                           escapes; nobody else does: it never ends...
#   end_input               ...before this
#   ends [STATUS]           waits until it ends by itself, checks the status (0
#                           if none is given); what is left of its output is in
#                           $output, its standard error in $errors
#   stop_server [SIGNAL]    sends SIGTERM (or INT), checks that it ends with 0
#                           and that its standard error is empty
#
# The last four speak of the program of $slot, the last one started. For two at
# a time: `first=$slot` after the first start, `slot=$first` to go back to it.
#
# Expectations; each says what was expected and what was there:
#
#   is GOT EXPECTED         the same text
#   has GOT PART            PART is in it
#   like GOT REGEX          it matches, as with [[ GOT =~ REGEX ]]
#   fail MESSAGE            for all others
#   needs PROGRAM           skips the test where an optional tool is missing
#   needs_injection         ... or where strace cannot make calls fail
#
#     load ../helper
#     @test "04 tells both ends' addresses" {
#         start_server "$PEER" listen 0 expect-end
#         try 0 "$BIN/04-client-connect" "$port"
#         has "$output" "127.0.0.1:$port"
#         ends
#     }
#
# It keeps to bash 3.2, which macOS has.

# Nothing reads from the terminal of whoever runs the suite.
exec </dev/null

BIN=${BASH_SOURCE[0]%/tests/*}/bin
# shellcheck disable=SC2034 # for the tests
PEER=$BIN/.build/peer

slot=0
pids=()

fail()
{
    printf '%s\n' "$*" >&2
    return 1
}

is()
{
    [ "$1" = "$2" ] || fail "$(printf 'expected: %s\ngot:      %s' "$2" "$1")"
}

has()
{
    [[ $1 == *"$2"* ]] ||
        fail "$(printf 'expected, somewhere: %s\ngot: %s' "$2" "$1")"
}

like()
{
    [[ $1 =~ $2 ]] ||
        fail "$(printf 'expected to match: %s\ngot: %s' "$2" "$1")"
}

needs()
{
    command -v "$1" >/dev/null || skip "needs $1"
}

needs_injection()
{
    needs strace
    strace -o /dev/null -e inject=close:error=EIO:when=1000 true ||
        skip "strace may not trace, or cannot inject, here"
    # LeakSanitizer cannot look at a process that is traced.
    export ASAN_OPTIONS=detect_leaks=0
}

# Runs a command for 60 seconds at most, or $LIMIT; gives 124 after that.
bounded()
{
    if command -v timeout >/dev/null; then
        timeout -k 1 "${LIMIT-60}" "$@" 3>&-
    else
        "$@" 3>&-
    fi
}

try()
{
    local expected=$1 got=0
    shift
    out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
    bounded "$@" >"$out" 2>"$err" || got=$?
    { output=$(<"$out") errors=$(<"$err"); } 2>/dev/null # of a NUL, it warns
    [ "$got" = "$expected" ] && return
    fail "$(printf '%s\n' "$*" "expected status: $expected" \
        "got: $got$([ "$got" = 124 ] && echo ' (did not end)')" \
        "standard output: $output" "standard error: $errors")"
}

# Descriptors 20+slot read a program's output, 30+slot feed its input. None is
# passed on to a program: an input that another one holds open never ends.
start()
{
    slot=$((${#pids[@]} + 1))
    local base=$BATS_TEST_TMPDIR/$slot close='' i
    for ((i = 1; i < slot; i++)); do
        close="$close $((20 + i))<&- $((30 + i))>&-"
    done
    mkfifo "$base.in" "$base.out"
    eval 'exec "$@" <"$base.in" >"$base.out" 2>"$base.err" 3>&-'"$close &"
    server_pid=$!
    pids[slot]=$server_pid
    eval "exec $((30 + slot))>\"\$base.in\" $((20 + slot))<\"\$base.out\""
}

start_server()
{
    start "$@"
    next_line || return
    port=${line##*:}
    like "$port" '^[0-9]+$'
}

# read -t gives more than 128 when the time is over, and bash 3.2 gives 1.
next_line()
{
    local result=0
    IFS= read -r -t 30 line <&$((20 + slot)) || result=$?
    [ "$result" = 0 ] || [ -n "$line" ] ||
        fail "no further line in 30 seconds, or the end (read gave $result);" \
            "standard error: $(cat "$BATS_TEST_TMPDIR/$slot.err")"
}

feed()
{
    # shellcheck disable=SC2059 # the escapes are wanted
    printf "$1" >&$((30 + slot))
}

end_input()
{
    eval "exec $((30 + slot))>&-"
}

# A program that has ended has closed its standard output: no need to poll.
ends()
{
    local expected=${1-0} got=0 pid=${pids[slot]}
    output=$(bounded cat <&$((20 + slot))) ||
        fail "it did not end: ${output-}" || return
    wait "$pid" || got=$?
    pids[slot]=0
    errors=$(cat "$BATS_TEST_TMPDIR/$slot.err")
    [ "$got" = "$expected" ] && return
    fail "$(printf '%s\n' "expected status: $expected" "got: $got" \
        "last output: $output" "standard error: $errors")"
}

stop_server()
{
    kill -"${1-TERM}" "${pids[slot]}"
    ends 0 && is "$errors" ""
}

# Whatever still runs is ended. A file with a teardown of its own calls this.
# Bash would tell who was killed; wait is where it does that.
end_all()
{
    local pid
    for pid in ${pids[@]+"${pids[@]}"}; do
        [ "$pid" = 0 ] || { kill -KILL "$pid" && wait "$pid"; } || true
    done
} 2>/dev/null

teardown()
{
    end_all
}
