#!/usr/bin/env bats
# Exercise 15: a server that waits for one client alone.

load many

READ="lessons/15-echo-server-poll/README.md, Why; poll(2), write(2)"

@test "an echo server, poll() for all clients" {
    begin_many
    take_many
}
