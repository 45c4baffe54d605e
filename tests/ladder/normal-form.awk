# normal-form.awk - what must be the same in every run of a cast, out of the
# ladder's SVG. Two programs run at the same time, so the order of their rows
# differs from run to run; but each program's calls come in its own order, and
# so do the states of a socket and the segments of one direction. The picture
# is taken apart into these:
#
#   client calls: ...             with arguments and results, exit statuses too
#   server 'a calls: ...          those of its first child or thread
#   client prints: ...
#   states of SOCKET at client: ...
#   queue of SOCKET at server: ...  of a picture with one connection
#   wire, client to server: ...   the flags that matter, and bytes in between
#   layout: ...                   which kinds of things stand at which x
#   head: ...                     all that stands before the first row
#   = CALL<tab>TEXT               how a call is drawn, cut to fit its lane
#
# The last ones are not in every picture: a call that was seen to wait is drawn
# in another way. But where two pictures have the same CALL, so must be TEXT.
#
# Left out, as scheduler and kernel choose them: times, pids, the clients'
# ports, y; how a stream was cut (reads that gave less than was asked for, writes
# that took less than they were given, what goes on from there, and segments are
# added up); ACKs alone and retransmissions; what was unread or unsent; how many
# of several clients waited for accept(); whether a call was seen to wait, and
# how many threads at the same time (their bars stand 4 apart, 3 at most). A
# program that polls two descriptors does first what is ready first: its polls do
# not count, and its reads are told apart from its other calls. A server of many
# clients at once does what it does for each of them in order, but gives them
# other descriptors, finds its queue empty more or less often, and gets SIGCHLD
# here or there, once for two children or twice: its calls are told by child and
# by connection, <client 2>.
#
# Each row is drawn, and told in full in its title. Where the two do not agree,
# a line begins with "!".

function wrong(what)
{
    print "! " what ": " title[1]
}

# --- Words -------------------------------------------------------------------

function plain(text)
{
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&amp;/, "\\&", text)
    return text
}

function attribute(line, name)
{
    if (!match(line, " " name "=\"[^\"]*\""))
        return ""
    return substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
}

# "22 NOV 2026 15:0" in quotes is a time, and so is the end of one.
function mask(text,    result, piece)
{
    result = ""
    while (match(text, /"[^"]*"/)) {
        piece = substr(text, RSTART, RLENGTH)
        if (piece ~ /^"[0-9A-Z :\\rn]*[0-9][0-9A-Z :\\rn]*"$/ &&
            piece ~ /:| [A-Z]/)
            piece = "<time>"
        result = result substr(text, 1, RSTART - 1) piece
        text = substr(text, RSTART + RLENGTH)
    }
    text = result text
    gsub(/\{rtt [^}]*\}/, "{...}", text) # TCP_INFO
    gsub(/\{rtt .*$/, "{...", text)
    return text
}

# The clients' ports are the kernel's choice: 127.0.0.1:<client 1>.
function ports(text,    result, port)
{
    result = ""
    while (match(text, /:[0-9][0-9][0-9][0-9][0-9]+/)) {
        port = substr(text, RSTART + 1, RLENGTH - 1)
        result = result substr(text, 1, RSTART) \
            (port in owner ? "<" owner[port] ">" : port)
        text = substr(text, RSTART + RLENGTH)
    }
    return result text
}

function class_of(actor)
{
    if (actor == "server")
        return "s"
    return "c" (actor == "client" ? 0 : (substr(actor, 7) - 1) % 4)
}

function without_number(text)
{
    sub(/^[0-9]+ /, "", text)
    return text
}

# --- Rows --------------------------------------------------------------------

function add_call(actor, kind, text, client, told_as)
{
    call_text[actor, ++call_count[actor]] = text
    call_kind[actor, call_count[actor]] = kind
    call_client[actor, call_count[actor]] = client
    call_told_as[actor, call_count[actor]] = client == "" ? text : told_as
}

# The last one but for polls; 0 if there is none.
function last_call(actor,    last)
{
    last = call_count[actor]
    while (last > 0 && call_kind[actor, last] == "poll")
        last--
    return last
}

function last_kind(actor)
{
    return call_kind[actor, last_call(actor)]
}

# A read or write that moved less than it was asked to: there may be more.
function add_part(actor, kind, count, client)
{
    if (last_kind(actor) != kind)
        add_call(actor, kind, "", client, "")
    call_sum[actor, last_call(actor)] += count
}

# Whose connection a call is about: "<client 2>". A child has one, and that of
# its parent's latest accept().
function client_of(who, fd)
{
    if (who in child_fd)
        return fd == child_fd[who] ? child_client[who] : ""
    return (who, fd) in connection ? connection[who, fd] : ""
}

function accepted(who, fd, detail,    port)
{
    port = detail
    sub(/^[^:]*:/, "", port)
    sub(/,.*/, "", port)
    latest_fd[who] = fd
    connection[who, fd] = latest_client[who] = "<" owner[port] ">"
    return connection[who, fd]
}

# "fork = 4711  ('a)", and in full: "starts process 4711"
function take_fork(actor, who, detail, drawn,    pid, child, kind)
{
    pid = child = drawn
    kind = drawn ~ /^clone/ ? "thread" : "process"
    sub(/^(fork|clone) = /, "", pid)
    sub(/ .*/, "", pid)
    if (detail != "starts " kind " " pid || !sub(/^.*\(/, "", child) ||
        !sub(/\)$/, "", child)) {
        wrong("something else is drawn, " drawn)
        return
    }
    child_of[actor, pid] = child
    child = actor " " child
    children[actor, ++children_count[actor]] = child
    child_fd[child] = latest_fd[who]
    child_client[child] = latest_client[who]
    add_call(who, "", "starts a " kind)
}

function take_call(actor, detail, drawn,    name, value, start, rest, words, n,
                   asked, way, full, fd, client, told_as)
{
    name = drawn
    gsub(/:[0-9]+\.\.\./, ":...", name) # a port that was cut
    way = drawn ~ /^\.\.\. / ? "returned " : detail ~ /\.\.\.$/ ? "begun " : ""
    drawn_as[actor " " way mask(detail)] = mask(name)

    name = substr(detail, 1, index(detail, "(") - 1)
    sub(/^\.\.\. /, "", drawn)
    if (index(drawn, name) != 1 || substr(drawn, length(name) + 1, 1) !~ /[( ]/)
        wrong("another call is drawn, " drawn)

    # What is drawn of the arguments, in front of what was cut; and without what
    # a narrow lane leaves out.
    start = drawn
    full = detail
    if (start ~ /\(=> \[/)
        sub(/\(.*\] => \[/, "(=> [", full)
    if (start ~ /fcntl/ && start !~ /O_RDONLY/)
        sub(/O_RDONLY\|/, "", full)
    sub(/"?\.\.\..*/, "", start)
    sub(/ \*[a-z ]+\*$/, "", start)
    if (name ~ /sockopt$/)
        sub(/, .*/, "", start)
    if (index(start, "(") && index(full, start) != 1)
        wrong("other arguments are drawn, " drawn)

    if (detail ~ /\) interrupted by a signal$/)
        return
    if (!match(detail, /\) = -?[0-9]+( E[A-Z0-9]+)?/)) {
        if (detail !~ /\.\.\.$/ || drawn !~ /\.\.\.$/)
            wrong("neither begun nor returned, " drawn)
        begun++
        return
    }
    value = substr(detail, RSTART + 1, RLENGTH - 1)
    detail = substr(detail, 1, RSTART) value
    rest = drawn
    sub(/, from .*/, "", rest)
    if (!match(rest, / \*[a-z ]+\*$/))
        RSTART = length(rest) + 1
    if (substr(rest, RSTART - length(value), length(value)) != value)
        wrong("another result is drawn, " drawn)
    detail = detail substr(rest, RSTART)

    n = split(substr(detail, length(name) + 2), words, /, |\)/)
    asked = words[n - 1]
    sub(/^ = /, "", value)
    fd = name == "epoll_ctl" ? words[3] : words[1]
    client = client_of(actor, fd)
    told_as = detail
    if (client != "" && name == "epoll_ctl")
        sub(", " fd ",", ", " client ",", told_as)
    else if (client != "")
        sub(/\([0-9]+/, "(" client, told_as)
    if (name == "close")
        delete connection[actor, fd]
    if (name ~ /^accept/ && value ~ /^[0-9]+$/) {
        told_as = detail
        sub(/ = [0-9]+$/, " = " accepted(actor, value, detail), told_as)
        add_call(actor, "accept", detail, "its own", told_as)
    } else if (name ~ /^epoll_p?wait$/ ||
               name ~ /poll|select/ && detail ~ /\}, \{/) {
        polls[actor] = 1
        add_call(actor, "poll", "")
    } else if (name ~ /^accept/ && value == "-1 EAGAIN") {
        add_call(actor, "poll", "")
    } else if (last_kind(actor) ~ /^short write/ && detail ~ /POLLOUT|EAGAIN/) {
        add_call(actor, "poll", "") # it waits for room
    } else if (name == "read" && value + 0 > 0 && value + 0 < asked + 0) {
        add_part(actor, "short read " words[1], value + 0, client)
    } else if (name == "write" && value + 0 > 0 && detail !~ /\*$/ &&
               (value + 0 < asked + 0 ||
                last_kind(actor) == "short write " words[1])) {
        add_part(actor, "short write " words[1], value + 0, client)
    } else {
        add_call(actor, name == "read" ? "read" : "", mask(detail), client, \
            mask(told_as))
    }
}

function take_output(actor, detail, drawn,    mark, text)
{
    drawn = without_number(drawn)
    mark = substr(drawn, 1, 1)
    text = detail
    drawn = substr(drawn, 2)
    gsub(/ /, "", drawn)
    gsub(/ /, "", text)
    if (drawn != text || mark !~ /[|!]/)
        wrong("other output is drawn")
    # Lessons 05 and 06 tell how their stream was cut.
    if (detail ~ /^read\(\) of up to |^write\(\) of .* (took|gave) /)
        return
    sub(/reads: [0-9]+$/, "reads: <number>", detail)
    print_text[actor, ++print_count[actor]] = mark " " mask(detail)
}

function take_segment(detail,    ends, parts, flags, bytes, label, right, port,
                      client, x, key)
{
    split(detail, parts, /: |, /)
    split(parts[1], ends, / > /)
    flags = parts[2]
    bytes = parts[3] + 0
    sub(/.*:/, "", ends[1])
    sub(/.*:/, "", ends[2])
    right = ends[1] + 0 > ends[2] + 0 # the higher port is the client's
    port = right ? ends[1] : ends[2]

    label = flags
    sub(/PSH ?/, "", label)
    if (bytes > 0) {
        sub(/ ?ACK/, "", label)
        label = bytes " byte" (bytes == 1 ? "" : "s") \
            (label == "" ? "" : " " label)
    }
    if (detail ~ /retransmission$/)
        return
    client = "client " (substr(arrow_class, 2) + 1)
    if (!(port in owner))
        owner[port] = client
    if (owner[port] != client || drawn_label != label)
        wrong("another segment is drawn, " client ", " drawn_label)
    split(arrow_path, x, /[MH ]/) # M376 100H576
    if ((x[2] + 0 < x[4] + 0) != right)
        wrong("it is drawn in the other direction")
    layout["arrow " arrow_class " from " x[2] " to " x[4]] = 1

    key = right ? client " to server" : "server to " client
    wire_bytes[key] += bytes
    sub(/^(PSH )?ACK$|PSH ACK| ACK$/, flags ~ /SYN/ ? " ACK" : "", flags)
    sub(/ $/, "", flags)
    if (flags != "") {
        wire[key] = wire[key] (wire_bytes[key] ? \
            " " wire_bytes[key] " bytes," : "") " " flags ","
        wire_bytes[key] = 0
    }
}

# "127.0.0.1:7013 to 127.0.0.1:41512 is CLOSE-WAIT, 26 unread, 0 unsent"
function take_state(actor, detail,    socket, state, queue)
{
    state = socket = detail
    sub(/ is [^ ]*( .*)?$/, "", socket)
    queue = state = substr(detail, length(socket) + 5)
    sub(/,.*/, "", state)
    told[actor == "server" ? "right" : "left", state]++
    socket = actor SUBSEP socket
    if (sub(/^LISTEN, /, "", queue) && queue != last_queue[socket]) {
        last_queue[socket] = queue
        queues[socket] = queues[socket] " " queue ","
    }
    if (last_state[socket] == state)
        return
    last_state[socket] = state
    states[socket] = states[socket] " " state ","
}

function end_row(    i, actor, detail, kind, who, pid)
{
    for (i = 1; i <= lines; i++) {
        if (title[i] !~ /^[0-9]+\.[0-9]+ s  [a-z]+( [0-9]+)?(, pid [0-9]+)?: /) {
            wrong("no time, actor and text")
            return
        }
        actor = detail = title[i]
        sub(/^[0-9.]+ s  /, "", actor)
        sub(/:.*/, "", actor)
        pid = actor
        sub(/,.*/, "", actor)
        sub(/^.* /, "", pid)
        sub(/ 1$/, "", actor) # "client 1", "client 2": client, client2
        sub(/ /, "", actor)
        sub(/^[^:]*: /, "", detail)
        who = actor
        if (i == 1 && output == "") {
            drawn = without_number(drawn)
            if ((actor, pid) in child_of) {
                who = actor " " child_of[actor, pid]
                if (!sub("^" child_of[actor, pid] " ", "", drawn))
                    wrong("not drawn as that child\047s, " drawn)
            }
        }
        if (i > 1)
            take_state(actor, detail)
        else if (output ~ /^# /)
            continue # the ladder's own word
        else if (actor == "wire")
            take_segment(detail)
        else if (output != "")
            take_output(actor, detail, output)
        else if (detail ~ /^[a-z_0-9]+\(/)
            take_call(who, detail, drawn)
        else if (detail ~ /^starts /)
            take_fork(actor, who, detail, drawn)
        else if (detail ~ /^gets / && drawn == "-- " substr(detail, 6) " --") {
            if (detail != "gets SIGCHLD")
                add_call(who, "", detail)
        }
        else if (detail ~ / is [A-Z]/)
            take_state(actor, detail)
        else if (detail == drawn)
            add_call(who, "", detail)
        else
            wrong("something else is drawn, " drawn)
        if (i == 1 && actor != "wire" && output == "" && drawn != "" &&
            drawn_class != class_of(actor) &&
            drawn_class != class_of(actor) " alarm")
            wrong("it is drawn as " drawn_class "'s")
    }
    for (kind in told)
        if (told[kind] != 0)
            wrong("states are drawn that are not told, or not where they are")
}

/<g><title>/ {
    rows++
    inside = 1
    lines = 0
    drawn = drawn_class = output = drawn_label = arrow_class = arrow_path = ""
    for (kind in told)
        delete told[kind]
    sub(/.*<g><title>/, "")
    in_title = 1
}

in_title {
    in_title = !sub(/<\/title>$/, "")
    title[++lines] = plain($0)
    next
}

!rows {
    gsub(/ height="[0-9]+"/, "")
    $0 = without_height($0)
    print "head: " $0
    next
}

function without_height(text)
{
    sub(/ [0-9]+">$/, "\">", text)        # of the viewBox
    sub(/V[0-9]+"\/>$/, "\"/>", text)     # of a lifeline
    return text
}

/^<text / {
    class = attribute($0, "class")
    x = attribute($0, "x")
    text = $0
    sub(/^[^>]*>/, "", text)
    sub(/<\/text>$/, "", text)
    text = plain(text)
    if (class == "st") {
        sub(/,.*/, "", text)
        told[x < 478 ? "left" : "right", text]--
        next
    }
    if (class !~ /alarm/)
        layout["text " class " at " x] = 1
    if (class ~ /^out/)
        output = output (output == "" ? "" : " ") text
    else if (class ~ /^(label|small)/)
        drawn_label = text
    else {
        # A long call goes on in a second line, which hangs.
        drawn = sub(/^    /, " ", text) ? drawn text : text
        drawn_class = class
    }
    next
}

/^<path class="arrow / {
    arrow_class = attribute($0, "class")
    sub(/^arrow /, "", arrow_class)
    arrow_path = attribute($0, "d")
}

/^<path class="head / {
    text = attribute($0, "d")
    sub(/ [0-9]+l/, " l", text)
    if ($0 !~ /alarm/)
        layout["head " attribute($0, "class") " at " text] = 1
}

/^<rect class="bar / {
    bars++
    class = attribute($0, "class")
    x = attribute($0, "x") + 0
    if (!(class in bar_at) || x < bar_at[class])
        bar_at[class] = x
    if (x > bar_last[class])
        bar_last[class] = x
}

/^<rect class="row"/ {
    layout["row from " attribute($0, "x") " of " attribute($0, "width")] = 1
}

/^<\/g>/ && inside {
    end_row()
    inside = 0
}

# --- The end -----------------------------------------------------------------

function put(text)
{
    sorted[++sorted_count] = ports(text)
}

# The calls of an actor: all, or only the reads (1), or all others (0); about
# one connection, or about none (""), or in any case ("any").
function put_calls(actor, reads, client,    i, is_read, text, part)
{
    for (i = 1; i <= call_count[actor]; i++) {
        is_read = call_kind[actor, i] ~ /^(short )?read/
        if (call_kind[actor, i] == "poll" ||
            (reads >= 0 && is_read != reads) ||
            (client != "any" && call_client[actor, i] != client &&
             (client != "" || call_kind[actor, i] != "accept")))
            continue
        text = many ? call_told_as[actor, i] : call_text[actor, i]
        if (call_kind[actor, i] ~ /^short/) {
            split(call_kind[actor, i], part)
            if (many && call_client[actor, i] != "")
                part[3] = call_client[actor, i]
            text = part[2] "(" part[3] ") = " call_sum[actor, i] \
                ", at once or in parts"
        }
        print actor " calls: " ports(text)
    }
}

function put_actor(actor,    i)
{
    many = actor in children_count || actor in child_fd || \
        polls[actor] && actor in latest_fd
    if (polls[actor] && many) {
        put_calls(actor, -1, "")
        for (i = 1; i < 17; i++)
            put_calls(actor, -1, "<client " i ">")
    } else if (polls[actor]) {
        put_calls(actor, 0, "any")
        put_calls(actor, 1, "any")
    } else {
        put_calls(actor, -1, "any")
    }
    for (i = 1; i <= print_count[actor]; i++)
        print actor " prints: " ports(print_text[actor, i])
    for (i = 1; i <= children_count[actor]; i++)
        put_actor(children[actor, i])
}

END {
    put_actor("server")
    put_actor("client")
    for (i = 2; i < 17; i++)
        put_actor("client" i)
    for (key in states) {
        split(key, part, SUBSEP)
        put("states of " part[2] " at " part[1] ":" states[key])
    }
    for (key in owner)
        connections++
    for (key in queues) {
        split(key, part, SUBSEP)
        if (connections == 1)
            put("queue of " part[2] " at " part[1] ":" queues[key])
    }
    for (key in wire)
        put("wire, " key ":" wire[key] \
            (wire_bytes[key] ? " " wire_bytes[key] " bytes" : ""))
    for (key in bar_at) {
        layout["bar " key " at " bar_at[key]] = 1
        if (bar_last[key] > bar_at[key] + 8)
            print "! bars of " key " from " bar_at[key] " to " bar_last[key]
    }
    for (key in layout)
        put("layout: " key)
    for (key in drawn_as)
        put("= " key "\t" drawn_as[key])
    for (i = 1; i <= sorted_count; i++) {
        least = 0
        for (j = 1; j <= sorted_count; j++)
            if (j in sorted && (!least || sorted[j] < sorted[least]))
                least = j
        print sorted[least]
        delete sorted[least]
    }
    if (bars != begun)
        print "! " begun + 0 " calls were seen to wait, with " bars + 0 " bars"
    if (!rows)
        print "! no rows"
}
