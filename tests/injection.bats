#!/usr/bin/env bats
# Every call on a socket that a lesson makes is made to fail, one at a time,
# with strace's fault injection: the program has to end with an error, and to
# say which call failed and why. A server may go on with its next client, but
# not without a word. Where a call is only interrupted (EINTR), or a client gave
# up before it was accepted (ECONNABORTED), all goes on as if nothing had been.

# shellcheck disable=SC2046,SC2086 # commands are words, split at spaces
load helper

setup()
{
    needs_injection
    printf 'some\ninput\n' >"$BATS_TEST_TMPDIR/input"
    CALLS=%network,read,write,close,poll,ppoll,fcntl
    CALLS=$CALLS,epoll_create1,epoll_ctl,epoll_wait,epoll_pwait
}

# The errors that a call is made to give.
errors_of()
{
    case $1 in
    socket) echo EMFILE ;;
    bind | listen) echo EADDRINUSE ;;
    accept*)
        echo EMFILE
        # Servers to use; in the others one connection is the lesson.
        [[ $program_name != 1[02-6]-* ]] || echo ECONNABORTED EINTR
        ;;
    connect) echo ETIMEDOUT ;;
    read) echo ECONNRESET EINTR ;;
    write) echo EPIPE EINTR ;;
    poll | ppoll) echo ENOMEM EINTR ;;
    epoll_wait | epoll_pwait) echo EINVAL EINTR ;;
    epoll_ctl) echo ENOMEM ;;
    getpeername) echo ENOTCONN ;;
    shutdown)
        # ENOTCONN is no failure of 11's: read() tells what became of the
        # connection, if it is true.
        [[ $program_name = 11-* ]] && echo EINVAL || echo ENOTCONN
        ;;
    *) echo EIO ;;
    esac
}

# The name that the program calls it by; the kernel's may be longer.
call_name()
{
    case $1 in
    accept4) echo accept ;;
    ppoll) echo poll ;;
    epoll_pwait) echo epoll_wait ;;
    *) echo "$1" ;;
    esac
}

# Prints "CALL K" for each call on a socket in a trace: it is the Kth of this
# name, those of the loader and of stdio counted too. At most four of a name.
socket_calls()
{
    awk '{
        name = $0
        sub(/\(.*/, "", name)
        k[name]++
        if ((name == "socket" || name ~ /^epoll/ ||
             $0 ~ /^[a-z0-9]+\([^"]*<socket:/) &&
            ++sockets[name] <= 4)
            print name, k[name]
    }' "$1"
}

# One run: traced BASE [STRACE-OPTION...]. Gives the program's status, and
# leaves its errors in BASE.err, the calls in BASE.trace.
traced()
{
    local base=$1 line
    shift
    set -- strace -qq -y -o "$base.trace" -e trace="$CALLS" "$@" $program
    if [ "$role" = client ]; then
        bounded "$@" $port <"$BATS_TEST_TMPDIR/input" >"$base.out" 2>"$base.err"
        return
    fi
    mkfifo "$base.fifo"
    bounded "$@" </dev/null >"$base.fifo" 2>"$base.err" &
    exec 4<"$base.fifo"
    if IFS= read -r line <&4; then
        bounded $partner "${line##*:}" <"$BATS_TEST_TMPDIR/input" \
            >"$base.partner" 2>&1
    fi
    cat <&4 >"$base.out"
    wait $!
}

# Makes one call fail; says what is wrong with the consequence.
inject()
{
    local call=$1 k=$2 error=$3 base=$BATS_TEST_TMPDIR/$1.$2.$3 status name
    local what="$program, $error from $call number $k"
    traced "$base" -e inject="$call:error=$error:when=$k"
    status=$?
    # With the sanitizers, the number of earlier calls is not always the same.
    grep -q "^$call(.*INJECTED" "$base.trace" || return 0
    [[ $call = socket || $call = epoll* ]] ||
        grep -q "^$call([^\"]*<socket:.*INJECTED" "$base.trace" || return 0
    echo "$what" >>"$BATS_TEST_TMPDIR/injected"
    name=$(call_name "$call")
    if [ "$error" = EINTR ] || [ "$error" = ECONNABORTED ]; then
        [ "$status" = 0 ] && [ ! -s "$base.err" ] && return
        what="$what: should go on"
    elif [ "$status" = 0 ] && [ "$role" = client ]; then
        what="$what: ends with 0"
    elif [ "$status" -gt 1 ]; then
        what="$what: did not end well"
    elif grep -q "^${program_name}: $name.*($error)" "$base.err"; then
        return
    fi
    printf '%s; status %s, standard error:\n' "$what" "$status" |
        cat - "$base.err" >"$base.failed"
}

# client "PROGRAM [ARG]..." ["SERVER [ARG]..."]: the server is there all along.
# server "PROGRAM [ARG]..." "CLIENT [ARG]...": it ends after one client.
client()
{
    local port=''
    [ "$#" = 1 ] || start_server $(in_bin "$2")
    role=client
    inject_all "$1" ''
}

server()
{
    role=server
    inject_all "$1" "$2"
}

in_bin()
{
    echo "$BIN/$1"
}

inject_all()
{
    local program_name=${1%% *} program partner runs=0 call k error
    program=$(in_bin "$1") partner=$(in_bin "$2")
    # In a subshell without the traps of bats, which slow every command down.
    (
        trap - DEBUG ERR
        set +eET
        traced "$BATS_TEST_TMPDIR/plain" || fail "status $?" || exit
        [ ! -s "$BATS_TEST_TMPDIR/plain.err" ] || exit
        while read -r call k; do
            for error in $(errors_of "$call"); do
                inject "$call" "$k" "$error" &
                [ $((++runs % 8)) != 0 ] || wait
            done
        done < <(socket_calls "$BATS_TEST_TMPDIR/plain.trace")
        wait
    ) || fail "a plain run fails: $(cat "$BATS_TEST_TMPDIR/plain.err")"
    [ -s "$BATS_TEST_TMPDIR/injected" ] || fail "nothing was made to fail"
    is "$(cat "$BATS_TEST_TMPDIR"/*.failed 2>/dev/null)" ""
}

@test "01: each call that fails is named" {
    client "01-create-socket"
}

@test "02: each call that fails is named" {
    client "02-server-bind 0"
}

@test "03: each call that fails is named" {
    server "03-server-listen-accept --clients=1 --hold=1 0" "04-client-connect"
}

@test "04: each call that fails is named" {
    client "04-client-connect" "03-server-listen-accept 0"
}

@test "05, reading: each call that fails is named" {
    client "05-read-one-byte --size=30" "05-read-one-byte --serve --clients=0 0"
}

@test "05, serving: each call that fails is named" {
    server "05-read-one-byte --serve 0" "05-read-one-byte"
}

@test "06, writing: each call that fails is named" {
    client "06-partial-write" "06-partial-write --serve --clients=0 --pause=0 0"
}

@test "06, serving: each call that fails is named" {
    server "06-partial-write --serve 0" "06-partial-write --bytes=100000"
}

@test "07: each call that fails is named" {
    client "07-readn-writen-readline" "12-echo-server 0"
}

@test "08, connecting: each call that fails is named" {
    client "08-close-and-eof --half-close" \
        "08-close-and-eof --serve --clients=0 0"
}

@test "08, serving: each call that fails is named" {
    server "08-close-and-eof --serve 0" "08-close-and-eof --half-close"
}

@test "09: each call that fails is named" {
    client "09-daytime-client" "10-daytime-server 0"
}

@test "10: each call that fails is named" {
    server "10-daytime-server --clients=1 0" "09-daytime-client"
}

@test "11: each call that fails is named" {
    client "11-echo-client" "12-echo-server 0"
}

@test "12: each call that fails is named" {
    server "12-echo-server --clients=1 0" "11-echo-client"
}

@test "13, the parent: each call that fails is named" {
    server "13-echo-server-fork --clients=1 0" "11-echo-client"
}

@test "14, the first thread: each call that fails is named" {
    server "14-echo-server-threads --clients=1 0" "11-echo-client"
}

@test "15: each call that fails is named" {
    server "15-echo-server-poll --clients=1 0" "11-echo-client"
}

@test "16: each call that fails is named" {
    server "16-echo-server-epoll --clients=1 0" "11-echo-client"
}

@test "every lesson's calls are made to fail" {
    local program
    for program in "$BIN"/[0-9]*; do
        grep -q "^    [a-z]* \"${program##*/}[ \"]" "$BATS_TEST_FILENAME" ||
            fail "there is no test of ${program##*/} here"
    done
}
