/*
 * registers.h - a stopped thread's registers, on x86-64 and AArch64: to change
 * a call's arguments, to skip it, to give it another result. ptrace(2),
 * syscall(2) ("Architecture calling conventions").
 */
#ifndef LADDER_REGISTERS_H
#define LADDER_REGISTERS_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/user.h>

struct registers {
    struct user_regs_struct user;
};

bool registers_read(pid_t pid, struct registers *registers);
bool registers_write(pid_t pid, const struct registers *registers);

/* `which` counts from 0. */
void registers_set_argument(struct registers *registers, int which,
                            unsigned long value);
void registers_set_result(struct registers *registers, long value);

/* At a call's entry: the kernel is not to do it. */
bool registers_skip_call(pid_t pid, const struct registers *registers);

/* At its return: gives back the arguments of `saved`; a program may rely on
 * them, for the kernel leaves them alone. */
void registers_restore(struct registers *registers,
                       const struct registers *saved);

#endif
