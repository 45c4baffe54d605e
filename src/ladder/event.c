/*
 * event.c - see event.h.
 */
#include "event.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const char *endpoint_text(const struct endpoint *endpoint, char text[80])
{
    char ip[INET6_ADDRSTRLEN];

    text[0] = '\0';
    if (endpoint->family == 0 ||
        inet_ntop(endpoint->family, endpoint->ip, ip, sizeof ip) == NULL)
        return text;
    snprintf(text, 80, endpoint->family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip,
             (unsigned)endpoint->port);
    return text;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    size_t size = a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;

    return a->family == b->family && a->port == b->port &&
           memcmp(a->ip, b->ip, size) == 0;
}
