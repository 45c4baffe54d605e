#!/bin/sh
# lesson - the student's front door. `make` puts it into bin/, beside the programs;
# so does `make install`, which puts the lessons into share/doc/netprog.
#
#     bin/lesson                 lists the lessons
#     bin/lesson 3               plays the third one on the ladder
#     bin/lesson 3 --step        ... and stops before every call, in a lecture
#     bin/lesson 3 --text        shows its page

here=$PWD
cd "$(dirname "$0")/.." || exit
lessons=lessons
[ -d $lessons ] || lessons=share/doc/netprog/lessons

usage()
{
    echo "Usage: lesson [NUMBER [--text | LADDER-OPTION...]]"
    echo "Lists the lessons, plays one on the ladder, or shows its page."
    echo
    echo "  --text            show the page instead"
    echo "  --step, --explain, --seq, --svg FILE, ... go to bin/ladder"
    echo "  -h, --help        show this"
}

# The first line of each page is its number and title.
list()
{
    for page in "$lessons"/[0-9]*/README.md; do
        sed -n '1s/^# /  /p' "$page"
    done
    echo
    echo "$0 3 plays the third one, $0 3 --text shows its page."
}

misuse()
{
    echo "lesson: $1" >&2
    echo "'lesson -h' shows the usage; 'lesson' alone lists the lessons." >&2
    exit 2
}

case ${1-} in
'')
    list
    exit
    ;;
-h | --help)
    usage
    exit
    ;;
*[!0-9]*) misuse "\"$1\" is not the number of a lesson" ;;
esac

# printf(1) would take 010 for an octal number.
number=${1#"${1%%[!0]*}"}
[ ${#number} -gt 1 ] || number=0$number
for folder in "$lessons/$number"-*/; do
    [ -d "$folder" ] || misuse "there is no lesson $1"
done
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
    echo "commands of ${folder}README.md in two terminals." >&2
    exit 3
fi
exec bin/ladder "${folder}cast" "$@"
