"""The unit of scripts/systemd: systemd-analyze finds nothing wrong with it and little that is exposed; what it waits for by
sd_notify comes: READY, RELOADING, WATCHDOG as long as the workers answer, STOPPING. A hung worker is not vouched for."""

import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import time

from support.processes import Failure, wait_until
from support.server import ROOT

UNIT = ROOT / "scripts/systemd/weir.service"


def unit(test):
    if not shutil.which("systemd-analyze"):
        test.note("systemd-analyze is not installed: the unit was not checked")
        return
    copy = test.folder / "weir.service"
    copy.write_text(UNIT.read_text().replace("/usr/bin/weir", str(pathlib.Path(test.program).resolve())))
    said = test.run("verify", ["systemd-analyze", "verify", "--man=no", copy]).text()
    if "weir.service" in said:
        raise Failure(f"systemd-analyze verify: {said}")
    said = test.run("security", ["systemd-analyze", "security", "--offline=yes", "--no-pager", copy]).text()
    exposure = float(re.search(r"exposure level for weir.service: ([0-9.]+)", said)[1])
    if exposure > 2.0:
        raise Failure(f"the exposure of the unit is {exposure}")
    test.note(f"exposure {exposure}")


@contextlib.contextmanager
def hung(thread):
    """One thread of another process, stopped as a debugger does it (ptrace(2))."""
    seize, interrupt, detach = 0x4206, 0x4207, 17
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def ptrace(request):
        if libc.ptrace(request, thread, None, None) != 0:
            raise Failure(f"ptrace: {os.strerror(ctypes.get_errno())}")

    ptrace(seize)
    ptrace(interrupt)
    os.waitpid(thread, 0x40000000)  # __WALL
    try:
        yield
    finally:
        ptrace(detach)


def run(test):
    unit(test)
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    path = test.folder / "notify"
    ear.bind(str(path))
    ear.setblocking(False)
    heard = []

    def hear():
        while True:
            try:
                heard.append((time.monotonic(), ear.recv(4096).decode()))
            except BlockingIOError:
                return [text for _, text in heard]

    server = test.make_server(vhost=f"exec {{ enabled on; publish /usr/bin/env > {test.folder}/env; }}")
    os.environ.update(NOTIFY_SOCKET=str(path), WATCHDOG_USEC="2000000")
    try:
        server.start()
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    wait_until("READY", lambda: "READY=1" in hear())
    if not heard[0][1] == "READY=1":
        raise Failure(f"first of all it says {heard[0][1]}")
    until = time.monotonic() + 2.2
    while time.monotonic() < until:
        time.sleep(0.02)
        hear()
    pings = [at for at, text in heard if text == "WATCHDOG=1"]
    if len(pings) < 3 or max(b - a for a, b in zip(pings, pings[1:])) > 1.0:
        raise Failure(f"{len(pings)} pings in two seconds")

    if os.geteuid() == 0:
        worker = next(task for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir()
                      if "worker" in (task / "comm").read_text())
        with hung(int(worker.name)):
            time.sleep(0.6)  # what had been asked before is told
            hear()
            heard.clear()
            time.sleep(1.2)
            if "WATCHDOG=1" in hear():
                raise Failure("it vouches for a worker that hangs")
        wait_until("it goes on", lambda: "WATCHDOG=1" in hear())

    heard.clear()
    server.process.signal(signal.SIGHUP)
    wait_until("READY after a reload", lambda: "READY=1" in hear())
    told = [text.split("\n")[0] for _, text in heard if text != "WATCHDOG=1"]
    if told != ["RELOADING=1", "READY=1"]:
        raise Failure(f"a reload is told as {told}")

    push = test.push(test.source(), server.rtmp(), loop=True)
    wait_until("exec has run", lambda: (test.folder / "env").exists() and (test.folder / "env").stat().st_size)
    if "NOTIFY_SOCKET" in (test.folder / "env").read_text():
        raise Failure("a child could speak for the server")
    push.end()

    heard.clear()
    server.process.signal(signal.SIGTERM)
    server.process.expect(0, 30)
    if "STOPPING=1" not in hear():
        raise Failure(f"the stop is not told: {hear()}")
    test.note(f"{len(pings)} pings in 2 s")
