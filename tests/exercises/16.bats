#!/usr/bin/env bats
# Exercise 16: an edge, and bytes that nobody reads.

load many

READ="lessons/16-echo-server-epoll/README.md, Why; epoll(7)"

# What does not block is not interrupted; epoll_wait() is, in step 7.
HINDERED=(--short-writes=server:3)

@test "an echo server, epoll for all clients (Linux)" {
    begin_many
    take_many
}
