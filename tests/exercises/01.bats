#!/usr/bin/env bats
# Exercise 01: the result of socket() is not checked.

load check

READ="lessons/01-create-socket/README.md, Break it; socket(2), RETURN VALUE"

begin_all()
{
    begin three "$PROGRAM" 3
    # A real limit, as a script in front of a program may make sockets too.
    begin limit sh -c 'ulimit -n 20; exec "$0" 20' "$PROGRAM"
    begin first --fail server:socket=ENOBUFS "$PROGRAM" 2
    # getaddrinfo() for each takes many calls.
    begin many --calls 10000 --spin 10000 "$PROGRAM" 100
    begin zero sh -c 'exec "$0" 2 <&-' "$PROGRAM"
}

# The descriptors of the TCP sockets that were made, one a line.
made()
{
    local tcp='PF_INET6*, .*SOCK_STREAM'
    made=$(sed -n "s/^server return socket = \([0-9]*\): $tcp.*/\1/p" \
        <<<"$story")
    count=$(grep -c . <<<"$made") || true
}

# expect_made N: so many were made, and all of them are printed, no others.
expect_made()
{
    made
    local called came="it makes $count"
    called=$(sed -n 's/^server call socket //p' <<<"$story" | sort -u | head -n 2)
    [[ $called =~ ^PF_INET6?', SOCK_STREAM'[^$'\n']*$ ]] ||
        came+="; socket() ${called:+gets }${called:-is not called}"
    ! ended_by_itself server || [ "$ended_with" = 0 ] ||
        came+=", and ends with $ended_with"
    expect "COUNT is $1: socket() makes so many TCP sockets" "$came" \
        [ "$count" = "$1" ]
    expect_output "what socket() gave, a number a line" "$made"
}

# Each socket that was made is closed, by whichever call.
expect_all_closed()
{
    expect_each_closed "close() for each (of what is no socket it is not shown)" \
        '/return socket = [0-9]+: PF_INET6?, .*SOCK_STREAM/ {
            open[$5 + 0] = 1
        }'
}

holds_three()
{
    step "three sockets are held at once, and their descriptors are printed"
    look three server
    expect_well
    expect_made 3
    local different
    different=$(sort -u <<<"$made" | grep -c .)
    expect "three numbers: no socket is closed before all are made" "$printed" \
        [ "$different" = 3 ]
    expect_exit 0
}

no_descriptor_left()
{
    step "where no descriptor is left for a socket, standard error says why"
    look limit server
    expect_well
    [[ $'\n'$printed$'\n' != *$'\n-1\n'* ||
        $errors = *EMFILE* || $errors = *"Too many open"* ]] ||
        complain "socket() may give -1: then standard error says why, and no more are made" \
            "it prints -1, as if that were a descriptor, and goes on"
    if [ -z "$errors" ]; then
        made
        expect "COUNT is 20, and there may be 20 descriptors: a socket() fails, \
as 0, 1 and 2 are open" "it makes $count, and none fails" \
            grep -q '^server return socket = -1' <<<"$story"
    fi
    expect_reason EMFILE "Too many open files" "No file descriptors available"
}

has_status_1()
{
    step "the status then is 1"
    look limit server
    expect_exit 1
}

stops_there()
{
    step "nothing is printed for that socket, and no more are made"
    look limit server
    made
    expect_made "$count"
    # getaddrinfo() may ask for some that are not TCP's.
    local failures
    failures=$(grep -c '^server return socket = -1.*: PF_INET6*, .*SOCK_STREAM' \
        <<<"$story")
    expect "the socket() that fails is the last one" "$failures that fail" \
        [ "$failures" = 1 ]
}

first_fails()
{
    step "where the first socket() fails, with ENOBUFS, all that is the same"
    look first server
    expect_well
    expect_reason ENOBUFS "No buffer space available"
    expect_exit 1
    expect "it prints nothing: no socket was made" "$printed" [ -z "$printed" ]
}

closes_each()
{
    step "each socket is closed"
    look three server
    expect_all_closed
}

holds_a_hundred()
{
    step "there may be 100 sockets"
    look many server
    expect_well
    expect_made 100
    expect_exit 0
}

takes_descriptor_0()
{
    step "a descriptor may be 0: it is one like any other"
    look zero server
    expect_well
    expect_made 2
    expect_all_closed
    expect_exit 0
}

@test "make some sockets, and hold them" {
    begin_all
    take holds_three no_descriptor_left has_status_1 stops_there first_fails \
        closes_each holds_a_hundred takes_descriptor_0
}
