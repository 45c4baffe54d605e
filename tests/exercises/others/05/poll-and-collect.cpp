// Non-blocking, with poll(), into one string that is printed at the end.
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    if (argc != 3)
        return 2;
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(static_cast<uint16_t>(std::stoi(argv[2])));
    inet_pton(AF_INET, argv[1], &server.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<sockaddr *>(&server),
                          sizeof server) < 0) {
        std::cerr << "cannot connect\n";
        return 1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    std::string message;
    char piece[1000];
    for (;;) {
        pollfd waiting{fd, POLLIN, 0};
        poll(&waiting, 1, -1);
        ssize_t n = read(fd, piece, sizeof piece);
        if (n > 0)
            message.append(piece, static_cast<size_t>(n));
        else if (n == 0)
            break;
        else if (errno != EAGAIN && errno != EINTR) {
            std::cerr << "cannot read\n";
            return 1;
        }
    }
    std::cout << message;
    return std::cout.flush() ? 0 : 1;
}
