#!/usr/bin/env bats
# Lesson 02: a socket gets an address.

load ../helper

@test "02 port and address stand in network order, and the kernel agrees" {
    try 0 "$BIN/02-server-bind" 127.0.0.1 0
    like "$output" 'before bind\(\), the address of descriptor ([0-9]+) is 0.0.0.0:0'
    has "$output" 'sin_addr   7f 00 00 01'
    like "$output" 'after bind\(\), the address of descriptor ([0-9]+) is 127.0.0.1:([0-9]+)$'
    [ "${BASH_REMATCH[2]}" -gt 0 ]
    try 0 "$BIN/02-server-bind" 127.0.0.3 "${BASH_REMATCH[2]}"
    like "$output" 'port ([0-9]+) is 0x(..)(..); .*sin_port   (..) (..)'
    is "${BASH_REMATCH[4]}${BASH_REMATCH[5]}" "${BASH_REMATCH[2]}${BASH_REMATCH[3]}"
    is "$((0x${BASH_REMATCH[2]}${BASH_REMATCH[3]}))" "${BASH_REMATCH[1]}"
    has "$output" 'is 127.0.0.3:'
    is "$errors" ""
}

@test "02 any is INADDR_ANY, and a number alone is the port" {
    try 0 "$BIN/02-server-bind" any 0
    has "$output" 'sin_addr   00 00 00 00'
    like "$output" 'after bind\(\).* is 0.0.0.0:[1-9]'
    try 0 "$BIN/02-server-bind" 0
    like "$output" 'after bind\(\).* is 127.0.0.1:[1-9]'
}

@test "02 a taken port gives EADDRINUSE, and what to do" {
    start "$BIN/02-server-bind" --hold=1000 0
    while next_line && [[ $line != after* ]]; do :; done
    try 1 "$BIN/02-server-bind" "${line##*:}"
    like "$errors" "^02-server-bind: bind 127.0.0.1:${line##*:}: .* \(EADDRINUSE\)"
    has "$errors" 'take another, or 0'
    stop_server
}

@test "02 a port below 1024 gives EACCES to whoever is not root" {
    local start=/proc/sys/net/ipv4/ip_unprivileged_port_start
    [ ! -e "$start" ] || [ "$(cat "$start")" -gt 80 ] || skip "80 is open to all"
    if [ "$(id -u)" = 0 ]; then
        needs setpriv
        setpriv --bounding-set=-net_bind_service true 2>/dev/null ||
            skip "no right to drop a right"
        try 1 setpriv --bounding-set=-net_bind_service \
            --inh-caps=-net_bind_service "$BIN/02-server-bind" 80
    else
        try 1 "$BIN/02-server-bind" 80
    fi
    like "$errors" 'bind 127.0.0.1:80: .* \(EACCES\)'
    has "$errors" 'below 1024'
}

@test "02 an address of another host gives EADDRNOTAVAIL" {
    try 1 "$BIN/02-server-bind" 192.0.2.1 0
    like "$errors" 'bind 192.0.2.1:0: .* \(EADDRNOTAVAIL\)'
    has "$errors" "not this machine's"
}

@test "02 SIGINT and SIGTERM end it with status 0 while it holds the port" {
    local signal
    for signal in INT TERM; do
        start "$BIN/02-server-bind" --hold=1000 0
        while next_line && [[ $line != holding* ]]; do :; done
        stop_server "$signal"
    done
}
