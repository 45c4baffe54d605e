#!/usr/bin/env bats
# The checks judge rightly: what is wrong fails, each mutant at its own step, and
# what is correct passes.

load ../ladder/stage

setup_file()
{
    find_stage
}

setup()
{
    on_stage
}

@test "exercises: each check fails what is wrong, at its step, and passes the rest" {
    # The checks look at programs from outside: one compiler is enough.
    local flags
    flags=$(<"$BIN/.build/flags")
    [[ $flags = cc\ * || $flags = gcc\ * ]] || skip "proved with gcc"
    [[ $flags != *-fsanitize* ]] || skip "proved without"
    # Some hundred programs: the longest test by far.
    LIMIT=3600 try 0 "$BATS_TEST_DIRNAME/prove"
    is "$errors" ""
    echo "# $output" >&3
}

@test "exercises: each has two correct programs of another style, and six mutants" {
    local patch number others mutants
    for patch in "$BATS_TEST_DIRNAME"/solutions/*.patch; do
        number=$(basename "$patch" .patch)
        others=("$BATS_TEST_DIRNAME/others/$number"/*)
        mutants=("$BATS_TEST_DIRNAME/mutants/$number"/*.patch)
        [ ${#others[@]} -ge 2 ] || fail "others/$number: ${#others[@]}"
        [ ${#mutants[@]} -ge 6 ] || fail "mutants/$number: ${#mutants[@]}"
    done
}
