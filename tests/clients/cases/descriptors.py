"""Too few file descriptors: a start says so and how many it takes; a server that runs out of them says so, keeps those who
are connected, and takes new ones again when it can."""

import resource
import socket

from support.flv import FlvPlayer
from support.processes import Failure, wait_until
from support.server import ROOT


def run(test):
    test.without_sanitizer("UBSan looks at memory through a pipe, for which there is no descriptor, and reports what it cannot see")
    few = test.make_server()
    start = test.start("few", ["/bin/bash", "-c", 'ulimit -n 300 && exec "$0" "$@"', test.program, "-c", few.config], cwd=ROOT)
    if start.wait(30) <= 0 or "max_connections" not in start.text() or "ulimit -n" not in start.text():
        raise Failure(f"with 300 descriptors it does not refuse with a reason\n{start.tail()}")
    test.note(start.text().splitlines()[0][-150:])

    server = test.server()
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    player = FlvPlayer(server.ports["http"])
    player.wait_tags(20)
    before = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (60, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    crowd = [socket.create_connection(("127.0.0.1", server.ports["rtmp"]), 5) for _ in range(100)]
    wait_until("the log says what is short", lambda: "cannot accept a connection" in server.process.text())
    if "ulimit -n" not in server.process.text():
        raise Failure(f"the log does not say what to do\n{server.process.tail()}")
    player.wait_tags(player.count + 100)
    for one in crowd:
        one.close()
    late = FlvPlayer(server.ports["http"])
    late.wait_tags(20)
    lines = server.process.text().count("cannot accept a connection")
    if lines > 4:
        raise Failure(f"the log has {lines} lines of it in a few seconds")
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, before)
    for one in (player, late):
        one.leave()
