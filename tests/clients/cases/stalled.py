"""Peers that stall: readers that never read, half a handshake, a byte a second, thousands that say nothing. Others do not
notice."""

import resource
import socket
import time

from support.flv import FlvPlayer
from support.processes import Failure, wait_until

SECONDS = 120
SLOW = True


def connect(port, data=b"", receive_buffer=None):
    made = socket.socket()
    if receive_buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.connect(("127.0.0.1", port))
    made.sendall(data)
    made.setblocking(False)
    return made


def closed(made):
    try:
        while True:
            if not made.recv(1 << 16):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def memory_kb(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def run(test):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    server = test.server(max_connections=5000)
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    good = FlvPlayer(server.ports["http"], keep=False)
    good.wait_tags(50)
    before = memory_kb(server.process.pid)

    request = b"GET /live/cam.flv HTTP/1.1\r\nHost: x\r\n\r\n"
    deaf = [connect(server.ports["http"], request, receive_buffer=4096) for _ in range(50)]
    half = [connect(server.ports["rtmp"], b"\x03" + bytes(700)) for _ in range(100)]
    mute = [connect(server.ports["rtmp"]) for _ in range(3000)]
    slow_head = [connect(server.ports["http"], b"GET /live/ca") for _ in range(100)]
    drip = connect(server.ports["rtmp"], b"\x03")
    noise = [connect(server.ports[name], bytes((i * 37 + n) % 256 for i in range(4000))) for name in ("rtmp", "http", "api") for n in range(20)]

    begin, count = time.monotonic(), good.count
    stalled = [*half, *mute, *slow_head, drip]
    while time.monotonic() - begin < 75 and not all(closed(made) for made in stalled):
        try:
            drip.send(b"\0")
        except OSError:
            pass
        time.sleep(1)
        server.alive()
    seconds = time.monotonic() - begin
    left = {name: sum(not closed(made) for made in group)
            for name, group in (("half a handshake", half), ("nothing sent", mute), ("half a request", slow_head), ("a byte a second", [drip]))}
    if any(left.values()):
        raise Failure(f"after {seconds:.0f} s these are still connected: {left}")
    if sum(not closed(made) for made in noise):
        raise Failure("connections that sent noise are still open")
    rate = (good.count - count) / seconds
    if good.error or rate < 50:
        raise Failure(f"the good player got {rate:.0f} tags a second of about 68, error {good.error}")
    if not server.streams()["/live/cam"]["publish"]["active"]:
        raise Failure("the publisher was lost")
    growth = memory_kb(server.process.pid) - before
    if growth > 60_000:
        raise Failure(f"memory grew by {growth} kB")
    for made in deaf:
        made.close()
    wait_until("readers that never read are gone", lambda: len(server.clients()) <= 2, 40)
    good.leave()
    test.note(f"stalled peers ended within {seconds:.0f} s, memory grew by {growth} kB, the good player had {rate:.0f} tags/s")
