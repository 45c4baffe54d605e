/*
 * view.c - see view.h: what the views share: names, and text made harmless.
 */
#include "view.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

// clang-format off
#define ROW(name) {name, #name}
// clang-format on
struct name_row {
    int number;
    const char *name;
};

/* The kernel's own, which no program sees (include/linux/errno.h). */
static const struct name_row kernel_errors[] = {
    {512, "ERESTARTSYS"},           {513, "ERESTARTNOINTR"},
    {514, "ERESTARTNOHAND"},        {515, "ENOIOCTLCMD"},
    {516, "ERESTART_RESTARTBLOCK"},
};

/* A C library without strerrorname_np(3) has these. */
static const struct name_row errors[] = {
    ROW(E2BIG),         ROW(EACCES),       ROW(EADDRINUSE),
    ROW(EADDRNOTAVAIL), ROW(EAFNOSUPPORT), ROW(EAGAIN),
    ROW(EALREADY),      ROW(EBADF),        ROW(ECANCELED),
    ROW(ECHILD),        ROW(ECONNABORTED), ROW(ECONNREFUSED),
    ROW(ECONNRESET),    ROW(EDESTADDRREQ), ROW(EDOM),
    ROW(EEXIST),        ROW(EFAULT),       ROW(EFBIG),
    ROW(EHOSTUNREACH),  ROW(EINPROGRESS),  ROW(EINTR),
    ROW(EINVAL),        ROW(EIO),          ROW(EISCONN),
    ROW(EISDIR),        ROW(ELOOP),        ROW(EMFILE),
    ROW(EMSGSIZE),      ROW(ENETDOWN),     ROW(ENETRESET),
    ROW(ENETUNREACH),   ROW(ENFILE),       ROW(ENOBUFS),
    ROW(ENODEV),        ROW(ENOENT),       ROW(ENOMEM),
    ROW(ENOPROTOOPT),   ROW(ENOSPC),       ROW(ENOSYS),
    ROW(ENOTCONN),      ROW(ENOTSOCK),     ROW(ENOTTY),
    ROW(EOPNOTSUPP),    ROW(EOVERFLOW),    ROW(EPERM),
    ROW(EPIPE),         ROW(EPROTO),       ROW(EPROTONOSUPPORT),
    ROW(EPROTOTYPE),    ROW(ERANGE),       ROW(ESOCKTNOSUPPORT),
    ROW(ESPIPE),        ROW(ESRCH),        ROW(ETIMEDOUT),
};

static const struct name_row signals[] = {
    ROW(SIGABRT), ROW(SIGALRM),   ROW(SIGBUS),    ROW(SIGCHLD),  ROW(SIGCONT),
    ROW(SIGFPE),  ROW(SIGHUP),    ROW(SIGILL),    ROW(SIGINT),   ROW(SIGIO),
    ROW(SIGKILL), ROW(SIGPIPE),   ROW(SIGPROF),   ROW(SIGPWR),   ROW(SIGQUIT),
    ROW(SIGSEGV), ROW(SIGSTKFLT), ROW(SIGSTOP),   ROW(SIGSYS),   ROW(SIGTERM),
    ROW(SIGTRAP), ROW(SIGTSTP),   ROW(SIGTTIN),   ROW(SIGTTOU),  ROW(SIGURG),
    ROW(SIGUSR1), ROW(SIGUSR2),   ROW(SIGVTALRM), ROW(SIGWINCH), ROW(SIGXCPU),
    ROW(SIGXFSZ),
};

static const char *find_name(const struct name_row *rows, size_t count,
                             int number)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].number == number)
            return rows[i].name;
    return NULL;
}

const char *error_name(int error)
{
    static char unnamed[32];
    const char *name = find_name(
        kernel_errors, sizeof kernel_errors / sizeof *kernel_errors, error);

#if defined __GLIBC__
#if __GLIBC_PREREQ(2, 32)
    if (name == NULL)
        name = strerrorname_np(error);
#endif
#endif
    if (name == NULL)
        name = find_name(errors, sizeof errors / sizeof *errors, error);
    if (name != NULL)
        return name;
    snprintf(unnamed, sizeof unnamed, "errno %d", error);
    return unnamed;
}

const char *signal_name(int number)
{
    static char unnamed[32];
    const char *name =
        find_name(signals, sizeof signals / sizeof *signals, number);

    if (name != NULL)
        return name;
    snprintf(unnamed, sizeof unnamed, "signal %d", number);
    return unnamed;
}

const char *actor_name(int actor, char name[16])
{
    if (actor <= SERVER)
        snprintf(name, 16, "%s", actor == SERVER ? "server" : "wire");
    else if (actor == CLIENT)
        snprintf(name, 16, "client");
    else
        snprintf(name, 16, "client%hhu", (unsigned char)(actor - CLIENT + 1));
    return name;
}

const char *spoken_name(int actor, size_t clients, char name[16])
{
    if (actor >= CLIENT && clients > 1)
        snprintf(name, 16, "client %hhu", (unsigned char)actor);
    else
        actor_name(actor, name);
    return name;
}

/* --- Calls -------------------------------------------------------------- */

void result_text(const struct event *event, char *text, size_t size)
{
    /* Whether the kernel restarts it (signal(7), SA_RESTART) is not known yet:
     * a call that is made again is seen again. */
    if (event->error >= 512 && event->error <= 516)
        snprintf(text, size, " interrupted by a signal");
    else if (event->error != 0)
        snprintf(text, size, " = -1 %s", error_name(event->error));
    else
        snprintf(text, size, " = %lld", event->result);
}

void from_text(const struct event *event, const char *shown, char *text,
               size_t size)
{
    bool source = strncmp(event->call, "accept", 6) == 0 ||
                  strncmp(event->call, "recv", 4) == 0;

    text[0] = '\0';
    if (event->from_text[0] != '\0' && strstr(shown, event->from_text) == NULL)
        snprintf(text, size, source ? ", from %s" : ", %s", event->from_text);
}

void flush_stream(FILE *stream, int *error)
{
    errno = 0;
    if ((fflush(stream) == EOF || ferror(stream)) && *error == 0)
        *error = errno != 0 ? errno : EIO;
}

void call_text(const struct event *event, char *text, size_t size)
{
    char whole[sizeof event->args + 256], result[64], from[100];

    if (event->kind == EVENT_CALL) {
        snprintf(whole, sizeof whole, "%s(%s%s...", event->call, event->args,
                 event->args[0] == '\0' ? "" : ", ");
    } else {
        result_text(event, result, sizeof result);
        from_text(event, event->args, from, sizeof from);
        snprintf(whole, sizeof whole, "%s(%s)%s%s%s%s%s", event->call,
                 event->args, result, from, event->changed == NULL ? "" : " *",
                 event->changed == NULL ? "" : event->changed,
                 event->changed == NULL ? "" : "*");
    }
    clean_text(whole, strlen(whole), true, text, size);
}

void exit_text(const struct event *event, char *text, size_t size)
{
    if (WIFSIGNALED(event->number))
        snprintf(text, size, "killed by %s",
                 signal_name(WTERMSIG(event->number)));
    else
        snprintf(text, size, "exit %d", WEXITSTATUS(event->number));
}

/* --- Text from outside --------------------------------------------------- */

size_t utf8_next(const char *bytes, size_t length, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)bytes[0];
    size_t count = first < 0x80             ? 1
                   : (first & 0xe0) == 0xc0 ? 2
                   : (first & 0xf0) == 0xe0 ? 3
                   : (first & 0xf8) == 0xf0 ? 4
                                            : 0;

    if (count == 0 || count > length)
        return 0;
    *code = count == 1 ? first : first & (0x7fu >> count);
    for (size_t i = 1; i < count; i++) {
        unsigned char next = (unsigned char)bytes[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (next & 0x3fu);
    }
    if (*code < least[count] || *code > 0x10ffff ||
        (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return count;
}

static bool within(uint32_t code, const uint32_t (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

/* What steers a terminal or turns the direction of its text, and what XML 1.0
 * cannot hold. */
static bool is_unsafe(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        {0, 0x1f},          {0x7f, 0x9f},     {0x61c, 0x61c},
        {0x200e, 0x200f},   {0x2028, 0x202e}, {0x2066, 0x2069},
        {0xfeff, 0xfeff},   {0xfff9, 0xfffb}, {0xfffe, 0xffff},
        {0xe0000, 0xe0fff},
    };

    return within(code, ranges, sizeof ranges / sizeof *ranges);
}

/* The usual ranges; wcwidth(3) would ask for a locale. */
int code_columns(uint32_t code)
{
    static const uint32_t none[][2] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x64b, 0x65f},
        {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
    };
    static const uint32_t two[][2] = {
        {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},
        {0x2705, 0x2705},   {0x274c, 0x274c},   {0x2e80, 0x303e},
        {0x3041, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
        {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f680, 0x1faff}, {0x20000, 0x3fffd},
    };

    if (code < 0x300)
        return 1;
    if (within(code, none, sizeof none / sizeof *none))
        return 0;
    return within(code, two, sizeof two / sizeof *two) ? 2 : 1;
}

void clean_text(const char *bytes, size_t length, bool ascii, char *text,
                size_t size)
{
    size_t used = 0, fits = 0; /* fits: what "..." may follow */

    for (size_t i = 0, count; i < length; i += count) {
        uint32_t code;
        char piece[8] = "";

        count = utf8_next(bytes + i, length - i, &code);
        if (count == 1 && code == '\t')
            piece[0] = ' ';
        else if (count == 1 && (code == '\r' || code == '\n'))
            snprintf(piece, sizeof piece, code == '\r' ? "\\r" : "\\n");
        else if (count > 0 && !is_unsafe(code) && (count == 1 || !ascii))
            memcpy(piece, bytes + i, count);
        else
            snprintf(piece, sizeof piece, "\\%03o", (unsigned char)bytes[i]);
        if (count == 0 || piece[0] == '\\')
            count = 1; /* of an unsafe sequence, byte after byte */

        if (used + strlen(piece) + 1 > size) {
            snprintf(text + fits, size - fits, "...");
            return;
        }
        memcpy(text + used, piece, strlen(piece));
        used += strlen(piece);
        if (used + sizeof "..." <= size)
            fits = used;
    }
    text[used] = '\0';
}
