/*
 * netprog.h - what the programs of this course share: errors, arguments, text,
 * and the three functions of lesson 07. No socket call hides in here: every
 * program makes its own, in the open.
 *
 * Exit statuses: 0 done, 1 a call failed, 2 wrong usage.
 */
#ifndef NETPROG_H
#define NETPROG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#define PRINTF_LIKE __attribute__((format(printf, 1, 2)))

/* --- Speaking ----------------------------------------------------------- */

/* Prints one line to standard output, at once; the newline is added. Ends the
 * program with 1 where it cannot be written: nobody would notice the loss. */
PRINTF_LIKE void say(const char *format, ...);

/* Prints to standard error "PROGRAM: WHAT: why (ENAME)" from errno, where WHAT
 * begins with the name of the call; then, where a beginner would be stuck, a
 * second line that says what to do. errno is left as it was. */
PRINTF_LIKE void report(const char *what, ...);

/* report(), and the end of the program with 1. */
PRINTF_LIKE _Noreturn void die(const char *what, ...);

/* Ends the program with 1 and a message that is not about errno. */
PRINTF_LIKE _Noreturn void fail(const char *what, ...);

/* Ends the program with 2: the command line was wrong. */
PRINTF_LIKE _Noreturn void misuse(const char *what, ...);

/* The name in front of every message; parse_arguments() takes it from argv[0].
 */
extern const char *program_name;

/* Gives errno's name, "EADDRINUSE"; "errno N" has none in our table. */
const char *errno_name(int error);

/* --- The command line --------------------------------------------------- */

struct option_spec {
    const char *name;  /* "backlog": given as --backlog N or --backlog=N */
    const char *unit;  /* "N"; NULL for a switch, which sets *value to 1 */
    void *value;       /* a long: the default, then what was given... */
    long min, max;     /* ...which is a number from min to max */
    const char *about; /* for -h; the default is added */
};

/* Stands for min and max where any text will do: *value is a const char *. */
#define ANY_TEXT 1, 0

/* A unit in brackets may be left out: "[PORT]" is given as --echo=7 or as
 * --echo, which gives the text "". */

/* Reads "[OPTION]... [ADDRESS] [PORT]"; -h prints the usage, misuse() meets the
 * rest. `options` ends with a NULL name, or is NULL. *address and *port hold
 * the defaults (a NULL pointer: it is not taken), then what was given; a number
 * alone is the port, which is known to be from 0 to 65535. Call it first: it
 * also sees to it that descriptors 0 to 2 are taken, so that no socket is ever
 * mistaken for standard output. */
void parse_arguments(int argc, char *argv[], const char *about,
                     const struct option_spec *options, const char **address,
                     const char **port);

/* The same for a lesson: an IPv4 address and a port, both in host byte order;
 * "any" is INADDR_ANY. */
void lesson_arguments(int argc, char *argv[], const char *about,
                      const struct option_spec *options, uint32_t *address,
                      uint16_t *port);

/* Gives the number that `text` is, from min to max; misuse() meets the rest. */
long parse_number(const char *what, const char *text, long min, long max);

/* From here on SIGINT and SIGTERM end the program with 0, wherever it waits;
 * the kernel closes the descriptors of a process that ends (_exit(2)). */
void end_on_signals(void);

/* --- Text --------------------------------------------------------------- */

#define ADDRESS_TEXT_SIZE 80

/* Writes "127.0.0.1:7000" or "[::1]:7000" into `text`, and gives `text`. */
const char *address_text(const struct sockaddr *address,
                         char text[ADDRESS_TEXT_SIZE]);

/* Writes the bytes as a C string would be written, quotes and all, so that
 * nothing from the network reaches a terminal raw; what does not fit into
 * `size` bytes (8 at least) becomes "...". Gives `text`. */
const char *quoted(const void *bytes, size_t count, char *text, size_t size);

/* --- Lesson 07 ---------------------------------------------------------- */

/* Reads exactly `count` bytes. Gives `count`; less if the stream ended first;
 * -1 and errno on an error. EINTR is met. */
ssize_t readn(int fd, void *buffer, size_t count);

/* Writes exactly `count` bytes to a blocking descriptor. Gives `count`, or -1
 * and errno. EINTR is met. */
ssize_t writen(int fd, const void *buffer, size_t count);

/* One connection's input, read ahead. Begin with {.fd = N}. Once readline()
 * has been used, nothing else may read from this descriptor. */
struct line_reader {
    int fd;
    size_t start, end;   /* buffer[start..end) was read and not yet given */
    unsigned long reads; /* how often read(2) was called */
    char buffer[4096];
};

/* Reads a line with its newline into line[size], and ends it with '\0'. Gives
 * its length; 0 at the end of the stream; -1 and errno on an error. A line of
 * more than size - 1 bytes comes in pieces, as with fgets(3); only the last
 * piece ends in a newline. So does the rest of a stream that ends without. */
ssize_t readline(struct line_reader *reader, char *line, size_t size);

#endif
