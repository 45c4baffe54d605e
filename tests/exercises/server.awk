# server.awk CLIENT [idle|quiet|left] - for a client of a play, whose process is
# CLIENT: prints the server's processes, the first one in front. With "idle" it
# waits until that one sleeps, as in accept(); with "quiet" until all sleep, or
# have ended, and nothing goes on there. "left" is what they have then: how many
# they are (zombies count), and the descriptors and the MiB of memory of the one
# that has most.
#
# The server is the ladder's other child: the ladder is the client's parent.

function line_of(file,    line)
{
    line = ""
    getline line <file
    close(file)
    return line
}

# A name may have spaces, and brackets. 1: the state, 2: the parent.
function field_of(stat, number,    fields)
{
    sub(/^.*\) /, "", stat)
    split(stat, fields, " ")
    return fields[number]
}

function children_of(pid)
{
    return line_of("/proc/" pid "/task/" pid "/children")
}

function add(pid,    n, i, children)
{
    pids[++count] = pid
    n = split(children_of(pid), children, " ")
    for (i = 1; i <= n; i++)
        add(children[i])
}

function find_all()
{
    count = 0
    add(first)
}

function lines_of(command,    line, lines)
{
    while (command | getline line > 0)
        lines = lines line "\n"
    close(command)
    return lines
}

# What the kernel tells of each thread, or "" while one of them runs. Who has run
# in between, even if it sleeps again, has other numbers.
function sleepers(    i, n, command, told, lines)
{
    find_all()
    command = "cat"
    for (i = 1; i <= count; i++)
        command = command " /proc/" pids[i] "/task/*/stat"
    told = lines_of(command " 2>/dev/null")
    n = split(told, lines, "\n") - 1
    for (i = 1; i <= n; i++)
        if (field_of(lines[i], 1) !~ /[SZ]/)
            return ""
    return told
}

# Whoever is not idle, or quiet, after two seconds will never be: it spins.
function wait_for(what,    tries, before, now)
{
    for (tries = 0; tries < 150; tries++) {
        if (what == "idle" && state_of(first) == "S")
            return
        now = what == "idle" ? "" : sleepers()
        if (now != "" && now == before)
            return
        before = now
        system("sleep 0.01")
    }
}

function state_of(pid)
{
    return field_of(line_of("/proc/" pid "/stat"), 1)
}

function tell_left(    i, n, most, size, field)
{
    most = size = 0
    for (i = 1; i <= count; i++) {
        n = split(lines_of("ls /proc/" pids[i] "/fd 2>/dev/null"), field, "\n")
        most = n - 1 > most ? n - 1 : most
        split(line_of("/proc/" pids[i] "/statm"), field, " ")
        size = field[1] > size ? field[1] : size
    }
    print count, most, int(size / 256) # pages of 4 KiB
}

BEGIN {
    client = ARGV[1]
    ladder = field_of(line_of("/proc/" client "/stat"), 2)
    split(children_of(ladder), players, " ")
    first = players[1] == client ? players[2] : players[1]
    if (ARGV[2] != "")
        wait_for(ARGV[2])
    find_all()
    if (ARGV[2] == "left")
        tell_left()
    else
        for (i = 1; i <= count; i++)
            print pids[i]
}
