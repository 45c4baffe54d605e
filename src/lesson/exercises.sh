# shellcheck shell=sh
# exercises.sh - the part of bin/lesson that is about the exercises; it is read
# where the source tree is. Each command has a function of its name, down below.
#
# What a student has done stands in .progress, at the top of the tree: a line an
# exercise, the latest one last: "05 tried, hints: 2". A line of another form
# means nothing; without the file nothing has been done.

# What is set here is used there, and the other way round.
# shellcheck disable=SC2154

# shellcheck source=src/lesson/steps.sh
. src/lesson/steps.sh
# shellcheck source=src/lesson/start.sh
. src/lesson/start.sh

scratch='' locked=''
trap '[ -z "$scratch" ] || rm -rf "$scratch"; unlock' EXIT
trap 'echo; exit 130' INT
trap 'exit 143' HUP TERM

progress()
{
    [ ! -f .progress ] || LC_ALL=C awk \
        '/^[0-9][0-9] (open|tried|solved), hints: [0-9][0-9]?$/' .progress
}

# recall: sets $lines, and $state and $hints of the exercise $number.
recall()
{
    lines=$(progress) || return
    state=$(echo "$lines" | sed -n "s/^$number //p" | tail -n 1)
    hints=${state##* } state=${state%%,*}
    : "${hints:=0}" "${state:=open}"
}

# What is read and written by two at once would lose what one of them notes. A
# lock that stands for five seconds was left by one that was killed. (Not every
# sleep takes a part of a second.)
lock()
{
    [ -w . ] || return
    waited=0
    until mkdir .progress.lock; do
        [ $waited -lt 50 ] || { waited=0 && rmdir .progress.lock; } || return
        waited=$((waited + 1))
        sleep 0.1 || { sleep 1 && waited=$((waited + 9)); }
    done
    locked=yes
}

unlock()
{
    [ -z "$locked" ] || { rm -f .progress.$$ && rmdir .progress.lock; }
    locked=
}

# note [STATE HINTS]: of the exercise $number; what is empty stays as it is, and
# without them it is forgotten. Where a part of this is killed all stays.
note()
{
    if {
        lock && recall && {
            echo "$lines" | awk -v number="$number" 'NF && $1 != number' &&
                { [ $# = 0 ] || echo "$number ${1:-$state}, hints: ${2:-$hints}"; }
        } >.progress.$$ && [ ! -d .progress ] && mv -f .progress.$$ .progress
    } 2>/dev/null; then
        unlock
        return
    fi
    unlock
    echo "lesson: .progress cannot be written: this is not remembered" >&2
}

exercises()
{
    for file in tests/exercises/[0-9][0-9].bats; do
        file=${file##*/}
        echo "${file%.bats}"
    done
}

# The list of the lessons, and what was done of their exercises.
marked()
{
    { progress && exercises && cat; } | awk '
        / hints: / { state[$1] = substr($2, 1, length($2) - 1); next }
        NF == 1 {
            all++
            solved += state[$1] == "solved"
            next
        }
        state[$1] ~ /tried|solved/ { $0 = sprintf("%-56s%s", $0, state[$1]) }
        { print }
        END { printf "\nSolved exercises: %d of %d\n", solved, all }'
}

# choose [NUMBER]: sets what is known of that exercise. Without a number it is
# the one worked at last, or the first after it that is not solved, or the first.
choose()
{
    [ $# -le 1 ] || misuse "one exercise at a time"
    chosen=${1-$({ progress && exercises; } | awk '
        / hints: / { state[$1] = $2; last = $1; next }
        state[$1] == "solved," { next }
        first == "" { first = $1 }
        $1 >= last { first = $1; exit }
        END { print first }')}
    if [ $# = 0 ] && [ -z "$chosen" ]; then
        echo "All exercises are solved."
        exit 0
    fi
    find_lesson "$chosen"
    [ -f "tests/exercises/$number.bats" ] ||
        misuse "lesson $number has no exercise"
    file=${folder}exercise.c
    shown=$(quoted "$tree$file")
    shipped=tests/exercises/shipped/$number.c
    title=$(sed -n "s/^ [*] Exercise \($number: .*[^.]\)[.]*$/\1/p" "$shipped")
    recall
}

colours()
{
    good='' bad='' plain=''
    if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
        good=$(printf '\033[32m') bad=$(printf '\033[1;31m')
        plain=$(printf '\033[m')
    fi
}

# Gives 0 if the program passes its check, 1 if it fails, 3 if nobody can tell; 141
# if nobody wants to know.
judge()
{
    if [ ! -x bin/ladder ] || [ ! -x bin/.build/peer ]; then
        echo "lesson: a check needs bin/ladder: type make (Linux alone has it)" >&2
        return 3
    fi
    if bin/ladder true -- true 2>&1 >/dev/null | grep 'To allow it' >&2; then
        echo "lesson: without that nothing can be checked" >&2
        return 3
    fi
    colours
    mkdir -p bin/exercises 2>/dev/null
    # After Ctrl-C bats is let come to its end.
    WHOLE_LADDER=${tree}bin/exercises/$number.ladder PROGRAM=$1 \
        tests/run --tap "tests/exercises/$number.bats" </dev/null | (
        trap 'exec cat >/dev/null' INT
        show_steps
    )
}

# Where the tree cannot be written, the program is built elsewhere.
build()
{
    name=${folder%/}
    name=${name##*/}
    program=$PWD/bin/exercises/$name
    { mkdir -p bin/exercises && [ -w bin/exercises ]; } 2>/dev/null || {
        scratch=${scratch:-$(mktemp -d)} || return 3
        program=$scratch/$name
    }
    # It is made every time, so that its warnings are seen every time.
    rm -f "$program"
    target=${program#"$PWD/"}
    make -s exercises_in="${target%/*}" "$target" && return
    note tried '' # first of all: nobody may be left to read the rest
    echo
    echo "It does not compile."
    return 1
}

# begin TITLE
begin()
{
    echo "Exercise $1" && echo || exit
}

# Checks the student's exercise, and notes how it went.
check_exercise()
{
    if [ ! -f "$file" ]; then
        echo "lesson: $shown is not there: $me reset ${number#0} brings it back" >&2
        exit 1
    fi
    begin "$title"
    build && judge "$program"
    result=$?
    case $result:$state in
    0:*) note solved '' ;;
    1:* | 141:open) note tried '' ;;
    esac
    return $result
}

# advise RESULT [OPTION]: what to do next, after a check; gives its result.
advise()
{
    case $1 in
    0)
        echo "Next:"
        echo "    $me next"
        echo "    $me solve ${number#0}    shows a solution, to compare"
        ;;
    1)
        echo "Next:"
        echo "    change $shown"
        echo "    $me check ${number#0}${2-}"
        echo "    $me hint ${number#0}    gives a hint"
        ;;
    esac
    return "$1"
}

# take_exercise WORD: the one number among the arguments.
take_exercise()
{
    [ -z "${exercise+set}" ] || misuse "\"$1\": one exercise at a time"
    exercise=$1
}

check()
{
    unset exercise given
    while [ $# != 0 ]; do
        case $1 in
        --program=*) given=${1#*=} ;;
        --program)
            [ $# -gt 1 ] || misuse "--program needs a file"
            given=$2
            shift
            ;;
        -*) misuse "unknown option $1" ;;
        *) take_exercise "$1" ;;
        esac
        shift
    done
    choose ${exercise+"$exercise"}
    if [ "${given+set}" ]; then
        check_program "$given"
    else
        check_exercise
        advise $?
    fi
}

# can_start NAME: whether $program can.
can_start()
{
    [ -n "$1" ] || misuse "--program takes the name of a program"
    [ ! -d "$program" ] || misuse "$1 is a folder: name a program in it"
    [ -f "$program" ] || misuse "there is no file $1"
    case $1 in
    *.c | *.cc | *.cpp)
        misuse "$1 is source text: build it first, and name the program"
        ;;
    esac
    [ -x "$program" ] || misuse "$1 is not executable: a script takes chmod +x \
and a first line like #!/usr/bin/env python3, what is compiled its program's name"
    ! cannot_start "$program" "$1" || misuse "$why"
}

# check_program FILE: any program, named from where the student stands.
check_program()
{
    case $1 in
    /*) program=$1 ;;
    *) program=$here/$1 ;;
    esac
    can_start "$1"
    shown=$(quoted "$1")
    begin "$title: $1"
    judge "$program"
    result=$?
    case $result:$state in
    0:*) note solved '' ;;
    1:open | 141:open) note tried '' ;;
    esac
    advise $result " --program $shown"
}

# Looks at the file once a second: this sees a change on every file system. What
# is empty is just being written.
watch()
{
    choose "$@"
    while :; do
        before=$(cksum "$file" 2>/dev/null)
        check_exercise
        result=$?
        if [ $result != 1 ]; then
            advise $result
            return
        fi
        echo "Waiting until $shown changes; Ctrl-C ends this."
        while [ ! -s "$file" ] || [ "$(cksum "$file")" = "$before" ]; do
            sleep 1
        done
        echo
        date +"---------- %H:%M:%S"
    done
}

# The hints stand between blank lines.
hint()
{
    choose "$@"
    count=$(awk 'BEGIN { RS = "" } END { print NR }' "${folder}hints") || exit
    wanted=$((hints + 1))
    if [ "$wanted" -gt "$count" ]; then
        echo "Exercise $number has no further hint. The last one was:"
        wanted=$count
    else
        note '' "$wanted"
        echo "Hint $wanted of $count for exercise $number:"
    fi
    echo
    awk -v wanted="$wanted" 'BEGIN { RS = "" } NR == wanted' "${folder}hints"
}

solve()
{
    choose "$@"
    if [ "$state" = open ]; then
        echo "lesson: try it first: $me check ${number#0}" >&2
        exit 1
    fi
    colours
    echo "Exercise $title"
    echo
    echo "One solution; the check takes any that works."
    echo
    sed -e '1s/^Step \([0-9]*\): */Why step \1 fails:\
/' -e "s/^+.*/$good&$plain/" \
        -e "s/^-.*/$bad&$plain/" "tests/exercises/solutions/$number.patch"
}

reset()
{
    unset exercise sure
    for word; do
        case $word in
        --yes) sure=yes ;;
        -*) misuse "unknown option $word" ;;
        *) take_exercise "$word" ;;
        esac
    done
    [ "${exercise+set}" ] || misuse "reset takes the number of an exercise"
    choose "$exercise"
    if cmp -s "$file" "$shipped"; then
        echo "$shown is as it was shipped."
        is_noted || exit 0
        ask "Forget its hints, and whether it was solved?"
        forget
        exit
    fi
    mine=${file%.c}.mine.c
    count=1
    while [ -e "$mine" ]; do
        count=$((count + 1))
        mine=${file%.c}.mine$count.c
    done
    ask "Put $shown back as it was shipped?"
    if [ -f "$file" ]; then
        cp -p "$file" "$mine" || exit
        echo "Yours is now $(quoted "$tree$mine")."
    fi
    cp "$shipped" "$file" || exit
    echo "$shown is there again, as it was shipped."
    forget
}

is_noted()
{
    grep -q "^$number " .progress 2>/dev/null
}

# ask QUESTION: unless --yes answers it.
ask()
{
    [ -z "${sure-}" ] || return 0
    [ -t 0 ] || misuse "reset asks, but this is no terminal: add --yes"
    printf '%s [y/N] ' "$1"
    read -r answer
    case $answer in
    [Yy]*) ;;
    *) exit 1 ;;
    esac
}

forget()
{
    is_noted || return 0
    note
    echo "Its hints are forgotten, and whether it was solved."
}

next()
{
    [ $# = 0 ] || misuse "next takes no number"
    choose
    echo "Exercise $title"
    echo
    echo "The lesson:    $me ${number#0} --text; on the ladder: $me ${number#0}"
    echo "The exercise:  $shown"
    echo
    advise 1 || return 0
}
