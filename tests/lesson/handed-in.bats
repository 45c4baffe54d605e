#!/usr/bin/env bats
# `lesson grade`: what is found in the folders of a class, what is left out of it,
# and what is told of that. Most of what is judged does not compile: that is fast.

load ../ladder/stage

setup_file()
{
    find_stage
    # What is tried is a shell script: the sanitizers see nothing of it.
    [[ $(<"$BIN/.build/flags") != *-fsanitize* ]] || STAGE_MISSING="tried without"
}

setup()
{
    on_stage
    cd "$BATS_TEST_TMPDIR" || return
    mkdir class
    user=()
}

teardown()
{
    end_all
    [ ! -d class ] || chmod -R u+rwX class
}

# hands_in FILE...: in the class.
hands_in()
{
    local file
    for file; do
        mkdir -p "class/${file%/*}"
        echo '#!/bin/false' >"class/$file"
    done
}

# grade STATUS [OPTION...]
grade()
{
    local status=$1
    shift
    try "$status" ${user[@]+"${user[@]}"} "$BIN/lesson" grade class "$@"
}

# Root reads everything.
as_nobody()
{
    [ "$(id -u)" = 0 ] || return 0
    needs setpriv
    user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "${BATS_FILE_TMPDIR%/*}"
    chmod 777 .
    chown -R 65534 class
    "${user[@]}" test -x "$BIN/lesson" || skip "nobody may not run it here"
}

# tells LINE...: just these, in any order, each for "lesson grade: ".
tells()
{
    is "$(sort "$err")" "$(printf 'lesson grade: %s\n' "$@" | sort)"
}

row()
{
    like "$output"$'\n' $'\n'"$1 +$2"$'\n'
}

@test "a link, a FIFO and a folder are no files, and are told" {
    hands_in anna/05.c berta/notes carl/05/05.c carl/05-read-one-byte/x.c
    touch elsewhere
    mkfifo class/berta/05.c
    ln -s ../elsewhere class/berta/05
    ln -s nowhere class/berta/exercise-06.c
    ln -s nowhere class/berta/other
    mkdir class/dora
    ln -s ../carl class/dora/05-read-one-byte
    grade 0
    row anna C
    row berta -
    row dora -
    tells "berta: 05.c: no regular file, left out" "berta: 05: a link, left out" \
        "berta: exercise-06.c: a link, left out" \
        "berta: named like no exercise, left out: notes" \
        "carl: 05: a folder, left out" \
        "carl: 05-read-one-byte: a folder without exercise.c, left out" \
        "dora: 05-read-one-byte: a link, left out"
}

@test "a link, a hidden folder and a file in no folder are left out, and told" {
    hands_in anna/05.c .hidden/05-read-one-byte.c .git/config
    touch class/README
    cp class/anna/05.c class/anna-05.c
    mkdir elsewhere
    cp class/anna/05.c elsewhere
    ln -s ../elsewhere class/berta
    ln -s nowhere class/carl
    ln -s README class/link
    grade 0
    is "$(grep -cE '^(\.hidden|berta|carl|link)' "$out")" 0
    tells ".hidden: a hidden folder, left out" "berta: a link, left out" \
        "carl: a link, left out" "anna-05.c: in no folder of a student, left out"
}

@test "of two files for one exercise it is told which one is judged" {
    hands_in both/05-read-one-byte.c both/05.c both/05-read-one-byte.c.txt \
        deep/05.c deep/05-read-one-byte/exercise.c zip/homework/05.c
    grade 0
    local two="exercise 05 has two files:"
    tells "both: $two 05-read-one-byte.c is judged, 05.c is left out" \
        "both: named like no exercise, left out: 05-read-one-byte.c.txt" \
        "deep: $two 05.c is judged, 05-read-one-byte/exercise.c is left out" \
        "zip: named like no exercise, left out: homework/"
}

@test "what cannot be read is not judged, and is not as if it were not there" {
    hands_in anna/05.c berta/05.c carl/05.c carl/06.c dora/05-read-one-byte/exercise.c
    as_nobody
    chmod 0 class/berta class/carl/05.c class/dora/05-read-one-byte
    grade 1 --csv csv --junit junit
    chmod -R u+rwX class
    row anna 'C +-'
    row berta '[?] +[?]'
    row carl '[?] +C'
    row dora '[?] +-'
    tells "berta: the folder cannot be read: not judged" \
        "carl: 05.c cannot be read: not judged" \
        "dora: 05-read-one-byte cannot be read: not judged"
    is "$(grep -o 'no verdict' csv | wc -l | tr -d ' ')" 4
    is "$(grep -o '<error message="no verdict"></error>' junit | wc -l | tr -d ' ')" 4
    rm -r class/anna class/carl class/dora
    chmod 0 class/berta
    grade 1
    tells "berta: the folder cannot be read: not judged"
}

@test "what cannot start is told as such; what this machine lacks is nobody's fault" {
    mkdir class/crlf class/empty class/lacks class/none
    printf '#!/bin/sh\r\nexit\r\n' >class/crlf/05
    touch class/empty/05
    echo '#!/usr/bin/env no-such-language' >class/lacks/05.py
    echo 'import socket' >class/none/05.py
    grade 1 --csv csv
    row crlf S
    row empty S
    row lacks '[?]'
    row none S
    like "$(<grade-logs/crlf/05.log)" "^the lines of 05 end as Windows ends them: "
    like "$(<grade-logs/empty/05.log)" "^05 is no program, nor a script"
    like "$(<grade-logs/none/05.log)" "^05[.]py is no program, nor a script"
    is "$(grep -c 'does not start' csv)" 3
    tells "lacks: 05-read-one-byte could not be judged: 05.py begins with \
#!/usr/bin/env no-such-language, but there is no no-such-language"
}

@test "the solutions, and the lessons' programs, are not at hand where it is judged" {
    mkdir class/includes class/runs
    echo '#include "/course/tests/exercises/others/05/recvmsg.c"' >class/includes/05.c
    printf '#!/bin/sh\nexec /course/bin/05-read-one-byte "$@"\n' >class/runs/05
    grade 0
    row includes C
    row runs 1
    like "$(<grade-logs/includes/05.log)" "No such file"
    like "$(tr -s '\n ' ' ' <grade-logs/runs/05.log)" "not found|No such file"
}

@test "a result that cannot be written is told before anybody is judged" {
    hands_in anna/05.c
    grade 1 --csv nowhere/csv
    is "$(<"$out")" ""
    tells "nowhere/csv cannot be written"
}

@test "the log of a check that broke off tells how far it came, and nothing of the cell" {
    mkdir class/anna class/berta
    printf '#!/bin/sh\nexec sleep 99' >class/berta/05.py
    # Where it has not even begun, no step was under way.
    local step='( Step 1 of 8 was under way[.])?$'
    grade 0 --seconds 1
    row berta T
    like "$(<grade-logs/berta/05.log)" "^The time is over: 1 seconds[.]$step"
    rm class/berta/05.py
    printf '#!/bin/sh\nkill -KILL -1' >class/anna/05.py
    grade 0
    row anna E
    like "$(xargs <grade-logs/anna/05.log)" "^The check has \
not come to its end: the program killed it, or took all that it needs[.]$step"
}

@test "a terminal shows how many are judged, until all are" {
    needs script
    hands_in anna/05.c anna/06.c
    local line
    printf -v line '%q ' "$BIN/lesson" grade class --jobs 1
    try 0 script -qec "$line" /dev/null
    has "$output" $'\r0 of 2 judged\e[K'
    has "$output" $'\r1 of 2 judged\e[K'
    has "$output" $'\r\e[Kstudent '
}

@test "names of wide characters, and long ones, leave the columns where they are" {
    locale -a | grep -qix 'C[.]utf-*8' || skip "needs the locale C.UTF-8"
    hands_in 日本語/05.c "$(printf '日%.0s' {1..20})/05.c" \
        "$(printf 'x%.0s' {1..40})/05.c"
    user=(env LC_ALL=C.UTF-8)
    grade 0
    is "$(sed -n '2,4p' "$out" | sort)" "$(printf '%s   C\n' \
        "$(printf 'x%.0s' {1..29})~" "日本語$(printf ' %.0s' {1..24})" \
        "$(printf '日%.0s' {1..14})~ " | sort)"
}
