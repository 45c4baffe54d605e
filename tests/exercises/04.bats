#!/usr/bin/env bats
# Exercise 04: a socket whose connect() failed is used again.

load check

READ="lessons/04-client-connect/README.md, Break it; connect(2), NOTES"

begin_all()
{
    local server=(ends expect-end)
    begin other "$PEER" listen 127.200.100.250:7000 "${server[@]}" -- \
        "$PROGRAM" 127.200.100.250 7000
    begin one "$PEER" listen 7000 "${server[@]}" -- "$PROGRAM" 127.0.0.1 7000
    begin third "$PEER" listen 7002 "${server[@]}" -- \
        "$PROGRAM" 127.0.0.1 7000 7001 7002
    # As where a network loses the segments.
    begin lost --fail=client:connect=ETIMEDOUT@1 "$PEER" listen 7001 "${server[@]}" -- \
        "$PROGRAM" 127.0.0.1 7000 7001
    begin first "$PEER" listen 7000 "${server[@]}" -- \
        "$PROGRAM" 127.0.0.1 7000 7001
    begin nobody "$PROGRAM" 127.0.0.1 7000 7001
    begin far "$PROGRAM" 192.0.2.1 7000
}

# It prints both ends of the connection, as the server tells them.
expect_ends()
{
    local ends
    ends=$(sed -n 's/^this end is \(.*\), the other \(.*\)$/\2 \1/p' \
        <<<"$partner")
    [ -n "$ends" ] || complain "a connection to the server" \
        "none: no client comes to it$(if_nobody_asks)"
    [ -n "$printed" ] || ! ended_by_itself client || [ "$ended_with" = 0 ] ||
        complain "connect() gives 0, so both ends of the connection are printed: $ends" \
            "nothing, and it ends with $ended_with"
    expect_output "both ends of the connection" "$ends"
}

if_nobody_asks()
{
    [[ $story != *EINPROGRESS* || $story = *"call getsockopt"* ]] ||
        echo " (behind EINPROGRESS getsockopt(), with SO_ERROR, tells whether connect() failed)"
}

# The end of the program closes it too, but not what a longer one would leave
# open.
expect_connection_closed()
{
    expect_each_closed "close() of the connection's socket" '
        /return connect = 0: .*:7000$/ { open[$6 + 0] = 1 }
        /return connect = -1 EINPROGRESS: .*:7000$/ { open[$7 + 0] = 1 }
        /return dup[23]? = [0-9]/ {
            if (($6 + 0) in open)
                open[$5 + 0] = 1
        }'
}

# What was wrong with the sockets of the tries, a line each: of TCP's, as the
# library may have others. Who waits for a connection by connect() itself calls
# it again with the same address.
misused()
{
    awk '
        /^client return (socket|dup[23]) = [0-9]/ {
            fd = $5 + 0
            delete tried[fd]
            delete failed[fd]
            delete tcp[fd]
            if (/ = [0-9]+: PF_INET6?, .*SOCK_STREAM/ || / dup/)
                tcp[fd] = 1
        }
        /^client return close = 0: / { delete tcp[$6 + 0] }
        /^client return connect = -1/ && !/ (EINPROGRESS|EALREADY|EINTR):/ {
            failed[$7 + 0] = 1
        }
        /^client call connect / && ($4 + 0) in tcp {
            fd = $4 + 0
            if (fd in failed || (fd in tried && tried[fd] != $5))
                print "descriptor " fd " again, for " $5
            tried[fd] = $5
            for (other in tcp)
                if (other != fd && other in tried)
                    print "descriptor " other " open, at the try of " $5
        }' <<<"$story"
}

one_port()
{
    step "the server is at the only port: both ends are printed"
    look one
    expect_well
    expect_connect 127.0.0.1:7000
    expect_ends
    expect_exit 0
    expect_story "the connection is closed: the server reads 0, the end" \
        'server return read = 0'
    expect_connection_closed
}

third_port()
{
    step "two ports refuse, or one gives no answer (ETIMEDOUT): the next is tried"
    look third
    expect_well
    expect_ends
    expect_exit 0
    look lost
    expect_well
    expect_ends
    expect_exit 0
}

new_socket_each_time()
{
    step "a socket whose connect() failed is not used again"
    look third
    local wrong
    wrong=$(misused | grep again) || true
    expect "socket() for each try: elsewhere the second connect() may fail" \
        "$wrong" [ -z "$wrong" ]
}

closed_before_the_next()
{
    step "it is closed before the next try"
    look third
    local wrong
    wrong=$(misused) || true
    expect "close() after each try that failed, before the next" "$wrong" \
        [ -z "$wrong" ]
}

first_port()
{
    step "where the first port answers, the second is not tried"
    look first
    expect_well
    expect_ends
    expect_no "no connect() to the second port" \
        'client call connect [0-9]+, .*:7001'
    expect_exit 0
}

nobody_answers()
{
    step "no port answers: standard error says why, and the status is 1"
    look nobody server
    expect_refused "there is no connection" ECONNREFUSED "Connection refused"
    expect_story "both ports are tried" 'server call connect [0-9]+, .*:7000' \
        'server call connect [0-9]+, .*:7001'
}

no_route()
{
    step "an address to which no route leads: standard error says why"
    look far server
    expect_connect 192.0.2.1:7000
    expect_refused "there is no connection" ENETUNREACH "Network is unreachable" "Network unreachable"
}

both_addresses()
{
    step "both ends have an address of their own: the server 127.200.100.250"
    look other
    expect_well
    expect_ends
    expect_exit 0
}

@test "connect to the first server that answers" {
    begin_all
    take one_port third_port new_socket_each_time closed_before_the_next \
        first_port nobody_answers no_route both_addresses
}
