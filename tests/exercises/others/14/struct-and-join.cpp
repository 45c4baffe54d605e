// std::thread, an object for each client, joined by a thread that collects.
#include <arpa/inet.h>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

static std::mutex mutex;
static std::condition_variable changed;
static std::list<std::thread> ended;

static void serve(int fd, std::list<std::thread> self)
{
    char buffer[1000];
    for (;;) {
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        ssize_t sent = 0;
        while (sent < n) {
            ssize_t m = write(fd, buffer + sent, n - sent);
            if (m > 0)
                sent += m;
            else if (errno != EINTR)
                break;
        }
        if (sent < n)
            break;
    }
    close(fd);
    std::lock_guard<std::mutex> lock(mutex);
    ended.splice(ended.end(), self);
    changed.notify_one();
}

static void collect()
{
    for (;;) {
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [] { return !ended.empty(); });
        std::list<std::thread> some;
        some.swap(ended);
        lock.unlock();
        for (std::thread &thread : some)
            thread.join();
    }
}

int main(int argc, char *argv[])
{
    sockaddr_in here{};
    here.sin_family = AF_INET;
    if (argc != 3 || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1)
        return 2;
    here.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[2])));
    std::signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, reinterpret_cast<sockaddr *>(&here), sizeof here) ||
        listen(listener, 128)) {
        std::perror("echo");
        return 1;
    }
    std::thread(collect).detach();
    for (;;) {
        int fd = accept(listener, nullptr, nullptr);
        if (fd < 0)
            continue;
        // The thread owns itself: it is handed over before it may end.
        std::list<std::thread> self(1);
        std::thread &thread = self.front();
        std::mutex begin;
        std::unique_lock<std::mutex> hold(begin);
        std::condition_variable begun;
        bool taken = false;
        thread = std::thread([&] {
            int mine = fd;
            std::list<std::thread> me;
            {
                std::lock_guard<std::mutex> lock(begin);
                me.splice(me.end(), self);
                taken = true;
                begun.notify_one();
            }
            serve(mine, std::move(me));
        });
        begun.wait(hold, [&] { return taken; });
    }
}
