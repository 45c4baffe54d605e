#!/usr/bin/env bats
# Exercise 13: a child for each client, whose connections do not end.

load many

READ="lessons/13-echo-server-fork/README.md, Why; fork(2), close(2)"

# For step 3.
CLOSING=", which it does with the last descriptor for it, in whatever process"

# For step 11.
LEAVES="wait(2), SIGCHLD; close(2)"

@test "an echo server, a child for each client" {
    begin_many
    take_many
}
