// Edges everywhere, also for the listener; a short read() is the last one, as
// epoll(7) allows, because EPOLLRDHUP tells of the end.
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

struct Client {
    std::vector<char> owed;
    bool more = false;  // to be read
    bool ended = false; // as EPOLLRDHUP has told
};

// Gives false when the client is done with.
static bool serve(int fd, Client &client)
{
    char bytes[3000];
    for (;;) {
        while (!client.owed.empty()) {
            ssize_t n = write(fd, client.owed.data(), client.owed.size());
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0)
                return errno == EAGAIN;
            client.owed.erase(client.owed.begin(), client.owed.begin() + n);
        }
        if (!client.more)
            return !client.ended;
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n == 0)
            return false;
        if (n > 0)
            client.owed.assign(bytes, bytes + n);
        client.more = n == sizeof bytes;
    }
}

int main(int argc, char *argv[])
{
    sockaddr_in here{};
    here.sin_family = AF_INET;
    if (argc != 3 || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1)
        return 2;
    here.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[2])));
    std::signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{EPOLLIN | EPOLLET, {}};
    event.data.fd = listener;
    if (bind(listener, reinterpret_cast<sockaddr *>(&here), sizeof here) ||
        listen(listener, 64) ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) {
        std::perror("echo");
        return 1;
    }
    std::unordered_map<int, Client> clients;
    for (;;) {
        std::vector<epoll_event> events(8);
        int count = epoll_wait(epoll, events.data(), 8, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[static_cast<size_t>(i)].data.fd;
            if (fd == listener) {
                while ((fd = accept4(listener, nullptr, nullptr,
                                     SOCK_NONBLOCK)) >= 0 ||
                       errno == EINTR) {
                    if (fd < 0)
                        continue;
                    event.events =
                        EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
                    event.data.fd = fd;
                    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
                    clients[fd];
                }
                continue;
            }
            Client &client = clients[fd];
            uint32_t told = events[static_cast<size_t>(i)].events;
            if (told & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
                client.more = true;
            if (told & EPOLLRDHUP)
                client.ended = true;
            if (!serve(fd, client)) {
                clients.erase(fd);
                close(fd);
            }
        }
    }
}
