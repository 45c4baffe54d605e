#!/bin/bash
# grade - judges a folder of submissions with the checks of the exercises; this is
# `bin/lesson grade`. The usage below says what it does, cell.sh how each check is
# kept from hurting anybody.
set -u -m # each check is a process group, to be ended as one

usage='Usage: lesson grade DIR [OPTION]...
Judges the submissions in DIR, which has a folder for each student, and in it a
file for each exercise, say 05-read-one-byte: 05-read-one-byte.c, 05.c,
exercise-05.c or 05-read-one-byte/exercise.c. Instead of .c it may end in .cpp
or .cc; in .py or in nothing what is a program, or a script that begins with #!;
in anything what is executable.

  --csv FILE        write the results as CSV too
  --junit FILE      ... and as JUnit XML, with the logs
  --logs DIR        keep the log of each failure there (default grade-logs)
  --jobs N          judge so many at a time (default: one for each processor)
  --seconds N       end a check after so long (default 60)
  --memory MIB      let no process have more memory (default 512)
  -h, --help        show this

Exit status: 0 if all that was handed in was judged, passed or not, 1 if
something could not be, 2 for wrong usage, 3 where the system forbids it.'

misuse()
{
    printf '%s\n' "lesson grade: $1" "'lesson grade -h' shows the usage." >&2
    exit 2
}

# number OPTION VALUE
number()
{
    [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] ||
        misuse "$1 \"$2\": not a whole number from 1"
}

forbidden()
{
    printf '%s\n' "lesson grade: $1" >&2
    exit 3
}

# --- Text from outside ----------------------------------------------------

# Passes UTF-8 without control characters, but for newline and tab: fit for a
# terminal, and for XML 1.0. Where the alternative did not match, \1 is nothing.
printable()
{
    local next=$'[\x80-\xbf]' utf8
    utf8=$'\xc2[\xa0-\xbf]|[\xc3-\xdf]'$next
    utf8+=$'|\xe0[\xa0-\xbf]'$next
    utf8+=$'|[\xe1-\xec\xee]'$next$next
    utf8+=$'|\xed[\x80-\x9f]'$next
    utf8+=$'|\xef[\x80-\xbe]'$next
    utf8+=$'|\xef\xbf[\x80-\xbd]'
    utf8+=$'|\xf0[\x90-\xbf]'$next$next
    utf8+=$'|[\xf1-\xf3]'$next$next$next
    utf8+=$'|\xf4[\x80-\x8f]'$next$next
    LC_ALL=C tr -d '\000-\010\013-\037\177' |
        LC_ALL=C sed -E "s/($utf8)|["$'\x80-\xff'"]/\\1/g"
}

name_of()
{
    printf '%s' "${1//[$'\n\t']/ }" | printable
}

xml()
{
    sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'
}

# A spreadsheet would compute what begins so.
csv()
{
    local text=$1
    [[ $text != [=+@-]* ]] || text="'$text"
    printf '"%s"' "${text//\"/\"\"}"
}

tell_entry()
{
    printf 'lesson grade: %s: %s\n' "$(name_of "$1")" "$(name_of "$2")" >&2
}

# warn STUDENT TEXT
warn()
{
    tell_entry "${students[$1]}" "$2"
}

# --- What was handed in ---------------------------------------------------

readable()
{
    [ -r "$1" ] && { [ ! -d "$1" ] || [ -x "$1" ]; }
}

# No link is followed: it could lead to what only the instructor may read.
is_file()
{
    [ -f "$1" ] && [ ! -L "$1" ] && [ ! -L "${1%/*}" ]
}

# names_of LESSON: sets $bases, to which one of $endings comes; the first is taken.
endings=(.c .cpp .cc .py '')
names_of()
{
    local name=${lessons[$1]}
    bases=("$name" "${name%%-*}" "exercise-${name%%-*}" "$name/exercise")
}

# find_submission FOLDER LESSON: sets $submission, be it readable or not.
find_submission()
{
    local bases base ending
    names_of "$2"
    for base in "${bases[@]}"; do
        for ending in "${endings[@]}"; do
            submission=$1/$base$ending
            ! is_file "$submission" || return 0
        done
        for submission in "$1/$base".*; do
            is_file "$submission" && [ -x "$submission" ] && return 0
        done
    done
    submission=$1/${lessons[$2]}
    [ -d "$submission" ] && [ ! -L "$submission" ] && ! readable "$submission"
}

# is_one_of WORD OTHER...
is_one_of()
{
    local other
    for other in "${@:2}"; do
        [ "$1" != "$other" ] || return 0
    done
    return 1
}

# is_named_like NAME FILE: which exercise a file of this name would be; sets $lesson.
is_named_like()
{
    local ending=${1##*/} bases
    ending=${ending#"${ending%%.*}"}
    is_one_of "$ending" "${endings[@]}" || { [ -f "$2" ] && [ -x "$2" ]; } || return
    for lesson in "${!lessons[@]}"; do
        names_of "$lesson"
        ! is_one_of "${1%"$ending"}" "${bases[@]}" || return 0
    done
    return 1
}

# tell_unused STUDENT NAME FILE LESSON: what is named like an exercise, and is not
# what was $found of it.
tell_unused()
{
    local judged=${found[$4]-} name=${lessons[$4]}
    if [ -L "$3" ]; then
        warn "$1" "$2: a link, left out"
    elif [ "$2" = "$name" ] && [ -d "$3" ]; then
        [ -n "$(find "$3" -maxdepth 1 -name 'exercise*')" ] ||
            warn "$1" "$2: a folder without exercise.c, left out"
    elif [ -d "$3" ]; then
        warn "$1" "$2: a folder, left out"
    elif [ ! -f "$3" ]; then
        warn "$1" "$2: no regular file, left out"
    else
        warn "$1" "exercise ${name%%-*} has two files:\
 ${judged#"$folder/${students[$1]}/"} is judged, $2 is left out"
    fi
}

# tell_left_out STUDENT: a wrong name is no reason to say nothing.
tell_left_out()
{
    local here=$folder/${students[$1]} file name lesson unknown=''
    for file in "$here"/* "$here"/*/exercise "$here"/*/exercise.*; do
        name=${file#"$here/"}
        [ ! -L "${file%/*}" ] || continue
        readable "${file%/*}" || continue
        if is_named_like "$name" "$file"; then
            [ "$file" = "${found[lesson]-}" ] ||
                tell_unused "$1" "$name" "$file" "$lesson"
        elif [ -L "$file" ]; then
            continue
        elif [ -f "$file" ]; then
            unknown+=" $name"
        elif [ -d "$file" ]; then
            unknown+=" $name/"
        fi
    done
    [ -z "$unknown" ] || warn "$1" "named like no exercise, left out:$unknown"
}

holds_exercise()
{
    local lesson submission
    for lesson in "${!lessons[@]}"; do
        ! find_submission "$1" "$lesson" || return 0
    done
    return 1
}

find_students()
{
    local entry name
    shopt -s dotglob
    for entry in "$folder"/*; do
        name=${entry##*/}
        if [[ $name = .* ]]; then
            [ ! -d "$entry" ] || [ -L "$entry" ] || ! holds_exercise "$entry" ||
                tell_entry "$name" "a hidden folder, left out"
        elif [ -L "$entry" ]; then
            [ -f "$entry" ] || tell_entry "$name" "a link, left out"
        elif [ -d "$entry" ] && [ ! "$entry" -ef "$logs" ]; then
            students+=("$name")
            names+=("$(name_of "$name")")
        elif [[ $name = *.@(c|cc|cpp|py) ]]; then
            tell_entry "$name" "in no folder of a student, left out"
        fi
    done
    shopt -u dotglob
}

# add STUDENT LESSON: what cannot be read has a place of its own, and no result.
add()
{
    found[$2]=$submission
    if readable "$submission"; then
        places+=("$1.$2")
        submissions+=("$submission")
        return
    fi
    mkdir "$work/$1.$2"
    warn "$1" "${submission#"$folder/${students[$1]}/"} cannot be read: not judged"
}

# Sets $submissions and their $places, and whose folder is $closed.
find_submissions()
{
    local student lesson submission found
    for student in "${!students[@]}"; do
        if ! readable "$folder/${students[student]}"; then
            warn "$student" "the folder cannot be read: not judged"
            closed[student]=yes
            continue
        fi
        found=()
        for lesson in "${!lessons[@]}"; do
            ! find_submission "$folder/${students[student]}" "$lesson" ||
                add "$student" "$lesson"
        done
        tell_left_out "$student"
    done
}

# --- Judging --------------------------------------------------------------

in_cell()
{
    timeout --foreground -s KILL "$seconds" \
        bash "$work/course/src/lesson/cell.sh" enter "$work" "$@" "$limits" \
        </dev/null 2>&1
}

# broke_off WHY: shows a check that did not come to its end.
broke_off()
{
    local under_way=''
    read_steps
    [ "$held" = 0 ] || echo
    [ "$held" -lt "${planned:-0}" ] 2>/dev/null &&
        under_way=" Step $((held + 1)) of $planned was under way."
    fold -s -w 80 <<<"$1$under_way" | sed 's/ *$//'
}

# What bats and the compiler said, as the student would have seen it.
told()
{
    case $1 in
    FAIL*) show_steps 2>&1 ;;
    'time is over') broke_off "The time is over: $seconds seconds." ;;
    'ended its check') broke_off "The check has not come to its end: the \
program killed it, or took all that it needs." ;;
    'does not compile') sed '/cell\.sh: line [0-9]*:/d' ;;
    *) cat ;;
    esac
}

# tell_unjudged STUDENT.LESSON NAME TOLD
tell_unjudged()
{
    uncount
    warn "${1%.*}" "$2 could not be judged: $(tail -n 1 "$3")"
}

# judge PLACE NAME SUBMISSION LOG: PLACE.result is its verdict, and the seconds
# that it took; the log remains if it did not pass.
judge()
{
    local place=$1 name=$2 log=$4 began=$SECONDS status result step
    mkdir "$place" && head -c 64M <"$3" >"$place/${3##*/}" &&
        chmod -R a+rX "$place" || return
    in_cell "$place" "$name" | head -c 1M | printable >"$place.log"
    status=${PIPESTATUS[0]}
    step=$(verdict "$place.log")
    # Each step that fails tells what it expected.
    [[ $step != step* ]] || grep -q '^# expected: ' "$place.log" || step=broken
    case $status:$step in
    *:step\ *) result="FAIL at $step" ;;
    0:passes) result=pass ;;
    [01]:broken | 100:*) result="ended its check" ;;
    101:*) result="does not compile" ;;
    103:*) result="does not start" ;;
    137:*) result="time is over" ;;
    *) result="no verdict" ;;
    esac
    if [ "$result" = pass ]; then
        rm -f "$log"
    else
        told "$result" <"$place.log" >"$place.told"
        [ "$result" != "no verdict" ] ||
            tell_unjudged "${place##*/}" "$name" "$place.told"
        : >"$work/kept"
        mkdir -p "${log%/*}" && cp "$place.told" "$log" || result="no verdict"
    fi
    printf '%s\n' "$result" $((SECONDS - began)) >"$place.result"
}

running()
{
    jobs -rp | wc -l
}

shows_count()
{
    [ -t 2 ] && [ "${TERM-dumb}" != dumb ]
}

# count N: on a terminal, how many are judged.
count()
{
    ! shows_count || printf '\r%d of %d judged\033[K' "$1" "${#places[@]}" >&2
}

uncount()
{
    ! shows_count || printf '\r\033[K' >&2
}

# wait_for MOST: until no more are being judged, of $begun.
wait_for()
{
    local left
    while left=$(running) && count $((begun - left)) && [ "$left" -gt "$1" ]; do
        wait -n
    done
}

judge_all()
{
    local place student lesson begun=0
    for place in "${places[@]}"; do
        student=${place%.*} lesson=${place#*.}
        wait_for $((jobs - 1))
        judge "$work/$place" "${lessons[lesson]}" "${submissions[begun]}" \
            "$logs/${students[student]}/${lessons[lesson]%%-*}.log" &
        begun=$((begun + 1))
    done
    wait_for 0
    wait
    uncount
}

# --- Results --------------------------------------------------------------

# look STUDENT LESSON: sets $result and $took.
look()
{
    local file=$work/$1.$2.result
    result="not handed in" took=0
    [ ! -d "$work/$1.$2" ] && [ -z "${closed[$1]-}" ] || result="no verdict"
    [ ! -e "$file" ] || { read -r result && read -r took; } <"$file"
}

# A lesson that somebody handed in is a column.
find_columns()
{
    local lesson student
    columns=()
    for lesson in "${!lessons[@]}"; do
        for student in "${!students[@]}"; do
            [ -d "$work/$student.$lesson" ] || continue
            columns+=("$lesson")
            break
        done
    done
}

# Wide characters take two columns. (Where the locale has none wc counts nothing.)
columns_of()
{
    local wide
    wide=$(wc -L <<<"$1")
    echo $((wide > ${#1} ? wide : ${#1}))
}

# fitted NAME WIDTH: as printf would do it, whose widths are bytes.
fitted()
{
    local name=$1
    if [ "$(columns_of "$name")" -gt "$2" ]; then
        name=${name:0:$2}
        while [ "$(columns_of "$name")" -ge "$2" ]; do
            name=${name%?}
        done
        name+=\~
    fi
    printf '%s%*s' "$name" $(($2 - $(columns_of "$name"))) ''
}

# Sixteen lessons at a time, in 80 columns.
table()
{
    local first width=$((79 - 4 * ${#columns[@]})) student lesson cell
    [ "$width" -ge 15 ] || width=15
    [ "$width" -le 30 ] || width=30
    for ((first = 0; first < ${#columns[@]}; first += 16)); do
        printf '%-*s' "$width" student
        for lesson in "${columns[@]:first:16}"; do
            printf '  %s' "${lessons[lesson]%%-*}"
        done
        echo
        for student in "${!students[@]}"; do
            fitted "${names[student]}" "$width"
            for lesson in "${columns[@]:first:16}"; do
                look "$student" "$lesson"
                case $result in
                pass) cell=ok ;;
                FAIL*) cell=${result##* } ;;
                'does not compile') cell=C ;;
                'does not start') cell=S ;;
                'time is over') cell=T ;;
                'ended its check') cell=E ;;
                'not handed in') cell=- ;;
                *) cell='?' ;;
                esac
                printf '%4s' "$cell"
            done
            echo
        done
        echo
    done
    echo "A number is the first step that failed; C: it does not compile; S: it does not"
    echo "start; E: it ended its own check; T: the time is over (on a busy machine:"
    echo "--jobs, --seconds); -: not handed in; ?: no verdict."
}

# RFC 4180.
write_csv()
{
    local student lesson
    printf student
    for lesson in "${columns[@]}"; do
        printf ',%s' "${lessons[lesson]}"
    done
    printf '\r\n'
    for student in "${!students[@]}"; do
        csv "${names[student]}"
        for lesson in "${columns[@]}"; do
            look "$student" "$lesson"
            printf ',%s' "$result"
        done
        printf '\r\n'
    done
}

# first_failure LOG: its title, as bats tells it.
first_failure()
{
    sed -n '/^# not ok /{
        s/^# not ok [0-9]*/:/p
        q
    }' "$1"
}

# A suite for each student. The message tells the step in the check's words.
write_junit()
{
    local student lesson log element message
    echo '<?xml version="1.0" encoding="UTF-8"?>'
    echo '<testsuites>'
    for student in "${!students[@]}"; do
        printf '<testsuite name="%s">\n' "$(xml <<<"${names[student]}")"
        for lesson in "${columns[@]}"; do
            look "$student" "$lesson"
            printf '<testcase classname="%s" name="%s" time="%s">' \
                "$(xml <<<"${names[student]}")" "${lessons[lesson]}" "$took"
            log=$work/$student.$lesson
            case $result in
            pass) ;;
            'not handed in') printf '<skipped message="%s"/>' "$result" ;;
            *)
                element=failure
                [ "$result" != "no verdict" ] || element=error
                message=$result
                [ ! -e "$log.told" ] || message+=$(first_failure "$log.log")
                printf '<%s message="%s">' "$element" "$(xml <<<"$message")"
                [ ! -e "$log.told" ] || xml <"$log.told"
                printf '</%s>' "$element"
                ;;
            esac
            echo '</testcase>'
        done
        echo '</testsuite>'
    done
    echo '</testsuites>'
}

# --- The command line -----------------------------------------------------

folder='' csv='' junit='' logs=grade-logs seconds=60 memory=512
jobs=$(getconf _NPROCESSORS_ONLN)
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        echo "$usage"
        exit
        ;;
    --*=*)
        set -- "${1%%=*}" "${1#*=}" "${@:2}"
        continue
        ;;
    --csv | --junit | --logs | --jobs | --seconds | --memory)
        [ -n "${2-}" ] || misuse "$1 takes a value"
        case $1 in --jobs | --seconds | --memory) number "$1" "$2" ;; esac
        printf -v "${1#--}" %s "$2"
        shift
        ;;
    -*) misuse "unknown option $1" ;;
    *)
        [ -z "$folder" ] || misuse "one folder is judged at a time"
        folder=$1
        ;;
    esac
    shift
done
[ -n "$folder" ] || misuse "which folder?"
[ "$memory" -ge 32 ] || misuse "--memory $memory: a check itself takes 32"
[ -d "$folder" ] || misuse "$folder: no such folder"
root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd) || exit
[ -x "$root/bin/ladder" ] || forbidden "nothing is built yet: type make"
# shellcheck source=tests/exercises/judge.bash
. "$root/tests/exercises/judge.bash"
# shellcheck source=src/lesson/steps.sh
. "$root/src/lesson/steps.sh" && good='' bad='' plain=''

clean_up()
{
    local job
    for job in $(jobs -p); do
        kill -KILL -- "-$job"
    done
    wait
    rm -rf "$work"
} 2>/dev/null

# --- Here it begins -------------------------------------------------------

lessons=() students=() names=() closed=() submissions=() places=()
for check in "$root"/tests/exercises/[0-9][0-9].bats; do
    lesson=$(echo "$root/lessons/$(basename "$check" .bats)"-*)
    lessons+=("${lesson##*/}")
done
find_students
[ ${#students[@]} -gt 0 ] || misuse "$folder: no folder of a student in it"
for file in "$csv" "$junit"; do
    [ -z "$file" ] || { : >"$file"; } 2>/dev/null && continue
    printf '%s\n' "lesson grade: $file cannot be written" >&2
    exit 1
done

# Real root's checks are nobody's, who must find the way there.
[ "$(id -u)" != 0 ] || TMPDIR=/tmp
work=$(mktemp -d) || exit 1
trap clean_up EXIT
trap 'uncount; exit 1' INT TERM HUP
mkdir "$work/root" "$work/course" "$work/none" &&
    (
        # What a check takes, and no more: the tree has solutions, too.
        cd "$root" && cp --parents bin/ladder bin/.build/{flags,peer,shared.a} \
            src/*.h src/lesson/{cell,start}.sh tests/helper.bash \
            tests/ladder/stage.bash tests/exercises/*.{bats,bash} "$work/course"
    ) && chmod -R a+rX "$work/course" || exit 1
[ "$(id -u)" != 0 ] || chown 65534 "$work" || exit 1

# Of a bats that a cell does not see it gets a copy.
PATH=$root/bin/.build/npm/node_modules/bats/bin:$PATH
bats=$(readlink -f "$(command -v bats)")
[ -n "$bats" ] || forbidden 'needs bats: "make test" installs it'
case $bats in
/usr/* | /opt/* | /nix/* | /gnu/*) ;;
*)
    mkdir -p "$work/course/bats/bin" &&
        cp "$bats" "$work/course/bats/bin" &&
        cp -R "${bats%/*/*}"/lib* "$work/course/bats" || exit 1
    PATH=/course/bats/bin:$PATH
    ;;
esac

# In kB, bytes of a file, seconds of a processor, descriptors; memory and
# addresses, of which interpreters reserve many, and AddressSanitizer all; and
# processes, which before Linux 5.14 would be all of the user's.
limits="-f 65536 -t 20 -n 1024"
[[ $JUDGE_FLAGS = *-fsanitize* ]] ||
    limits+=" -d $((memory * 1024)) -v $((memory * 16384))"
[[ $(uname -r) =~ ^([0-4]|5\.[0-9]\.|5\.1[0-3]\.) ]] || limits+=" -u 2000"

said=$(seconds=60 && in_cell "$work/none" probe | printable; exit "${PIPESTATUS[0]}") ||
    forbidden "no place to judge in (${said##*$'\n'}). It takes util-linux \
2.36, user namespaces and ptrace. To allow them: user.max_user_namespaces above \
0 and, where they exist, kernel.unprivileged_userns_clone=1 and \
kernel.apparmor_restrict_unprivileged_userns=0 (sysctl); in a container \
--security-opt seccomp=unconfined --security-opt systempaths=unconfined."
find_submissions
judge_all
find_columns
[ ${#columns[@]} -gt 0 ] || [ ${#closed[@]} -gt 0 ] ||
    misuse "$folder: no file there is named like an exercise"
table
[ ! -e "$work/kept" ] || echo "The logs are in $logs."
[ -z "$csv" ] || write_csv >"$csv" || exit 1
[ -z "$junit" ] || write_junit >"$junit" || exit 1
[ ${#closed[@]} = 0 ] || exit 1
for student in "${!students[@]}"; do
    for lesson in "${columns[@]}"; do
        look "$student" "$lesson"
        [ "$result" != "no verdict" ] || exit 1
    done
done
