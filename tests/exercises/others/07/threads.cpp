// A thread reads each connection to its end; the lines are dealt out after that.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

struct Connection {
    int fd = -1;
    std::vector<std::string> lines;

    explicit Connection(char **argv)
    {
        sockaddr_in server{};
        server.sin_family = AF_INET;
        server.sin_port = htons(static_cast<uint16_t>(std::stoi(argv[2])));
        inet_pton(AF_INET, argv[1], &server.sin_addr);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, reinterpret_cast<sockaddr *>(&server),
                    sizeof server) == -1)
            fail("connect");
    }

    static void fail(const char *what)
    {
        perror(what);
        _Exit(1);
    }

    void read_all()
    {
        std::string line;
        char piece[777];
        for (;;) {
            ssize_t n = recv(fd, piece, sizeof piece, 0);
            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1)
                fail("recv");
            if (n == 0)
                break;
            for (ssize_t i = 0; i < n; i++) {
                line += piece[i];
                if (piece[i] == '\n') {
                    lines.push_back(line);
                    line.clear();
                }
            }
        }
        if (!line.empty())
            lines.push_back(line);
    }
};

int main(int argc, char *argv[])
{
    if (argc != 3)
        return 2;
    Connection first(argv), second(argv);
    std::thread one(&Connection::read_all, &first);
    std::thread two(&Connection::read_all, &second);
    one.join();
    two.join();
    for (size_t i = 0; i < first.lines.size() || i < second.lines.size(); i++) {
        if (i < first.lines.size())
            std::cout << first.lines[i];
        if (i < second.lines.size())
            std::cout << second.lines[i];
    }
    return std::cout.flush() ? 0 : 1;
}
