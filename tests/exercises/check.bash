# shellcheck shell=bash
# check.bash - what the checks of the exercises share; it loads ladder/stage.
#
# A check NN.bats judges $PROGRAM by what it does, never by its source. It is one
# @test, which begins all plays, side by side, and then takes the steps; each looks
# at what happened when its play is over. (A @test for each step would cost the
# student half a second in all.) TAP's comments tell of them:
#
#   # 1..8
#   # ok 1 a message that comes in one piece is printed
#   # not ok 2 the server sends 26 bytes, and each read() gives one of them
#
#   take FUNCTION...      takes these steps, one after the other, until one fails: a
#                         later one may rely on the earlier ones
#   step TITLE [MANUAL]   first in such a function: what holds, in the student's
#                         words, and where $READ does not lead, the manual's pages
#
# Plays. Those that take long begin first: where a client has ended and its server
# has not, the ladder waits a quarter of a second.
#
#   begin NAME [LADDER-OPTION...] SERVER [ARG...] -- CLIENT [ARG...]
#                         starts a play in the background; standard input, if
#                         redirected, goes to the first client
#   begin NAME [LADDER-OPTION...] "$(with_buffers SIZE SERVER ... -- CLIENT ...)"
#                         the same where a socket has a receive buffer of SIZE
#                         bytes, and a send buffer of half of it
#   fail_calls ACTOR ERROR CALL...  sets $fails to options that make these calls of
#                         it fail so: ECONNRESET@2 (the second)
#   fail_reads ACTOR ERROR  the same for its reads, whichever the call
#   fail_writes ACTOR ERROR, fail_waits ACTOR ERROR  ... its writes, or poll() and
#                         its like
#   interrupt_again ACTOR  sets $fails so that its first write is interrupted, and,
#                         with --eintr=2, a read that was is once more, when it is
#                         made again
#
#   digits COUNT          so many numbers, of five digits each: a long text
#   write_longer          writes $longer, a file of 1.2 MB: more than a buffer has
#                         that is made big enough, as one may hope (1 MiB)
#
# In a step:
#
#   look NAME [ACTOR]     waits for that play, looks at it, and at the student's
#                         program in it ("server" or, unless told, "client");
#                         sets $story (ladder/stage.bash tells its lines),
#                         $printed (what the student's program wrote to standard
#                         output; $printed_to is the file, byte for byte),
#                         $errors (standard error) and $partner (what the other
#                         side printed)
#
# What holds is told by the expectations of expect.bash, which it loads.
#
# $READ is what to read: "lessons/05-read-one-byte, Why; read(2)". $PEER is the
# scripted peer (tests/peer.c), the natural partner.

# What is set here is used there, and the other way round.
# shellcheck disable=SC2034,SC2154

load ../ladder/stage
load expect

# bats traces each command, to name the line that failed: a check says itself what
# did, and a sixth of its time is saved. (Before 1.8 bats needs one that it traced.)
setup()
{
    set +T
}

# The port is the play's own: its network is private. None that a lesson has: who
# does not look at the argument is found out.
PORT=7200
# Nothing correct comes near these. A spin is found out by its calls, or by the
# time it takes of a processor, and who waits in vain by the silence. What a busy
# machine takes from a play is given back.
MOST_SECONDS=8
MOST_CPU=3
MOST_CALLS=1500
MOST_IN_VAIN=1000
SILENCE=2
MOST_PROCESSES=200
# In milliseconds; shorter than $SILENCE.
PAUSE=1200

number=0
# Those that nobody has looked at, with their process IDs. (`load` is a function.)
declare -gA plays

take()
{
    echo "# 1..$#" >&3
    local function
    # bash would tell there of a ladder that was killed.
    exec 2>/dev/null
    for function; do
        number=$((number + 1))
        "$function"
        echo "# ok $number $title" >&3
    done
}

step()
{
    title=$1
    read_here=${2:+${READ%%;*}; $2}
}

# Here ends what failed, too, or was interrupted: nobody needs to know how its other
# plays go on.
teardown()
{
    [ -n "${BATS_TEST_COMPLETED-}" ] || [ "$number" = 0 ] ||
        echo "# not ok $number $title" >&3
    local rest
    # One may have been stopped.
    rest=$(jobs -rp && jobs -sp)
    # shellcheck disable=SC2086 # words
    [ -z "$rest" ] || {
        kill $rest || true
        kill -CONT $rest || true
        wait $rest || true
    } >/dev/null 2>&1
}

begin()
{
    # With job control is_over can tell that it was stopped. (So it is in a group
    # of its own: teardown ends it at Ctrl-C, and who ends bats's group does not.)
    # In the background standard input is /dev/null, unless it is told.
    set -m
    play "$@" <&0 3>&- 4>&- &
    plays[$1]=$!
    set +m
}

play()
{
    local folder=$BATS_TEST_TMPDIR/play.$1
    shift
    # LeakSanitizer cannot look at a process that is traced.
    export COLUMNS=80 ASAN_OPTIONS=detect_leaks=0
    # Who prints for ever ends at 32 MiB, and so does the story of it.
    ulimit -f 32768
    exec "$BIN/ladder" --timeout "$MOST_SECONDS" --stall "$SILENCE" \
        --calls "$MOST_CALLS" --spin "$MOST_IN_VAIN" \
        --processes "$MOST_PROCESSES" --cpu "$MOST_CPU" \
        --events "$folder.events" --save-output "$folder" "$@" \
        >"$folder.picture" 2>"$folder.trouble"
}

digits()
{
    # shellcheck disable=SC2046 # words
    printf '%05d' $(seq "$1")
}

write_longer()
{
    longer=$BATS_TEST_TMPDIR/longer
    printf '%0499d\n' {1..2400} >"$longer"
}

with_buffers()
{
    local size=$1 sysctls
    shift
    sysctls="sysctl: net.ipv4.tcp_rmem=4096 $size $size"$'\n'
    sysctls+="sysctl: net.ipv4.tcp_wmem=4096 $((size / 2)) $((size / 2))"
    with_sysctls "$sysctls" "$@"
}

fail_calls()
{
    local call
    fails=()
    for call in "${@:3}"; do
        fails+=("--fail=$1:$call=$2")
    done
}

fail_reads()
{
    fail_calls "$@" read readv recvfrom recvmsg splice
}

fail_writes()
{
    fail_calls "$@" write writev sendto sendmsg
}

fail_waits()
{
    fail_calls "$@" poll ppoll select pselect6 epoll_wait epoll_pwait
}

# The second read() that waits is interrupted by --eintr=2, and so is poll().
interrupt_again()
{
    local all
    fail_waits "$1" EINTR@1
    all=("${fails[@]}")
    fail_writes "$1" EINTR@1
    all+=("${fails[@]}")
    fail_reads "$1" EINTR@3
    fails+=("${all[@]}")
}

# with_sysctls LINES SERVER...: writes a cast, and gives its name.
with_sysctls()
{
    local sysctls=$1 cast=$BATS_TEST_TMPDIR/cast.$BASHPID words
    shift
    printf -v words ' "%s"' "$@"
    words=${words// \"--\"/$'\n'client:}
    printf 'server:%s\n%s\n' "$words" "$sysctls" >"$cast"
    echo "$cast"
}

look()
{
    play=$1 actor=${2-client}
    local other=server
    [ "$actor" = client ] || other=client
    folder=$BATS_TEST_TMPDIR/play.$play
    printed_to=$folder/$actor.out
    errors=
    [ -z "${plays[$play]-}" ] || is_over
    fetch story "$folder.story"
    fetch printed "$printed_to" -n 100000
    printed_nul=$nul
    fetch errors "$folder/$actor.err" -n 100000
    fetch partner "$folder/$other.out" -n 100000
}

# Waits for the play.
is_over()
{
    local status=0
    set -m
    wait "${plays[$play]}" || status=$?
    set +m
    unset "plays[$play]"
    case $status in
    [01]) story_of "$folder.events" >"$folder.story" ;;
    130) return 1 ;; # Ctrl-C
    137) complain "it ends by itself" "it killed the ladder, which watches it" ;;
    147) complain "it ends by itself" "it stopped the ladder, which watches it" ;;
    153) complain "it waits or ends" "it prints for ever, or makes calls: 32 MiB of \
them by then. The last one: $(story_of <(tail -n 2 "$folder.events" | head -n 1) |
        sed -E 's/^[a-z]+ (stdout|stderr|call|return) //')" ;;
    *) complain "a play" "the ladder itself broke off (status $status)" ;;
    esac
}

# fetch VARIABLE FILE [-n MOST]: what the file has, or so many characters of it,
# without its last newline, up to a NUL: then $nul is not empty; nothing where there
# is no file. $(<FILE) would cost a process.
fetch()
{
    printf -v "$1" ''
    nul=''
    if [ -e "$2" ] && IFS= read -r -d '' "${@:3}" "$1" <"$2"; then
        local text=${!1}
        [ ${#text} = "${4-}" ] || nul=NUL
    fi
    # (To look for what is not there, as in ${NAME%TEXT}, takes long in a long text.)
    [ "${!1: -1}" != $'\n' ] || printf -v "$1" %s "${!1%?}"
}
