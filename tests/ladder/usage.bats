#!/usr/bin/env bats
# The ladder's command line: what is wrong is told, and what is right is listed.

load stage

setup_file()
{
    find_stage
}

setup()
{
    on_stage
    pair=("$BIN/10-daytime-server" --clients=1 13 -- "$BIN/09-daytime-client" 13)
}

# wrong_usage PART ARG...: status 2, one line that has PART, one on -h.
wrong_usage()
{
    local part=$1
    shift
    try 2 "$BIN/ladder" "$@"
    has "$errors" "ladder: "
    has "$errors" "$part"
    has "$errors" "'ladder -h' shows the usage."
    is "$(wc -l <"$err" | tr -d ' ')" 2
    is "$output" ""
}

@test "wrong usage is status 2, and a line that says what is wrong" {
    wrong_usage "no server is named"
    wrong_usage "no server is named" -- true
    wrong_usage "a program is missing" true --
    wrong_usage "a program is missing" true -- true -- -- true
    wrong_usage "unknown option --nonsense" --nonsense "${pair[@]}"
    wrong_usage "unknown option --nonsense" --nonsense=1 "${pair[@]}"
    wrong_usage "unknown option -x" -x "${pair[@]}"
    wrong_usage "--seq takes no value" --seq=1 "${pair[@]}"
    wrong_usage "value is missing" --svg
    wrong_usage "value is missing" --timeout
    local value
    for value in 0 -1 x 1x '' 1e9 inf nan; do
        wrong_usage "not a number of seconds" "--timeout=$value" "${pair[@]}"
    done
    for value in 0 -1 x 1x server:x client:0 99999999999999999999 somebody:1; do
        wrong_usage "not a whole number from 1" "--short-reads=$value" \
            "${pair[@]}"
    done
    wrong_usage "not a number of seconds" --stall 0 "${pair[@]}"
    wrong_usage "not a whole number from 1" --calls 0 "${pair[@]}"
    wrong_usage "not a whole number from 1" --spin 0 "${pair[@]}"
    wrong_usage "not a whole number from 1" --processes 0 "${pair[@]}"
    wrong_usage "not a whole number from 1" --cpu 0.5 "${pair[@]}"
    wrong_usage "not a whole number from 1" --short-writes=0 "${pair[@]}"
    wrong_usage "not a whole number from 1" --eintr=client:no "${pair[@]}"
    wrong_usage "not CALL=ERRNO" --fail read "${pair[@]}"
    wrong_usage "is named rad" --fail rad=EIO "${pair[@]}"
    wrong_usage "is named EOI" --fail read=EOI "${pair[@]}"
    wrong_usage "not a whole number from 1" --fail read=EIO@0 "${pair[@]}"
    wrong_usage "not a whole number from 1" --fail server:read=EIO@x "${pair[@]}"
    # 16 clients, and one more
    local clients=()
    for value in {1..17}; do
        clients+=(-- true)
    done
    wrong_usage "more than 17 programs" true "${clients[@]}"
}

@test "-h shows the usage with every option" {
    local option
    try 0 "$BIN/ladder" -h
    is "$errors" ""
    is "$(awk 'length > 80' "$out")" ""
    for option in --step --predict --explain --seq --no-output --ascii --svg \
        --events --save-output --host-net --timeout --stall --calls \
        --spin --processes --cpu --short-reads --short-writes --eintr --fail --late \
        '{port}' '{address}' 'Exit status'; do
        has "$output" "$option"
    done
    local usage=$output
    try 0 "$BIN/ladder" --help
    is "$output" "$usage"
}
