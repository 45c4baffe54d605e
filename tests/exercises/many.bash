# shellcheck shell=bash
# many.bash - what the checks of exercises 13 to 16 share: an echo server for
# many clients at once behaves in one way, in whichever of four it is built. It
# loads check.
#
# begin_many begins all plays, take_many takes the steps.

# What check.bash sets is not known here, and what is set here is used there.
# shellcheck disable=SC2034,SC2154

load check

# Whoever reads byte by byte has many calls to make.
MOST_CALLS=40000
# What hinders them in step 8.
HINDERED=(--eintr=server:1 --short-writes=server:3)
# What else is to be said of how a connection ends.
CLOSING=
# There may be a thread for each client from the beginning.
MOST_PROCESSES=500

# begin_narrow NAME SERVER [ARG...] -- CLIENT [ARG...]: with little room for what
# is sent, so that 8,384 bytes are too many for a client that has a small receive
# buffer, but not for a server. Byte by byte it takes 25,000 calls.
begin_narrow()
{
    local name=$1 calls=50000
    shift
    [ "$1" != --calls ] || {
        calls=$2
        shift 2
    }
    begin "$name" --calls "$calls" "$(with_sysctls \
        "sysctl: net.ipv4.tcp_wmem=4096 4096 4096" "$@")"
}

# Steps that follow each other share a play: after one that failed, the others are
# not asked for. The client says how far it came.
begin_many()
{
    # Those that it calls see these, too.
    local server=("$PROGRAM" 127.0.0.1 "$PORT")
    local client=("$PEER" connect "$PORT")
    local one=(send:x expect:x) end=(shutdown expect-end)
    # shellcheck disable=SC2016 # it is sh's
    local with_stack=(sh -c 'ulimit -s "$0" 2>/dev/null; exec "$@"')
    local last=(send-last:goodbye expect:goodbye expect-end)
    [ -e "/proc/$$/task/$$/children" ] || skip "needs proc(5)'s children"
    # The longest ones first.
    begin_hundred
    begin_left
    begin_unwritten
    begin_few
    begin silent --calls 300 "${server[@]}" -- "${client[@]}" "${one[@]}" \
        other:waits "${end[@]}"
    begin_stuck
    begin_hard
}

# Steps 1 and 3 to 6. A child begins when its parent has done what it does. Who
# does not outlive the first client has ended when the second one comes. The last
# bytes come with their end three times, as once in a while an edge is told twice.
# Then two stay, and two more come and go; and one stays while that with a lower
# descriptor goes, and another one gets this.
begin_few()
{
    # Who listens at another address than it is told is found out.
    begin few --late=server:20 "$PROGRAM" 127.0.0.2 "$PORT" -- "$PEER" connect \
        "127.0.0.2:$PORT" 'send:hello\n' 'expect:hello\n' say:line "${end[@]}" say:end \
        other:quiet \
        connect 'send:a\0b\r\n' 'expect:a\0b\r\n' say:zero \
        'send:exit\n' 'expect:exit\n' 'send:quit\n' 'expect:quit\n' say:words \
        send-bytes:5000 read-bytes:5000 "${end[@]}" say:bytes \
        connect "${last[@]}" connect "${last[@]}" connect "${last[@]}" say:last \
        connect send:one expect:one connect send:two expect:two \
        use:6 send:three expect:three use:7 send:four expect:four "${end[@]}" \
        connect "${one[@]}" "${end[@]}" connect "${one[@]}" "${end[@]}" \
        use:6 send:five expect:five connect "${one[@]}" \
        use:6 "${end[@]}" close connect "${one[@]}" \
        use:10 send:six expect:six "${end[@]}" use:11 "${end[@]}"
}

# While the second one does not read, the first one is served: for so long that
# whoever would wait for the second one does. A server of one process has tried to
# send back each piece, a whole segment, before the next one comes; so room ends
# between two writes, and later, as four come at once, within one. Then the second
# one breaks off, and the next one, which gets its descriptor, has no part in what
# was left of it; or it reads.
begin_stuck()
{
    local i stuck=(receive-buffer:1 segment:536 connect) all=(use:2)
    for i in {1..12}; do
        stuck+=(use:2 send-bytes:524 use:1 "${one[@]}" "${one[@]}")
        all+=(read-bytes:524)
    done
    stuck+=(use:2 send-bytes:2096 shutdown use:1 "${one[@]}" "${one[@]}" say:served)
    all+=(read-bytes:2096 expect-end)
    begin_narrow broken "${server[@]}" -- "${client[@]}" "${stuck[@]}" \
        use:2 reset other:quiet connect "${one[@]}" \
        use:1 "${one[@]}" "${end[@]}" use:3 "${one[@]}" "${end[@]}"
    begin_narrow all "${server[@]}" -- "${client[@]}" "${stuck[@]}" other:waits \
        "${end[@]}" "${all[@]}"
    # The same amount, and nobody else.
    begin_narrow drained "${server[@]}" -- "${client[@]}" receive-buffer:1 \
        segment:536 connect send-bytes:8384 other:waits read-bytes:8384 \
        other:waits "${one[@]}" "${end[@]}"
    # More than a queue of the server's own may hold. What it leaves unread has room
    # in the client's send buffer. Others do so, too, when the first one leaves a
    # place in front of them.
    local two=(send:two send-bytes:20000 shutdown)
    begin_narrow much --calls 10000 "${server[@]}" -- "${client[@]}" "${one[@]}" \
        receive-buffer:8000 segment:1460 send-buffer:200000 connect \
        send-bytes:200000 connect "${two[@]}" connect send:f "${two[@]}" \
        connect send:f shutdown other:waits \
        use:1 "${one[@]}" "${end[@]}" use:5 expect:f expect-end \
        use:4 expect:ftwo read-bytes:20000 expect-end \
        use:3 expect:two read-bytes:20000 expect-end \
        use:2 read-bytes:200000 shutdown expect-end
}

begin_hard()
{
    # Of two reads one is interrupted for certain: a parent that comes late to
    # its accept() may take the place of the other. The last client's end is there
    # before the rest of what came with it is sent.
    begin hard "${HINDERED[@]}" "${server[@]}" -- "${client[@]}" send:interrupted expect:interrupted send:again \
        expect:again send:more expect:more "${end[@]}" connect "${last[@]}"

    # Five are in the queue before the server can accept the first one, and
    # threads begin when it has accepted all.
    begin queue --late=server:20 "${server[@]}" -- "${client[@]}" "${one[@]}" \
        other:stop connect connect connect connect connect say:queued \
        other:go use:1 "${one[@]}" say:continued use:2 "${one[@]}" \
        use:3 "${one[@]}" use:4 "${one[@]}" use:5 "${one[@]}" \
        use:6 "${one[@]}" "${end[@]}"
}

# Ten end while the parent cannot look; of the others, one after the other, every
# second one breaks off. Some count who has ended when the next one comes.
begin_left()
{
    local ten=() their_end=() sixteen=() i
    for i in {2..11}; do
        ten+=(connect "${one[@]}")
        their_end+=("use:$i" "${end[@]}" close)
    done
    for i in {1..8}; do
        sixteen+=(connect "${one[@]}" reset connect "${one[@]}" "${end[@]}" close)
    done
    begin left "${with_stack[@]}" 32768 "${server[@]}" -- "${client[@]}" "${one[@]}" "${end[@]}" close \
        other:left "${ten[@]}" other:stop-parent "${their_end[@]}" other:go \
        other:left "${sixteen[@]}" other:quiet connect "${one[@]}" \
        other:left "${end[@]}"
}

# None gets anything: they break off when the server has tried.
begin_unwritten()
{
    local eight=() i
    for i in {1..8}; do
        eight+=(connect send:x other:quiet reset)
    done
    fail_writes server EPIPE
    begin unwritten "${fails[@]}" "${server[@]}" -- "${client[@]}" \
        send:x other:quiet reset other:left "${eight[@]}" other:left
}

# The first one says nothing before all are there. When it has gone, its place is
# the next one's, in a table that has a hundred.
begin_hundred()
{
    local hundred=() i
    for i in {2..100}; do
        hundred+=(connect "${one[@]}")
    done
    # A hundred stacks of 8 MiB may be more than a limit of memory allows.
    begin hundred "${with_stack[@]}" 4096 "${server[@]}" -- "${client[@]}" \
        "${hundred[@]}" \
        use:1 "${one[@]}" say:all "${end[@]}" connect "${one[@]}" "${end[@]}"
}

# expect_served WHAT [MARK]: the client met what it should, or came at least as
# far as to say MARK. The server goes on: only the ladder ends it.
expect_served()
{
    local told=$'\n'$story$'\n' ended=$'\nclient exit 0\n'
    if [ $# = 2 ]; then
        [[ $'\n'$partner$'\n' != *$'\n'$2$'\n'* ]] || return 0
    fi
    expect_serving "$1"
    if [[ $told != *' note All clients have ended'* ]] && too_many; then
        ! spins || complain "$1" "it asks again and again: $so_many $(say_last_call)"
        complain "$1" "it goes on and on: $so_many $(say_last_call)"
    fi
    # When all are served, a machine that is busy may leave no silence in which
    # SIGTERM could come.
    [[ $told == *"$ended"* ]] || expect_in_time "$1"
    [[ $told == *"$ended"* ]] || complain "$1" "$(what_came)"
}

expect_in_time()
{
    [[ $story != *" note The time is over"* ]] ||
        complain "$1" "$MOST_SECONDS seconds are over, and that is not \
all.$(if_busy) $(say_last_call)$(what_it_does)$(what_waits)"
}

if_busy()
{
    local load
    [ ! -r /proc/loadavg ] || read -r load _ </proc/loadavg
    [ "${load%.*}" -lt $((2 * $(getconf _NPROCESSORS_ONLN))) ] ||
        echo " (This machine is busy: check once more.)"
}

# In two plays, as a machine that is busy may hold up one.
expect_sigterm_ends()
{
    local play goes_on
    goes_on=$'\nclient exit 0\n.* note All clients have ended.*'
    goes_on+=$'\nserver exit SIGKILL\n'
    for play in few queue; do
        look "$play" server
        [[ $story$'\n' =~ $goes_on ]] || return 0
    done
    complain "SIGTERM ends the server" "it goes on$AGAIN"
}

# What the client met instead, or what it waits for.
what_came()
{
    local partner_errors
    fetch partner_errors "$folder/client.err" -n 100000
    case $partner_errors in
    *': other bytes came')
        echo "a client gets other bytes than it has sent: ${partner##*$'\n'}"
        return
        ;;
    *': other bytes came than expected, behind byte '*)
        echo "a client gets other bytes than it has sent, or in another order," \
            "behind byte ${partner_errors##* }"
        return
        ;;
    esac
    local came unread=$'\n''server state [A-Z-]+ [0-9]+ unread'
    came=$(what_peer_says)$(what_waits)
    [[ $came != *"in vain"* ]] || came+=$(what_is_kept)$(no_end_read)
    [[ $came != *"in vain"* || ! $story =~ $unread ]] ||
        came+=" What a client has sent lies unread, nobody calls read() for it."
    came+=$(what_it_does)
    echo "$came"
}

# What a server has read, and not written.
what_is_kept()
{
    awk '/MSG_PEEK/ { next }
        /^server return (read|recv)[a-z]* = [1-9]/ { came += $5 }
        /^server return (write|send)[a-z]* = [1-9]/ { went += $5 }
        END {
            if (came > went)
                print " The server has read " came " bytes in all, and written " went "."
        }' <<<"$story"
}

# Why a client may wait for its end.
no_end_read()
{
    [[ $story != *"client call shutdown"* ]] ||
        grep -qE '^server return (read|recv|splice)[a-z]* = 0' <<<"$story" ||
        echo " No read() of the server has given 0 yet, the end of what the client sends."
}

# --- Steps ----------------------------------------------------------------

echoes_a_line()
{
    step "a client sends a line, and gets it back"
    # Of who spins the next step tells; its longer plays take long.
    look silent server
    ! too_many || return 0
    look few server
    expect_bound "127.0.0.2:$PORT"
    expect_listening
    expect_served 'the client sends "hello\n", and reads the same 6 bytes' \
        line
}

does_not_spin()
{
    step "the server waits when there is nothing to do"
    look silent server
    ! too_many ||
        complain "while its client is silent, the server waits" \
            "it calls on and on. $(say_last_call)"
    expect_patience '"x"'$'\n''"y"' "$PROGRAM" 127.0.0.1 "$PORT" -- "$PEER" connect \
        "$PORT" send:x read:1 "pause:$PAUSE" send:y read:1 shutdown expect-end
}

ends_the_connection()
{
    step "a client that ends its side gets the end, too"
    look few server
    expect_served "the client, which has half-closed, reads the end: the server \
closes the connection$CLOSING" end
    expect_sigterm_ends
}

echoes_any_bytes()
{
    step "5,000 bytes of any value come back"
    look few server
    expect_served 'the next client sends "a\0b\r\n", and reads these bytes' \
        zero
    expect_served "the client sends \"exit\\n\", then \"quit\\n\", and reads the same: \
they are no orders" words
    expect_served "the client sends 5,000 bytes, says nothing more, and reads \
the same 5,000" bytes
}

echoes_what_comes_with_the_end()
{
    step "a client whose last bytes come with its end gets them back"
    look few server
    expect_served "the client sends \"goodbye\" and its end in one segment, and \
reads the same 7 bytes, then the end" last
}

serves_several()
{
    step "several clients are served, while others are silent, and none is mixed up"
    look few server
    expect_served "four clients are served, two of them while the first two say \
nothing, and each reads what it has sent itself"
}

# Who waits for edges may take a short count for a full or an empty buffer:
# epoll(7). Only here it is not.
meets_interruptions()
{
    local what="each write() takes 3 bytes"
    if [[ ${HINDERED[0]} = --eintr* ]]; then
        step "calls that are interrupted are made again, and short writes go on" "signal(7), EINTR; write(2)"
        what="calls are interrupted (EINTR), and $what"
    else
        step "without EPOLLET: each write() takes 3 bytes, and the rest follows"
    fi
    look hard server
    # Whether the clients outrun who spins is chance: the next step tells of it.
    ! spins || return 0
    [[ $story == *EPOLLET* ]] || expect_served "$what$(last_hindrance): the clients \
read all they have sent, \"interrupted\", \"again\", \"more\", and \"goodbye\", behind \
which their end comes at once"
}

# That with which it did not go on: bytes that no further write() took, or else the
# last call that was interrupted, and not made again. Where other bytes came, it is
# the last write() that was short.
last_hindrance()
{
    awk -v others="$(grep -c 'other bytes' "$folder/client.err")" '
        /^server return (write|send)[a-z]* = [0-9]/ { delete rest[$6] }
        /^server return .* [*]short write[*]/ {
            short = "here " $3 "() took " $5 " bytes: the rest follows"
            rest[$8] = short
        }
        /^server call / && $3 == interrupted { again = interrupted = "" }
        /^server return .* EINTR [*]interrupted[*]/ {
            interrupted = $3
            again = "here " $3 "() gave -1, EINTR: it is made again"
        }
        END {
            for (fd in rest)
                again = rest[fd]
            if (others > 0)
                again = short
            if (again != "")
                print " (" again ")"
        }' <<<"$story"
}

takes_all_who_wait()
{
    step "clients that come at once are all served" "listen(2), accept(2)"
    look queue server
    expect_served "the server is stopped (SIGSTOP): five clients have room in \
the queue, as listen()'s backlog says" queued
    expect_served "the server is stopped (SIGSTOP), and goes on (SIGCONT): the \
client that was there before is served (epoll_wait() gives EINTR then)" continued
    expect_served "five more clients have come meanwhile, and wait in the queue; \
then each sends \"x\", and reads it"
}

waits_for_nobody()
{
    step "a client that does not read holds up nobody, and gets all in the end"
    local play
    look hard server
    ! spins || expect_served "a write() takes 3 bytes, a later one the rest; then the \
server waits, and does not ask again and again"
    for play in broken all; do
        look "$play" server
        expect_served "a client sends 8,384 bytes, and does not read: another \
one, 26 times, sends \"x\", and reads it all the same" served
    done
    expect_served "the client, which has half-closed, reads all its 8,384 \
bytes in the end, no other ones, and the end"
    look drained server
    expect_served "a client sends 8,384 bytes, and reads them late: it gets all of \
them; while it does not read, and when it has, the server waits, and does not ask \
again and again"
    look much server
    # Who moves one byte at a time is told to stop.
    ! is_slow || return 0
    expect_served "a client sends 200,000 bytes, others 20,000, and read none \
meanwhile: two others come to their ends, and then these read all that they have sent \
(what the server cannot send yet, it keeps, or does not read yet)"
}

survives_a_reset()
{
    step "a client that breaks off takes nobody with it" "send(2), MSG_NOSIGNAL; signal(7), SIGPIPE"
    look broken server
    expect_served "a client resets its connection, while the server has bytes for \
it: the others are served, the next one gets its own bytes, none of those, and the \
server lives (no SIGPIPE)"
}

# Sets $left to what the client tells of the server: processes, descriptors, memory.
read_left()
{
    read -r -d '' -a left < <(grep -E '^[0-9]+ [0-9]+ [0-9]+$' <<<"$partner") ||
        true
}

# expect_left WHAT BEFORE NOW MOST: there are not many more than before.
expect_left()
{
    expect "$1 $2, as before" "$3" [ "$(($3 - $2))" -le "$4" ]
}

leaves_nothing()
{
    step "clients come and go, and nothing is left of them" "${LEAVES-close(2)}"
    look left server
    expect_served "ten clients at the same time are served, and 16 more, one \
after the other, of which every second one resets its connection"
    # Processes, descriptors, memory: after the first client, after ten more, and
    # after 16 more.
    read_left
    expect_left "when they have gone, no child of the server is left, and no \
zombie (ps shows them). Processes:" "${left[0]}" "${left[6]}" 4
    expect_left "when they have gone, no descriptor for them is left open (ls \
/proc/PID/fd shows them). Descriptors:" "${left[4]}" "${left[7]}" 4
    expect_left "when 16 have gone, so have the stacks of their threads, 32 MiB \
each (a thread that has ended keeps it until it is joined, or was detached). \
Memory in MiB:" "${left[5]}" "${left[8]}" 128

    look unwritten server
    ! has_socketpair || return 0
    expect_served "each write() of the server fails (EPIPE), and then its client \
breaks off: nine of them"
    read_left
    expect_left "where write() has failed, too, the child ends. Processes:" \
        "${left[0]}" "${left[3]}" 4
    expect_left "where write() has failed, too, the connection is closed. \
Descriptors:" "${left[1]}" "${left[4]}" 4
}

serves_a_hundred()
{
    step "a hundred clients are served at the same time"
    look hundred server
    local served=${partner//[!x]/}
    expect_served "a hundred clients are served at the same time; the first one \
says nothing before all others are. (${#served} get their \"x\".)" all
    expect_served "the first of the hundred ends, and one more is served"
}

take_many()
{
    take echoes_a_line does_not_spin ends_the_connection echoes_any_bytes \
        echoes_what_comes_with_the_end serves_several takes_all_who_wait \
        meets_interruptions waits_for_nobody survives_a_reset leaves_nothing \
        serves_a_hundred
}
