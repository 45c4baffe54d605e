// One thread sends, the other prints, with the C++ library's streams.
#include <atomic>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <netdb.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

static int connect_to(const char *host, const char *port)
{
    addrinfo hints{}, *all = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &all) != 0)
        throw std::runtime_error("no such address");
    int fd = -1;
    for (addrinfo *one = all; one != nullptr && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(all);
    if (fd < 0)
        throw std::runtime_error("no connection");
    return fd;
}

static bool send_all(int fd, const char *from, std::size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        size -= static_cast<std::size_t>(n);
    }
    return true;
}

int main(int argc, char *argv[])
try {
    if (argc != 3)
        throw std::runtime_error("usage: ADDRESS PORT");
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr); // it would flush std::cout from the other thread
    int fd = connect_to(argv[1], argv[2]);
    std::atomic<bool> sent_all{false};
    std::atomic<long> sent{0};
    std::thread sender([&] {
        std::string piece(3000, '\0');
        do {
            std::cin.read(&piece[0], static_cast<long>(piece.size()));
            if (!send_all(fd, piece.data(),
                          static_cast<std::size_t>(std::cin.gcount())))
                return;
            sent += std::cin.gcount();
        } while (std::cin);
        sent_all = true;
        shutdown(fd, SHUT_WR);
    });
    long came = 0;
    int error = 0;
    for (;;) {
        char piece[5000];
        ssize_t n = recv(fd, piece, sizeof piece, 0);
        if (n > 0) {
            std::cout.write(piece, n);
            came += n;
        } else if (n == 0 || errno != EINTR) {
            error = n == 0 ? 0 : errno;
            break;
        }
    }
    sender.join();
    if (error != 0)
        throw std::runtime_error(std::strerror(error));
    if (!sent_all || sent != came)
        throw std::runtime_error("not all came back");
    return std::cout.flush() ? 0 : 1;
} catch (const std::exception &error) {
    std::cerr << "echo: " << error.what() << '\n';
    return 1;
}
