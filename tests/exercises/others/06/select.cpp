// Non-blocking from the start, connect() too, with select(); sendmsg().
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <sys/select.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

static int checked(int result)
{
    if (result == -1)
        throw std::system_error(errno, std::generic_category());
    return result;
}

static void wait_for_room(int fd)
{
    fd_set writable;
    do {
        FD_ZERO(&writable);
        FD_SET(fd, &writable);
    } while (select(fd + 1, nullptr, &writable, nullptr, nullptr) == -1 &&
             errno == EINTR);
}

static void send_piece(int fd, char *data, size_t length)
{
    while (length > 0) {
        iovec part{data, length};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        wait_for_room(fd);
        ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (n == -1 && errno != EAGAIN && errno != EINTR)
            checked(-1);
        if (n > 0) {
            data += n;
            length -= static_cast<size_t>(n);
        }
    }
}

int main(int argc, char *argv[])
try {
    if (argc != 3)
        return 2;
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(static_cast<uint16_t>(std::stoi(argv[2])));
    inet_pton(AF_INET, argv[1], &server.sin_addr);
    int fd = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    if (connect(fd, reinterpret_cast<sockaddr *>(&server), sizeof server) ==
            -1 &&
        errno != EINPROGRESS)
        checked(-1);
    wait_for_room(fd);
    int error = 0;
    socklen_t size = sizeof error;
    checked(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
    if (error != 0)
        throw std::system_error(error, std::generic_category());
    char data[3000];
    ssize_t n;
    while ((n = read(STDIN_FILENO, data, sizeof data)) != 0) {
        if (n == -1 && errno != EINTR)
            checked(-1);
        if (n > 0)
            send_piece(fd, data, static_cast<size_t>(n));
    }
    checked(close(fd));
} catch (const std::exception &e) {
    fprintf(stderr, "%s\n", e.what());
    return 1;
}
