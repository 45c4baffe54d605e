# shellcheck shell=bash
# expect.bash - what the checks of the exercises expect of the play that was looked
# at, and how they say what came instead; it is loaded by check.bash, by whose `look`
# all that is used here is set.
#
# Where an expectation fails, it says what was expected, what came, shows the ladder
# of that run and names what to read:
#
#   expect EXPECTED CAME CONDITION...   CONDITION is a command: [ "$a" = 3 ]
#   expect_printed TEXT   the student's program printed exactly this
#   expect_file FILE [WHAT]  ... or what this file has: a text, or WHAT
#   expect_long FILE [WHAT]  the same, and status 0, of so much that who moves one
#                         byte at a time is told to stop before all is there
#   expect_output WHAT TEXT  ... or TEXT, up to newlines at its end: WHAT tells of it
#   expect_exit STATUS    its exit status
#   expect_reason NAME TEXT...  standard error tells this error: by its name, as
#                         EMFILE, or by one of the texts that C libraries have
#   expect_failure        it ends well, with status 1 and a line on standard error
#   expect_refused WHAT NAME TEXT...  the same for this reason, and nothing is
#                         printed: WHAT says why
#   expect_story WHAT REGEX...   these happened, in this order (`in_order`)
#   expect_no WHAT REGEX  nothing like it happened
#   expect_taken          look taken, a play in which another program has its port:
#                         that ended it
#   expect_bound ADDRESS [OR...]  a TCP socket was bound to it: 127.0.0.1:7000
#   expect_listening      the server has called listen()
#   expect_connect ADDRESS  connect() of a TCP socket was told it
#   expect_well           the play ended by itself, in time: no program waits
#                         for ever, spins, or was killed by a signal
#   expect_serving [WHAT]  the server goes on until the ladder ends it
#   expect_closed         it closed each descriptor that accept() gave it
#   expect_waits CALL|CALL OPTION EVENT  behind EAGAIN of such a call there is a
#                         wait, as poll() is one for EVENT, or by the socket's OPTION
#
#   expect_patience TEXT SERVER [ARG...] -- CLIENT [ARG...]   who limits its waits
#                         to a second or less is judged by one more play, in which
#                         the other side does nothing for $PAUSE in between: TEXT
#                         is what the client prints all the same. So is who limits
#                         them to five seconds; a client may give up then, too
#   is_impatient          it limits them to a second; who does not is spared that
#                         time
#
#   too_many              the ladder ended the play for its calls, or processes;
#                         sets $so_many to its words
#   is_slow               ... for its calls, of which each moved something: who does
#                         so byte by byte is spared the rest
#   spins                 ... for calls in a row that moved nothing
#
#   expect_each_closed EXPECTED AWK  each descriptor that was opened, as AWK tells
#                         of the actor's lines (open[FD] = 1), was closed
#
# For messages: fetch VARIABLE FILE, short TEXT (a line of it), quoted (standard
# input, as in C), how_they_differ FILE FILE, what_printed, say_last_call (that the
# program made), what_it_does and what_waits (the program's call, and the other
# side's, when the time was over).

# sum_of REGEX: all that the calls gave whose lines in the story begin so, as with
# 'server return read'.

# What is set here is used there, and the other way round.
# shellcheck disable=SC2034,SC2154

# What stands in the words of errors, in English.
OTHER_ERRORS='[(]E[A-Z0-9]{3,}[)]|success|no error|invalid|inappropriate|bad file|no such'
OTHER_ERRORS+='|not a|illegal|denied|permitted|unavailable|interrupted|unreachable|in use'

# Why a signal that is handled may end nobody.
AGAIN=" (behind a handler of signal() a call is made again: SA_RESTART; or the signal \
is ignored, or blocked)"

expect()
{
    local expected=$1 came=$2
    shift 2
    "$@" || complain "$expected" "$came"
}

expect_printed()
{
    printf '%s' "$1" >"$BATS_TEST_TMPDIR/expected"
    expect_file "$BATS_TEST_TMPDIR/expected"
}

expect_file()
{
    local came
    ! cmp -s "$1" "$printed_to" || return 0
    if [ -s "$printed_to" ]; then
        came=$(how_they_differ "$1" "$printed_to")$(if_swapped "$(head -c 100 "$1")")
    elif told_as_error "$(head -n 1 "$1")"; then
        came="nothing: it is on standard error"
    else
        came=$(what_printed)
    fi
    complain "it prints ${2-$(how_it_begins "$1")}" "$came"
}

# What came by then is to be right.
expect_long()
{
    local size
    size=$(size_of "$printed_to")
    ! is_slow || ! cmp -s -n "$size" "$1" "$printed_to" || return 0
    expect_well
    expect_file "$@"
    expect_exit 0
}

# expect_output WHAT TEXT
expect_output()
{
    local came
    [ "$printed$printed_nul" != "$2" ] || return 0
    came="$(what_printed)$(if_swapped "$2")"
    ! told_as_error "$2" || came="nothing: it is on standard error"
    complain "it prints $1: $2" "$came"
}

told_as_error()
{
    [ -z "$printed" ] && [ -n "$1" ] && [[ $errors = *"$1"* ]]
}

expect_exit()
{
    local end=$'(^|\n)'$actor$' exit ([A-Z0-9]+)(\n|$)' got=
    [[ ! $story =~ $end ]] || got=${BASH_REMATCH[2]}
    [ "$got" != 255 ] || got="255, as exit(-1) gives it"
    expect "it ends with exit status $1" "${got:-it does not end}" \
        [ "$got" = "$1" ]
}

expect_reason()
{
    local name=$1 pattern came="no such words: perror() says them, or strerror(errno)"
    # Where there are those of another error, or of success.
    ! grep -qiE "$OTHER_ERRORS" <<<"$errors" ||
        came="not so: errno is that of the call that failed last, so perror(), or \
strerror(errno), comes before any other call"
    printf -v pattern '|%s' "$@"
    pattern=${pattern#|}
    ! grep -qiE "$pattern" <<<"$errors" || return 0
    if grep -qiE "$pattern" <<<"$printed"; then
        came="it is on standard output"
    elif [ -z "$errors" ]; then
        came="nothing is there$(what_followed "$name")"
    elif [[ $errors = *"Unknown error"* ]]; then
        came="not so: perror(), or strerror(errno), tells what errno means"
    fi
    complain "standard error says why: $2 ($name)" "$came"
}

expect_refused()
{
    local what=$1
    shift
    expect_well
    expect_reason "$@"
    expect_exit 1
    expect "it prints nothing: $what" "$printed" [ -z "$printed" ]
}

expect_failure()
{
    expect_well
    expect_exit 1
    expect "a line on standard error says what went wrong" \
        "nothing there${printed:+. On standard output: $printed}" [ -n "$errors" ]
}

expect_story()
{
    local what=$1
    shift
    in_order "$@" || complain "$what" "it did not happen"
}

expect_no()
{
    local line
    line=$(grep -E -m 1 "^($2)" <<<"$story") || return 0
    complain "$1" "$(sed -E \
        's/^([a-z0-9]+) return ([a-z0-9_]+) = ([^:]*): (.*)/the \1 has \2(\4) = \3/' \
        <<<"$line")"
}

# expect_address CALL CAME ADDRESS [OR...]: one of the lines that came is one of
# these. An IPv6 socket may stand for the first one, which the message names, and
# a library may have told others.
expect_address()
{
    local call=$1 came=$2
    shift 2
    local order='; sin_port and s_addr are in network order'
    [[ $came != *"$1"* ]] || order=''
    [ -z "$order" ] || case $came in
    0.0.0.0:* | *'[::]:'*) order='; 0.0.0.0 is INADDR_ANY, all addresses of this machine' ;;
    *[0-9]:[0-9]*) ;;
    *) order='' ;;
    esac
    expect "$call gets $1$order" "$came" \
        grep -qxF -e "[::ffff:${1%:*}]:${1##*:}" "${@/#/-e}" <<<"$came"
}

# expect_tcp CALL: a TCP socket was made before that.
expect_tcp()
{
    in_order "$actor return socket = [0-9]+: PF_INET6?, .*SOCK_STREAM" \
        "$actor $1" ||
        complain "the socket is one of TCP: PF_INET, SOCK_STREAM" \
            "socket() gets $(sed -n "s/^$actor call socket //p" <<<"$story")"
}

expect_listening()
{
    local came="no listen() that gives 0"
    [[ $'\n'$story != *$'\nserver return listen = 0'* ]] || return 0
    if ended_by_itself server; then
        came+=": $(how_it_ended)"
    else
        came+=".$(what_it_does)"
    fi
    complain "listen(), so that clients can come" "$came"
}

# Of the play where the program stands at a client's place, as the first one is a
# server.
expect_taken()
{
    look taken
    expect "bind() or listen() gives -1 (EADDRINUSE), and it ends" "it goes on" \
        ended_by_itself client
}

expect_bound()
{
    local bound
    bound=$(sed -n "s/^$actor return bind = 0: [0-9]*, //p" <<<"$story")
    if [ -z "$bound" ]; then
        expect_well
        bound="no bind() that gives 0$(sed -nE \
            "s/^$actor return bind = -1 ([A-Z]*): (.*)/: bind(\2) gives -1, \1/p" \
            <<<"$story" | tail -n 1)"
        ! in_order "$actor return listen = 0" "$actor call bind" ||
            bound+=" (listen() came first, and took a port of its own)"
    fi
    expect_address "bind()" "$bound" "$@"
    expect_tcp "return bind = 0: .*:${1##*:}"
}

# Whether it succeeds is another question.
expect_connect()
{
    local called
    # Not that to a file, as a library makes for itself.
    called=$(sed -n "/\"/!s/^$actor call connect [0-9]*, //p" <<<"$story")
    [ -n "$called" ] || expect_well
    expect_address "connect()" "${called:-no connect() of a TCP socket}" "$1"
    expect_tcp "call connect [0-9]+, .*:${1##*:}"
}

expect_well()
{
    # A child may die by SIGPIPE: its parent knows.
    local bad=$'(^|\n)([a-z0-9]+ note '
    bad+=$'(The time is over|Nothing has|There were)[^\n]*'
    bad+="|$actor exit SIG(SEGV|ABRT|BUS|FPE|ILL|XCPU|XFSZ)[^"$'\n'"]*"
    bad+="|$actor exit SIGPIPE)("$'\n'"|$)"
    [[ $story =~ $bad ]] || return 0
    bad=${BASH_REMATCH[2]}
    if [[ $bad = *" exit "* ]]; then
        ended_with=${bad##* }
        [ "$ended_with" != SIGXCPU ] ||
            complain "it ends, or waits" "$(how_it_ended)"
        complain "no signal ends it" "$(how_it_ended)"
    fi
    if [[ $bad = *@(There were|The time is over)* ]]; then
        # What they were. A server waits for such a client, as it should.
        bad+=" $(say_last_call)"
        [[ ! $bad =~ ' note There were'.*(EAGAIN|(poll|select6?|wait2?)' = 0') ]] ||
            complain "while there is nothing to do, it waits" \
                "it asks again and again: ${bad#* note }"
        [ "$actor" = client ] || bad+=$(what_waits)
    else
        bad+=$(what_it_does)$(what_waits)
    fi
    if [ "$actor" = client ] || { [[ $bad = *" note "* ]] && is_alone; }; then
        complain "it ends by itself" "${bad#* note }"
    elif [[ $bad = *" note "* &&
        $story = *"note All clients have ended: SIGTERM"* ]]; then
        complain "a signal (SIGTERM) ends it" "it goes on$AGAIN: ${bad#* note }"
    else
        expect_listening
        [[ $'\n'$story != *$'\nserver fork '* || $bad != *"in vain in read("* ]] ||
            bad+=" (A connection that fork() has copied ends when both processes have \
closed it.)"
        complain "it comes to its end, or its clients to theirs" "${bad#* note }"
    fi
}

# Where a server never listens, there is no client either.
is_alone()
{
    [[ $'\n'$story != *$'\n'client* && $story != *"not called listen"* ]]
}

# Still, when the time was over.
client_waits()
{
    [[ $'\n'$story = *$'\n''client note client is still in'* ]]
}

too_many()
{
    local note=$'(^|\n)[a-z0-9]+ note (There were[^\n]*)'
    [[ $story =~ $note ]] && so_many=${BASH_REMATCH[2]}
}

# There were too many calls, each of which moved a little; or none did.
is_slow()
{
    too_many && [[ $so_many = *" calls." ]]
}

spins()
{
    too_many && [[ $so_many = *" calls in a row "* ]]
}

# What a server sends to itself by it fails, too, where all its reads or writes do:
# such a play proves nothing.
has_socketpair()
{
    [[ $'\n'$story = *$'\n''server return socketpair'* ]]
}

# ended_by_itself ACTOR: sets $ended_with to its status, or the signal. (The ladder
# may have killed it when the time was over.)
ended_by_itself()
{
    local exit=$'(^|\n)'$1$' exit ([0-9]+|SIG[^K][A-Z]*)(\n|$)'
    [[ $story =~ $exit ]] && ended_with=${BASH_REMATCH[2]}
}

expect_serving()
{
    [[ $story = *'note All clients have ended'* ]] || ! ended_by_itself server ||
        complain "${1-the server goes on, for the next client}" "$(how_it_ended)"
}

# By whichever call.
expect_each_closed()
{
    local open
    open=$(awk -v actor="$actor" '$1 != actor { next }
        '"$2"'
        /return close = 0: / { delete open[$6 + 0] }
        /return close_range = 0: [0-9]+, [0-9]+, 0$/ {
            for (fd in open)
                if (fd + 0 >= $6 + 0 && fd + 0 <= $7 + 0)
                    delete open[fd]
        }
        END { for (fd in open) print fd }' <<<"$story" | sort -n)
    [ -z "$open" ] ||
        complain "$1" "these stay open: ${open//$'\n'/ }.$(what_it_does)"
}

expect_closed()
{
    # shellcheck disable=SC2016 # $5 is awk's
    expect_each_closed "the server's close() for each descriptor of accept()" \
        '/return accept4? = [0-9]/ { open[$5 + 0] = 1 }'
}

# Who is told of nothing at once has not waited; who has a limit of its own in these
# calls has.
expect_waits()
{
    local asked
    asked=$(awk -v calls="^client return ($1)" -v limit="$2" '
        /^client call setsockopt / && index($0, limit) { limited = 1 }
        $0 ~ calls { asked += full }
        /^client return (p?poll|p?select6?|epoll_p?wait2?) = 0.*, 0(.0 s)?$/ {
            next
        }
        /^client return/ { full = 0 }
        $0 ~ calls "[a-z]* = -1 EAGAIN" { full = !limited }
        END { print asked + 0 }' <<<"$story")
    expect "after EAGAIN it waits, as poll() does with $3" \
        "it calls ${1%|*}() or ${1#*|}() next, with no such wait (times: $asked)" \
        [ "$asked" = 0 ]
}

# How long it would wait, in milliseconds, a line for each call, of up to five seconds:
# of SO_RCVTIMEO, or poll(), by what the play tells that was looked at.
waits()
{
    sed -nE -e "s/^$actor (call|return) (poll|epoll_p?wait) .*, ([0-9]+)$/\3/p" \
        -e "s/^$actor (call|return) (ppoll|p?select6?|epoll_pwait2) .*, ([0-9.]+) s$/\3 s/p" \
        -e "s/^$actor call setsockopt .*TIMEO, ([0-9.]+) s$/\1 s/p" <<<"$story" |
        awk '{ ms = $2 == "s" ? $1 * 1000 : $1 }
            ms > 0 && ms <= 5000 { print int(ms) + (ms > int(ms)) }'
}

# 0 where nothing limits it. Its end may be an error, or not.
shortest_wait()
{
    waits | awk 'NR == 1 || $1 < least { least = $1 } END { print least + 0 }'
}

is_impatient()
{
    local least
    least=$(shortest_wait)
    [ "$least" -gt 0 ] && [ "$least" -le 1000 ]
}

expect_patience()
{
    local text=$1 other=server came least time=$PAUSE
    shift
    least=$(shortest_wait)
    [ "$least" -gt 0 ] || return 0
    if [ "$least" -gt 1000 ]; then
        time=$((least + 800))
        set -- --stall $((time / 1000 + 2)) "${@/#pause:*/pause:$time}"
    fi
    begin patience "$@"
    look patience "$actor"
    came=$printed
    [ "$actor" = client ] || other=client came=$partner
    # After so long that may be an error, of which it tells.
    [ "$time" = "$PAUSE" ] || [ "$actor" = server ] || [ -z "$errors" ] ||
        [[ $story != *"client exit 1"* ]] || return 0
    expect "the $other says nothing for $time milliseconds, and then goes on: it \
is waited for, and the client prints $(short "$text")" "$came" [ "$came" = "$text" ]
}

# --- What is said -----------------------------------------------------------

# complain EXPECTED CAME
complain()
{
    echo "expected: $(short "$1")"
    echo "came:     $(short "${2# }")"
    [ -z "$errors" ] || echo "it said:  $(short "$errors")"
    echo "This is what happened:"
    ladder_of
    cat "$folder.trouble"
    echo "Read: ${read_here:-$READ}"
    return 1
}

# A text, on one line and not too long of it, with nothing that a terminal obeys.
short()
{
    local text=$1
    [ ${#text} -le 300 ] ||
        text="${text:0:200} ... ${text: -60} (${#text} characters)"
    text=${text//$'\n'/\\n}
    text=${text//[[:cntrl:]]/?}
    [ -n "$text" ] || text="(nothing)"
    printf '%s' "$text"
}

# The first rows and the last ones: what is in between repeats itself. It stands
# in $WHOLE_LADDER, where whoever reads this has such a file.
ladder_of()
{
    local whole=''
    [ -z "${WHOLE_LADDER-}" ] || ! cp "$folder.picture" "$WHOLE_LADDER" ||
        whole=": $WHOLE_LADDER"
    awk -v whole="$whole" '{ row[NR] = $0 }
        END {
            for (i = 1; i <= NR; i++) {
                if (NR > 60 && i == 31) {
                    print "      ... " NR - 60 " more rows" whole " ..."
                    i = NR - 29
                }
                print row[i]
            }
        }' "$folder.picture"
}

# Bytes of standard input, as in C.
quoted()
{
    od -An -v -to1 | awk '
        function is(octal, name) { escape[octal] = "\\" name }
        BEGIN {
            is("011", "t"); is("012", "n"); is("015", "r")
            is("042", "\""); is("134", "\\")
            printf "\""
        }
        {
            for (i = 1; i <= NF; i++) {
                byte = substr($i, 1, 1) * 64 + substr($i, 2, 1) * 8 + \
                    substr($i, 3, 1)
                if ($i in escape)
                    printf "%s", escape[$i]
                else if (byte >= 32 && byte <= 126)
                    printf "%c", byte
                else
                    printf "\\%s", $i
            }
        }
        END { printf "\"" }'
}

# The bytes of a text that was quoted.
unquoted()
{
    # shellcheck disable=SC2059 # its escapes are to be read
    printf -- "${1//%/%%}"
}

# What a file has, or the first bytes of many.
how_it_begins()
{
    local size
    size=$(size_of "$1")
    if [ "$size" = 0 ]; then
        echo "nothing"
    elif [ "$size" -le 200 ]; then
        echo "$(in_bytes "$size"): $(quoted <"$1")"
    else
        echo "$size bytes: $(head -c 60 "$1" | quoted) and so on"
    fi
}

# how_they_differ EXPECTED CAME: what the second file has, as is told of it; of long
# ones only what stands where they part.
how_they_differ()
{
    local wanted came at long=''
    wanted=$(size_of "$1")
    came=$(size_of "$2")
    [ "$wanted" -le 200 ] && [ "$came" -le 200 ] || long=1
    at=$(LC_ALL=C cmp "$1" "$2" |
        sed -n 's/.* differ: [a-z]* \([0-9]*\),.*/\1/p')
    if [ "$came" = 0 ]; then
        echo "nothing"
    elif [ -z "$long" ]; then
        echo "$(in_bytes "$came"): ${at:+byte $at is another one: }$(quoted <"$2")"
    elif [ -n "$at" ]; then
        echo "$came bytes: byte $at is another one: expected" \
            "$(from_byte "$at" "$1"), came $(from_byte "$at" "$2")"
    elif [ "$came" -lt "$wanted" ]; then
        echo "the first $came of them; the rest is missing:" \
            "$(from_byte $((came + 1)) "$1")"
    else
        echo "$came bytes: these, and more: $(from_byte $((wanted + 1)) "$2")"
    fi
}

from_byte()
{
    tail -c "+$1" "$2" | head -c 20 | quoted
}

size_of()
{
    wc -c <"$1" | tr -d ' '
}

in_bytes()
{
    case $1 in
    1) echo "1 byte" ;;
    *) echo "$1 bytes" ;;
    esac
}

# Where a signal ended it, and it printed nothing, that may be why.
what_printed()
{
    if [ -n "$printed_nul" ]; then
        echo "$printed, and behind it a byte of value 0: a text is as long as strlen() says"
    elif [ -n "$printed" ] || [[ ! $story =~ (^|$'\n')$actor' exit SIG' ]]; then
        echo "$printed"
    else
        echo "nothing reached standard output. (What printf() keeps in its buffer is \
written by fflush() or exit(), not when a signal ends it.)"
    fi
}

# if_swapped EXPECTED: a port of it was printed with its bytes swapped.
if_swapped()
{
    local port swapped
    while read -r port; do
        swapped=$((port % 256 * 256 + port / 256))
        [[ $1 = *":$swapped"* || ! $printed =~ :$swapped([^0-9]|$) ]] || {
            echo " ($swapped is $port with its two bytes swapped: ntohs() swaps them)"
            return
        }
    done < <(grep -oE ':[0-9]+' <<<"$1" | tr -d :)
}

how_it_ended()
{
    case $ended_with in
    SIGXCPU) echo "it works without end, and makes no network call" ;;
    SIGXFSZ) echo "it writes without end, to standard output or to a file" ;;
    SIGSEGV | SIGBUS)
        echo "$ended_with ended it: it used memory that is not its own (where," \
            "says a debugger, or cc -g -fsanitize=address)"
        ;;
    SIGABRT) echo "SIGABRT ended it: abort(), as of assert(), or of a C library" \
        "that found its memory spoilt" ;;
    SIGPIPE)
        if [[ $story =~ $actor' call shutdown '[^$'\n']*SHUT_(WR|RDWR) ]]; then
            echo "SIGPIPE ended it: it wrote behind its own shutdown(), which ends" \
                "that (what a FILE keeps is to be written before: fflush())"
        else
            echo "SIGPIPE ended it: it wrote to a connection that the other side" \
                "had broken off"
        fi
        ;;
    SIG*) echo "$ended_with ended it" ;;
    *) echo "it ends by itself: $ended_with" ;;
    esac
}

sum_of()
{
    awk -v call="^$1 = [1-9]" '$0 ~ call { sum += $5 } END { print sum + 0 }' \
        <<<"$story"
}

# what_followed ERROR: what the program did when a call had given it.
what_followed()
{
    awk -v actor="$actor" -v error="$1:" '
        $1 != actor { next }
        $2 == "return" && $5 == "-1" && $6 == error { failed = $3 }
        $2 == "call" && failed != "" && what == "" { what = "calls " $3 "()" }
        $2 == "exit" && failed != "" && what == "" { what = "ends with " $3 }
        END {
            if (what != "")
                print ": after " failed "() gave -1 it " what
        }' <<<"$story"
}

# With what poll() and its like have found.
say_last_call()
{
    local last end=''
    last=$(sed -nE "s/^$actor return ([^:]*): ((.*[]0-9] )?(=> [^]]{0,60}[^]]*\]))?.*/\1 \4/p" \
        <<<"$story" | tail -n 2 | sed -E 's/^(.{60}[^}]*\}).*[^]]\]$/\1, ...]/; s/ $//')
    [ -n "$last" ] || last=none
    [[ ! $last =~ (read|recv)[a-z]*' = 0' ]] || end=" (0 is the end of the stream: errno \
says nothing then.)"
    echo "The last calls: ${last//$'\n'/, }.$end"
}

# waits_of ACTOR: in which calls it was, when the time was over.
waits_of()
{
    local calls
    calls=$(sed -nE "/^$1[0-9]* note $1[0-9]* is (still )?in / {
            s///
            s/\\\\\".*/.../
            s/[.][.][.]\$/...)/
            p
        }" <<<"$story" | sort -u | awk 'NR == 4 { print "others" } NR < 4')
    calls=${calls//$'\n'/ and in }
    echo "${calls/and in others/and others}"
}

# The last call before that which failed for what it was told, too.
what_it_does()
{
    local calls
    calls=$(waits_of "$actor")
    [[ $calls != *", but in "*select* ]] ||
        calls+=", which looks at no socket (its number is the highest descriptor + 1)"
    [ -z "$calls" ] || echo " The $actor is in $calls.$(what_was_wrong)"
}

what_was_wrong()
{
    local errors='EBADF|EINVAL|ENOTSOCK|EFAULT|EOPNOTSUPP|ENOENT|EEXIST|EPERM|EDESTADDRREQ'
    sed -nE "/[*]made to fail[*]/d
        s/^$actor return ([a-z0-9_]+) = -1 ($errors): (.*)/ Before, \1(\3) gave -1, \2./p" \
        <<<"$story" | tail -n 1
}

what_waits()
{
    local other=server calls
    [ "$actor" = client ] || other=client
    calls=$(waits_of "$other")
    [ -z "$calls" ] || echo " The $other waits in vain in $calls."
}

# The last complaint of a client that is the peer: what it met, and where.
what_peer_says()
{
    sed -nE '$ {
        s/^peer: (.*): ([^:]*)$/ \2 (\1)./
        s/Connection reset by peer/a reset (RST): &/
        s/[(]expect-end[)]/(as it read the end)/
        s/[(]read-bytes:([0-9]+)[)]/(as it read \1 bytes)/
        s/[(](expect|read)[-:].*[)]/(as it read)/
        s/[(]send[-:].*[)]/(as it wrote)/
        s/[(]shutdown[)]/(as it ended its direction)/
        s/[(]connect[)]/(as it connected)/
        p
    }' "$folder/client.err"
}
