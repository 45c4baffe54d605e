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
