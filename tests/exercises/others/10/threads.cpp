// A thread for each client, on an IPv6 socket that takes IPv4 as well.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <netinet/in.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

static void serve(int fd)
{
    std::time_t now = std::time(nullptr);
    std::tm local{};
    std::ostringstream text;
    text << std::put_time(localtime_r(&now, &local), "%c, %Y") << "\r\n";
    std::string line = text.str();
    std::size_t sent = 0;
    while (sent < line.size()) {
        ssize_t n = send(fd, line.data() + sent, line.size() - sent,
                         MSG_NOSIGNAL);
        if (n > 0)
            sent += static_cast<std::size_t>(n);
        else if (errno != EINTR)
            break;
    }
    if (sent == line.size() && shutdown(fd, SHUT_WR) == 0) {
        char sink[1024];
        ssize_t n;
        while ((n = recv(fd, sink, sizeof sink, 0)) > 0 ||
               (n < 0 && errno == EINTR))
            continue;
    }
    close(fd);
}

int main(int argc, char *argv[])
{
    if (argc != 3)
        return 2;
    sockaddr_in6 here{};
    std::string mapped = std::string("::ffff:") + argv[1];
    if (inet_pton(AF_INET6, mapped.c_str(), &here.sin6_addr) != 1)
        return 2;
    here.sin6_family = AF_INET6;
    here.sin6_port = htons(static_cast<in_port_t>(std::atoi(argv[2])));
    int both = 0;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd < 0 ||
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof both) < 0 ||
        bind(fd, reinterpret_cast<sockaddr *>(&here), sizeof here) < 0 ||
        listen(fd, SOMAXCONN) < 0) {
        std::cerr << "daytime: " << std::strerror(errno) << '\n';
        return 1;
    }
    for (;;) {
        int client = accept(fd, nullptr, nullptr);
        if (client >= 0)
            std::thread(serve, client).detach();
        else if (errno != EINTR && errno != ECONNABORTED)
            return 1;
    }
}
