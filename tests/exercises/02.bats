#!/usr/bin/env bats
# Exercise 02: the port is not put into network order.

load check

READ="lessons/02-server-bind/README.md, Why; byteorder(3), bind(2)"

begin_all()
{
    begin taken "$PEER" listen "$PORT" -- "$PROGRAM" 127.0.0.1 "$PORT"
    begin port "$PROGRAM" 127.0.0.1 9999
    # As long as an address can be, and of bytes that a char takes for negative;
    # the highest port.
    begin address "$PROGRAM" 127.200.100.250 65535
    # A port that has a name, where the system knows one: http-alt.
    begin any "$PROGRAM" 0.0.0.0 8080
    begin free "$PROGRAM" 127.0.0.1 0
    begin foreign "$PROGRAM" 192.0.2.1 "$PORT"
}

prints_the_address()
{
    step "it prints the address and the port: 127.0.0.1:9999"
    look port server
    expect_well
    expect_room
    [ "$printed" = 127.0.0.1:9999 ] || expect_bound 127.0.0.1:9999
    expect_printed $'127.0.0.1:9999\n'
    expect_exit 0
}

binds_the_port()
{
    step "the socket is bound to port 9999 (0x270f), not to 3879 (0x0f27)"
    look port server
    expect_bound 127.0.0.1:9999
}

another_address()
{
    step "another address, and the highest port: 127.200.100.250:65535"
    look address server
    expect_well
    expect_printed $'127.200.100.250:65535\n'
    expect_bound 127.200.100.250:65535
    expect_exit 0
}

all_addresses()
{
    step "all addresses of this machine: 0.0.0.0:8080"
    look any server
    expect_well
    expect_printed $'0.0.0.0:8080\n'
    # Java takes the addresses of both families.
    expect_bound 0.0.0.0:8080 "[::]:8080"
    expect_exit 0
}

port_0()
{
    step "for port 0, the port that the kernel chose is printed"
    look free server
    expect_well
    expect_bound 127.0.0.1:0
    local name
    name=$(sed -nE 's/^server return getsockname = 0: [0-9]+, ([^,]*),.*/\1/p' \
        <<<"$story" | tail -n 1)
    expect_output "what getsockname() tells" "127.0.0.1:${name##*:}"
    expect_room
    expect_exit 0
}

expect_room()
{
    expect_no "getsockname() is told the size of the address: 16 bytes (the ladder \
has [A => B]: it was told of room for A bytes, and said B)" \
        'server return getsockname = .*\[-?([0-9]|1[0-5])( =>.*)?\]$'
}

taken_port()
{
    step "a port that another program has: standard error says why" "bind(2), ERRORS"
    expect_taken
    expect_refused "no socket was bound" EADDRINUSE "Address already in use" "Address in use"
}

foreign_address()
{
    step "an address of another machine: standard error says why"
    look foreign server
    expect_refused "no socket was bound" EADDRNOTAVAIL "Cannot assign requested address" \
        "Address not available"
}

@test "bind a socket to an address and a port" {
    begin_all
    take prints_the_address binds_the_port another_address all_addresses \
        port_0 taken_port foreign_address
}
