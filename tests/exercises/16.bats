#!/usr/bin/env bats
# Exercise 16: an edge, and bytes that nobody reads.

load many

READ="lessons/16-echo-server-epoll/README.md, Why; epoll(7)"

# What does not block is not interrupted; epoll_wait() is, in step 7.
HINDERED=(--short-writes=server:3)

setup_file()
{
    begin_many
}

@test "a client sends a line, and gets it back" {
    echoes_a_line
}

@test "the server waits when there is nothing to do" {
    does_not_spin
}

@test "a client that ends its side gets the end, too" {
    ends_the_connection
}

@test "5,000 bytes of any value come back" {
    echoes_any_bytes
}

@test "a client whose last bytes come with its end gets them back" {
    echoes_what_comes_with_the_end
}

@test "several clients are served, while others are silent, and none is mixed up" {
    serves_several
}

@test "clients that come at once are all served" {
    takes_all_who_wait
}

@test "without EPOLLET: each write() takes 3 bytes, and the rest follows" {
    meets_interruptions
}

@test "a client that does not read holds up nobody, and gets all in the end" {
    waits_for_nobody
}

@test "a client that breaks off takes nobody with it" {
    survives_a_reset
}

@test "clients come and go, and nothing is left of them" {
    leaves_nothing
}

@test "a hundred clients are served at the same time" {
    serves_a_hundred
}
