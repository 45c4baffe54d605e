# shellcheck shell=bash
# student.bash - what the tests of the exercises' commands share; it loads
# ladder/stage. The student has a copy of the tree, with exercise 05, and two more
# that only look like it; so nothing here depends on what stands in the checkout.
#
# In setup_file: `find_stage; copy_tree`. In setup: `fresh_tree`.
#
#   $TREE, $lesson       the copy, and its bin/lesson
#   $exercise            the file of exercise 05 in it
#   $typed, $shown       the two, as they are typed for a shell
#   typed WORD           gives any word so
#   mend                 puts the solution there
#   lesson STATUS ARG... bin/lesson, as `try` does it
#   $student             the words before a command that make it a student's:
#                        without the variables of the bats that runs this test
#   says LINE...         from now on a check does not run: it says these lines;
#                        `says` alone: it runs again

# What the helper sets is not known here (2154); what is set here is used there.
# shellcheck disable=SC2154,SC2034

load ../ladder/stage

copy_tree()
{
    TREE="$BATS_FILE_TMPDIR/a student's tree" NUMBERS="05 09 12"
    export TREE
    local original=$BIN/.. number folder
    mkdir -p "$TREE/tests/exercises/shipped" "$TREE/tests/exercises/solutions"
    cp -Rp "$original/Makefile" "$original/src" "$original/lessons" "$BIN" "$TREE"
    cp -p "$original"/tests/{peer.c,run,helper.bash} "$TREE/tests"
    cp -Rp "$original/tests/ladder" "$TREE/tests"
    cp -p "$original"/tests/exercises/{check,expect}.bash "$TREE/tests/exercises"
    rm -rf "$TREE/bin/exercises" "$TREE"/lessons/*/exercise*.c
    for number in 05 09 12; do
        folder=$(echo "$TREE/lessons/$number"-*)
        sed "s/Exercise 05/Exercise $number/" \
            "$original/tests/exercises/shipped/05.c" \
            >"$TREE/tests/exercises/shipped/$number.c"
        cp -p "$TREE/tests/exercises/shipped/$number.c" "$folder/exercise.c"
        cp -p "$original/lessons/05-read-one-byte/hints" "$folder"
        cp -p "$original/tests/exercises/05.bats" \
            "$TREE/tests/exercises/$number.bats"
        cp -p "$original/tests/exercises/solutions/05.patch" \
            "$TREE/tests/exercises/solutions/$number.patch"
    done
    mv "$TREE/tests/run" "$TREE/tests/really-run"
    cat >"$TREE/tests/run" <<'END'
#!/bin/sh
here=$(dirname "$0")
[ ! -f "$here/said" ] || exec cat "$here/said"
exec "$here/really-run" "$@"
END
    chmod +x "$TREE/tests/run"
}

fresh_tree()
{
    on_stage
    lesson=$TREE/bin/lesson
    exercise=$TREE/lessons/05-read-one-byte/exercise.c
    typed=$(typed "$lesson") shown=$(typed "$exercise")
    rm -rf "$TREE/.progress" "$TREE/tests/said" "$TREE"/lessons/*/exercise.mine*
    cp "$TREE/tests/exercises/shipped/05.c" "$exercise"
    # Inside a bats, PATH finds a part of it that is no program of its own.
    student=(env -i PATH="${PATH//"${BATS_LIBEXEC-}:"/}" HOME="${HOME-/}"
        TMPDIR="$BATS_TEST_TMPDIR" MAKEFLAGS="${MAKEFLAGS-}"
        ASAN_OPTIONS="$ASAN_OPTIONS" TERM=xterm)
}

typed()
{
    local quote="'\\''"
    printf "'%s'" "${1//\'/"$quote"}"
}

mend()
{
    patch -s "$exercise" "$TREE/tests/exercises/solutions/05.patch"
}

lesson()
{
    local status=$1
    shift
    try "$status" "${student[@]}" "$lesson" "$@"
}

says()
{
    rm -f "$TREE/tests/said"
    [ $# = 0 ] || printf '%s\n' "$@" >"$TREE/tests/said"
}
