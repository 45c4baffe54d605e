/*
 * libuv.c - an echo server as libuv's guide would write it, to be measured
 * against: bin PORT.
 */
#include <stdlib.h>
#include <uv.h>

struct answer {
    uv_write_t request;
    uv_buf_t buffer;
};

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    (void)handle;
    *buffer = uv_buf_init(malloc(size), (unsigned)size);
}

static void on_written(uv_write_t *request, int status)
{
    struct answer *answer = (struct answer *)(void *)request;

    (void)status;
    free(answer->buffer.base);
    free(answer);
}

static void on_read(uv_stream_t *client, ssize_t n, const uv_buf_t *buffer)
{
    if (n > 0) {
        struct answer *answer = malloc(sizeof *answer);
        answer->buffer = uv_buf_init(buffer->base, (unsigned)n);
        uv_write(&answer->request, client, &answer->buffer, 1, on_written);
        return;
    }
    if (n < 0)
        uv_close((uv_handle_t *)client, on_closed);
    free(buffer->base);
}

static void on_connection(uv_stream_t *server, int status)
{
    uv_tcp_t *client = malloc(sizeof *client);

    (void)status;
    uv_tcp_init(server->loop, client);
    if (uv_accept(server, (uv_stream_t *)client) == 0)
        uv_read_start((uv_stream_t *)client, on_room, on_read);
    else
        uv_close((uv_handle_t *)client, on_closed);
}

int main(int argc, char *argv[])
{
    struct sockaddr_in address;
    uv_tcp_t server;

    uv_tcp_init(uv_default_loop(), &server);
    uv_ip4_addr("127.0.0.1", (int)strtol(argv[argc - 1], NULL, 10), &address);
    uv_tcp_bind(&server, (struct sockaddr *)&address, 0);
    if (uv_listen((uv_stream_t *)&server, 4096, on_connection) != 0)
        return 1;
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
