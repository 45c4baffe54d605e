/*
 * proc.c - see proc.h.
 */
#include "proc.h"

#include <stdio.h>
#include <string.h>

const char *proc_line(pid_t pid, const char *name)
{
    static char line[400];
    char path[48];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    if (file != NULL)
        fclose(file);
    return line;
}

/* The name may have parentheses, too. */
const char *proc_stat(pid_t pid)
{
    const char *name_end = strrchr(proc_line(pid, "stat"), ')');

    return name_end != NULL && name_end[1] == ' ' ? name_end + 2 : "?";
}
