#!/usr/bin/env bats
# The committed pictures of the lessons, against a fresh run of their casts.
# normal-form.awk says what has to be the same, and what may differ.

load stage

setup_file()
{
    find_stage
}

setup()
{
    cd "$BIN/.." || return
}

normal_form()
{
    awk -f tests/ladder/normal-form.awk "$1"
}

# As a person would have it, to whom bats has left no descriptors of its own. A
# machine that stands still for so long that TCP sends something again makes other
# segments, as an RST for a second FIN: then it is drawn once more.
draw()
{
    for _ in 1 2 3; do
        try 0 sh -c 'exec "$@" 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-' sh \
            "$BIN/ladder" --svg "$2" "$1" || return
        is "$errors" "" || return
        grep -q retransmission "$2" || break
    done
    normal_form "$2" >"$2.normal"
}

# A call that both pictures have is drawn in the same words.
same_words()
{
    awk -F '\t' '
        !/^= / { next }
        NR == FNR { drawn[$1] = $2; next }
        $1 in drawn && drawn[$1] != $2 {
            print substr($1, 3) ": " drawn[$1] ", now " $2
            failed = 1
        }
        END { exit failed }' "$1" "$2"
}

# What the titles of a picture tell, without pids: these, one after the other.
shows()
{
    local picture=$1 regex line
    shift
    while IFS= read -r line && [ $# -gt 0 ]; do
        [[ ! $line =~ s\ \ $1 ]] || shift
    done < <(sed 's/, pid [0-9]*:/:/' "$picture")
    [ $# = 0 ] || fail "$picture: not there, or not in this order: $1"
}

@test "each lesson has a picture, and its page shows it, and links to it for its titles" {
    local lesson
    for lesson in lessons/[0-9]*/; do
        [ -f "${lesson}cast" ] || fail "$lesson has no cast"
        [ -f "${lesson}ladder.svg" ] || fail "$lesson has no picture"
        [[ $(<"${lesson}README.md") =~ \[\!\[The\ ladder\ of\ this\ lesson:\ [^]]+\]\(ladder.svg\)\]\(ladder.svg\) ]] ||
            fail "$lesson: the page does not show it, or does not say what is seen"
    done
}

@test "in each picture, what is drawn is what its titles tell" {
    local picture
    for picture in lessons/*/ladder.svg; do
        normal_form "$picture" >"$BATS_TEST_TMPDIR/normal"
        ! grep '^!' "$BATS_TEST_TMPDIR/normal" || fail "$picture"
    done
}

@test "each picture is what its cast plays, times and ports aside" {
    on_stage
    local cast fresh=$BATS_TEST_TMPDIR/fresh.svg failed=0
    for cast in lessons/*/cast; do
        draw "$cast" "$fresh" || return
        normal_form "${cast%cast}ladder.svg" >"$fresh.expected"
        diff -u --label "${cast%cast}ladder.svg" --label "a fresh run" \
            <(grep -v '^= ' "$fresh.expected") \
            <(grep -v '^= ' "$fresh.normal") || failed=1
        same_words "$fresh.expected" "$fresh.normal" || failed=1
    done
    [ "$failed" = 0 ] || fail "see what has changed, then: make pictures"
}

@test "03's picture shows the handshake done before accept()" {
    shows lessons/03-*/ladder.svg 'client: connect\(.*\.\.\.' \
        'wire: .* SYN,' 'wire: .* SYN ACK,' 'wire: .* ACK,' \
        'server: .* LISTEN, 1 of 2 waiting' 'client: connect\(.* = 0' \
        'server: accept\(.* = 4' 'server: .* LISTEN, 0 of 2 waiting'
}

@test "05's picture shows five writes, and three reads that cut them anew" {
    on_stage
    local picture fresh=$BATS_TEST_TMPDIR/fresh.svg
    draw lessons/05-*/cast "$fresh"
    for picture in lessons/05-*/ladder.svg "$fresh"; do
        is "$(grep -c 's  server, pid [0-9]*: write(4, .* = [26]' "$picture")" 5
        # The queue's length is certain here: nobody reads before the end.
        shows "$picture" 'client: .* CLOSE-WAIT, 26 unread' \
            'client: read\(3, .* = 10' 'client: read\(3, .* = 10' \
            'client: read\(3, .* = 6' 'client: read\(3, .* = 0'
    done
}

@test "06's picture shows a real partial write, and nothing that was made up" {
    on_stage
    local picture fresh=$BATS_TEST_TMPDIR/fresh.svg
    draw lessons/06-*/cast "$fresh"
    for picture in lessons/06-*/ladder.svg "$fresh"; do
        shows "$picture" 'client: write\(3, .*, 50000\) = [1-4][0-9]{4}<' \
            'client: write\(3, .* = -1 EAGAIN' \
            'client: poll\(.*\.\.\.' 'client: poll\(.* = 1' \
            'client: write\(3, .* = '
        is "$(grep -E '\*(short write|made to fail|interrupted)\*' "$picture")" ""
    done
}

@test "13 to 16's pictures show the silent client, and the others served beside it" {
    local number client
    for number in 13 14 15 16; do
        for client in 'client 2' 'client 3'; do
            shows lessons/$number-*/ladder.svg 'client 1: connect\(.* = 0' \
                "$client: connect\\(.* = 0" \
                "$client: read\\(.* = 22" 'client 1: close\(3'
        done
    done
}

@test "12's picture shows the second client connected, and waiting" {
    shows lessons/12-*/ladder.svg 'server: accept\(.* = 4' \
        'client 2: connect\(.* = 0' 'client 2: write\(.* = 22' \
        'client 2: poll\(.*\.\.\.' 'client 1: close\(3' \
        'server: accept\(.* = 4' 'client 2: poll\(.* = 1'
}
