/*
 * libevent.c - an echo server as libevent's book writes it, with bufferevents,
 * to be measured against: bin PORT.
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdlib.h>

static void on_read(struct bufferevent *client, void *context)
{
    (void)context;
    evbuffer_add_buffer(bufferevent_get_output(client),
                        bufferevent_get_input(client));
}

static void on_event(struct bufferevent *client, short events, void *context)
{
    (void)context;
    if (events & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        bufferevent_free(client);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
                          struct sockaddr *peer, int length, void *context)
{
    struct bufferevent *client = bufferevent_socket_new(
        evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);

    (void)peer;
    (void)length;
    (void)context;
    bufferevent_setcb(client, on_read, NULL, on_event, NULL);
    bufferevent_enable(client, EV_READ | EV_WRITE);
}

int main(int argc, char *argv[])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct event_base *base = event_base_new();

    signal(SIGPIPE, SIG_IGN);
    address.sin_port = htons((uint16_t)strtol(argv[argc - 1], NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (evconnlistener_new_bind(base, on_connection, NULL,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 4096,
                                (struct sockaddr *)&address,
                                sizeof address) == NULL)
        return 1;
    return event_base_dispatch(base);
}
