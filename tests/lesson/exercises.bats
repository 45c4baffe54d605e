#!/usr/bin/env bats
# bin/lesson and the exercises: what a student types, and what comes of it.

load student

setup_file()
{
    find_stage
    copy_tree
    make_players
}

setup()
{
    # What is tried is a shell script: the sanitizers see nothing of it.
    [[ $(<"$BIN/.build/flags") != *-fsanitize* ]] || skip "tried without"
    fresh_tree
}

teardown()
{
    end_all
    [ -z "${TREE-}" ] || chmod -R u+w "$TREE"
}

passed=(1..1 "# 1..2" "# ok 1 the first" "# ok 2 the second" "ok 1 a check")
failed=(1..1 "# 1..2" "# ok 1 the first" "# not ok 2 the second"
    "not ok 1 a check" "# expected: much" "# came:     little")

# progress LINE...: the file has just these.
progress()
{
    is "$(cat "$TREE/.progress" 2>&1)" "$(printf '%s\n' "$@")"
}

# stands_in COMMAND LINE...: what this command does from now on.
stands_in()
{
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    printf '%s\n' '#!/bin/sh' "${@:2}" >"$BATS_TEST_TMPDIR/bin/$1"
    chmod +x "$BATS_TEST_TMPDIR/bin/$1"
    student+=(PATH="$BATS_TEST_TMPDIR/bin:${PATH//"${BATS_LIBEXEC-}:"/}")
}

@test "check: what is wrong fails at its step, with all that helps and nothing else" {
    cd /
    lesson 1 check 5
    is "$errors" ""
    is "$(head -n 5 "$out")" "Exercise 05: read a message

ok     1. a message that comes in one piece is printed
FAIL   2. the server sends 26 bytes, and each read() gives one of them
expected: it prints 26 bytes: \"abcdefghijklm\\nopqrstuvwxyz\""
    like "$output" $'\ncame:     1 bytes?: "a"\n'
    like "$output" $'\nCLIENT 05-read-one-byte +WIRE SERVER peer\n'
    has "$output" 'read(3, "a", '
    has "$output" $'\n'"Read: $TREE/lessons/05-read-one-byte/README.md"
    has "$output" "Step 2 of 8 failed.
Next:
    change $shown
    $typed check 5
    $typed hint 5    gives a hint"
    is "$(grep -E '^#|in (test )?file|# skip' "$out")" ""
    progress "05 tried, hints: 0"
    is "$(awk 'length > 80' "$out" | grep -vF "tree/")" ""
}

@test "what is printed to be typed, or opened, can be, from where the student stands" {
    says "${failed[@]}" "# Read: lessons/05-read-one-byte/README.md"
    cd "$TREE"
    try 1 "${student[@]}" bin/lesson check 5
    has "$output" $'\nRead: lessons/05-read-one-byte/README.md\n'
    has "$output" "
    change lessons/05-read-one-byte/exercise.c
    bin/lesson check 5
"
    cd "$BATS_TEST_TMPDIR"
    mkdir '$HOME'
    local program="\$HOME/it's \"a\" \`wait\`" command
    printf '#!/bin/sh\n' >"$program" && chmod +x "$program"
    lesson 1 check 5 --program "$program"
    command=$(sed -n 's/^ *\(.* check 5 .*\)/\1/p' "$out")
    cp "$out" first
    try 1 "${student[@]}" sh -c "$command"
    cmp "$out" first
    lesson 1 check 5
    ls "$(eval printf %s "$(sed -n 's/^ *change //p' "$out")")"
    # All of a long ladder.
    says
    printf '#!/bin/sh\necho "$WHOLE_LADDER" >%q\n' "$PWD/named" >"$program"
    lesson 1 check 5 --program "$program"
    is "$(<named)" "$TREE/bin/exercises/05.ladder"
}

@test "check: what was mended holds, and is noted" {
    mend
    lesson 0 check 5
    is "$errors" ""
    is "$(grep -c '^ok ' "$out")" 8
    has "$output" $'\nAll 8 steps hold.\n'
    has "$output" "$typed next"
    progress "05 solved, hints: 0"
    lesson 0
    like "$output" $'\n  05 [A-Za-z ]+ solved\n'
    has "$output" $'\nSolved exercises: 1 of 3\n'
    is "$(grep -c '^  [0-9].*solved' "$out")" 1
}

@test "check: the compiler's words are shown, every time" {
    says "${passed[@]}"
    sed 's/ssize_t n;/int unused; &/' "$exercise" >"$exercise.new"
    mv "$exercise.new" "$exercise"
    local time
    for time in first second; do
        lesson 0 check 5
        like "$errors" 'exercise.c:[0-9]+:[0-9]+: warning: unused variable'
    done
    echo 'int main(' >"$exercise"
    lesson 1 check 5
    like "$errors" 'exercise.c:[0-9]+:[0-9]+: error:'
    has "$output" "It does not compile."
    has "$output" "change $shown"
    progress "05 tried, hints: 0"
}

@test "check, watch: where the file is missing, that is all, and nothing was tried" {
    local command
    rm "$exercise"
    for command in check watch; do
        lesson 1 "$command" 5
        is "$errors" "lesson: $shown is not there: $typed reset 5 brings it back"
        is "$output" ""
    done
    [ ! -e "$TREE/.progress" ]
}

@test "check: it was tried, even if nobody reads to the end" {
    says "${failed[@]}"
    # What it says comes when nobody reads any more.
    mkfifo "$BATS_TEST_TMPDIR/go"
    stands_in cat "read -r _ <'$BATS_TEST_TMPDIR/go'" "exec '$(type -P cat)' \"\$@\""
    local pipe
    for pipe in kills gives-EPIPE; do
        rm -f "$TREE/.progress"
        (
            [ "$pipe" = kills ] || trap '' PIPE
            bounded "${student[@]}" "$lesson" check 5 2>/dev/null || true
        ) | {
            read -r line
            read -r line
            exec <&-
            echo >"$BATS_TEST_TMPDIR/go"
        }
        progress "05 tried, hints: 0"
    done
}

@test "check: what cannot be written is no reason for many words" {
    says "${failed[@]}"
    local status=0
    "${student[@]}" "$lesson" check 5 >/dev/full 2>"$BATS_TEST_TMPDIR/err" || status=$?
    is "$(wc -l <"$BATS_TEST_TMPDIR/err" | tr -d ' ')" 1
    [ "$status" != 0 ]
    [ ! -e "$TREE/.progress" ]
}

@test "check: long lines are folded, and what a check forgot to explain is shown" {
    local words="one two three four five six seven eight nine ten eleven twelve"
    says 1..1 "# 1..3" "# not ok 1 $words $words" "not ok 1 a check" \
        "# (from function x in file y, line 3)" "#   'z' failed" \
        "# expected: $words, $words" "# came:     $words" \
        "# $words, $words" "# it said:  *" "# %s %n" "# ok 1 of no step"
    lesson 1 check 9
    is "$(sed '1,2d' "$out" | head -n 12)" \
        "FAIL   1. one two three four five six seven eight nine ten eleven twelve one
          two three four five six seven eight nine ten eleven twelve
expected: one two three four five six seven eight nine ten eleven twelve, one
          two three four five six seven eight nine ten eleven twelve
came:     one two three four five six seven eight nine ten eleven twelve
one two three four five six seven eight nine ten eleven twelve, one two three
four five six seven eight nine ten eleven twelve
it said:  *
%s %n
ok 1 of no step

Step 1 of 3 failed."
    says 1..1 "# 1..1" "# not ok 1 x" "not ok 1 a check" \
        "# (in test file y, line 3)" "#   '[ z ]' failed"
    lesson 1 check 9
    has "$output" "(in test file y, line 3)
  '[ z ]' failed

Step 1 of 1 failed."
}

@test "check: what broke off or could not be judged is no fault of the student" {
    says 1..1 "not ok 1 a check" "# 'make' failed"
    lesson 3 check 5
    has "$errors" "lesson: this cannot be checked here: the check itself broke off"
    has "$output" "'make' failed"
    says 1..1 "ok 1 a check # skip needs a moon"
    lesson 3 check 5
    has "$errors" "lesson: this cannot be checked here: needs a moon"
    says 1..1 "# 1..3" "# ok 1 a"
    lesson 3 check 5
    printf '' >"$TREE/tests/said"
    lesson 3 check 5
    [ ! -e "$TREE/.progress" ]
}

@test "check: where the ladder cannot work, it says what is missing, with status 3" {
    with_players
    local forbidden
    for forbidden in ptrace unshare; do
        try 3 "${student[@]}" "$PLAYERS" forbids "$forbidden" "$lesson" check 5
        like "$errors" "^ladder: .*$forbidden.*To allow it: "
        has "$errors" "lesson: without that nothing can be checked"
    done
    mv "$TREE/bin/ladder" "$TREE/bin/no-ladder"
    lesson 3 check 5 && mv "$TREE/bin/no-ladder" "$TREE/bin/ladder"
    has "$errors" "lesson: a check needs bin/ladder: type make"
    [ ! -e "$TREE/.progress" ]
}

@test "check --program: any program, from where one stands, and it is noted as solved" {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p 'my work'
    mend
    make -s -C "$TREE" bin/exercises/05-read-one-byte
    cp "$TREE/bin/exercises/05-read-one-byte" 'my work/reader'
    cp "$TREE/tests/exercises/shipped/05.c" "$exercise"
    lesson 0 check 5 --program 'my work/reader'
    has "$output" "Exercise 05: read a message: my work/reader"
    has "$output" "All 8 steps hold."
    progress "05 solved, hints: 0"

    says "${failed[@]}"
    printf '#!/bin/sh\n' >wrong && chmod +x wrong
    lesson 1 check "--program=$PWD/wrong" 5
    has "$output" "    change $PWD/wrong
    $typed check 5 --program $PWD/wrong
    $typed hint 5"
    progress "05 solved, hints: 0"
    rm "$TREE/.progress"
    lesson 1 check --program wrong 5
    progress "05 tried, hints: 0"
    says "${passed[@]}"
    lesson 0 check --program wrong
    progress "05 solved, hints: 0"
}

@test "check --program: what cannot be run is told" {
    cd "$BATS_TEST_TMPDIR"
    lesson 2 check 5 --program nowhere
    has "$errors" "lesson: there is no file nowhere"
    lesson 2 check 5 --program .
    has "$errors" "lesson: . is a folder: name a program in it"
    touch server.py
    lesson 2 check 5 --program server.py
    has "$errors" "lesson: server.py is not executable: a script takes chmod +x"
    chmod +x server.py
    local name first
    for first in /nowhere/python '/usr/bin/env nowhere/python'; do
        echo "#!$first" >server.py
        lesson 2 check 5 --program server.py
        is "${errors%%$'\n'*}" \
            "lesson: server.py begins with #!$first, but there is no ${first##*env }"
    done
    printf '#!/bin/sh\r\n' >server.py
    lesson 2 check 5 --program server.py
    has "$errors" "lesson: the lines of server.py end as Windows ends them"
    for first in '' 'import socket' MZ; do
        printf %s "$first" >server.py
        lesson 2 check 5 --program server.py
        has "$errors" "lesson: server.py is no program, nor a script"
    done
    for name in server.c server.cpp; do
        cp server.py "$name"
        lesson 2 check 5 --program "$name"
        has "$errors" "lesson: $name is source text: build it first"
    done
    says "${passed[@]}"
    for first in '#! /bin/sh -e' '#!/usr/bin/env sh' '#!/usr/bin/env -S sh -e' \
        '#!' $'\177ELF'; do
        printf '%s\n' "$first" >server.py
        lesson 0 check 5 --program server.py
    done
    rm "$TREE/.progress"
    lesson 2 check 5 --program
    has "$errors" "lesson: --program needs a file"
    lesson 2 check 5 --prog wrong
    has "$errors" 'lesson: unknown option --prog'
    [ ! -e "$TREE/.progress" ]
}

@test "without a number it is the latest, until that is solved; then the next" {
    says "${failed[@]}"
    lesson 0 next
    has "$output" "Exercise 05: "
    lesson 1 check 9
    lesson 1 check
    has "$output" "Exercise 09: "
    progress "09 tried, hints: 0"
    says "${passed[@]}"
    lesson 0 check
    has "$output" "Exercise 09: "
    lesson 0 next
    file=$(typed "$TREE/lessons/12-echo-server/exercise.c")
    has "$output" "Exercise 12: read a message

The lesson:    $typed 12 --text; on the ladder: $typed 12
The exercise:  $file

Next:
    change $file
    $typed check 12
"
    lesson 0 check
    has "$output" "Exercise 12: "
    # Round again: what was left out.
    lesson 0 hint
    has "$output" "Hint 1 of 4 for exercise 05:"
    lesson 0 check
    has "$output" "Exercise 05: "
    progress "09 solved, hints: 0" "12 solved, hints: 0" "05 solved, hints: 1"
    local command
    for command in next check hint watch; do
        lesson 0 "$command"
        is "$output" "All exercises are solved."
    done
    # The latest check counts.
    says "${failed[@]}"
    lesson 1 check 9
    lesson 0 next
    has "$output" "Exercise 09: "
}

@test "hint: one more with each call, and the last one again" {
    local i text
    for i in 1 2 3 4; do
        lesson 0 hint 5
        is "${output%%$'\n'*}" "Hint $i of 4 for exercise 05:"
        text="$text$(sed 1d "$out")"$'\n'
    done
    is "$(sed '/^$/d' <<<"$text")" \
        "$(sed '/^$/d' "$TREE/lessons/05-read-one-byte/hints")"
    progress "05 open, hints: 4"
    for i in 5 6; do
        lesson 0 hint 5
        has "$output" "Exercise 05 has no further hint. The last one was:"
        has "$output" "$(tail -n 1 "$TREE/lessons/05-read-one-byte/hints")"
    done
    is "$errors" ""
    # A check keeps the count.
    says "${failed[@]}"
    lesson 1 check 5
    progress "05 tried, hints: 4"
}

@test "solve: a solution as a diff, but not before a check was tried" {
    lesson 1 solve 5
    is "$output" ""
    has "$errors" "lesson: try it first: $typed check 5"
    says "${failed[@]}"
    lesson 1 check 5
    lesson 0 solve 5
    like "$output" $'^Exercise 05: [^\n]*\n\nOne solution; .*\n\nWhy step 2 fails:\n'
    # It is the diff: it applies.
    patch -s "$exercise" "$out"
    mv "$exercise" "$BATS_TEST_TMPDIR/by-solve"
    cp "$TREE/tests/exercises/shipped/05.c" "$exercise"
    mend
    cmp "$exercise" "$BATS_TEST_TMPDIR/by-solve"
}

@test "reset --yes: the file is as it was shipped, and what the student had is kept" {
    local shipped=$TREE/tests/exercises/shipped/05.c kept=${exercise%.c}.mine
    says "${passed[@]}"
    mend
    cp "$exercise" "$BATS_TEST_TMPDIR/first"
    lesson 0 check 5
    lesson 0 check 9
    lesson 0 reset 5 --yes
    has "$output" "Yours is now $(typed "$kept.c")."
    cmp "$exercise" "$shipped"
    progress "09 solved, hints: 0"
    echo second >"$exercise"
    lesson 0 reset 5 --yes
    has "$output" "Yours is now $(typed "${kept}2.c")."
    cmp "$kept.c" "$BATS_TEST_TMPDIR/first"
    is "$(cat "${kept}2.c")" second
    # Nothing is kept of what nobody changed, but what was noted is forgotten.
    lesson 0 hint 5
    progress "09 solved, hints: 0" "05 open, hints: 1"
    lesson 0 reset 5 --yes
    progress "09 solved, hints: 0"
    is "$output" "$shown is as it was shipped.
Its hints are forgotten, and whether it was solved."
    [ ! -e "${kept}3.c" ]
    rm "$exercise"
    lesson 0 reset --yes 5
    is "$output" "$shown is there again, as it was shipped."
    cmp "$exercise" "$shipped"
    [ ! -e "${kept}3.c" ]
    # What is kept is no lesson.
    try 0 make -C "$TREE" -n -B bin/05-read-one-byte
    has "$output" read-one-byte.c
    is "$(grep -F exercise "$out")" ""
}

@test "reset asks, on a terminal; elsewhere it does nothing" {
    needs script
    local answer kept=${exercise%.c}.mine.c
    mend
    lesson 2 reset 5
    has "$errors" "lesson: reset asks, but this is no terminal: add --yes"
    for answer in '' n no x; do
        terminal 1 "$answer" reset 5
        has "$output" "Put $shown back as it was"
        has "$output" "[y/N]"
        [ ! -e "$kept" ]
    done
    # Of what nobody changed only what was noted is lost.
    cp "$TREE/tests/exercises/shipped/05.c" "$exercise"
    lesson 0 reset 5
    lesson 0 hint 5
    lesson 2 reset 5
    terminal 1 n reset 5
    has "$output" "Forget its hints"
    progress "05 open, hints: 1"
    terminal 0 y reset 5
    [ ! -s "$TREE/.progress" ]
    mend
    for answer in y Yes; do
        terminal 0 "$answer" reset 5
        cmp "$exercise" "$TREE/tests/exercises/shipped/05.c"
        mend
        cmp "$exercise" "$kept"
        rm "$kept"
    done
}

# terminal STATUS ANSWER ARG...: bin/lesson on a terminal, where this is typed.
terminal()
{
    local status=$1 answer=$2 line
    shift 2
    printf -v line '%q ' "${student[@]}" "$lesson" "$@"
    printf '%s\n' "$answer" >"$BATS_TEST_TMPDIR/answer"
    try "$status" script -qec "$line" /dev/null <"$BATS_TEST_TMPDIR/answer"
}

@test "colour is for terminals, and not where NO_COLOR is set" {
    needs script
    local escape=$'\033'
    says "${failed[@]}"
    terminal 1 '' check 5
    has "$output" "${escape}[32mok "
    has "$output" "${escape}[1;31mFAIL "
    student+=(NO_COLOR=1)
    terminal 1 '' check 5
    is "${output//"$escape"/}" "$output"
}

@test "a damaged .progress does no harm, and is mended" {
    printf '%s\n' $'\377\376' '' 'hello 05' '05 tried, hints: 2' '05' \
        '05 solved, hints: 99999999999999' '99 tried, hints: 1' '09 tried, hints: x' \
        >"$TREE/.progress"
    printf 'a\0b' >>"$TREE/.progress"
    lesson 0
    is "$errors" ""
    like "$output" $'\n  05 [A-Za-z ]+ tried\n'
    lesson 0 hint 5
    has "$output" "Hint 3 of 4"
    progress "99 tried, hints: 1" "05 tried, hints: 3"
    lesson 0 next
    has "$output" "Exercise 05: "
}

@test "what two commands note at once is kept" {
    # While it waits, another one notes something.
    stands_in sleep "echo '05 tried, hints: 1' >.progress" 'rmdir .progress.lock'
    mkdir "$TREE/.progress.lock"
    lesson 0 hint 9
    progress "05 tried, hints: 1" "09 open, hints: 1"
    [ ! -e "$TREE/.progress.lock" ]
}

@test "a hint that is shown while a check runs is remembered" {
    lesson 0 hint 9
    # The program asks for it, once in each play.
    printf '%s\n' '#!/bin/sh' "$typed hint 12" >"$BATS_TEST_TMPDIR/asks"
    chmod +x "$BATS_TEST_TMPDIR/asks"
    lesson 1 check 12 --program "$BATS_TEST_TMPDIR/asks"
    like "$(<"$TREE/.progress")" $'^09 open, hints: 1\n12 tried, hints: [1-4]$'
}

@test "a lock that somebody left is no end of it" {
    stands_in sleep 'exit 0'
    mkdir "$TREE/.progress.lock"
    lesson 0 hint 5
    is "$errors" ""
    progress "05 open, hints: 1"
    [ ! -e "$TREE/.progress.lock" ]
    touch "$TREE/.progress.lock"
    lesson 0 hint 5
    has "$errors" "lesson: .progress cannot be written"
    rm "$TREE/.progress.lock"
}

@test "where nothing can be written, everything else works" {
    local user=()
    if [ "$(id -u)" = 0 ]; then
        needs setpriv
        user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "${BATS_FILE_TMPDIR%/*}" 
        chmod 777 "$BATS_TEST_TMPDIR"
    fi
    make -s -C "$TREE" bin/.build/shared.a
    rm -rf "$TREE/bin/exercises"
    chmod -R a-w "$TREE"
    student=(${user[@]+"${user[@]}"} "${student[@]}")
    lesson 1 check 5
    has "$errors" "lesson: .progress cannot be written"
    has "$output" "Step 2 of 8 failed."
    lesson 0 hint 5
    has "$output" "Hint 1 of 4"
    is "$(ls "$BATS_TEST_TMPDIR")" $'err\nout'
}

# Its sleep tells that it begins, and ends when it is told to.
@test "watch: checks whenever the file changes, until it is solved" {
    mkfifo "$BATS_TEST_TMPDIR/wake"
    # It may open the pipe so early that the last one's end is all it reads.
    stands_in sleep 'echo asleep' \
        "until read -r _ <'$BATS_TEST_TMPDIR/wake'; do :; done"

    says "${failed[@]}"
    start "${student[@]}" "$lesson" watch 5
    until_line '^Step 2 of 2 failed'
    next_line && is "$line" \
        "Waiting until $shown changes; Ctrl-C ends this."
    next_line && is "$line" asleep
    # Another time is no change; an empty file is being written, one that is gone
    # is being replaced.
    touch "$exercise"
    wake && is "$line" asleep
    mv "$exercise" "$exercise.new"
    wake && is "$line" asleep
    : >"$exercise"
    wake && is "$line" asleep
    echo '#error "no"' >"$exercise"
    wake && is "$line" ""
    next_line && like "$line" '^-+ [0-9:]+$'
    until_line '^It does not compile'
    until_line '^asleep'

    says "${passed[@]}"
    mv "$exercise.new" "$exercise"
    wake && is "$line" ""
    until_line '^ok     2[.] the second'
    until_line '^All 2 steps hold'
    ends 0
    progress "05 solved, hints: 0"
}

# Ends a sleep; gives the line that follows.
wake()
{
    echo >"$BATS_TEST_TMPDIR/wake"
    next_line
}

# interrupt: as Ctrl-C does it, all at once.
interrupt()
{
    kill -INT -- "-$server_pid"
    ends 130
    is "$(grep -l "MARK=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ 2>/dev/null)" ""
}

@test "Ctrl-C ends a check with all its players, and a watch that waits" {
    mkfifo "$BATS_TEST_TMPDIR/begun"
    printf '%s\n' '#!/bin/sh' "echo >'$BATS_TEST_TMPDIR/begun'" 'exec sleep 99' \
        >"$BATS_TEST_TMPDIR/waits"
    chmod +x "$BATS_TEST_TMPDIR/waits"
    student+=("MARK=$BATS_TEST_TMPDIR")
    # Its own process group, in which SIGINT is not ignored.
    student=(setsid env --default-signal=INT "${student[@]:1}")
    "${student[@]}" true || skip "needs setsid, and env --default-signal"
    start "${student[@]}" "$lesson" check 5 --program "$BATS_TEST_TMPDIR/waits"
    read -r line <"$BATS_TEST_TMPDIR/begun"
    interrupt
    [ ! -e "$TREE/.progress" ]

    says "${failed[@]}"
    start "${student[@]}" "$lesson" watch 5
    until_line '^Waiting until'
    interrupt
}

@test "grade is another program, which stands where the caller stands" {
    printf '%s\n' 'pwd' 'printf "%s\n" "$#" "$@"' >"$TREE/src/lesson/grade.sh"
    cd "$BATS_TEST_TMPDIR"
    lesson 0 grade 'a b' -h --csv x
    is "$output" "$PWD"$'\n4\na b\n-h\n--csv\nx'
}

@test "a link to it is as good, and is what is told to be typed" {
    cd "$BATS_TEST_TMPDIR"
    mkdir bin
    ln -s "$lesson" bin/first
    ln -s bin/first second
    try 0 "${student[@]}" ./second next
    has "$output" "The lesson:    ./second 5 --text"
    has "$output" "The exercise:  $shown"
}

@test "every shell takes it" {
    local shell
    says "${failed[@]}"
    for shell in dash 'busybox sh' 'bash --posix' ksh mksh yash; do
        command -v "${shell%% *}" >/dev/null || continue
        rm -f "$TREE/.progress"
        # shellcheck disable=SC2086 # words
        try 1 "${student[@]}" $shell "$lesson" check 5
        is "$errors" ""
        has "$output" $'FAIL   2. the second\nexpected: much\ncame:     little\n'
        # shellcheck disable=SC2086 # words
        try 0 "${student[@]}" $shell "$lesson" hint
        progress "05 tried, hints: 1"
    done
}

@test "wrong usage" {
    local command
    for command in check watch hint solve reset; do
        lesson 2 "$command" 4
        has "$errors" "lesson: lesson 04 has no exercise"
        for number in 99 x '' -3 --nonsense; do
            lesson 2 "$command" "$number"
            has "$errors" "'lesson -h' shows the usage"
            is "$output" ""
        done
        lesson 2 "$command" 5 9
        lesson 0 "$command" -h
        has "$output" "Usage: lesson"
    done
    lesson 2 next 5
    lesson 2 reset
    lesson 2 reset --yes
    has "$errors" "lesson: reset takes the number of an exercise"
    lesson 2 reset 5 --sure
    has "$errors" "lesson: unknown option --sure"
    lesson 0 --help
    has "$output" "lesson grade DIR [OPTION...]"
    [ ! -e "$TREE/.progress" ]
}
