// The children are asked for between two clients; SIGCHLD is not caught.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

class Socket {
public:
    explicit Socket(int number) : fd(number) {}
    ~Socket() { close(fd); }
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;
    const int fd;
};

static int serve(const Socket &client)
{
    std::vector<char> bytes(65536);
    for (;;) {
        ssize_t n = recv(client.fd, bytes.data(), bytes.size(), 0);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return 1;
        for (ssize_t sent = 0; sent < n;) {
            ssize_t m = send(client.fd, &bytes[sent], n - sent, MSG_NOSIGNAL);
            if (m > 0)
                sent += m;
            else if (errno != EINTR)
                return 1;
        }
    }
}

int main(int argc, char *argv[])
{
    sockaddr_in here{};
    here.sin_family = AF_INET;
    if (argc != 3 || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1)
        return 2;
    here.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[2])));
    Socket listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(listener.fd, reinterpret_cast<sockaddr *>(&here), sizeof here) ||
        listen(listener.fd, SOMAXCONN)) {
        std::perror("echo");
        return 1;
    }
    for (;;) {
        while (waitpid(-1, nullptr, WNOHANG) > 0)
            ;
        int number = accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC);
        if (number < 0)
            continue;
        Socket client(number);
        switch (fork()) {
        case 0:
            return serve(client);
        case -1:
            std::perror("fork");
        }
    }
}
