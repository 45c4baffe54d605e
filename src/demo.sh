#!/bin/sh
# demo.sh - `make demo`: a daytime server and client on the ladder, then an echo
# pair, with what each prints labelled. Nothing stays.

cd "$(dirname "$0")/.." || exit
work=$(mktemp -d) || exit
server=

finish()
{
    status=$?
    exec 3<&-
    [ -z "$server" ] || kill "$server" 2>/dev/null
    wait
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

label()
{
    while IFS= read -r line || [ -n "$line" ]; do
        printf '%s | %s\n' "$1" "$line" || return
    done
}

# pair TITLE SERVER CLIENT INPUT: the client starts when the server says that
# it listens, and ends by itself; so does the server, after one client.
pair()
{
    printf '%s\n\nserver $ bin/%s --clients 1 0\n' "$1" "$2"
    "bin/$2" --clients 1 0 >"$work/server" 2>&1 3<&- &
    server=$!
    exec 3<"$work/server"
    IFS= read -r ready <&3
    printf 'server | %s\n' "$ready"
    case $ready in
    "listening on "*) ;;
    *)
        label server <&3
        return 1
        ;;
    esac
    label server <&3 &

    from=
    [ -z "$4" ] || from="printf '$4' | "
    printf 'client $ %sbin/%s 127.0.0.1 %s\n' "$from" "$3" "${ready##*:}"
    # shellcheck disable=SC2059 # the escapes are wanted
    {
        printf "$4" | "bin/$3" 127.0.0.1 "${ready##*:}" 2>&1 3<&-
        echo "$?" >"$work/status"
    } | label client
    [ "$(cat "$work/status")" = 0 ] && wait "$server" && server= && wait
}

# On the ladder, unless there is none or the system forbids it (3).
daytime()
{
    echo 'What time is it? (RFC 867)'
    echo
    if [ -x bin/ladder ]; then
        bin/ladder lessons/09-daytime-client/cast
        status=$?
        [ "$status" = 3 ] || return "$status"
    fi
    pair 'The same without the ladder.' 10-daytime-server 09-daytime-client ''
}

mkfifo "$work/server" || exit
daytime &&
    echo &&
    pair 'Say it again. (RFC 862)' 12-echo-server 11-echo-client \
        'Hello.\nStill there?\n'
