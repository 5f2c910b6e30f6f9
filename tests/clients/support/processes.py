"""Processes of a test: each in a group of its own, with a log, a time limit, and an end when the test ends."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """What the test expected did not happen. Its text is all that the reader gets, so it says what did."""


class Skip(Exception):
    """The client is not on this machine, or can not run here. Its text is the reason."""


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"{program} is not installed (scripts/setup --test)")


def wait_until(what, condition, seconds=30.0, every=0.05):
    """The first true value of condition(); Failure after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"not within {seconds:g} s: {what}")
        time.sleep(every)


class Process:
    def __init__(self, name, command, log, env=None, user=None, **more):
        self.name, self.command, self.log = name, [str(word) for word in command], log

        def begin():
            os.setsid()
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if user:
                os.setgroups([])
                os.setgid(user.pw_gid)
                os.setuid(user.pw_uid)
                _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # was cleared with the old user

        output = more.pop("stdout", None)
        with open(log, "wb") as file:
            self.popen = subprocess.Popen(self.command, stdin=more.pop("stdin", subprocess.DEVNULL), stdout=output or file,
                                          stderr=file, env=env, preexec_fn=begin, close_fds=True, **more)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def wait(self, seconds):
        """The exit status; Failure when it is still running then."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} is still running after {seconds:g} s\n{self.tail()}") from None

    def expect(self, status, seconds):
        got = self.wait(seconds)
        if got != status:
            raise Failure(f"{self.name} ended with {got}, not {status}\n{self.tail()}")
        return self

    def signal(self, number):
        if self.running():
            self.popen.send_signal(number)

    def kill(self):
        """At once, with all that it has started: a wrapper's death alone leaves its program alive."""
        self._group(signal.SIGKILL)
        self.popen.wait(30)

    def text(self):
        return pathlib.Path(self.log).read_bytes().decode(errors="replace")

    def tail(self, lines=15):
        return "\n".join(f"    {self.name}| {line}" for line in self.text().splitlines()[-lines:])

    def end(self, patience=3.0):
        """Asks, waits, kills; the whole group goes."""
        if self.running():
            self._group(signal.SIGTERM)
            try:
                self.popen.wait(patience)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def _group(self, number):
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            pass


class Processes:
    """Starts processes, keeps their logs in one folder and ends them all, the last first."""

    def __init__(self, folder):
        self.folder, self.all = pathlib.Path(folder), []

    def start(self, name, command, unprivileged=False, env=None, **more):
        """`unprivileged`: as nobody when we are root, in a home of its own; VLC refuses root, others need not be it."""
        user, environment = None, dict(os.environ if env is None else env)
        if unprivileged:
            home = self.folder / f"home-{len(self.all)}"
            home.mkdir()
            environment.update(HOME=str(home), XDG_RUNTIME_DIR=str(home), TMPDIR=str(home))
            if os.geteuid() == 0:
                user = pwd.getpwnam("nobody")
                os.chown(home, user.pw_uid, user.pw_gid)
            more.setdefault("cwd", home)
        log = self.folder / f"{len(self.all):02d}-{name}.log"
        process = Process(name, command, log, env=environment, user=user, **more)
        self.all.append(process)
        return process

    def run(self, name, command, seconds=20, status=0, **more):
        """To its end, which must be `status` (None: any)."""
        process = self.start(name, command, **more)
        if status is None:
            process.wait(seconds)
            return process
        return process.expect(status, seconds)

    def end(self):
        for process in reversed(self.all):
            process.end()
