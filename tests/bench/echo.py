#!/usr/bin/env python3
"""echo.py - measures echo servers against each other: lessons 12 to 16, the
toolkit's, and whichever peers are installed, in turn, in several rounds.

    make bench                               every column, every server
    tests/bench/echo.py --columns ping-64,stream-1 --servers 16,toolkit
    tests/bench/echo.py --curve curve.tsv    rate against number of clients

The server has the first processor that we may use, echo-load the second. Told
are medians, of values and of their ratios to lesson 16's in the same round, and
the smallest and largest value. Run it on a quiet machine. What is not installed
is left out, and said so; peers/ has the source of those that are libraries.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.path.join(HERE, "..", "..", "bin")
WORK = tempfile.mkdtemp(prefix="netprog-bench-")

# --- What is measured -------------------------------------------------------

# Name: (arguments for echo-load, key of its JSON, unit, is more better?)
COLUMNS = {
    "ping-1": ("--connections 1", "requests_per_second", "req/s", True),
    # The load's own sleep and wake-up bound what a server that spins can win.
    "ping-1-busy": ("--connections 1 --busy", "requests_per_second", "req/s",
                    True),
    "ping-64": ("--connections 64", "requests_per_second", "req/s", True),
    "ping-1000": ("--connections 1000", "requests_per_second", "req/s", True),
    "stream-1": ("--mode stream --connections 1", "mib_per_second", "MiB/s",
                 True),
    "stream-16": ("--mode stream --connections 16", "mib_per_second", "MiB/s",
                  True),
    "connect": ("--mode connect --connections 1 --reset",
                "requests_per_second", "conn/s", True),
    "connect-16": ("--mode connect --connections 16 --reset",
                   "requests_per_second", "conn/s", True),
    "idle": ("--mode idle --connections 10000", "memory", "KiB each", False),
    "p99.9": ("--connections 64", "p99_9", "ms", False),
}

# The designs whose rates are drawn, and the numbers of their clients.
CURVE = ["12", "13", "14", "15", "16", "toolkit"]
CLIENTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000]


def lesson(name, *options):
    return lambda port: [os.path.join(BIN, name), *options, str(port)]


def compiled(source, package):
    """A peer that is a library: built here if the library is installed."""
    program = os.path.join(WORK, source)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", package],
                           capture_output=True, text=True, check=False)
    if flags.returncode != 0:
        return None
    subprocess.run(["cc", "-O2", "-o", program,
                    os.path.join(HERE, "peers", source + ".c"),
                    *flags.stdout.split()], check=True)
    return lambda port: [program, str(port)]


def go():
    if shutil.which("go") is None:
        return None
    program = os.path.join(WORK, "go-echo")
    subprocess.run(["go", "build", "-o", program,
                    os.path.join(HERE, "peers", "go.go")], check=True)
    return lambda port: [program, str(port)]


def installed(name, *arguments):
    if shutil.which(name) is None:
        return None
    return lambda port: [name] + [a.format(port=port) for a in arguments]


def xinetd():
    def command(port):
        path = os.path.join(WORK, "xinetd.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("service echo\n{\n type = INTERNAL UNLISTED\n"
                       f" port = {port}\n bind = 127.0.0.1\n"
                       " socket_type = stream\n protocol = tcp\n wait = no\n"
                       " instances = UNLIMITED\n cps = 1000000 1\n}\n")
        return ["xinetd", "-dontfork", "-f", path]
    return command if shutil.which("xinetd") else None


def inetd():
    def command(port):
        path = os.path.join(WORK, "inetd.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(f"127.0.0.1:{port} stream tcp nowait.1000000 root "
                       "/bin/cat cat\n")
        return ["inetutils-inetd", "-d", "-R", "1000000", path]
    return command if shutil.which("inetutils-inetd") else None


# Name: what makes its command line from a port, or None
SERVERS = {
    "12": lesson("12-echo-server"),
    "13": lesson("13-echo-server-fork"),
    "14": lesson("14-echo-server-threads"),
    "15": lesson("15-echo-server-poll"),
    "16": lesson("16-echo-server-epoll", "--quiet"),
    "toolkit": lesson("echo-server"),
    "spin": lesson("echo-server", "--spin=50"),
    "libuv": compiled("libuv", "libuv"),
    "libevent": compiled("libevent", "libevent"),
    "go": go(),
    "asyncio": lambda port: [sys.executable,
                             os.path.join(HERE, "peers", "asyncio_echo.py"),
                             str(port)],
    "socat": installed("socat", "TCP-LISTEN:{port},bind=127.0.0.1,fork,"
                       "reuseaddr,backlog=1024", "PIPE"),
    "ncat": installed("ncat", "-l", "-k", "-m", "2000", "127.0.0.1", "{port}",
                      "-e", "/bin/cat"),
    "xinetd": xinetd(),
    "inetd": inetd(),
}

# A process or a thread for each of 10,000 is more than a fair machine has, and
# lesson 12 serves one client at a time.
LEFT_OUT = {(server, "idle") for server in
            ("13", "14", "socat", "ncat", "xinetd", "inetd")}
LEFT_OUT |= {("12", column) for column in COLUMNS
             if column not in ("ping-1", "ping-1-busy", "stream-1", "connect")}
LEFT_OUT |= {(server, "ping-1000") for server in ("socat", "ncat", "inetd")}


# --- Measuring --------------------------------------------------------------

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server on a processor of its own, ended with all of its children."""

    def __init__(self, name, cpu):
        self.port = free_port()
        self.process = subprocess.Popen(
            SERVERS[name](self.port), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        until = time.monotonic() + 5
        while not self.answers():
            if time.monotonic() > until or self.process.poll() is not None:
                self.end()
                raise RuntimeError(f"{name} does not listen")

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as sock:
                sock.sendall(b"x")
                return sock.recv(1) == b"x"
        except OSError:
            time.sleep(0.02)
            return False

    def memory(self):
        """KiB that its processes have, shared pages divided (PSS)."""
        total = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.getsid(int(pid)) != self.process.pid:
                    continue
                with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                    total += sum(int(line.split()[1]) for line in file
                                 if line.startswith("Pss:"))
            except OSError:
                continue
        return total

    def end(self):
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, how)
                self.process.wait(2)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self.process.wait()


def load(server, arguments, seconds, cpu):
    return subprocess.Popen(
        [os.path.join(BIN, "echo-load"), "--json", "--warmup=0.2",
         f"--duration={seconds}", *arguments.split(), str(server.port)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))


def measure(name, column, seconds, cpus):
    """Gives one value, or None where the server could not bear it."""
    arguments, key, _, _ = COLUMNS[column]
    server = Server(name, cpus[0])
    try:
        before = server.memory()
        run = load(server, arguments, max(seconds, 2) if column == "idle"
                   else seconds, cpus[1])
        if key == "memory":
            time.sleep(1.5)
            memory = (server.memory() - before) / 10000
        output, errors = run.communicate(timeout=60)
        if run.returncode != 0:
            print(f"  {name} {column}: {errors.strip()[:100]}", file=sys.stderr)
            return None
        result = json.loads(output)
    finally:
        server.end()
    if key == "memory":
        return memory
    return result["latency_ns"][key] / 1e6 if key == "p99_9" else result[key]


# --- Telling ----------------------------------------------------------------

def tell(column, values):
    """values: name: a value for each round, None where there is none. A ratio
    is the median of the rounds' ratios: the machine may be twice as slow in
    the next round, but hardly between two servers of one."""
    _, _, unit, _ = COLUMNS[column]
    base = values.get("16", [])
    print(f"\n{column}, {unit}")
    for name, rounds in values.items():
        found = [value for value in rounds if value is not None]
        if not found:
            print(f"  {name:10} -")
            continue
        ratios = [value / first for value, first in zip(rounds, base)
                  if value is not None and first]
        ratio = f"{statistics.median(ratios):6.2f}" if ratios else "     -"
        print(f"  {name:10} {statistics.median(found):12.2f} {ratio}   "
              f"({min(found):.2f} to {max(found):.2f})", flush=True)


def table(names, arguments, cpus):
    for column in arguments.columns:
        values = {name: [] for name in names if (name, column) not in LEFT_OUT}
        for _ in range(arguments.rounds):
            for name, rounds in values.items():
                rounds.append(measure(name, column, arguments.seconds, cpus))
        tell(column, values)


def curve(names, arguments, cpus):
    with open(arguments.curve, "w", encoding="ascii") as file:
        print("clients", *names, sep="\t", file=file)
        for clients in CLIENTS:
            COLUMNS["curve"] = (f"--connections {clients}",
                                "requests_per_second", "req/s", True)
            # 12 serves one client, and the others wait.
            able = [n for n in names if n != "12" or clients == 1]
            found = {name: [] for name in names}
            for _ in range(arguments.rounds):
                for name in able:
                    value = measure(name, "curve", arguments.seconds, cpus)
                    found[name] += [value] if value is not None else []
            row = [f"{statistics.median(values):.0f}" if values else "?"
                   for values in found.values()]
            print(clients, *row, sep="\t", file=file, flush=True)
            print(clients, *row, sep="\t", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--columns", type=lambda text: text.split(","),
                        default=list(COLUMNS), help=",".join(COLUMNS))
    parser.add_argument("--servers", type=lambda text: text.split(","),
                        help=",".join(SERVERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--curve", metavar="FILE",
                        help="writes rate against clients, for curve.gp")
    arguments = parser.parse_args()
    cpus = sorted(os.sched_getaffinity(0))[:2]
    if len(cpus) < 2:
        print("one processor: server and load share it", file=sys.stderr)
        cpus *= 2
    names = arguments.servers or (CURVE if arguments.curve else list(SERVERS))
    unknown = [n for n in names if n not in SERVERS] + \
        [c for c in arguments.columns if c not in COLUMNS]
    if unknown:
        parser.error("unknown: " + ", ".join(unknown))
    missing = [name for name in names if SERVERS[name] is None]
    if missing:
        print("not installed:", ", ".join(missing), flush=True)
    names = [name for name in names if SERVERS[name] is not None]
    print(f"{arguments.rounds} rounds of {arguments.seconds:g} s; medians, "
          "times lesson 16, (least to most)", flush=True)
    (curve if arguments.curve else table)(names, arguments, cpus)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        shutil.rmtree(WORK)
