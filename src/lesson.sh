#!/bin/sh
# lesson - the student's front door. `make` puts it into bin/, beside the programs;
# so does `make install`, which puts the lessons into share/doc/netprog.
#
#     bin/lesson                 lists the lessons
#     bin/lesson 3               plays the third one on the ladder
#     bin/lesson 3 --step        ... and stops before every call, in a lecture
#     bin/lesson 3 --text        shows its page
#     bin/lesson check 3         checks what the student made of its exercise
#
# All that is about exercises stands in src/lesson/: it needs the source tree.

here=$PWD
self=$0
while [ -L "$self" ]; do
    target=$(readlink "$self") || exit
    case $target in /*) ;; *) target=$(dirname "$self")/$target ;; esac
    self=$target
done
CDPATH='' cd "$(dirname "$self")/.." || exit
lessons=lessons
[ -d $lessons ] || lessons=share/doc/netprog/lessons

# quoted WORD: as it is typed for a shell.
quoted()
{
    case $1 in
    '' | *[!A-Za-z0-9_./:@%+,=-]*)
        printf "'%s'" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"
        ;;
    *) printf %s "$1" ;;
    esac
}

# How the student called this, to be typed again; and what stands before the name
# of a file here, seen from where the student stands.
me=$(quoted "$0")
tree=
[ "$here" = "$PWD" ] || tree=${PWD%/}/

usage()
{
    cat <<'END'
Usage: lesson [NUMBER [--text | LADDER-OPTION...]]
       lesson check [NUMBER] [--program FILE]
       lesson watch | hint | solve [NUMBER]
       lesson reset NUMBER [--yes]
       lesson next
       lesson grade DIR [OPTION...]
Lists the lessons, plays one on the ladder, or shows its page.

  --text            show the page instead
  --step, --explain, --seq, --svg FILE, ... go to bin/ladder
  -h, --help        show this

The exercises, lessons/NN-*/exercise.c:

  check             build it and check it, step by step
  --program FILE    check this program instead, in whatever language
  watch             check it again whenever the file changes, until it is solved
  hint              show a hint, and with each further call one more
  solve             show a solution, as a diff; not before a check was tried
  reset             put the file back as shipped, keep yours beside it, and
                    begin again: with the first hint, and not solved
  --yes             do not ask
  next              tell which one is next, and where its files are
  grade             judge what a class handed in, a folder: lesson grade -h

Without NUMBER it is the exercise worked at last, until that is solved; then the
next one that is not. What is solved is kept in the file .progress.

Exit status: 0 done, solved; 1 not so; 2 wrong usage; 3 the system forbids it.
END
}

# The first line of each page is its number and title.
titles()
{
    for page in "$lessons"/[0-9]*/README.md; do
        sed -n '1s/^# /  /p' "$page"
    done
}

list()
{
    if [ "$source_tree" ]; then titles | marked; else titles; fi
    echo
    echo "$me 3 plays the third one, $me 3 --text shows its page."
    [ -z "$source_tree" ] || echo "$me next tells the next exercise."
}

misuse()
{
    echo "lesson: $1" >&2
    echo "'lesson -h' shows the usage; 'lesson' alone lists the lessons." >&2
    exit 2
}

# find_lesson NUMBER: sets $number, in two digits, and $folder.
find_lesson()
{
    case $1 in
    '' | *[!0-9]*) misuse "\"$1\" is not the number of a lesson" ;;
    esac
    # printf(1) would take 010 for an octal number.
    number=${1#"${1%%[!0]*}"}
    [ ${#number} -gt 1 ] || number=0$number
    for folder in "$lessons/$number"-*/; do
        [ -d "$folder" ] || misuse "there is no lesson $1"
    done
}

source_tree=
if [ -f src/lesson/exercises.sh ]; then
    source_tree=$PWD
    . src/lesson/exercises.sh
fi

case ${1-} in
'')
    list
    exit
    ;;
-h | --help)
    usage
    exit
    ;;
check | watch | hint | solve | reset | next | grade)
    if [ -z "$source_tree" ]; then
        echo "lesson: the exercises need the source tree of netprog:" \
            "there, bin/lesson $1" >&2
        exit 3
    fi
    command=$1
    shift
    if [ "$command" = grade ]; then
        cd "$here" && exec bash "$source_tree/src/lesson/grade.sh" "$@"
        exit
    fi
    for word; do
        case $word in -h | --help) usage && exit ;; esac
    done
    "$command" "$@"
    exit
    ;;
esac

find_lesson "$1"
shift

case " $* " in
*' --text '*) [ $# = 1 ] || misuse "--text shows the page: it stands alone" ;;
esac

# Files are named from where the student stands.
count=$#
before=
for word; do
    case $before/$word in
    --svg/* | --events/* | --timeout/* | --fail/* | */-*) ;;
    *) misuse "\"$word\" is no option: one lesson is played at a time" ;;
    esac
    case $before$word in
    --svg/* | --events/* | --svg=/* | --events=/*) ;;
    --svg=* | --events=*) word=${word%%=*}=$here/${word#*=} ;;
    *) case $before in --svg | --events) word=$here/$word ;; esac ;;
    esac
    before=$word
    set -- "$@" "$word"
done
shift "$count"

if [ "${1-}" = --text ]; then
    exec ${PAGER:-cat} "${folder}README.md"
fi
if [ ! -x bin/ladder ]; then
    echo "lesson: bin/ladder is not built here (it needs Linux): type the" >&2
    echo "commands of $(quoted "$tree${folder}README.md") in two terminals." >&2
    exit 3
fi
exec bin/ladder "${folder}cast" "$@"
