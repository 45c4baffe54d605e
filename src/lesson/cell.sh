#!/bin/bash
# cell - runs one check of one submission where it can hurt nobody; grade.sh
# calls it:
#
#     cell.sh enter WORK INPUT NAME LIMITS
#
# WORK/course is a copy of what is judged with, INPUT the folder of the submission,
# which is the only file there, NAME the lesson's, as in 05-read-one-byte (or
# "probe": may all this be done here?), LIMITS the options of ulimit. Exit status:
# 0 and 1 are the check's, and more is
BROKE_OFF=100   # the check was ended from inside
NOT_BUILT=101   # the submission does not compile
FORBIDDEN=102   # the system does not give a cell, or what a script asks for
NOT_STARTED=103 # the submission is no program
#
# A cell is made by unshare(1), in two steps. In the first namespaces we are root,
# and furnish them: our own processes, no network, and a file system that has the
# system's programs to read, a small /tmp to write, and nothing else. The second
# user namespace makes an ordinary user of us, who may undo none of it, and who
# may still make the third, which the ladder needs. When process 1 ends, which
# nobody in there can kill, the kernel kills all others.
set -u

# Real root would be root in there to the files it sees; so it becomes nobody.
enter()
{
    local become=''
    [ "$(id -u)" != 0 ] ||
        become="setpriv --reuid 65534 --regid 65534 --clear-groups"
    # shellcheck disable=SC2086 # words
    exec $become unshare --user --map-root-user --mount --pid --net --ipc \
        --fork --kill-child bash "$1/course/src/lesson/cell.sh" live "$@"
}

furnish()
{
    local work=$1 input=$2 entry
    mount -t tmpfs -o mode=755,size=1m cell "$work/root" && cd "$work/root" &&
        mkdir proc dev tmp bats build course submission || return
    # Where distributions have their programs; /nix and /gnu are NixOS, Guix.
    for entry in /bin /sbin /lib* /usr /etc /opt /nix /gnu; do
        if [ -L "$entry" ]; then
            ln -s "$(readlink "$entry")" ".$entry"
        elif [ -d "$entry" ]; then
            mkdir ".$entry" && mount --rbind "$entry" ".$entry" &&
                mount -o remount,bind,ro ".$entry"
        fi || return
    done
    for entry in null zero full random urandom; do
        : >"dev/$entry" && mount --bind "/dev/$entry" "dev/$entry" || return
    done
    ln -s /proc/self/fd dev/fd && ln -s fd/0 dev/stdin &&
        ln -s fd/1 dev/stdout && ln -s fd/2 dev/stderr && ln -s /tmp dev/shm &&
        mount -t proc proc proc &&
        mount --bind "$work/course" course &&
        mount -o remount,bind,ro course &&
        mount --bind "$input" submission &&
        mount -o remount,bind,ro submission &&
        mount -t tmpfs -o size=64m,nr_inodes=100 build build &&
        mount -t tmpfs -o size=512m,nr_inodes=10k bats bats &&
        mount -t tmpfs -o mode=1777,size=64m,nr_inodes=10k tmp tmp &&
        mount -o remount,bind,ro . &&
        pivot_root . tmp && umount -l /tmp && cd /tmp || return
    # What System V's calls share is bounded by nothing else.
    echo 16384 >/proc/sys/kernel/shmall
} 2>&1

# The first to go when memory is short.
as_nobody()
{
    (
        echo 1000 >/proc/self/oom_score_adj
        exec env -i PATH="$PATH" HOME=/tmp TMPDIR=/tmp LC_ALL=C.UTF-8 \
            unshare --user --map-user=65534 --map-group=65534 \
            setsid --wait bash /course/src/lesson/cell.sh "$@"
    )
}

live()
{
    local limits=$4 name=$3 status
    furnish "$1" "$2" || return $FORBIDDEN
    # shellcheck disable=SC2086 # words
    ulimit -c 0 $limits || return $FORBIDDEN
    if [ "$name" = probe ]; then
        as_nobody probe || return $FORBIDDEN
        return
    fi
    as_nobody build "$name"
    status=$?
    case $status in
    0) ;;
    "$FORBIDDEN" | "$NOT_STARTED") return "$status" ;;
    *) return $NOT_BUILT ;; # also where something killed the compiler
    esac
    mount -o remount,bind,ro /build || return $FORBIDDEN
    as_nobody check "$name"
    status=$?
    [ "$status" -le 1 ] || return $BROKE_OFF
    return "$status"
}

case $1 in
probe)
    # It gives 3 where it has no private network, or may not trace.
    exec /course/bin/ladder --timeout 5 /bin/true >/dev/null
    ;;
build)
    # shellcheck source=tests/exercises/judge.bash
    . /course/tests/exercises/judge.bash
    # shellcheck source=src/lesson/start.sh
    . /course/src/lesson/start.sh
    given=$(echo /submission/*)
    build "$given" "/build/$2" || exit
    cannot_start "/build/$2" "${given##*/}" || exit 0
    echo "$why"
    [ -n "$lacking" ] && exit $FORBIDDEN
    exit $NOT_STARTED
    ;;
check)
    PROGRAM=/build/$2 exec bats --tap --tempdir /bats/run \
        "/course/tests/exercises/${2%%-*}.bats"
    ;;
enter | live) "$@" ;;
esac
