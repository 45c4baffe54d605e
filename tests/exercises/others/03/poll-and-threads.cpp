// poll() before accept4(), and a thread for each client.
#include <cerrno>
#include <cstring>
#include <iostream>
#include <mutex>
#include <netdb.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

static std::mutex printing;

static int no(const char *what)
{
    std::cerr << what << ": " << std::strerror(errno) << std::endl;
    return 1;
}

static void tell(int fd, std::string line)
{
    {
        std::lock_guard<std::mutex> alone(printing);
        std::cout << line << std::endl;
    }
    shutdown(fd, SHUT_RDWR);
    close(fd);
}

int main(int argc, char *argv[])
{
    addrinfo hints{}, *list;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
    if (argc != 3 || getaddrinfo(argv[1], argv[2], &hints, &list) != 0)
        return 2;
    int fd = socket(list->ai_family, list->ai_socktype | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return no("socket");
    if (bind(fd, list->ai_addr, list->ai_addrlen) < 0)
        return no("bind");
    if (listen(fd, SOMAXCONN) < 0)
        return no("listen");
    freeaddrinfo(list);
    for (;;) {
        pollfd waiting{fd, POLLIN, 0};
        if (poll(&waiting, 1, -1) < 0 && errno != EINTR)
            return no("poll");
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        int client = accept4(fd, reinterpret_cast<sockaddr *>(&peer), &length,
                             SOCK_CLOEXEC);
        if (client < 0) {
            if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
                continue;
            return no("accept4");
        }
        char host[NI_MAXHOST], port[NI_MAXSERV];
        getnameinfo(reinterpret_cast<sockaddr *>(&peer), length, host,
                    sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
        std::thread(tell, client, std::string(host) + ":" + port).detach();
    }
}
