# server.awk CLIENT [idle|left] - for a client of a play, whose process is CLIENT:
# prints the server's processes, the first one in front; "idle": when that one
# sleeps, as in accept(). With "left", what they have: how many they are (zombies
# count), and the descriptors and the MiB of memory of the one that has most.
#
# The server is the ladder's other child: the ladder is the client's parent.

function line_of(file,    line)
{
    line = ""
    getline line <file
    close(file)
    return line
}

# 1: the state, 2: the parent.
function stat_of(pid, field,    text, fields)
{
    text = line_of("/proc/" pid "/stat")
    sub(/^.*\) /, "", text) # a name may have spaces, and brackets
    split(text, fields, " ")
    return fields[field]
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

function descriptors_of(pid,    n, list)
{
    list = "ls /proc/" pid "/fd 2>/dev/null"
    while (list | getline > 0)
        n++
    close(list)
    return n
}

BEGIN {
    client = ARGV[1]
    n = split(children_of(stat_of(client, 2)), players, " ")
    add(players[1] == client ? players[2] : players[1])
    while (ARGV[2] == "idle" && tries++ < 1000 && stat_of(pids[1], 1) != "S")
        ;
    if (ARGV[2] != "left") {
        for (i = 1; i <= count; i++)
            print pids[i]
        exit
    }
    most = size = 0
    for (i = 1; i <= count; i++) {
        n = descriptors_of(pids[i])
        most = n > most ? n : most
        split(line_of("/proc/" pids[i] "/statm"), field, " ")
        size = field[1] > size ? field[1] : size
    }
    print count, most, int(size / 256) # pages of 4 KiB
}
