// poll(), a map of clients, and all that a client sends kept in a string, up to
// a mark.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

struct Client {
    std::string owed;
    bool ended = false;
};

static bool lives(int fd, Client &client, short happened)
{
    char piece[1500];
    if (happened & (POLLIN | POLLHUP | POLLERR) && !client.ended) {
        ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);
        if (n > 0)
            client.owed.append(piece, static_cast<size_t>(n));
        else if (n == 0)
            client.ended = true;
        else if (errno != EAGAIN && errno != EINTR)
            return false;
    }
    if (!client.owed.empty()) {
        ssize_t n = send(fd, client.owed.data(), client.owed.size(),
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0)
            client.owed.erase(0, static_cast<size_t>(n));
        else if (errno != EAGAIN && errno != EINTR)
            return false;
    }
    return !client.ended || !client.owed.empty();
}

int main(int argc, char *argv[])
{
    sockaddr_in here{};
    here.sin_family = AF_INET;
    if (argc != 3 || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1)
        return 2;
    here.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[2])));
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(listener, reinterpret_cast<sockaddr *>(&here), sizeof here) ||
        listen(listener, 64)) {
        std::perror("echo");
        return 1;
    }
    std::map<int, Client> clients;
    for (;;) {
        std::vector<pollfd> list{{listener, POLLIN, 0}};
        for (auto &[fd, client] : clients) {
            bool more = !client.ended && client.owed.size() < 20000;
            list.push_back({fd,
                            static_cast<short>((more ? POLLIN : 0) |
                                               (client.owed.empty() ? 0
                                                                    : POLLOUT)),
                            0});
        }
        if (poll(list.data(), list.size(), -1) < 0)
            continue;
        for (const pollfd &one : list) {
            if (one.revents == 0)
                continue;
            if (one.fd == listener) {
                int fd = accept(listener, nullptr, nullptr);
                if (fd >= 0)
                    clients[fd];
            } else if (!lives(one.fd, clients[one.fd], one.revents)) {
                clients.erase(one.fd);
                close(one.fd);
            }
        }
    }
}
