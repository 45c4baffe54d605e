#!/usr/bin/env bats
# Every call that a server makes, once its own life begins, is made to fail, one
# at a time, with strace's fault injection. Either it ends with 1 and says which
# call failed; or it serves on: perhaps one client is lost, but not the next.

load ../helper

setup()
{
    needs_injection
    ! ldd "$BIN/echo-server" 2>/dev/null | grep -q asan ||
        skip "the sanitizers' own calls would fail"
    printf 'some\ninput\n' >"$BATS_TEST_TMPDIR/input"
}

errors_of()
{
    case $1 in
    socket | pipe*) echo EMFILE ;;
    bind | listen) echo EADDRINUSE ;;
    accept4) echo EMFILE EINTR ECONNABORTED ENETDOWN ;;
    recvfrom) echo ECONNRESET EINTR EAGAIN ;;
    sendto) echo EPIPE EINTR EAGAIN ENOBUFS ;;
    recvmsg) echo EAGAIN EINTR ;;
    sendmsg) echo EAGAIN EPERM ;;
    epoll_wait) echo EINTR EBADF ;;
    read) echo EINTR EAGAIN ;;
    shutdown) echo ENOTCONN ;;
    *) echo ENOMEM ;;
    esac
}

# Prints "CALL K" for each call after the first that is the server's own.
calls_of()
{
    awk '{
        name = $0
        sub(/\(.*/, "", name)
        k[name]++
        if (begun && name ~ /^[a-z]/ &&
            name !~ /^(exit_group|brk|mmap|munmap|rt_sigprocmask|futex)$/)
            print name, k[name]
        if (/RLIMIT_NOFILE/)
            begun = 1
    }' "$1"
}

# serve BASE [STRACE-OPTION...]: a datagram, then clients until one is served.
# Gives the server's status; BASE.served says whether one was.
serve()
{
    local base=$1 line fd
    shift
    mkfifo "$base.fifo"
    bounded strace -qq -o "$base.trace" "$@" "$BIN/$program" --threads=1 \
        --clients=1 0 </dev/null >"$base.fifo" 2>"$base.err" &
    exec {fd}<"$base.fifo"
    if IFS= read -r line <&"$fd"; then
        echo x >"/dev/udp/127.0.0.1/${line##*:}"
        for _ in 1 2 3; do
            if "$BIN/$partner" --timeout=9 "${line##*:}" \
                <"$BATS_TEST_TMPDIR/input" >"$base.out" 2>"$base.told"; then
                touch "$base.served"
                break
            fi
        done
    fi
    exec {fd}<&-
    wait $!
}

inject()
{
    local call=$1 k=$2 error=$3 base=$BATS_TEST_TMPDIR/$1.$2.$3 status=0
    serve "$base" -e "inject=$call:error=$error:when=$k" || status=$?
    # How often it sleeps differs from run to run.
    grep -q INJECTED "$base.trace" || return 0
    echo >>"$BATS_TEST_TMPDIR/injected"
    if [ "$status" = 0 ] && [ -e "$base.served" ]; then
        return
    elif [ "$status" = 1 ] && grep -q "^$program: .*($error)" "$base.err"; then
        return
    fi
    # With --clients=1 the one that is lost was the only one.
    case $status$call in
    0recvfrom | 0sendto | 0shutdown) return ;;
    esac
    printf '%s %s fails with %s: status %s, it says:\n' "$call" "$k" "$error" \
        "$status" | cat - "$base.err" "$base.told" >"$base.failed"
}

inject_all()
{
    local program=$1 partner=$2 runs=0 call k error
    # In a subshell without the traps of bats, which slow every command down.
    (
        trap - DEBUG ERR
        set +eET
        serve "$BATS_TEST_TMPDIR/plain" || fail "status $?" || exit
        [ ! -s "$BATS_TEST_TMPDIR/plain.err" ] || exit
        while read -r call k; do
            for error in $(errors_of "$call"); do
                inject "$call" "$k" "$error" &
                [ $((++runs % 8)) != 0 ] || wait
            done
        done < <(calls_of "$BATS_TEST_TMPDIR/plain.trace")
        wait
    ) || fail "a plain run fails: $(cat "$BATS_TEST_TMPDIR/plain.err")"
    is "$(cat "$BATS_TEST_TMPDIR"/*.failed 2>/dev/null)" ""
    [ "$(wc -l <"$BATS_TEST_TMPDIR/injected")" -gt 40 ] ||
        fail "hardly anything was made to fail"
}

@test "echo-server: no call that fails goes unnoticed, or ends more than it must" {
    inject_all echo-server echo-client
}

@test "daytime-server: the same" {
    inject_all daytime-server daytime-client
}
