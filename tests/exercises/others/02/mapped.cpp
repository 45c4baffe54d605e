// An IPv6 socket that is bound to an IPv4 address, and listens.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

static int no(const char *what)
{
    std::cerr << what << ": " << std::strerror(errno) << '\n';
    return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    if (argc != 3)
        return 2;
    int off = 0, on = 1;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return no("socket");
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);

    sockaddr_in6 address{};
    std::string mapped = std::string("::ffff:") + argv[1];
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(static_cast<in_port_t>(std::stoi(argv[2])));
    if (inet_pton(AF_INET6, mapped.c_str(), &address.sin6_addr) != 1)
        return 2;
    if (bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) < 0)
        return no("bind");
    if (listen(fd, 1) < 0)
        return no("listen");

    socklen_t length = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length) < 0)
        return no("getsockname");
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, address.sin6_addr.s6_addr + 12, text, sizeof text);
    std::cout << text << ':' << ntohs(address.sin6_port) << '\n';
    return EXIT_SUCCESS;
}
