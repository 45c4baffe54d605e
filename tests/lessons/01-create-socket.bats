#!/usr/bin/env bats
# Lesson 01: what socket() gives.

load ../helper

@test "01 PF_INET and AF_INET are one number" {
    try 0 "$BIN/01-create-socket"
    like "$output" 'PF_INET is ([0-9]+) and AF_INET is ([0-9]+): one number'
    is "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
    is "$errors" ""
}

@test "01 the lowest free number is given, and closing frees it" {
    try 0 "$BIN/01-create-socket"
    like "$output" 'descriptor ([0-9]+), the lowest.*descriptor ([0-9]+), the next.*freed descriptor ([0-9]+).*descriptor ([0-9]+), which'
    is "${BASH_REMATCH[3]}" "${BASH_REMATCH[1]}"
    is "${BASH_REMATCH[4]}" "${BASH_REMATCH[1]}"
    [ "${BASH_REMATCH[2]}" -gt "${BASH_REMATCH[1]}" ]
}

@test "01 a family, a type or a protocol the kernel lacks gives a reason" {
    try 1 "$BIN/01-create-socket" --family=99
    like "$errors" '^01-create-socket: socket family 99, .*: .* \(EAFNOSUPPORT\)$'
    try 1 "$BIN/01-create-socket" --type=99
    like "$errors" 'type 99, .* \(E[A-Z]+\)$'
    try 1 "$BIN/01-create-socket" --protocol=17
    like "$errors" 'protocol 17: .* \(EPROTONOSUPPORT\)$'
}

@test "01 without a free descriptor it says EMFILE, and what to look at" {
    # Descriptor 3 is the last one: the loader needs it, the first socket too.
    try 1 bash -c 'ulimit -n 4; exec "$0"' "$BIN/01-create-socket"
    has "$errors" '(EMFILE)'
    has "$errors" 'ulimit -n'
}

@test "01 closed standard descriptors are never taken for sockets" {
    try 0 bash -c 'exec "$0" <&- 2>&-' "$BIN/01-create-socket"
    like "$output" 'gave descriptor ([0-9]+), the lowest'
    [ "${BASH_REMATCH[1]}" -ge 3 ]
}
