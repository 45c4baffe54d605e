// connect() does not wait here, poll() does, and SO_ERROR tells the result.
#include <cerrno>
#include <cstring>
#include <iostream>
#include <netdb.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

static int connected(int fd, const sockaddr *address, socklen_t size)
{
    if (connect(fd, address, size) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    pollfd waiting{fd, POLLOUT, 0};
    while (poll(&waiting, 1, -1) == -1 && errno == EINTR)
        ;
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

static std::string name(int fd,
                        int (*of)(int, sockaddr *, socklen_t *) noexcept)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    of(fd, reinterpret_cast<sockaddr *>(&address), &size);
    getnameinfo(reinterpret_cast<sockaddr *>(&address), size, host,
                sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    return std::string(host) + ":" + port;
}

int main(int argc, char *argv[])
{
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    for (int i = 2; i < argc; i++) {
        addrinfo *list;
        if (getaddrinfo(argv[1], argv[i], &hints, &list) != 0)
            return 2;
        int fd = socket(list->ai_family, list->ai_socktype | SOCK_NONBLOCK, 0);
        if (fd == -1) {
            std::cerr << "socket: " << std::strerror(errno) << '\n';
            return 1;
        }
        int error = connected(fd, list->ai_addr, list->ai_addrlen);
        freeaddrinfo(list);
        if (error == 0) {
            std::cout << name(fd, getsockname) << ' ' << name(fd, getpeername)
                      << std::endl;
            close(fd);
            return 0;
        }
        std::cerr << argv[i] << ": " << std::strerror(error) << '\n';
        close(fd);
    }
    return 1;
}
