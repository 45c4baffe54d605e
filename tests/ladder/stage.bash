# shellcheck shell=bash
# stage.bash - what the ladder's tests share; it loads ../helper.
#
# In setup_file: `find_stage`, which looks once whether the ladder can work
# here; `make_players` builds players.c for this file, into $PLAYERS. In setup:
# `on_stage` skips the test where it cannot.
#
#   play STATUS [ARG...]    the ladder with --events, as `try` does it, behind
#                           the words of $LEADER, if there are any; then
#                           $story holds what happened, a line for each event
#   play_until REGEX [ARG...]  the same, interrupted (as by Ctrl-C) as soon as a
#                           line of the picture matches, so that no test waits
#   tell_story FILE...      of other events files; "==" stands between two
#   in_order REGEX...       in the story (in each of them) each one begins a
#                           line, in this order
#   happens [N] REGEX       N lines of the story begin so (0: never); without N
#                           at least one
#
# A story's lines, from the events' keys:
#
#   client call connect 3, 127.0.0.1:13
#   client return connect = 0: 3, 127.0.0.1:13
#   client return read = -1 EINTR *interrupted*: 3, ?, 512
#   client > server SYN                          (a segment)
#   server > client PSH ACK 26 bytes
#   server state LISTEN 1/5                      (the queue, the backlog)
#   client state CLOSE-WAIT 26 unread
#   server stdout listening on 127.0.0.1:13      (with JSON's escapes)
#   server fork 4711, server signal SIGTERM, server exit 0
#   server exit 0 of a child
#   server note All clients have ended: SIGTERM for the server.

# What the helper sets is not known here (2154); LEADER is words (2086).
# shellcheck disable=SC2154,SC2086

load ../helper
STAGE=${BASH_SOURCE[0]%/*}

# Nothing of the ladder's own is trusted here where unshare(1) can be asked.
find_stage()
{
    local user=''
    # LeakSanitizer cannot look at a process that is traced.
    export ASAN_OPTIONS=detect_leaks=0 STAGE_MISSING='' PLAYERS=''
    unset COLUMNS NO_COLOR
    [ "$(uname)" = Linux ] || STAGE_MISSING="the ladder is Linux's"
    [ -z "$STAGE_MISSING" ] || return 0
    [ "$(id -u)" = 0 ] || user=-Ur
    if command -v unshare >/dev/null; then
        unshare $user -n true 2>/dev/null || unshare -Ur -n true 2>/dev/null ||
            STAGE_MISSING="needs user namespaces"
    fi
    if command -v strace >/dev/null; then
        strace -o /dev/null true 2>/dev/null || STAGE_MISSING="needs ptrace"
    fi
}

on_stage()
{
    [ -z "$STAGE_MISSING" ] || skip "$STAGE_MISSING"
    events=$BATS_TEST_TMPDIR/events
}

# With the compiler and the flags of all the rest.
make_players()
{
    [ -z "$STAGE_MISSING" ] || return 0
    local flags kernel_headers=''
    flags=$(<"$BIN/.build/flags")
    command -v "${flags%% *}" >/dev/null || return 0
    # musl-gcc does not look where the kernel's headers are: as in the Makefile.
    [[ $flags != *musl-gcc* ]] || kernel_headers="-idirafter /usr/include
        -idirafter /usr/include/$(gcc -print-multiarch)"
    (cd "$BIN/.." && $flags $kernel_headers -pthread \
        -o "$BATS_FILE_TMPDIR/players" "$STAGE/players.c") || return
    PLAYERS=$BATS_FILE_TMPDIR/players
}

with_players()
{
    on_stage
    [ -n "$PLAYERS" ] || skip "needs a C compiler"
}

play()
{
    local status=$1
    shift
    try "$status" ${LEADER-} "$BIN/ladder" --events "$events" "$@" || return
    tell_story "$events"
}

play_until()
{
    local regex=$1
    shift
    start "$BIN/ladder" --events "$events" "$@"
    until_line "$regex"
    kill -INT "$server_pid"
    ends 1
    is "$errors" ""
    has "$output" "# Interrupted."
    tell_story "$events"
}

until_line()
{
    while next_line; do
        [[ ! $line =~ $1 ]] || return 0
    done
    return 1
}

tell_story()
{
    story=$(story_of "$@")
}

story_of()
{
    awk '
        function value(key,    text)
        {
            if (match($0, "\"" key "\":\"([^\"\\\\]|\\\\.)*\"")) {
                text = substr($0, RSTART, RLENGTH)
                return substr(text, length(key) + 5,
                    length(text) - length(key) - 5)
            }
            if (match($0, "\"" key "\":-?[0-9.]+"))
                return substr($0, RSTART + length(key) + 3,
                    RLENGTH - length(key) - 3)
            return ""
        }
        function with(before, text, after)
        {
            return text == "" ? "" : before text after
        }
        function either(text, other) { return text == "" ? other : text }

        FNR == 1 && NR > 1 { print "==" }
        { actor = value("actor"); event = value("event"); line = actor " " }
        event == "segment" {
            line = either(value("from_actor"), "?") " > " \
                either(value("to_actor"), "?") " " \
                either(value("flags"), "datagram")
            if (value("length") > 0)
                line = line " " value("length") " bytes"
            if (index($0, "\"retransmission\":true"))
                line = line " again"
        }
        event == "call" { line = line "call " value("call") " " value("args") }
        event == "return" {
            line = line "return " value("call") " = " value("result") \
                with(" ", value("errno")) with(" *", value("changed"), "*") \
                with(" from ", value("from")) ": " value("args")
        }
        event == "state" {
            line = line "state " value("state") \
                with(" ", value("waiting"), "/" value("backlog"))
            if (value("unread") > 0)
                line = line " " value("unread") " unread"
        }
        event == "output" { line = line value("stream") " " value("text") }
        event == "note" { line = line "note " value("text") }
        event == "signal" { line = line "signal " value("signal") }
        event == "fork" { line = line "fork " value("result") }
        event == "exit" {
            line = line "exit " value("status") value("signal")
            if (index($0, "\"child\":true"))
                line = line " of a child"
        }
        { print line }' "$@"
}

in_order()
{
    awk '
        function check()
        {
            if (wanted == ARGC)
                return
            print "not there, or not in this order: " ARGV[wanted]
            for (i = 1; i <= count; i++)
                print part[i]
            failed = 1
        }
        BEGIN {
            wanted = 1
            while ((getline < "/dev/stdin") > 0) {
                NR++
                if ($0 == "==") {
                    if (wanted != ARGC)
                        break
                    wanted = 1
                    count = 0
                    continue
                }
                part[++count] = $0
                if (wanted < ARGC && $0 ~ "^(" ARGV[wanted] ")")
                    wanted++
            }
            check()
            exit failed
        }' "$@" <<<"$story" >&2
}

happens()
{
    local expected=''
    [ $# = 1 ] || { expected=$1 && shift; }
    local got
    got=$(grep -cE "^$1" <<<"$story") || true
    [ "$got" = "$expected" ] || [ -z "$expected$([ "$got" = 0 ] && echo 0)" ] ||
        fail "expected ${expected:-some} of: $1; got: $got"$'\n'"${story:0:9000}"
}
