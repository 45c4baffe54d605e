# shellcheck shell=bash
# judge.bash - what all share who have programs judged by the checks.
#
#   build SOURCE PROGRAM [FLAG...]   builds with the flags of all the rest; C++
#                                    by its ending; the rest is taken as it is
#   verdict LOG                      says what bats --tap has found: "step 3", the
#                                    first that failed, "passes", "skipped", or
#                                    "broken" where it did not come to its end

# Inside a bats, PATH finds a part of it that is no program of its own.
[ -z "${BATS_LIBEXEC-}" ] || PATH=${PATH//"$BATS_LIBEXEC:"/}

JUDGE_ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
JUDGE_FLAGS=$(<"$JUDGE_ROOT/bin/.build/flags")
JUDGE_FLAGS=${JUDGE_FLAGS/-Werror/}

build()
{
    local source=$1 program=$2 compiler=$JUDGE_FLAGS headers=''
    shift 2
    case $source in
    *.c) ;;
    *.cpp | *.cc) compiler="c++ -std=c++17 -pthread" ;;
    *) cp "$source" "$program" && chmod 755 "$program" && return ;;
    esac
    # musl-gcc does not look where the kernel's headers are: as in the Makefile.
    [[ $compiler != *musl-gcc* ]] || headers="-idirafter /usr/include
        -idirafter /usr/include/$(gcc -print-multiarch)"
    # shellcheck disable=SC2086 # words
    (cd "$JUDGE_ROOT" && $compiler $headers -w "$@" -o "$program" "$source" \
        bin/.build/shared.a)
}

verdict()
{
    awk '
        /^# not ok / && failed == "" { failed = "step " $4 }
        /^ok .* # skip/ { end = "skipped" }
        /^ok / && end == "" { end = "passes" }
        END { print failed != "" ? failed : end != "" ? end : "broken" }' "$1"
}
