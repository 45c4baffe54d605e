// Non-blocking and edge-triggered, with readv().
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    if (argc != 3)
        return 2;
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(static_cast<uint16_t>(std::stoi(argv[2])));
    inet_pton(AF_INET, argv[1], &server.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, reinterpret_cast<sockaddr *>(&server), sizeof server) ==
        -1) {
        std::cerr << "cannot connect\n";
        return 1;
    }
    std::string hello = "hello\n";
    while (!hello.empty()) {
        ssize_t n = write(fd, hello.data(), hello.size());
        if (n == -1 && errno != EINTR)
            return 1;
        if (n > 0)
            hello.erase(0, static_cast<size_t>(n));
    }
    shutdown(fd, SHUT_WR);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    int queue = epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
    size_t bytes = 0;
    for (;;) {
        char one[100], two[1000];
        iovec parts[] = {{one, sizeof one}, {two, sizeof two}};
        ssize_t n = readv(fd, parts, 2);
        if (n == 0)
            break;
        if (n > 0)
            bytes += static_cast<size_t>(n);
        else if (errno == EAGAIN)
            epoll_wait(queue, &event, 1, -1);
        else if (errno == ECONNRESET) {
            std::cout << bytes << " bytes, then a reset" << std::endl;
            return 1;
        } else if (errno != EINTR) {
            std::cerr << "cannot read\n";
            return 1;
        }
    }
    std::cout << bytes << " bytes, then the end" << std::endl;
    return 0;
}
