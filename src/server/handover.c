#include "server/engine.h"
void notify(const char *state)
{
    (void)state;
}
void become_user(const char *name)
{
    (void)name;
}
