#!/usr/bin/env bats
# Exercise 03: accept() is not told how much room there is for the address.

load check

READ="lessons/03-server-listen-accept/README.md, Break it; accept(2)"

begin_all()
{
    local server=("$PROGRAM" 127.0.0.1 "$PORT")
    local client=("$PEER" connect "$PORT" ends expect-end)
    local eleven=() i
    for i in {2..12}; do
        eleven+=(connect ends expect-end)
    done
    # Here the client has another address than the server.
    begin one "$PROGRAM" 127.200.100.250 "$PORT" -- "$PEER" connect \
        "127.200.100.250:$PORT" ends expect-end
    # A thread that is late finds what the next client has left in its address.
    begin three --late=server:20 "${server[@]}" -- "${client[@]}" -- \
        "${client[@]}" -- "${client[@]}"
    begin twelve "${server[@]}" -- "${client[@]}" "${eleven[@]}"
    begin broken --fail server:accept=ENOBUFS@1 \
        --fail server:accept4=ENOBUFS@1 "${server[@]}" -- "${client[@]}"
    begin taken "$PEER" listen "$PORT" -- "$PROGRAM" 127.0.0.1 "$PORT"
}

# The addresses that the clients have, as they tell them, one a line.
clients()
{
    sed -n 's/^this end is \(.*\), the other .*/\1/p' "$folder"/client*.out
}

closes_the_connection()
{
    step "a client connects, and the server closes the connection"
    look one server
    expect_listening
    ! client_waits || expect_closed
    expect_well
    grep -q '^client return connect = 0' <<<"$story" ||
        expect_bound "127.200.100.250:$PORT"
    expect_no "nothing is sent: the client reads 0, the end" \
        'client return read = [1-9]'
    expect_no "close() of the connection, and no reset: the client reads 0, the end" \
        '(server|[?]) > client[0-9]* RST'
    expect_story "close() of the connection: the client reads 0, the end" \
        'server return accept4? = [0-9]+' 'client return read = 0' \
        'client exit 0'
}

prints_the_client()
{
    step "the client's address and port are printed"
    look one server
    local room=''
    [[ ! $story =~ accept4?' = '[^$'\n']*'['-?[0-9]+' => ' ]] || room=" (the ladder \
has [A => B]: accept() was told of room for A bytes, and said B)"
    expect_output "the client's address, at once$room" "$(clients)"
}

takes_three()
{
    step "three clients come, one after another, or twelve: each has its line"
    look three server
    expect_clients 3
    look twelve server
    expect_clients 12
}

# So many could connect, and each has its line.
expect_clients()
{
    local clients count
    expect_well
    clients=$(clients)
    count=$(grep -c . <<<"$clients") || true
    expect "the server takes $1 clients" "$count that could connect" \
        [ "$count" = "$1" ]
    # Threads may print in another order.
    [ "$(sort <<<"$printed")" = "$(sort <<<"$clients")" ] ||
        expect_output "the $1 addresses" "$clients"
    expect_closed
}

tells_its_room()
{
    step "accept() is told how much room there is for the address"
    look three server
    local room length
    while read -r room length; do
        expect "room for $length bytes, not for fewer" "$room" \
            [ "$room" -ge "$length" ]
        expect "room as there is, not what lay there by chance" "$room" \
            [ "$room" -le 4096 ]
    done < <(sed -nE 's/^server return accept4? = [0-9]+ .*\[(-?[0-9]+) => '\
'([0-9]+)\].*/\1 \2/p' <<<"$story")
}

listens_where_told()
{
    step "it listens at the address that it is told"
    look one server
    expect_bound "127.200.100.250:$PORT"
}

accept_fails()
{
    step "where accept() fails, nothing is printed: there is no client"
    look broken server
    expect_well
    local success='server return accept4? = [0-9]'
    if [[ $story =~ $success ]]; then
        expect_output "one line, for the accept() that succeeds" "$(clients)"
    else
        expect "no line at all" "$printed" [ -z "$printed" ]
        expect_reason ENOBUFS "No buffer space available"
        expect_exit 1
    fi
}

taken_port()
{
    step "where the port is taken, standard error says why" "bind(2), ERRORS"
    expect_taken
    expect_well
    expect_reason EADDRINUSE "Address already in use" "Address in use"
    expect_exit 1
}

@test "accept connections, and tell who came" {
    begin_all
    take closes_the_connection prints_the_client takes_three tells_its_room \
        listens_where_told accept_fails taken_port
}
