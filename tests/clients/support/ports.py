"""Ports of a case: out of a range that the system gives to nobody who asks for any port, and of a block that no other case has."""

import itertools
import os
import socket

ENVIRONMENT = "WEIR_CASE_PORTS"
FIRST = int(os.environ.get(ENVIRONMENT, 12000))  # another one for run.py is a range of its own, beside another run
BLOCK = 100  # ports a case; the range ends before 32768, where those begin that the system gives away
BLOCKS = max(1, (32_000 - FIRST) // BLOCK)

_ports = itertools.count(FIRST)


def block(number):
    """What a case needs in its environment to have a block of its own."""
    return {ENVIRONMENT: str(FIRST + number % BLOCKS * BLOCK)}


def _is_free(port):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def free_ports(count):
    """All different, and never the same again in this case; for TCP and UDP."""
    return list(itertools.islice(filter(_is_free, _ports), count))


def free_port():
    return free_ports(1)[0]


def even_port(above=5):
    """An even one, and so many behind it that nobody has either: RTCP, and the two of FEC."""
    run = []
    while len(run) <= above:
        port = free_port()
        if run and port == run[-1] + 1:
            run.append(port)
        elif port % 2 == 0:
            run = [port]
        else:
            run = []
    return run[0]
