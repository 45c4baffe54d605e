#!/usr/bin/env bats
# Exercise 13: a child for each client, whose connections do not end.

load many

READ="lessons/13-echo-server-fork/README.md, Why; fork(2), close(2)"

@test "an echo server, a child for each client" {
    begin_many
    take_many
}
