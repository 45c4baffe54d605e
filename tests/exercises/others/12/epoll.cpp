// All clients at once, with epoll and a string of what is still to be sent.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <netdb.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace
{

struct Client {
    std::string unsent;
    bool ended = false;
};

int listen_at(const char *host, const char *port)
{
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bool good = fd >= 0 &&
                bind(fd, found->ai_addr, found->ai_addrlen) == 0 &&
                listen(fd, 100) == 0;
    freeaddrinfo(found);
    return good ? fd : -1;
}

// Gives false when nothing is left to do for this client.
bool serve(int fd, Client &client, unsigned events)
{
    if (!client.ended && client.unsent.empty() && (events & ~EPOLLOUT) != 0) {
        char piece[2048];
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0)
            return errno == EINTR || errno == EAGAIN;
        client.ended = n == 0;
        client.unsent.assign(piece, static_cast<std::size_t>(n));
    }
    if (!client.unsent.empty()) {
        ssize_t n = send(fd, client.unsent.data(), client.unsent.size(),
                         MSG_NOSIGNAL);
        if (n < 0)
            return errno == EINTR || errno == EAGAIN;
        client.unsent.erase(0, static_cast<std::size_t>(n));
    }
    return !client.ended || !client.unsent.empty();
}

} // namespace

int main(int argc, char *argv[])
{
    if (argc != 3)
        return 2;
    int listener = listen_at(argv[1], argv[2]);
    int poller = epoll_create1(0);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    if (listener < 0 || poller < 0 ||
        epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0) {
        std::cerr << "echo: " << std::strerror(errno) << '\n';
        return 1;
    }
    std::map<int, Client> clients;
    for (;;) {
        int ready = epoll_wait(poller, &event, 1, -1);
        if (ready < 0 && errno != EINTR)
            return 1;
        if (ready <= 0)
            continue;
        int fd = event.data.fd;
        if (fd == listener) {
            fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
            if (fd < 0)
                continue;
            event.events = EPOLLIN;
            event.data.fd = fd;
            epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
            clients[fd] = Client{};
            continue;
        }
        Client &client = clients[fd];
        if (!serve(fd, client, event.events)) {
            clients.erase(fd);
            close(fd);
            continue;
        }
        event.events = client.unsent.empty() ? EPOLLIN : EPOLLOUT;
        event.data.fd = fd;
        epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
    }
}
