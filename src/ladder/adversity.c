/*
 * adversity.c - see adversity.h.
 */
#include "adversity.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>

/* --- Failures ----------------------------------------------------------- */

static void force(struct hindrance *done, int error, const char *what)
{
    done->forced = true;
    done->error = error;
    done->what = what;
}

/* connect(2) is left alone: interrupted, it goes on being made, and a call that
 * was never made would not. */
static void interrupt(struct hindrance *done, struct adversity *asked, int side,
                      const struct call_type *type, const struct call *call)
{
    if (asked->eintr[side] == 0 || asked->eintr_rests[side] ||
        !(type->traits & CALL_BLOCKS) || strcmp(type->name, "connect") == 0 ||
        !call_waits(type, call))
        return;
    if (++asked->blocking_seen[side] % asked->eintr[side] == 0) {
        asked->eintr_rests[side] = true;
        force(done, EINTR, "interrupted");
    }
}

static void fail(struct hindrance *done, struct adversity *asked, int side,
                 const struct call_type *type)
{
    for (size_t i = 0; i < asked->failure_count; i++) {
        struct failure *failure = &asked->failures[i];
        if (!failure->side[side] || strcmp(failure->call, type->name) != 0)
            continue;
        if (++failure->seen[side] == failure->at || failure->at == 0)
            force(done, failure->error, "made to fail");
    }
}

/* A loop of K calls would meet the interruption at the same one for ever: so
 * there is none before bytes were moved, or a connection accepted. */
static void progress(struct adversity *asked, int side,
                     const struct call_type *type, const struct call *call)
{
    bool accepts = strncmp(type->name, "accept", 6) == 0;

    if (call->result >= 0 && !call_peeks(type, call) &&
        (accepts || type->traits & (CALL_READS | CALL_WRITES)))
        asked->eintr_rests[side] = false;
}

/* --- Limits ------------------------------------------------------------- */

/* Also into memory that the program itself may only read, as constants are:
 * ptrace(2), PTRACE_POKEDATA. */
static bool put_word(pid_t pid, uint64_t at, uint64_t value)
{
    return ptrace(PTRACE_POKEDATA, pid, (void *)(uintptr_t)at,
                  (void *)(uintptr_t)value) == 0;
}

static bool apply(struct hindrance *done, pid_t pid)
{
    const struct call_limit *limit = &done->limit;
    struct registers changed = done->saved;

    for (size_t i = 0; i < limit->words; i++)
        if (!put_word(pid, limit->word[i].at, limit->word[i].now)) {
            while (i-- > 0)
                put_word(pid, limit->word[i].at, limit->word[i].was);
            return false;
        }
    if (limit->arg >= 0)
        registers_set_argument(&changed, limit->arg, limit->value);
    return registers_write(pid, &changed);
}

static void shorten(struct hindrance *done, const struct adversity *asked,
                    int side, const struct call_type *type,
                    const struct call *call)
{
    bool reads = call_reads(type, call);
    unsigned long most = reads ? asked->short_reads[side]
                         : type->traits & CALL_WRITES
                             ? asked->short_writes[side]
                             : 0;

    if (most != 0 && call_streams(call) &&
        call_limit(type, call, most, &done->limit) &&
        registers_read(call->pid, &done->saved) && apply(done, call->pid))
        done->what = reads ? "short read" : "short write";
}

/* --- Both ends of a call ------------------------------------------------ */

void hinder(struct hindrance *done, struct adversity *asked, int side,
            const struct call_type *type, const struct call *call)
{
    *done = (struct hindrance){0};
    interrupt(done, asked, side, type, call);
    fail(done, asked, side, type);
    if (!done->forced)
        shorten(done, asked, side, type, call);
    else if (!registers_read(call->pid, &done->saved) ||
             !registers_skip_call(call->pid, &done->saved))
        *done = (struct hindrance){0};
}

const char *unhinder(const struct hindrance *done, struct adversity *asked,
                     int side, const struct call_type *type, struct call *call)
{
    const struct call_limit *limit = &done->limit;
    struct registers now;

    if (done->what != NULL && registers_read(call->pid, &now)) {
        registers_restore(&now, &done->saved);
        if (done->forced) {
            registers_set_result(&now, -done->error);
            call->result = -done->error;
        }
        registers_write(call->pid, &now);
        for (size_t i = 0; i < limit->words; i++)
            put_word(call->pid, limit->word[i].at, limit->word[i].was);
    }
    progress(asked, side, type, call);
    return done->forced || call->result >= limit->full ? done->what : NULL;
}
