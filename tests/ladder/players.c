/*
 * players.c - programs of other kinds for the ladder's tests, one role each.
 *
 *     players ROLE [ARGUMENT]...
 *
 * The roles stand in the table below. A server listens on 127.0.0.1, port 7000.
 * Exit status: 0, or 1 if a call failed that should not, 2 for wrong usage.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char *const *arguments;

static long check(long result)
{
    if (result == -1) {
        perror("players");
        exit(EXIT_FAILURE);
    }
    return result;
}

static void expect(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "players: not so: %s\n", what);
    exit(EXIT_FAILURE);
}

static int number(int i)
{
    return (int)strtol(arguments[i], NULL, 10);
}

static struct sockaddr_in at_port(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int listen_at(int port)
{
    struct sockaddr_in address = at_port(port);
    int fd = (int)check(socket(AF_INET, SOCK_STREAM, 0));

    check(bind(fd, (struct sockaddr *)&address, sizeof address));
    check(listen(fd, 5));
    return fd;
}

static int connect_to(int port)
{
    struct sockaddr_in address = at_port(port);
    int fd = (int)check(socket(AF_INET, SOCK_STREAM, 0));

    check(connect(fd, (struct sockaddr *)&address, sizeof address));
    return fd;
}

/* --- Servers of other kinds --------------------------------------------- */

static void echo(int fd)
{
    char buffer[512];
    ssize_t n;

    while ((n = check(read(fd, buffer, sizeof buffer))) > 0)
        check(write(fd, buffer, (size_t)n));
    check(close(fd));
}

static void fork_for_each(void)
{
    int listener = listen_at(7000), clients = number(0);

    for (int i = 0; i < clients; i++) {
        int fd = (int)check(accept(listener, NULL, NULL));
        if (check(fork()) == 0) {
            close(listener);
            echo(fd);
            exit(EXIT_SUCCESS);
        }
        check(close(fd));
    }
    for (int i = 0; i < clients; i++)
        check(wait(NULL));
}

static void *echo_in_thread(void *fd)
{
    echo(*(int *)fd);
    return NULL;
}

static void thread_for_each(void)
{
    enum { MOST = 16 };
    static int fds[MOST];
    static pthread_t threads[MOST];
    int listener = listen_at(7000), clients = number(0);

    for (int i = 0; i < clients && i < MOST; i++) {
        fds[i] = (int)check(accept(listener, NULL, NULL));
        expect(!pthread_create(&threads[i], NULL, echo_in_thread, &fds[i]),
               "a thread");
    }
    for (int i = 0; i < clients && i < MOST; i++)
        pthread_join(threads[i], NULL);
}

static int told[2];

static void *tell(void *byte)
{
    check(write(told[1], byte, 1));
    return NULL;
}

/* Has something to do again and again until its thread has begun. */
static void await_restlessly(void)
{
    struct pollfd waiting[2] = {{.fd = listen_at(7000)}, {.events = POLLIN}};
    pthread_t thread;

    check(socketpair(AF_UNIX, SOCK_STREAM, 0, told));
    waiting[1].fd = told[0];
    expect(!pthread_create(&thread, NULL, tell, waiting), "a thread");
    while (check(poll(waiting, 2, 5)) == 0)
        check(listen(waiting[0].fd, 1));
    pthread_join(thread, NULL);
}

/* --- Programs that do not behave ---------------------------------------- */

static void *pause_in_thread(void *nothing)
{
    pause();
    return nothing;
}

static void make_crowd(void)
{
    pthread_t thread;

    for (int i = number(0); i > 0; i--)
        expect(!pthread_create(&thread, NULL, pause_in_thread, NULL),
               "a thread");
    pause();
}

/* Until its child has ended it is in the state of who waits for a disk. */
static void wait_uninterruptibly(void)
{
    if (check(syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0)) == 0) {
        usleep(1000 * (useconds_t)number(0));
        _exit(0);
    }
}

static void *do_nothing(void *nothing)
{
    return nothing;
}

static void *make_threads(void *nothing)
{
    pthread_attr_t attributes;
    pthread_t thread;

    expect(!pthread_attr_init(&attributes), "attributes");
    expect(!pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED),
           "a detached thread");
    while (!pthread_create(&thread, &attributes, do_nothing, NULL)) {
    }
    return nothing;
}

/* Ends while one of its threads makes others: one may be killed before it has
 * begun. */
static void end_amid_births(void)
{
    pthread_t thread;

    expect(!pthread_create(&thread, NULL, make_threads, NULL), "a thread");
    usleep((useconds_t)number(0));
    _exit(0);
}

static void wait_for_nothing(void)
{
    pause();
}

static void listen_twice(void)
{
    int first = listen_at(7000);

    listen_at(7001);
    close((int)check(accept(first, NULL, NULL)));
}

/* A daemon, two generations away from who started it, in a session of its own;
 * only the listening descriptor tells of it. */
static void become_daemon(void)
{
    listen_at(7000);
    if (check(fork()) > 0)
        return;
    check(setsid());
    if (check(fork()) > 0)
        exit(EXIT_SUCCESS);
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    for (;;)
        pause();
}

/* Everything is left to the kernel: nothing is closed. */
static void connect_once(void)
{
    connect_to(number(0));
}

static void be_killed(void)
{
    connect_to(number(0));
    kill(getpid(), SIGKILL);
}

/* Reads to the end, and becomes another program, which has no sockets. */
static void leave(void)
{
    char *const words[] = {(char[]){"players"}, (char[]){"says"},
                           (char[]){"executed"}, NULL};
    int fd = (int)check(accept4(listen_at(7000), NULL, NULL, SOCK_CLOEXEC));

    while (check(read(fd, words[2], 1)) > 0) {
    }
    check(execv("/proc/self/exe", words));
}

static void say(void)
{
    puts(arguments[0]);
}

static char state_of(pid_t pid)
{
    char path[32], line[512], *state;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    expect(file != NULL && fgets(line, sizeof line, file) != NULL, path);
    fclose(file);
    state = strrchr(line, ')');
    expect(state != NULL, path);
    return state[2];
}

/* Is stopped while it waits, goes on, and gets what it waited for. */
static void poll_on(void)
{
    int pair[2];

    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    pid_t parent = getpid(), child = (pid_t)check(fork());
    if (child == 0) {
        while (state_of(parent) != 'S')
            sched_yield();
        check(kill(parent, SIGSTOP));
        /* A SIGCONT before poll() has heard of it would take it back: not while
         * it is on its way (R), but when it is stopped, by its tracer or not.
         */
        while (strchr("tT", state_of(parent)) == NULL)
            sched_yield();
        check(kill(parent, SIGCONT));
        check(write(pair[1], "x", 1));
        _exit(EXIT_SUCCESS);
    }
    struct pollfd polled = {.fd = pair[0], .events = POLLIN};
    expect(check(poll(&polled, 1, 60000)) == 1, "a byte");
    check(wait(NULL));
}

/* --- Many ---------------------------------------------------------------- */

/* The server ends each one first: it is never behind, and its queue not full.
 */
static void connect_often(void)
{
    char byte;

    for (int port = number(0), n = number(1); n > 0; n--) {
        int fd = connect_to(port);
        check(shutdown(fd, SHUT_WR));
        expect(check(read(fd, &byte, 1)) == 0, "the end");
        check(close(fd));
    }
}

static void call_often(void)
{
    struct sockaddr_in address;
    int fd = (int)check(socket(AF_INET, SOCK_STREAM, 0));

    for (int n = number(0); n > 0; n--) {
        socklen_t length = sizeof address;
        check(getsockname(fd, (struct sockaddr *)&address, &length));
    }
    check(close(fd));
}

/* --- Datagrams ----------------------------------------------------------- */

static void talk(const struct sockaddr *any, socklen_t length)
{
    struct sockaddr_storage name, from;
    socklen_t size = sizeof name;
    char text[16];

    int a = (int)check(socket(any->sa_family, SOCK_DGRAM, 0));
    int b = (int)check(socket(any->sa_family, SOCK_DGRAM, 0));
    check(bind(a, any, length));
    check(getsockname(a, (struct sockaddr *)&name, &size));
    check(sendto(b, "hello", 5, 0, (struct sockaddr *)&name, size));
    size = sizeof from;
    expect(recvfrom(a, text, sizeof text, 0, (struct sockaddr *)&from, &size) ==
               5,
           "a datagram of 5 bytes");
    check(sendto(a, "", 0, 0, (struct sockaddr *)&from, size));
    expect(recv(b, text, sizeof text, 0) == 0, "one of 0 bytes");
    check(close(a));
    check(close(b));
}

static void send_datagrams(void)
{
    struct sockaddr_in ip4 = at_port(0);
    struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    talk((struct sockaddr *)&ip4, sizeof ip4);
    talk((struct sockaddr *)&ip6, sizeof ip6);
}

static int bound_datagram(int port)
{
    struct sockaddr_in address = at_port(port);

    int fd = (int)check(socket(AF_INET, SOCK_DGRAM, 0));
    check(bind(fd, (struct sockaddr *)&address, sizeof address));
    return fd;
}

/* A server of UDP; what it binds and closes first is not where it serves. */
static void answer_datagram(void)
{
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    char text[16];

    check(close(bound_datagram(7006)));
    int fd = bound_datagram(7007);
    ssize_t n = check(
        recvfrom(fd, text, sizeof text, 0, (struct sockaddr *)&from, &size));
    check(sendto(fd, text, (size_t)n, 0, (struct sockaddr *)&from, size));
    check(close(fd));
}

static void ask_datagram(void)
{
    struct sockaddr_in address = at_port(number(0));
    char text[16];

    int fd = (int)check(socket(AF_INET, SOCK_DGRAM, 0));
    check(connect(fd, (struct sockaddr *)&address, sizeof address));
    check(send(fd, "hello", 5, 0));
    expect(recv(fd, text, sizeof text, 0) == 5, "the same datagram");
    check(close(fd));
}

/* A server of both: UDP first, on another port. Ends after a TCP client. */
static void serve_both(void)
{
    struct sockaddr_in address = at_port(7000);

    int datagrams = bound_datagram(7007);
    int fd = (int)check(socket(AF_INET, SOCK_STREAM, 0));
    check(bind(fd, (struct sockaddr *)&address, sizeof address));
    check(listen(fd, 1));
    struct pollfd both[] = {{datagrams, POLLIN, 0}, {fd, POLLIN, 0}};
    expect(poll(both, 2, -1) == 1 && both[1].revents == POLLIN, "a connection");
    check(close((int)check(accept(fd, NULL, NULL))));
    check(close(fd));
    check(close(datagrams));
}

/* N times 1024 at once, by one call (musl's function would make 1024 of it);
 * nobody reads them, and what has no room is lost behind the wire. */
static void send_floods(void)
{
    enum { MOST = 1024 };
    static struct mmsghdr messages[MOST];
    struct sockaddr_in address = at_port(0);
    socklen_t size = sizeof address;
    struct iovec part = {"hello", 5};

    int a = (int)check(socket(AF_INET, SOCK_DGRAM, 0));
    check(bind(a, (struct sockaddr *)&address, sizeof address));
    check(getsockname(a, (struct sockaddr *)&address, &size));
    for (int i = 0; i < MOST; i++) {
        messages[i].msg_hdr.msg_name = &address;
        messages[i].msg_hdr.msg_namelen = sizeof address;
        messages[i].msg_hdr.msg_iov = &part;
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (int n = number(0); n > 0; n--)
        expect(syscall(SYS_sendmmsg, a, messages, MOST, 0) == MOST, "a flood");
    check(close(a));
}

/* --- One of each call --------------------------------------------------- */

static char bytes[64];
static struct iovec parts[2] = {{bytes, 4}, {bytes + 4, 4}};

static void wait_for_input(int fd)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};

    expect(poll(&input, 1, -1) == 1, "input");
}

static void move_bytes(int a, int b)
{
    struct mmsghdr messages[1] = {
        {.msg_hdr = {.msg_iov = parts, .msg_iovlen = 2}}};
    struct msghdr *message = &messages[0].msg_hdr;

    check(write(a, "12345678", 8));
    wait_for_input(b);
    check(read(b, bytes, 8));
    check(send(a, "12345678", 8, MSG_NOSIGNAL));
    check(recv(b, bytes, 3, MSG_PEEK));
    check(recv(b, bytes, 8, MSG_WAITALL));
    check(writev(a, parts, 2));
    wait_for_input(b);
    check(readv(b, parts, 2));
    check(sendmsg(a, message, 0));
    wait_for_input(b);
    check(recvmsg(b, message, 0));
    check(sendmmsg(a, messages, 1, 0));
    wait_for_input(b);
    check(recvmmsg(b, messages, 1, 0, NULL));
}

static void move_files(int a, int b)
{
    int file = (int)check(open("/proc/self/exe", O_RDONLY)), pipes[2];
    off_t offset = 2;

    check(sendfile(a, file, &offset, 8));
    check(pipe(pipes));
    wait_for_input(b);
    check(splice(b, NULL, pipes[1], NULL, 8, 0));
    check(read(pipes[0], bytes, 4)); /* neither this nor close() is shown */
    check(splice(pipes[0], NULL, a, NULL, 4, 0));
    wait_for_input(b);
    check(recv(b, bytes, 4, 0));
    check(fcntl(pipes[0], F_SETFL, O_NONBLOCK));
    check(close(dup(file)));
    check(close(file));
    check(close(pipes[0]));
    check(close(pipes[1]));
}

static void copy_descriptors(int a)
{
    int copy = (int)check(dup(a));

    check(dup2(a, copy));
    check(close(copy));
    check(dup3(a, copy, O_CLOEXEC));
    check(close(copy));
    check(close((int)check(fcntl(a, F_DUPFD, 20))));
    check(close((int)check(fcntl(a, F_DUPFD_CLOEXEC, 20))));
}

static void do_not_block(int a)
{
    int on = 1, off = 0, count;

    check(fcntl(a, F_SETFL, check(fcntl(a, F_GETFL)) | O_NONBLOCK));
    check(fcntl(a, F_GETFL));
    expect(recv(a, bytes, 1, 0) == -1 && errno == EAGAIN, "EAGAIN");
    check(ioctl(a, FIONBIO, &on));
    check(ioctl(a, FIONBIO, &off));
    check(ioctl(a, FIONREAD, &count));
}

static void wait_for_each(int a, int b)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct pollfd polled = {.fd = b, .events = POLLIN};
    struct timespec none = {0};
    struct timeval zero = {0};
    fd_set set;

    check(write(a, "1", 1));
    wait_for_input(b);
    FD_ZERO(&set);
    FD_SET((unsigned)b, &set);
    expect(select(b + 1, &set, NULL, NULL, &zero) == 1, "select");
    expect(pselect(b + 1, &set, NULL, NULL, &none, NULL) == 1, "pselect");
    expect(ppoll(&polled, 1, &none, NULL) == 1, "ppoll");
    int list = (int)check(epoll_create1(EPOLL_CLOEXEC));
    check(epoll_ctl(list, EPOLL_CTL_ADD, b, &event));
    expect(epoll_wait(list, &event, 1, -1) == 1, "epoll_wait");
    event.events = 0;
    check(epoll_ctl(list, EPOLL_CTL_MOD, b, &event));
    expect(epoll_pwait(list, &event, 1, 0, NULL) == 0, "epoll_pwait");
    check(epoll_ctl(list, EPOLL_CTL_DEL, b, NULL));
    check(close(list));
    check(read(b, bytes, 1));
}

static struct iovec pieces[3];

static struct msghdr make_message(const void *first, size_t a,
                                  const void *second, size_t b)
{
    pieces[0] = (struct iovec){NULL, 0};
    pieces[1] = (struct iovec){(void *)(uintptr_t)first, a};
    pieces[2] = (struct iovec){(void *)(uintptr_t)second, b};
    return (struct msghdr){.msg_iov = pieces, .msg_iovlen = 3};
}

static void expect_unchanged(const struct msghdr *message, size_t a, size_t b)
{
    expect(message->msg_iovlen == 3 && pieces[1].iov_len == a &&
               pieces[2].iov_len == b,
           "the pieces are as they were");
}

/* However few bytes each call moves, all come, and in order. */
static void send_pieces(int a, int kind)
{
    static const char text[] = "abcdefg";
    struct mmsghdr several[2] = {{.msg_len = 0}};
    ssize_t n = 0;

    for (size_t sent = 0; sent < 7; sent += (size_t)n) {
        size_t first = 7 - sent > 1 ? 1 : 0;
        several[0].msg_hdr = make_message(
            text + sent, first, text + sent + first, 7 - sent - first);
        several[1].msg_hdr = (struct msghdr){0};
        if (kind == 0)
            n = writev(a, pieces, 3);
        else if (kind == 1)
            n = sendmsg(a, &several[0].msg_hdr, 0);
        else if (kind == 2)
            n = syscall(SYS_pwritev2, a, pieces, 3, -1L, -1L, 0);
        else
            n = syscall(SYS_sendmmsg, a, several, 2, 0);
        expect_unchanged(&several[0].msg_hdr, first, 7 - sent - first);
        check(n);
        if (kind == 3)
            n = several[0].msg_len;
    }
}

static void receive_pieces(int b, int kind)
{
    static char text[8];
    struct mmsghdr several[2] = {{.msg_len = 0}};
    ssize_t n = 0;

    memset(text, 0, sizeof text);
    for (size_t got = 0; got < 7; got += (size_t)n) {
        size_t first = 7 - got > 1 ? 1 : 0;
        wait_for_input(b);
        several[0].msg_hdr = make_message(text + got, first, text + got + first,
                                          7 - got - first);
        if (kind == 0)
            n = readv(b, pieces, 3);
        else if (kind == 1)
            n = recvmsg(b, &several[0].msg_hdr, 0);
        else if (kind == 2)
            n = syscall(SYS_preadv2, b, pieces, 3, -1L, -1L, 0);
        else
            n = syscall(SYS_recvmmsg, b, several, 1, 0, NULL);
        expect_unchanged(&several[0].msg_hdr, first, 7 - got - first);
        check(n);
        if (kind == 3)
            n = several[0].msg_len;
    }
    expect(strcmp(text, "abcdefg") == 0, "the bytes are as they were sent");
}

static void move_pieces(void)
{
    int listener = listen_at(7000), pipes[2];
    int a = connect_to(7000), b = (int)check(accept(listener, NULL, NULL));

    for (int kind = 0; kind < 4; kind++) {
        send_pieces(a, kind);
        receive_pieces(b, kind);
    }
    check(pipe(pipes));
    check(write(pipes[1], "abcd", 4));
    check(splice(pipes[0], NULL, a, NULL, 4, 0));
    wait_for_input(b);
    check(splice(b, NULL, pipes[1], NULL, 4, 0));
}

static void fail_in_many_ways(void)
{
    struct sockaddr_in address = at_port(1);
    socklen_t size = sizeof address;
    int fd = (int)check(socket(AF_INET, SOCK_STREAM, 0));

    expect(getpeername(fd, (struct sockaddr *)&address, &size) == -1, "peer");
    expect(send(fd, "", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE, "EPIPE");
    expect(accept(fd, NULL, NULL) == -1 && errno == EINVAL, "EINVAL");
    expect(shutdown(fd, SHUT_WR) == -1 && errno == ENOTCONN, "ENOTCONN");
    expect(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, NULL, 4) == -1, "EFAULT");
    check(close(fd));
    fd = (int)check(socket(AF_INET, SOCK_DGRAM, 0));
    expect(listen(fd, 1) == -1 && errno == EOPNOTSUPP, "EOPNOTSUPP");
    check(close(fd));
    expect(close(fd) == -1 && errno == EBADF, "EBADF, of what is no socket");
}

static void call_everything(void)
{
    struct sockaddr_in address = at_port(0), peer;
    socklen_t size;
    int on = 1, pair[2], type[2];

    int listener = (int)check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    check(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    size = sizeof type; /* more than it needs */
    check(getsockopt(listener, SOL_SOCKET, SO_TYPE, type, &size));
    check(bind(listener, (struct sockaddr *)&address, sizeof address));
    check(listen(listener, 1));
    size = sizeof address;
    check(getsockname(listener, (struct sockaddr *)&address, &size));
    int a = connect_to(ntohs(address.sin_port));
    int b = (int)check(
        accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC));
    check(getpeername(b, (struct sockaddr *)&peer, &size));
    move_bytes(a, b);
    move_files(a, b);
    copy_descriptors(a);
    do_not_block(a);
    wait_for_each(a, b);
    fail_in_many_ways();
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    if (check(fork()) == 0) {
        check(write(pair[1], "child", 5));
        _exit(EXIT_SUCCESS);
    }
    check(wait(NULL)); /* first: SIGCHLD would interrupt the other */
    check(read(pair[0], bytes, 5));
    check(close(pair[0]));
    check(close(pair[1]));
    check(shutdown(a, SHUT_WR));
    check(recv(b, bytes, 1, 0));
    check(close(b));
    check(close(a));
    check(close(listener));
}

/* --- A system that forbids ---------------------------------------------- */

/* Runs a command for which a system call fails with EPERM, as in a container
 * that does not allow it. */
static void forbid(void)
{
    unsigned call = strcmp(arguments[0], "ptrace") == 0    ? SYS_ptrace
                    : strcmp(arguments[0], "unshare") == 0 ? SYS_unshare
                                                           : 0;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

    expect(call != 0, "ptrace or unshare");
    check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0));
    check(execvp(arguments[1], (char **)(uintptr_t)&arguments[1]));
}

/* --- A terminal ---------------------------------------------------------- */

/* Runs a command on a terminal of its own, so many columns wide; what it writes
 * goes to standard output, and standard input is typed. */
static void be_terminal(void)
{
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)number(0)};
    struct termios before, after;
    char text[4096];
    ssize_t n;
    int status;

    int own = (int)check(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    check(grantpt(own));
    check(unlockpt(own));
    int other = (int)check(open(ptsname(own), O_RDWR | O_NOCTTY | O_CLOEXEC));
    check(ioctl(own, TIOCSWINSZ, &size));
    check(tcgetattr(other, &before));
    while ((n = check(read(0, text, sizeof text))) > 0)
        check(write(own, text, (size_t)n));
    pid_t pid = (pid_t)check(fork());
    if (pid == 0) {
        check(setsid());
        check(ioctl(other, TIOCSCTTY, 0));
        for (int fd = 0; fd <= 2; fd++)
            check(dup2(other, fd));
        execvp(arguments[1], (char **)(uintptr_t)&arguments[1]);
        _exit(127);
    }
    check(close(other));
    while ((n = read(own, text, sizeof text)) > 0) /* EIO: nobody holds it */
        check(write(1, text, (size_t)n));
    check(waitpid(pid, &status, 0));
    other = (int)check(open(ptsname(own), O_RDWR | O_NOCTTY | O_CLOEXEC));
    check(tcgetattr(other, &after));
    expect(before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag &&
               before.c_lflag == after.c_lflag,
           "the terminal is as it was");
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

static const struct role {
    const char *name;
    int least; /* of the arguments */
    void (*play)(void);
} roles[] = {
    {"forks", 1, fork_for_each},     /* N: an echo server for N clients */
    {"threads", 1, thread_for_each}, /* the same */
    {"crowd", 1, make_crowd},        /* N threads that wait for nothing */
    {"in-state-d", 1, wait_uninterruptibly}, /* for N milliseconds */
    {"births", 1, end_amid_births},    /* N microseconds, while it makes some */
    {"restless", 0, await_restlessly}, /* a server for nobody */
    {"waits", 0, wait_for_nothing},
    {"listens-twice", 0, listen_twice}, /* ends after one client */
    {"connects-once", 1, connect_once}, /* PORT, and ends */
    {"killed", 1, be_killed},           /* PORT, and is killed */
    {"leaves", 0, leave}, /* a server for one; becomes "says executed" */
    {"says", 1, say},     /* TEXT */
    {"polls", 0, poll_on},
    {"pieces", 0, move_pieces},   /* by calls with several buffers, to itself */
    {"daemon", 0, become_daemon}, /* a server that leaves a child behind */
    {"connects", 2, connect_often},     /* PORT N times */
    {"calls", 1, call_often},           /* N times getsockname() */
    {"datagrams", 0, send_datagrams},   /* UDP and IPv6's, to itself */
    {"floods", 1, send_floods},         /* N times 1024 datagrams */
    {"answers", 0, answer_datagram},    /* a server of UDP, one datagram */
    {"asks", 1, ask_datagram},          /* PORT: its client */
    {"both", 0, serve_both},            /* a server of UDP and TCP */
    {"everything", 0, call_everything}, /* one of each call, alone */
    {"forbids", 2, forbid},             /* CALL COMMAND [ARG]... */
    {"terminal", 2, be_terminal},       /* COLUMNS COMMAND [ARG]... */
};

int main(int argc, char *argv[])
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(roles[i].name, argv[1]) != 0 || argc - 2 < roles[i].least)
            continue;
        arguments = (const char *const *)argv + 2;
        roles[i].play();
        return EXIT_SUCCESS;
    }
    fputs("Usage: players ROLE [ARGUMENT]...\n", stderr);
    return 2;
}
