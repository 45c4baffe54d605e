#!/usr/bin/env bats
# The ladder: the daytime pair on its own port, in true order, every time.

load stage

setup_file()
{
    find_stage
}

setup()
{
    on_stage
}

# An accept may return before connect does: each is sure only of what it waits
# for.
handshake_in_order()
{
    in_order 'client call connect 3, 127.0.0.1:13$' 'client > server SYN$' \
        'server > client SYN ACK$' 'client > server ACK$' \
        'client return connect = 0:' || return
    in_order 'client > server SYN$' \
        'server > client SYN ACK$' 'client > server ACK$' \
        'server return accept = [0-9]+ from 127.0.0.1:[0-9]+: 3' || return
    in_order 'server call write' 'server > client PSH ACK 26 bytes' \
        'client return read = 26:' || return
    in_order 'server call shutdown [0-9]+, SHUT_WR' 'server > client FIN ACK' \
        'client return read = 0:' 'client call close 3' \
        'client > server FIN ACK' 'server return read = 0:'
}

times_never_go_back()
{
    is "$(awk -F '[:,]' '
        FNR == 1 { last = 0 }
        $2 < last { print FILENAME ": " $0 }
        { last = $2 }' "$@")" ""
}

@test "the daytime pair is seen in true order on port 13, a hundred times out of a hundred" {
    # All its children end with 0, or xargs would not.
    LIMIT=120 try 0 xargs -P 4 -I {} "$BIN/ladder" \
        --events "$BATS_TEST_TMPDIR/{}.events" "$BIN/10-daytime-server" 13 \
        --clients=1 -- "$BIN/09-daytime-client" 13 \
        < <(for ((i = 0; i < 100; i++)); do echo "$i"; done)
    is "$errors" ""
    tell_story "$BATS_TEST_TMPDIR"/*.events
    happens 99 '==$'
    handshake_in_order
    times_never_go_back "$BATS_TEST_TMPDIR"/*.events
}

@test "an ordinary user has port 13 too, and sees the same" {
    [ "$(id -u)" = 0 ] || skip "every test is one"
    needs setpriv
    local folder user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    "${user[@]}" test -x "$BIN/ladder" || skip "nobody may not enter $BIN"
    "${user[@]}" unshare -Urn true 2>/dev/null ||
        skip "user namespaces are not for ordinary users here"
    folder=$(mktemp -d)
    chmod 777 "$folder"
    try 0 "${user[@]}" "$BIN/ladder" --events "$folder/events" \
        "$BIN/10-daytime-server" 13 --clients=1 -- "$BIN/09-daytime-client" 13 ||
        { rm -r "$folder"; return 1; }
    tell_story "$folder/events"
    rm -r "$folder"
    is "$errors" ""
    handshake_in_order
    happens 1 'server state TIME-WAIT'
}
