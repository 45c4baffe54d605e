// Each descriptor has an owner; IPv6, as it is TCP as well.
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

class Socket {
public:
    Socket() : fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        if (fd < 0)
            throw std::system_error(errno, std::generic_category(), "socket");
    }
    Socket(Socket &&other) noexcept : fd(std::exchange(other.fd, -1)) {}
    Socket(const Socket &) = delete;
    ~Socket()
    {
        if (fd >= 0)
            ::close(fd);
    }
    int number() const { return fd; }

private:
    int fd;
};

int main(int argc, char *argv[])
{
    if (argc != 2)
        return 2;
    try {
        std::vector<Socket> sockets;
        for (int i = std::atoi(argv[1]); i > 0; i--) {
            sockets.emplace_back();
            std::cout << sockets.back().number() << std::endl;
        }
    } catch (const std::system_error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
