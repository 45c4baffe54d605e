#!/usr/bin/env bats
# The command line of every program in bin/: what is right, what is refused,
# and what happens where nothing can be printed. Options are taken from -h, so
# that a new program or option is tested without a line here.

load helper

# Programs by kind; a lesson's name begins with a digit. The ladder and bin/lesson
# take other words: tests/ladder has them.
programs=()
for program in "$BIN"/*-*; do
    programs+=("${program##*/}")
done

takes_port() { has "$("$BIN/$1" -h)" '[PORT]' 2>/dev/null; }
is_server() { [[ $1 == *server* ]]; }
is_lesson() { [[ $1 == [0-9]* ]]; }

# complains STATUS WORDS PROGRAM [ARG...]: the program ends with the status,
# prints nothing, and its standard error begins with its name and has the words.
complains()
{
    local status=$1 words=$2 program=$3
    shift 3
    try "$status" "$BIN/$program" "$@"
    is "$output" ""
    has "$errors" "$words"
    is "${errors%%:*}" "$program"
}

@test "-h and --help print the usage, with every default, 80 columns wide" {
    local program line
    for program in "${programs[@]}"; do
        try 0 "$BIN/$program" --help
        local long=$output
        try 0 "$BIN/$program" -h
        is "$output" "$long"
        is "$errors" ""
        has "$output" "Usage: $program "
        while IFS= read -r line; do
            [ "${#line}" -le 80 ] || fail "$program: too long: $line"
            [[ ! $line =~ ^\ +(ADDRESS|PORT|--[a-z-]+ [A-Z]) ]] ||
                has "$line" "(default "
        done <<<"$output"
    done
}

@test "-h is answered whatever stands beside it" {
    local program
    for program in "${programs[@]}"; do
        try 0 "$BIN/$program" --no-such-option -h 99999
        has "$output" "Usage: $program "
    done
}

@test "an unknown option is wrong usage" {
    local program
    for program in "${programs[@]}"; do
        complains 2 "unknown option --no-such-option" "$program" \
            --no-such-option
        has "$errors" "'$program -h' shows the usage."
        complains 2 "unknown option -x" "$program" -x
    done
}

@test "an option without its number, or with a wrong one, is wrong usage" {
    local program option unit
    for program in "${programs[@]}"; do
        while read -r option unit; do
            if [[ $unit =~ ^[A-Z]+( |$) ]]; then
                complains 2 "option $option needs a " "$program" "$option"
                [[ ! $unit =~ ^(MODE|FILE|NAME)\  ]] || continue # any text
                for wrong in -1 0x10 1x '' 99999999999999999999; do
                    complains 2 "\"$wrong\": not a whole number" \
                        "$program" "$option=$wrong"
                done
            else
                complains 2 "option $option takes no value" \
                    "$program" "$option=1"
            fi
        done < <("$BIN/$program" -h | sed -n 's/^ *\(--[a-z-]* .*\)/\1/p')
    done
}

@test "a port that is none is wrong usage" {
    local program wrong
    for program in "${programs[@]}"; do
        takes_port "$program" || continue
        for wrong in 0x50 99999 65536 -1 '' ' 80' +80 \
            99999999999999999999; do
            complains 2 "port \"$wrong\": not a whole number from 0 to 65535" \
                "$program" 127.0.0.1 "$wrong"
        done
        # Alone, a number is a port, and what looks like one is meant as one.
        complains 2 'port "99999"' "$program" 99999
        complains 2 'port "-1"' "$program" -1
        complains 2 'port "0x50"' "$program" 0x50
    done
}

@test "too many arguments are wrong usage" {
    local program
    for program in "${programs[@]}"; do
        if takes_port "$program"; then
            complains 2 'unexpected argument "more"' \
                "$program" 127.0.0.1 0 more
        elif [ "$program" = simple-services ]; then
            complains 2 'unexpected argument "7000"' "$program" --all 7000
            complains 2 'unexpected argument "more"' \
                "$program" --all 127.0.0.1 more
        else
            complains 2 'unexpected argument "7000"' "$program" 7000
            complains 2 'unexpected argument ""' "$program" ''
        fi
    done
}

@test "what is no IPv4 address is wrong usage for a lesson" {
    local program wrong
    for program in "${programs[@]}"; do
        is_lesson "$program" && takes_port "$program" || continue
        for wrong in localhost 127.0.0.256 127.1 ::1 x50 ''; do
            complains 2 "address \"$wrong\": not an IPv4 address" \
                "$program" "$wrong"
        done
    done
}

# One second for a name server that does not answer (glibc).
@test "the toolkit takes names, and says that one is not known" {
    local program
    export RES_OPTIONS='timeout:1 attempts:1'
    for program in "${programs[@]}"; do
        is_lesson "$program" && continue
        if [ "$program" = simple-services ]; then
            LIMIT=30 complains 1 no-such-name.invalid \
                "$program" --all no-such-name.invalid
            continue
        fi
        LIMIT=30 complains 1 no-such-name.invalid \
            "$program" no-such-name.invalid 7000
    done
}

@test "a client without a server says ECONNREFUSED, and what to do" {
    local program
    local status
    start_server "$PEER" bind 0 wait
    for program in "${programs[@]}"; do
        takes_port "$program" && ! is_server "$program" || continue
        status=1
        [ "$program" != echo-load ] || status=3 # as its -h says
        try "$status" "$BIN/$program" "$port"
        has "$errors" "$program: connect 127.0.0.1:$port: "
        has "$errors" "(ECONNREFUSED)"
        has "$errors" "Nobody listens there"
    done
}

@test "a server on a taken port says EADDRINUSE, and what to do" {
    local program
    start_server "$PEER" bind 0 wait
    for program in "${programs[@]}"; do
        is_server "$program" || continue
        try 1 "$BIN/$program" "$port"
        has "$errors" "$program: bind 127.0.0.1:$port: "
        has "$errors" "(EADDRINUSE)"
        has "$errors" "take another"
    done
}

# Every run that needs no partner: the usage, and all that can listen.
runs_alone()
{
    local program
    for program in "${programs[@]}"; do
        echo "$program -h"
        if is_server "$program"; then
            echo "$program 0"
        elif has "$("$BIN/$program" -h)" ' --serve ' 2>/dev/null; then
            echo "$program --serve 0"
        elif [ "$program" = simple-services ]; then
            echo "$program --echo=0"
        elif ! takes_port "$program"; then
            echo "$program"
        fi
    done
}

@test "a full standard output is an error" {
    [ -e /dev/full ] || skip "needs /dev/full"
    local program arguments
    while read -r program arguments; do
        # shellcheck disable=SC2086 # words
        try 1 sh -c 'exec "$@" >/dev/full' sh "$BIN/$program" $arguments
        like "$errors" "^$program: standard output: .*\\(ENOSPC\\)"
    done < <(runs_alone)
}

@test "a closed standard output is an error" {
    local program arguments
    while read -r program arguments; do
        # shellcheck disable=SC2086 # words
        try 1 sh -c 'exec "$@" >&-' sh "$BIN/$program" $arguments
        like "$errors" "^$program: standard output: .*\\(EBADF\\)"
    done < <(runs_alone)
}

@test "wrong usage gives 2 where nothing can be said" {
    local program
    for program in "${programs[@]}"; do
        try 2 sh -c 'exec "$@" <&- >&- 2>&-' sh "$BIN/$program" -x
    done
}
