/*
 * server.h - a server of the toolkit, whole.
 */
#ifndef SERVER_H
#define SERVER_H

/* A server's whole life: reads the command line, listens on every address of
 * the name, says so in one line, and serves. `name` is the service's, and its
 * port an argument; NULL: those of services[] that the options name. Gives
 * main's return value. */
int run_server(int argc, char *argv[], const char *about, const char *name);

#endif
