#!/usr/bin/env bats
# Exercise 14: a thread for each client, and one variable for all.

load many

READ="lessons/14-echo-server-threads/README.md, Why; pthread_create(3)"

# For step 11.
LEAVES="pthread_detach(3), pthread_join(3); close(2)"

@test "an echo server, a thread for each client" {
    begin_many
    take_many
}
