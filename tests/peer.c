/*
 * peer.c - a scripted TCP peer for the tests, built as bin/.build/peer.
 *
 *     peer listen PORT STEP...     says "listening on 127.0.0.1:N", accepts
 *                                  one connection, then takes the steps
 *     peer connect PORT STEP...    connects first
 *     peer start PORT STEP...      the same without waiting: connect(2) begins
 *     peer bind PORT STEP...       holds a port on which nobody listens; says
 *                                  "bound to 127.0.0.1:N"
 *     peer fill-queue PORT N       begins N connections, says the state of
 *                                  each, holds them until standard input ends
 *     peer feed TEXT...            prints each into a pipe when the one before
 *                                  has been read, and ends when all are (Linux)
 *
 * Its address is 127.0.0.1, or that of ADDRESS:PORT in PORT's place.
 *
 * The steps stand in the table below. TEXT knows \r, \n, \t, \0 and \\. Exit
 * status: 0 if every step went as told, 1 if not, 2 for wrong usage. The last
 * two alone wait for time, and all together take 40 seconds at most.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "peer-other.h"

#ifdef TCP_CORK
enum { CORK = TCP_CORK };
#else
enum { CORK = TCP_NOPUSH };
#endif

#ifndef POLLRDHUP
#define POLLRDHUP POLLHUP
#endif

/* What the present step works on: its words, then its N, or its TEXT. */
static const char *step = "begin";
static size_t count;
static char bytes[65536];

static char host_text[INET_ADDRSTRLEN] = "127.0.0.1";
static struct in_addr host;
static const char *port;
static int listener = -1, sock = -1;

/* Of `connect`: all connections, in their order. */
static int socks[128];
static size_t used;
/* Of the next ones; 0: as they are. */
static int receive_buffer, send_buffer, segment;

static _Noreturn void fail(const char *why)
{
    fprintf(stderr, "peer: %s: %s\n", step, why);
    exit(EXIT_FAILURE);
}

static int check(ssize_t result)
{
    if (result == -1)
        fail(strerror(errno));
    return (int)result;
}

static void too_long(int signal_number)
{
    static const char text[] = ": took longer than 40 seconds\n";

    (void)signal_number;
    if (write(STDERR_FILENO, step, strlen(step)) == -1 ||
        write(STDERR_FILENO, text, sizeof text - 1) == -1)
        _exit(2); /* nobody can be told */
    _exit(EXIT_FAILURE);
}

static void print_quoted(size_t length)
{
    putchar('"');
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else if (byte == '\n' || byte == '\r' || byte == '\t')
            printf("\\%c", "tn..r"[byte - '\t']);
        else
            printf(byte >= ' ' && byte < 0x7f ? "%c" : "\\%03o", byte);
    }
    puts("\"");
}

static size_t number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*end != '\0' || end == text || value > 1UL << 30)
        fail("not a number");
    return value;
}

static size_t unescape(const char *text)
{
    static const char letters[] = "rnt0\\", values[] = "\r\n\t\0\\";
    size_t length = 0;

    for (; *text != '\0' && length < sizeof bytes; text++) {
        const char *letter = text[0] == '\\' && text[1] != '\0'
                                 ? strchr(letters, text[1])
                                 : NULL;
        bytes[length] = *text;
        if (letter != NULL) {
            bytes[length] = values[letter - letters];
            text++;
        }
        length++;
    }
    return length;
}

/* The step's TEXT as a string. */
static const char *as_string(void)
{
    if (count == sizeof bytes)
        fail("too long");
    bytes[count] = '\0';
    return bytes;
}

static void write_all(const char *from, size_t length)
{
    for (size_t done = 0; done < length;)
        done += (size_t)check(write(sock, from + done, length - done));
}

/* Reads until `length` bytes are there or the stream ends; gives how many. */
static size_t read_all(size_t length)
{
    size_t done = 0, n = 1;

    if (length > sizeof bytes)
        fail("too much for one read");
    for (; done < length && n > 0; done += n)
        n = (size_t)check(read(sock, bytes + done, length - done));
    return done;
}

/* Goes through `count` bytes of the pattern in pieces. Its period is a prime,
 * so that a piece that is lost or doubled shows. */
static void each_piece(void (*take)(const char *pattern, size_t length))
{
    char pattern[4096];

    for (size_t place = 0; place < count; place += sizeof pattern) {
        size_t left = count - place;
        for (size_t i = 0; i < sizeof pattern; i++)
            pattern[i] = (char)((place + i) % 251);
        take(pattern, left < sizeof pattern ? left : sizeof pattern);
    }
}

/* Goes through the file that the step names in the same way. */
static void each_piece_of_file(void (*take)(const char *piece, size_t length))
{
    static char piece[sizeof bytes];
    size_t n;

    int file = check(open(as_string(), O_RDONLY));
    while ((n = (size_t)check(read(file, piece, sizeof piece))) > 0)
        take(piece, n);
    check(close(file));
}

/* --- Sockets ------------------------------------------------------------ */

static int make_socket(struct sockaddr_in *address)
{
    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_port = htons((uint16_t)number(port));
    address->sin_addr = host;
    return check(socket(AF_INET, SOCK_STREAM, 0));
}

static int bound(int reuse)
{
    struct sockaddr_in address;
    int fd = make_socket(&address);

    check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse));
    check(bind(fd, (struct sockaddr *)&address, sizeof address));
    return fd;
}

static int connected(int flags)
{
    struct sockaddr_in address;
    int fd = make_socket(&address);

    check(fcntl(fd, F_SETFL, flags));
    if (receive_buffer > 0)
        check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                         sizeof receive_buffer));
    if (send_buffer > 0)
        check(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer,
                         sizeof send_buffer));
    if (segment > 0)
        check(
            setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == -1 &&
        errno != EINPROGRESS)
        check(-1);
    return fd;
}

/* --- Steps -------------------------------------------------------------- */

static void do_send(void)
{
    write_all(bytes, count);
}

/* A corked connection holds back what does not fill a segment, until the FIN
 * goes with it. */
static void do_send_last(void)
{
    int on = 1;

    check(setsockopt(sock, IPPROTO_TCP, CORK, &on, sizeof on));
    write_all(bytes, count);
    check(shutdown(sock, SHUT_WR));
}

static void do_send_bytes(void)
{
    each_piece(write_all);
}

static void do_send_file(void)
{
    each_piece_of_file(write_all);
}

static void do_drip(void)
{
    int on = 1;

    check(setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    for (size_t i = 0; i < count; i++)
        write_all(bytes + i, 1);
}

static void do_read(void)
{
    size_t got = read_all(count);

    print_quoted(got);
    if (got < count)
        fail("the stream ended early");
}

static void do_expect(void)
{
    static char wanted[sizeof bytes];

    memcpy(wanted, bytes, count);
    do_read();
    if (memcmp(bytes, wanted, count) != 0)
        fail("other bytes came");
}

/* Of those that it expects, so many have come. */
static size_t compared;

static _Noreturn void fail_there(const char *why)
{
    static char text[100];

    snprintf(text, sizeof text, "%s %zu", why, compared);
    fail(text);
}

static void compare(const char *wanted, size_t length)
{
    size_t got = read_all(length), same = 0;

    while (same < got && bytes[same] == wanted[same])
        same++;
    compared += same;
    if (same < got)
        fail_there("other bytes came than expected, behind byte");
    if (got < length)
        fail_there("the stream ended early, behind byte");
}

static void do_read_bytes(void)
{
    compared = 0;
    each_piece(compare);
}

static void do_read_file(void)
{
    compared = 0;
    each_piece_of_file(compare);
}

/* Sends back `count` bytes, each as soon as it comes. */
static void do_echo(void)
{
    for (size_t left = count; left > 0;) {
        size_t most = left < sizeof bytes ? left : sizeof bytes;
        size_t n = (size_t)check(read(sock, bytes, most));
        if (n == 0)
            fail("the stream ended early");
        write_all(bytes, n);
        left -= n;
    }
}

static void do_echo_end(void)
{
    size_t n;

    while ((n = (size_t)check(read(sock, bytes, sizeof bytes))) > 0)
        write_all(bytes, n);
}

static void do_flip(void)
{
    if (read_all(count) < count)
        fail("the stream ended early");
    for (size_t i = 0; i < count; i++)
        bytes[i] = (char)~bytes[i];
    write_all(bytes, count);
}

static void do_read_end(void)
{
    print_quoted(read_all(sizeof bytes - 1));
}

static void do_expect_end(void)
{
    if (read_all(1) != 0)
        fail("there is more to read");
}

static void do_expect_reset(void)
{
    ssize_t n = read(sock, bytes, 1);

    if (n != -1)
        fail(n == 0 ? "the stream ended" : "there is more to read");
    if (errno != ECONNRESET)
        fail(strerror(errno));
}

static void do_shutdown(void)
{
    check(shutdown(sock, SHUT_WR));
}

static void do_close(void)
{
    check(close(sock));
}

static void do_reset(void)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    check(setsockopt(sock, SOL_SOCKET, SO_LINGER, &now, sizeof now));
    check(close(sock));
}

/* SO_RCVLOWAT makes poll(2) wait for that many bytes: no need to look again. */
static void do_unread(void)
{
    int wanted = (int)count, least = 1, there;
    struct pollfd waiting = {.fd = sock, .events = POLLIN};

    check(setsockopt(sock, SOL_SOCKET, SO_RCVLOWAT, &wanted, sizeof wanted));
    check(poll(&waiting, 1, -1));
    check(setsockopt(sock, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least));
    check(ioctl(sock, FIONREAD, &there));
    if (there < wanted)
        fail("the stream ended early");
}

static void do_peer_gone(void)
{
    struct pollfd waiting = {.fd = sock, .events = POLLRDHUP};

    check(poll(&waiting, 1, -1));
}

static void do_fill(void)
{
    int flags = check(fcntl(sock, F_GETFL));
    size_t total = 0;
    ssize_t n;

    check(fcntl(sock, F_SETFL, flags | O_NONBLOCK));
    while ((n = write(sock, bytes, sizeof bytes)) != -1)
        total += (size_t)n;
    if (errno != EAGAIN)
        check(n);
    check(fcntl(sock, F_SETFL, flags));
    printf("filled with %zu bytes\n", total);
}

static void print_name(const char *what, int fd,
                       int (*get_name)(int, struct sockaddr *, socklen_t *))
{
    struct sockaddr_in address = {0};
    char text[INET_ADDRSTRLEN];
    socklen_t size = sizeof address;

    check(get_name(fd, (struct sockaddr *)&address, &size));
    printf("%s %s:%u", what,
           inet_ntop(AF_INET, &address.sin_addr, text, sizeof text),
           ntohs(address.sin_port));
}

static void do_ends(void)
{
    print_name("this end is", sock, getsockname);
    print_name(", the other", sock, getpeername);
    putchar('\n');
}

static void do_wait(void)
{
    do
        count = (size_t)check(read(STDIN_FILENO, bytes, sizeof bytes));
    while (count > 0);
}

static void do_pause(void)
{
    struct timespec left = {.tv_sec = (time_t)count / 1000,
                            .tv_nsec = (long)count % 1000 * 1000000};

    while (nanosleep(&left, &left) == -1 && errno == EINTR) {
    }
}

/* Some clocks are a tick behind: twenty milliseconds into it. */
static void do_next_second(void)
{
    struct timespec now;

    check(clock_gettime(CLOCK_REALTIME, &now));
    count = 1020 - (size_t)now.tv_nsec / 1000000;
    do_pause();
}

static void do_say(void)
{
    printf("%.*s\n", (int)count, bytes);
}

static void do_state(void)
{
#ifdef __linux__
    static const char names[][12] = {
        "?",          "ESTABLISHED", "SYN-SENT",  "SYN-RECV",
        "FIN-WAIT-1", "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",
        "CLOSE-WAIT", "LAST-ACK",    "LISTEN",    "CLOSING",
    };
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    check(getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &size));
    puts(names[info.tcpi_state % (sizeof names / sizeof *names)]);
#else
    fail("needs Linux");
#endif
}

static void do_accept(void)
{
    sock = check(accept(listener, NULL, NULL));
}

static void do_connect(void)
{
    if (used == sizeof socks / sizeof *socks)
        fail("too many connections");
    sock = socks[used++] = connected(0);
}

static void do_receive_buffer(void)
{
    receive_buffer = (int)count;
}

static void do_send_buffer(void)
{
    send_buffer = (int)count;
}

static void do_segment(void)
{
    segment = (int)count;
}

static void do_use(void)
{
    if (count == 0 || count > used)
        fail("no such connection");
    sock = socks[count - 1];
}

static void do_other(void)
{
    const char *wrong = peer_other(as_string());
    if (wrong != NULL)
        fail(wrong);
}

static const struct {
    const char *name;
    enum { NOTHING, N, TEXT } takes;
    void (*take)(void);
    const char *about;
} steps[] = {
    {"send", TEXT, do_send, "writes it"},
    {"drip", TEXT, do_drip, "writes it in segments of one byte"},
    {"send-last", TEXT, do_send_last, "the same with the FIN, in one segment"},
    {"send-bytes", N, do_send_bytes, "writes N bytes of a known pattern"},
    {"send-file", TEXT, do_send_file, "writes what the file TEXT has"},
    {"read", N, do_read, "reads exactly N bytes, prints them quoted"},
    {"expect", TEXT, do_expect, "the same with these bytes: it reads them"},
    {"read-bytes", N, do_read_bytes, "reads N bytes: they are the pattern"},
    {"read-file", TEXT, do_read_file, "reads what the file TEXT has"},
    {"read-end", NOTHING, do_read_end, "reads to the end, prints it quoted"},
    {"echo", N, do_echo, "sends N bytes back as they come"},
    {"echo-end", NOTHING, do_echo_end, "the same up to the end"},
    {"flip", N, do_flip, "sends N bytes back with every bit wrong"},
    {"expect-end", NOTHING, do_expect_end, "the next read gives 0"},
    {"expect-reset", NOTHING, do_expect_reset, "the next gives ECONNRESET"},
    {"unread", N, do_unread, "waits until N bytes lie there unread"},
    {"peer-gone", NOTHING, do_peer_gone, "waits for the other's FIN or RST"},
    {"fill", NOTHING, do_fill, "writes until EAGAIN, prints how much"},
    {"shutdown", NOTHING, do_shutdown, "half-closes: sends FIN"},
    {"close", NOTHING, do_close, "closes"},
    {"reset", NOTHING, do_reset, "closes with RST"},
    {"accept", NOTHING, do_accept, "takes one more; the last stays open"},
    {"state", NOTHING, do_state, "prints it, as ESTABLISHED (Linux)"},
    {"ends", NOTHING, do_ends, "prints the addresses of both ends"},
    {"connect", NOTHING, do_connect, "connects once more, and uses that"},
    {"receive-buffer", N, do_receive_buffer, "SO_RCVBUF of further ones"},
    {"send-buffer", N, do_send_buffer, "SO_SNDBUF of further ones"},
    {"segment", N, do_segment, "TCP_MAXSEG of further ones"},
    {"use", N, do_use, "goes back to the N-th connection"},
    {"other", TEXT, do_other, "looks at it: peer-other.h says how"},
    {"say", TEXT, do_say, "prints it"},
    {"wait", NOTHING, do_wait, "waits until standard input ends"},
    {"pause", N, do_pause, "does nothing for N milliseconds"},
    {"next-second", NOTHING, do_next_second, "the same until that has begun"},
};
enum { STEPS = sizeof steps / sizeof *steps };

static _Noreturn void usage(void)
{
    static const char *const takes[] = {"", ":N", ":TEXT"};

    fprintf(stderr, "Usage: peer listen|connect|start|bind PORT STEP...\n"
                    "       peer fill-queue PORT N\n"
                    "       peer feed TEXT...\nSteps:\n");
    for (size_t i = 0; i < STEPS; i++)
        fprintf(stderr, "  %s%s  %s\n", steps[i].name, takes[steps[i].takes],
                steps[i].about);
    exit(2);
}

static void take_step(void)
{
    size_t length = strcspn(step, ":"), i = 0;

    while (i < STEPS && (strlen(steps[i].name) != length ||
                         strncmp(steps[i].name, step, length) != 0))
        i++;
    if (i == STEPS || (step[length] == ':') != (steps[i].takes != NOTHING))
        usage();
    if (steps[i].takes == N)
        count = number(step + length + 1);
    if (steps[i].takes == TEXT)
        count = unescape(step + length + 1);
    steps[i].take();
}

/* --- Beginnings --------------------------------------------------------- */

static void take_address(const char *text)
{
    size_t length = strcspn(text, ":");

    port = text;
    if (length < sizeof host_text && text[length] == ':') {
        memcpy(host_text, text, length);
        host_text[length] = '\0';
        port = text + length + 1;
    }
    if (inet_pton(AF_INET, host_text, &host) != 1)
        fail("not an address");
}

/* A handshake over loopback ends at once or, where the queue is full, not
 * before a second SYN a second later: 300 ms tell one from the other. */
static void fill_queue(void)
{
    for (size_t i = 1; i <= count; i++) {
        sock = connected(O_NONBLOCK);
        struct pollfd waiting = {.fd = sock, .events = POLLOUT};
        check(poll(&waiting, 1, 300));
        printf("connection %zu: ", i);
        do_state();
    }
    do_wait();
}

/* pipe(7): FIONREAD tells what lies there, POLLERR that nobody will read it.
 * Who reads on at once is to find nothing for a moment: who would not wait is
 * found out. */
static void feed(char *const *texts)
{
    struct pollfd end = {.fd = STDOUT_FILENO};
    int left;

    for (; *texts != NULL; texts++) {
        step = *texts;
        check(write(STDOUT_FILENO, bytes, unescape(step)));
        do
            check(ioctl(STDOUT_FILENO, FIONREAD, &left));
        while (left > 0 && check(poll(&end, 1, 1)) == 0);
        check(poll(&end, 1, 20));
    }
}

int main(int argc, char *argv[])
{
    const char *mode = argc >= 3 ? argv[1] : "";

    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, too_long);
    alarm(40);
    if (strcmp(mode, "feed") == 0) {
        feed(argv + 2);
        return EXIT_SUCCESS;
    }
    take_address(argc >= 3 ? argv[2] : "");
    if (strcmp(mode, "listen") == 0) {
        listener = bound(1);
        check(listen(listener, 16));
        print_name("listening on", listener, getsockname);
        putchar('\n');
        do_accept();
    } else if (strcmp(mode, "bind") == 0) {
        sock = bound(0);
        print_name("bound to", sock, getsockname);
        putchar('\n');
    } else if (strcmp(mode, "connect") == 0) {
        do_connect();
    } else if (strcmp(mode, "start") == 0) {
        sock = connected(O_NONBLOCK);
    } else if (strcmp(mode, "fill-queue") == 0 && argc == 4) {
        count = number(argv[3]);
        fill_queue();
        return EXIT_SUCCESS;
    } else {
        usage();
    }
    for (int i = 3; i < argc; i++) {
        step = argv[i];
        take_step();
    }
    return EXIT_SUCCESS;
}
