/*
 * registers.c - see registers.h.
 */
#include "registers.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

bool registers_read(pid_t pid, struct registers *registers)
{
    struct iovec part = {&registers->user, sizeof registers->user};
    return ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &part) == 0;
}

bool registers_write(pid_t pid, const struct registers *registers)
{
    struct user_regs_struct user = registers->user;
    struct iovec part = {&user, sizeof user};
    return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &part) == 0;
}

#if defined(__x86_64__)

/* long long in glibc, long in musl */
typedef __typeof__(((struct user_regs_struct *)NULL)->rdi) word;

static word *argument(struct registers *registers, int which)
{
    static const size_t places[] = {
        offsetof(struct user_regs_struct, rdi),
        offsetof(struct user_regs_struct, rsi),
        offsetof(struct user_regs_struct, rdx),
        offsetof(struct user_regs_struct, r10),
        offsetof(struct user_regs_struct, r8),
        offsetof(struct user_regs_struct, r9),
    };
    return (word *)(void *)((char *)&registers->user + places[which]);
}

void registers_set_argument(struct registers *registers, int which,
                            unsigned long value)
{
    *argument(registers, which) = value;
}

void registers_set_result(struct registers *registers, long value)
{
    registers->user.rax = (uint64_t)value;
}

bool registers_skip_call(pid_t pid, const struct registers *registers)
{
    struct registers skip = *registers;
    skip.user.orig_rax = (uint64_t)-1;
    return registers_write(pid, &skip);
}

void registers_restore(struct registers *registers,
                       const struct registers *saved)
{
    struct registers from = *saved;
    for (int i = 0; i < 6; i++)
        *argument(registers, i) = *argument(&from, i);
}

#elif defined(__aarch64__)

#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL 0x404
#endif

void registers_set_argument(struct registers *registers, int which,
                            unsigned long value)
{
    registers->user.regs[which] = value;
}

void registers_set_result(struct registers *registers, long value)
{
    registers->user.regs[0] = (uint64_t)value;
}

bool registers_skip_call(pid_t pid, const struct registers *registers)
{
    int none = -1;
    struct iovec part = {&none, sizeof none};
    (void)registers;
    return ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &part) == 0;
}

/* The first argument's register has become the result's. */
void registers_restore(struct registers *registers,
                       const struct registers *saved)
{
    for (int i = 1; i < 6; i++)
        registers->user.regs[i] = saved->user.regs[i];
}

#else
#error "the ladder changes registers on x86-64 and AArch64 only"
#endif
