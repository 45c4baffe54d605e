// connect() without waiting, then select() and recvmsg(), piece by piece.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <stdexcept>
#include <string>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>

namespace
{

class Socket
{
public:
    Socket() : fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {}
    ~Socket() { close(fd); }

    void connect_to(const char *address, const char *port)
    {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
        if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
            throw std::runtime_error("no address");
        if (::connect(fd, reinterpret_cast<sockaddr *>(&to), sizeof to) == 0)
            return;
        if (errno != EINPROGRESS)
            throw_errno(errno, "connect");
        wait(false);
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0)
            throw_errno(error, "connect");
    }

    std::string receive()
    {
        char piece[256];
        iovec part{piece, sizeof piece};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        for (;;) {
            wait(true);
            ssize_t n = recvmsg(fd, &message, 0);
            if (n >= 0)
                return std::string(piece, static_cast<size_t>(n));
            if (errno != EINTR && errno != EAGAIN)
                throw_errno(errno, "recvmsg");
        }
    }

private:
    [[noreturn]] static void throw_errno(int error, const char *what)
    {
        throw std::system_error(error, std::generic_category(), what);
    }

    void wait(bool to_read) const
    {
        fd_set set;
        do {
            FD_ZERO(&set);
            FD_SET(fd, &set);
        } while (select(fd + 1, to_read ? &set : nullptr,
                        to_read ? nullptr : &set, nullptr, nullptr) == -1 &&
                 errno == EINTR);
    }

    int fd;
};

} // namespace

int main(int argc, char *argv[])
try {
    if (argc != 3)
        throw std::runtime_error("usage: ADDRESS PORT");
    Socket server;
    server.connect_to(argv[1], argv[2]);
    bool any = false;
    for (std::string piece; !(piece = server.receive()).empty(); any = true)
        for (unsigned char c : piece)
            if (c != '\r')
                std::cout.put(c == '\n' || (c >= ' ' && c <= '~')
                                  ? static_cast<char>(c)
                                  : '?');
    if (!any)
        throw std::runtime_error("nothing came");
    return std::cout.flush() ? 0 : 1;
} catch (const std::exception &error) {
    std::cerr << "daytime: " << error.what() << '\n';
    return 1;
}
