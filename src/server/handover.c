/*
 * handover.c - those who start us: systemd's sockets and its READY=1, inetd's
 * descriptor 0, and the user to become. See engine.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/engine.h"
#include "toolkit.h"

enum { FIRST_HANDED_OVER = 3 };

/* --- Which service a socket is for -------------------------------------- */

static struct sockaddr_storage local_name(int fd)
{
    struct sockaddr_storage name = {0};
    socklen_t size = sizeof name;

    if (getsockname(fd, (struct sockaddr *)&name, &size) == -1)
        die("getsockname");
    return name;
}

/* The one that it is named after; else the only one that we serve; else the one
 * whose port it has. */
static size_t service_of(const struct server *server, int fd, const char *name)
{
    const struct service *named = service_named(name);
    const struct sockaddr_storage local = local_name(fd);
    const unsigned port = port_of((const struct sockaddr *)&local);
    size_t served = 0, found = 0;

    if (named != NULL)
        return (size_t)(named - services);
    for (size_t i = 0; services[i].name != NULL; i++) {
        if (server->settings.ports[i] != NULL) {
            served++;
            found = i;
        }
    }
    if (served == 1)
        return found;
    for (size_t i = 0; services[i].name != NULL; i++)
        if (port == services[i].port || port == services[i].port + PORT_OFFSET)
            return i;
    fail("descriptor %d has port %u: which service is that?\n"
         "Name it: FileDescriptorName=echo in the socket unit, or --echo.",
         fd, port);
}

/* --- Sockets ------------------------------------------------------------ */

static int socket_option(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof value;

    if (getsockopt(fd, SOL_SOCKET, option, &value, &size) == -1) {
        report("getsockopt of descriptor %d", fd);
        fail("It is to be a socket: is this started by inetd, or systemd?");
    }
    return value;
}

/* Takes a socket: one that listens, one that is connected, or one of UDP. */
static void take_socket(struct server *server, int fd, const char *name)
{
    const bool datagrams = socket_option(fd, SO_TYPE) == SOCK_DGRAM;
    const bool listens = !datagrams && socket_option(fd, SO_ACCEPTCONN);
    const size_t service = service_of(server, fd, name);
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof peer;

    if (!set_nonblocking(fd) || fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
        die("fcntl");
    if (datagrams || listens) {
        add_listener(server, fd, service, datagrams);
        if (datagrams && !ask_for_destination(fd, local_name(fd).ss_family))
            die("setsockopt");
        return;
    }
    /* Who has gone already is served to its end all the same. */
    if (getpeername(fd, (struct sockaddr *)&peer, &size) == -1)
        report("getpeername");
    add_client(server->loops[0], fd, (struct sockaddr *)&peer, service);
}

static bool same_file(int fd, int other)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && fstat(other, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* inetd gives the socket as standard output and error too: there no word of
 * ours may go. */
static void take_from_inetd(struct server *server)
{
    int fd = fcntl(STDIN_FILENO, F_DUPFD, FIRST_HANDED_OVER);
    int null = open("/dev/null", O_RDWR);

    if (fd == -1 || null == -1)
        die("open");
    for (int i = 0; i <= STDERR_FILENO; i++)
        if (same_file(i, fd) && dup2(null, i) == -1)
            die("dup2");
    close(null);
    take_socket(server, fd, "");
}

/* Each name of "echo:echo:time" in turn; the rest are "". */
static const char *next_name(char **names)
{
    char *name = *names;

    if (name == NULL)
        return "";
    *names = strchr(name, ':');
    if (*names != NULL)
        *(*names)++ = '\0';
    return name;
}

/* sd_listen_fds(3) */
long handed_over(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

    if (pid == NULL || fds == NULL || strtol(pid, NULL, 10) != getpid())
        return 0;
    return parse_number("LISTEN_FDS", fds, 0, MOST_LISTENERS);
}

bool take_handed_over(struct server *server)
{
    const long count = handed_over();
    char *names = getenv("LISTEN_FDNAMES");

    if (server->settings.inetd) {
        take_from_inetd(server);
        return true;
    }
    for (int fd = FIRST_HANDED_OVER; fd < FIRST_HANDED_OVER + count; fd++)
        take_socket(server, fd, next_name(&names));
    return count > 0;
}

/* --- Readiness ---------------------------------------------------------- */

/* sd_notify(3): a name that begins with '@' is an abstract one. Who does not
 * listen there is not waited for. */
void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    if (path == NULL || (*path != '/' && *path != '@'))
        return;
    size_t length = strlen(path);
    if (length >= sizeof to.sun_path) {
        report("NOTIFY_SOCKET %s is too long", path);
        return;
    }
    memcpy(to.sun_path, path, length);
    if (*path == '@')
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd == -1 ||
        sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) ==
            -1)
        report("sendto NOTIFY_SOCKET %s", path);
    if (fd != -1)
        close(fd);
}

/* --- The user ----------------------------------------------------------- */

/* Groups first, as only root may choose them; then there must be no way back.
 */
void become_user(const char *name)
{
    const struct passwd *user = getpwnam(name);

    if (user == NULL)
        fail("there is no user \"%s\"", name);
    if (initgroups(name, user->pw_gid) == -1)
        die("initgroups %s", name);
    if (setgid(user->pw_gid) == -1)
        die("setgid %s", name);
    if (setuid(user->pw_uid) == -1)
        die("setuid %s", name);
    if (user->pw_uid != 0 && (setuid(0) != -1 || seteuid(0) != -1))
        fail("user %s could become root again", name);
}
