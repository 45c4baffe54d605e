#!/usr/bin/env bats
# `lesson grade`: a class of which nearly everyone is hostile, or wrong in one way.

load ../ladder/stage

# A word that nobody else's processes or files have.
mark()
{
    echo "mark-${BATS_FILE_TMPDIR//[^a-zA-Z0-9]/-}"
}

# hands_in STUDENT FILE: standard input.
hands_in()
{
    mkdir -p "$CLASS/$1"
    cat >"$CLASS/$1/$2"
}

# A program whose main does this, and nothing where it is not in a cell.
does()
{
    printf '#include <%s.h>\n' fcntl signal stdio stdlib string unistd
    echo 'int main(int argc, char *argv[]) {'
    echo 'if (access("/submission", F_OK) == -1) return 9;'
    echo "$* return argc < 0; }"
}

make_class()
{
    local correct=$BATS_TEST_DIRNAME/../exercises/others/05/recv-one-byte.c
    hands_in correct 05-read-one-byte.c <"$correct"
    hands_in $'=1+\e[31m\xff"<&\xc5\x81uk' exercise-05.c <"$correct"
    hands_in wrong 05.c < <(sed 's/errno != EINTR/errno > 0/' "$correct")
    hands_in nothing notes.txt <<<'I was ill.'
    mkdir -p "$CLASS/link" && ln -s "$correct" "$CLASS/link/05.c"
    hands_in script 05 <<<$'#!/bin/sh\nexec printf "\\033[31m \\377"'
    hands_in broken 05.c <<<'int main(void) { return x; }'
    hands_in bomb 05.c <<<'#include "/dev/zero"'
    hands_in works 05.c < <(does 'for (;;) ;')
    hands_in deaf 05.c < <(does 'signal(SIGTERM, SIG_IGN); for (;;) pause();')
    hands_in forks 05.c < <(does 'for (;;) fork();')
    hands_in memory 05.c < <(does 'for (char *p; (p = malloc(1 << 20)); )' \
        'memset(p, 1, 1 << 20);')
    hands_in prints 05.c < <(does 'for (;;) puts("\33[31m and so on \377");')
    hands_in parent 05.c < <(does 'kill(getppid(), SIGKILL);')
    hands_in stops 05.c < <(does 'kill(getppid(), SIGSTOP);')
    hands_in all 05.c < <(does 'kill(-1, SIGKILL);')
    hands_in group 05.c < <(does 'kill(0, SIGKILL);')
    hands_in daemon 05.c < <(does 'if (fork() == 0) { setsid();' \
        "if (fork() == 0) execl(\"/bin/sleep\", \"$(mark)\", \"99\", NULL); }")
    hands_in disk 05.c < <(does 'static char some[8 << 20], name[999];' \
        'for (int fd, i = 0; ; i++) {' \
        "snprintf(name, 999, \"/tmp/$(mark).%d.%d\", getpid(), i);" \
        'if ((fd = open(name, O_CREAT | O_WRONLY, 0600)) == -1) abort();' \
        'if (write(fd, some, sizeof some) < (int)sizeof some) abort(); }')
    # What it may not see, or take away; it spins if it could.
    hands_in removes 05.c < <(does "int found = access(\"$CLASS\", F_OK) == 0;" \
        'system("rm -rf /build /submission /course");' \
        "system(\"rm -rf '$CLASS' '$BATS_FILE_TMPDIR'\");" \
        'if (found || access(argv[0], F_OK) == -1) for (;;) ;')
}

setup_file()
{
    find_stage
    # What is tried is a shell script: the sanitizers see nothing of it.
    [[ $(<"$BIN/.build/flags") != *-fsanitize* ]] || STAGE_MISSING="tried without"
    make_players
    [ -z "$STAGE_MISSING" ] || return 0
    export CLASS=$BATS_FILE_TMPDIR/class
    make_class
    [[ $(<"$BIN/.build/flags") != *-fsanitize* ]] ||
        rm -r "$CLASS/memory" # which is not limited then
    cd "$BATS_FILE_TMPDIR" || return
    cp -a class before
    # Who waits needs no processor; a check that waits for one has time.
    LIMIT=600 bounded "$BIN/lesson" grade class --jobs 4 \
        --seconds 300 --csv csv --junit junit >table 2>trouble
    echo $? >status
}

setup()
{
    with_players
    cd "$BATS_FILE_TMPDIR" || return
}

@test "a class is graded to its end, whatever is handed in" {
    is "$(<status)" 0
    is "$(<trouble)" "lesson grade: link: 05.c: a link, left out
lesson grade: nothing: named like no exercise, left out: notes.txt"
}

@test "each gets a row: in the table what was found, in a character or two" {
    local expected none='^$'
    [ -e class/memory ] || none='^memory'
    expected=$(grep -v "$none" <<'END'
student                         05
=1+[31m"<&Łuk                   ok
all                              E
bomb                             C
broken                           C
correct                         ok
daemon                           1
deaf                             1
disk                             1
forks                            1
group                            1
link                             -
memory                           1
nothing                          -
parent                           1
prints                           1
removes                          1
script                           1
stops                            1
works                            1
wrong                            6
END
    )
    is "$(sed -n '/^student/,/^$/p' table)" "$expected"
    is "$(awk 'length > 80' table)" ""
}

@test "the log of each that failed is kept, and says why" {
    has "$(<table)" "The logs are in grade-logs."
    is "$(cd grade-logs && echo */)" "$(cd class &&
        printf '%s\n' */ | LC_ALL=C grep -avE '^(correct|=.*|nothing|link)/$' | xargs)"
    has "$(<grade-logs/broken/05.log)" "undeclared"
    has "$(<grade-logs/wrong/05.log)" "
FAIL   6. a call that a signal interrupts"
    has "$(<grade-logs/all/05.log)" "The check has not come to its end"
    like "$(<grade-logs/works/05.log)" '(works without end|The time is over)'
    has "$(<grade-logs/deaf/05.log)" "Nothing has happened"
    has "$(<grade-logs/forks/05.log)" "processes"
    has "$(<grade-logs/prints/05.log)" "it prints for ever"
    has "$(<grade-logs/parent/05.log)" "it killed the ladder"
    has "$(<grade-logs/stops/05.log)" "it stopped the ladder"
    has "$(<grade-logs/disk/05.log)" SIGABRT
    has "$(<grade-logs/removes/05.log)" "no connect() of a TCP socket"
}

@test "no control character comes to the terminal or into a log" {
    is "$(LC_ALL=C tr -d '\n\t -~\200-\377' <table | wc -c | tr -d ' ')" 0
    cat grade-logs/*/* csv junit >all-logs
    is "$(LC_ALL=C tr -d '\n\r\t -~\200-\377' <all-logs | wc -c | tr -d ' ')" 0
}

@test "the CSV is that of RFC 4180, and no formula for a spreadsheet" {
    needs python3
    try 0 python3 -c '
import csv
rows = list(csv.reader(open("csv", newline="", encoding="utf-8"), strict=True))
assert rows[0] == ["student", "05-read-one-byte"], rows[0]
results = dict(rows[1:])
assert results["correct"] == "pass"
assert results["'"'"'=1+[31m\"<&\u0141uk"] == "pass", results
assert results["wrong"] == "FAIL at step 6"
assert results["broken"] == "does not compile"
assert results["all"] == "ended its check"
assert results["nothing"] == "not handed in"
assert open("csv", "rb").read().count(b"\r\n") == len(rows)'
}

@test "the JUnit file is XML, with a case for each exercise, and the logs" {
    needs python3
    try 0 python3 -c '
import xml.etree.ElementTree as tree
suites = {suite.get("name"): suite for suite in tree.parse("junit").getroot()}
assert suites["=1+[31m\"<&\u0141uk"][0].get("name") == "05-read-one-byte"
assert len(suites["correct"][0]) == 0
assert suites["nothing"][0][0].tag == "skipped"
broken = suites["broken"][0][0]
assert broken.tag == "failure" and "undeclared" in broken.text
script = suites["script"][0][0]
assert script.get("message").startswith("FAIL at step 1: a message"), script'
}

@test "nobody survives, and nothing of the machine or of the others was touched" {
    needs diff
    is "$(grep -lsz "^$(mark)" /proc/[0-9]*/cmdline)" ""
    is "$(find /tmp -maxdepth 1 -name "$(mark)*")" ""
    try 0 diff -r --no-dereference before class
}

@test "time that is over is a row too" {
    mkdir -p late/sleeper
    printf '#!/bin/sh\nexec sleep 99' >late/sleeper/05.py
    try 0 "$BIN/lesson" grade late --seconds 1 --logs late-logs
    like "$output" $'\nsleeper +T\n'
    [ -e late-logs/sleeper/05.log ] || fail "no log"
}

@test "each solution passes in a cell, too, with its limits" {
    local check
    mkdir -p solved/all
    for check in "$BIN"/../tests/exercises/shipped/*.c; do
        cp "$check" solved/all
        patch -s "solved/all/${check##*/}" \
            "$BIN/../tests/exercises/solutions/$(basename "$check" .c).patch"
    done
    LIMIT=600 try 0 "$BIN/lesson" grade solved --jobs 2 --seconds 300 --logs none
    is "$(grep -o ' ok' "$out" | wc -l | tr -d ' ')" 16
    [ ! -e none ]
}

@test "where there are no namespaces, it is status 3, and a line that tells how" {
    try 3 "$PLAYERS" forbids unshare "$BIN/lesson" grade class
    is "$(wc -l <"$err" | tr -d ' ')" 1
    has "$errors" max_user_namespaces
}

@test "grade: wrong usage is status 2" {
    local empty=$BATS_TEST_TMPDIR/empty
    mkdir -p "$empty/student"
    wrong() { try 2 "$BIN/lesson" grade "${@:2}" && has "$errors" "$1"; }
    wrong "which folder" --jobs 1
    wrong "no such folder" "$empty/none"
    wrong "no folder of a student" "$empty/student"
    wrong "no file there is named like an exercise" "$empty"
    wrong "one folder" class late
    wrong "unknown option --nonsense" --nonsense class
    wrong "--csv takes a value" class --csv
    wrong "not a whole number from 1" class --jobs=0
    wrong "a check itself takes 32" class --memory=31
    try 0 "$BIN/lesson" grade -h
    is "$(awk 'length > 80' "$out")" ""
}
