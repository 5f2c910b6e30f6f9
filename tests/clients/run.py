#!/usr/bin/env python3
"""Runs real clients against a real server: each file of cases/ is one case, in a process and a folder of its own.

  run.py [--weir PROGRAM] [--quick] [--keep] [--jobs N] [--peer nginx] [CASE...]

A case fails when run(test) raises; Skip tells why it could not run. Clients are real and share the machine, so a case that fails
runs once more, alone, after the others: what it printed the first time stays printed, and the second verdict counts. Closes with "N passed, N failed[, N skipped]".
"""

import argparse
import importlib
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from support import media, ports  # noqa: E402
from support.nginx import Nginx  # noqa: E402
from support.processes import Failure, Processes, Skip  # noqa: E402
from support.server import Server  # noqa: E402

SKIPPED = 77


class Test:
    """What a case is given."""

    def __init__(self, folder, shared, program, peer):
        self.folder, self.shared, self.program, self.peer = folder, shared, program, peer
        self.processes = Processes(folder)
        self.servers = []

    def server(self, **options):
        """A server, started."""
        return self.make_server(**options).start()

    def make_server(self, **options):
        kind = Nginx if self.peer == "nginx" else Server
        server = kind(self.program, self.processes, **options)
        self.servers.append(server)
        return server

    def source(self, seconds=8, b_frames=0):
        return media.make(self.processes, self.shared / f"source-{seconds}-{b_frames}.flv", seconds, b_frames)

    def start(self, name, command, **more):
        return self.processes.start(name, command, **more)

    def run(self, name, command, seconds=20, **more):
        return self.processes.run(name, command, seconds, **more)

    def push(self, source, url, *more, loop=False, **options):
        return self.start("push", media.push_command(source, url, *more, loop=loop, **options))

    def without_sanitizer(self, why):
        """Skips the case when the server was built with one."""
        program = pathlib.Path(self.program).read_bytes()
        if any(mark in program for mark in (b"__asan_init", b"__tsan_init", b"__ubsan_handle")):
            raise Skip(why)

    def note(self, text):
        print(f"    {text}", flush=True)

    def finish(self):
        for server in self.servers:
            if server.kind == "weir" and server.process:
                if server.process.running():
                    server.stop()
                server.check_log()


def run_case(name, arguments):
    """In the child: one case. The exit status is the result."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    case = importlib.import_module(f"cases.{name}")
    test = Test(pathlib.Path(arguments.folder), pathlib.Path(arguments.shared), arguments.weir, arguments.peer)
    try:
        case.run(test)
        test.finish()
        return 0
    except Skip as reason:
        print(f"    {reason}", flush=True)
        return SKIPPED
    except Failure as failure:
        print(f"    {failure}", flush=True)
        for server in test.servers:
            if server.process:
                print(server.process.tail(12), flush=True)
        return 1
    except Exception:
        traceback.print_exc(file=sys.stdout)
        return 1
    finally:
        test.processes.end()


class Running:
    blocks = itertools.count()

    def __init__(self, name, arguments, work, again=False):
        self.name, self.again = name, again
        self.folder = work / (f"{name}.again" if again else name)
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.limit = getattr(importlib.import_module(f"cases.{name}"), "SECONDS", 60)
        self.began = time.monotonic()
        self.output = open(f"{self.folder}.out", "w+")
        command = [sys.executable, __file__, "--weir", arguments.weir, "--one", name, "--folder", self.folder, "--shared", work]
        if arguments.peer:
            command += ["--peer", arguments.peer]
        self.popen = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=self.output,
                                      stderr=subprocess.STDOUT, start_new_session=True,
                                      env=os.environ | ports.block(next(self.blocks)))

    def seconds(self):
        return time.monotonic() - self.began

    def poll(self):
        """None while it runs; else the exit status."""
        status = self.popen.poll()
        if status is None and self.seconds() > self.limit:
            self.output.write(f"    not done after {self.limit} s\n")
            self.popen.terminate()
            try:
                self.popen.wait(30)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
            status = 1
        return status

    def text(self):
        self.output.seek(0)
        return self.output.read()


def report(case, status):
    word = {0: "ok  ", SKIPPED: "SKIP"}.get(status, "FAIL" if case.again else "again:")
    print(f"{word} {case.name:<20} {case.seconds():5.1f} s", flush=True)
    text = case.text().rstrip()
    if text:
        print(text, flush=True)


def run_all(names, arguments, work):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    waiting, running, failed = list(names), [], []

    def take(name, again):
        # A case with ALONE needs the machine's full attention: nothing else runs beside it.
        alone = again or getattr(importlib.import_module(f"cases.{name}"), "ALONE", False)
        if running and (alone or len(running) >= arguments.jobs or any(one.alone for one in running)):
            return False
        running.append(Running(name, arguments, work, again))
        running[-1].alone = alone
        return True

    try:
        while waiting or running or failed:
            while waiting and take(waiting[0], False):
                waiting.pop(0)
            if failed and not waiting and take(failed[0], True):
                failed.pop(0)
            for case in list(running):
                status = case.poll()
                if status is None:
                    continue
                running.remove(case)
                report(case, status)
                if status not in (0, SKIPPED) and not case.again:
                    failed.append(case.name)
                    continue
                counts[{0: "passed", SKIPPED: "skipped"}.get(status, "failed")] += 1
                if status == 0 and not arguments.keep:
                    shutil.rmtree(case.folder, ignore_errors=True)
            time.sleep(0.1)
    finally:
        for case in running:
            case.popen.terminate()
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weir", default=os.environ.get("WEIR", str(HERE.parents[1] / "build/release/weir")))
    parser.add_argument("--quick", action="store_true", help="without the cases marked SLOW")
    parser.add_argument("--keep", action="store_true", help="keep the folders of cases that passed")
    parser.add_argument("--jobs", type=int, default=2 * min(3, os.cpu_count() or 1),
                        help="cases at a time; most of their time is media's own, not the processor's")
    parser.add_argument("--peer", choices=["nginx"])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    parser.add_argument("--shared", help=argparse.SUPPRESS)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    arguments.weir = str(pathlib.Path(arguments.weir).resolve())
    if arguments.one:
        return run_case(arguments.one, arguments)

    if not arguments.peer and not os.access(arguments.weir, os.X_OK):
        print(f"{arguments.weir} is not there: cmake --preset release && cmake --build --preset release --target weir")
        return 1
    names = sorted(path.stem for path in (HERE / "cases").glob("*.py") if path.stem != "__init__")
    if arguments.cases:
        unknown = set(arguments.cases) - set(names)
        if unknown:
            print(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
            return 2
        names = arguments.cases
    elif arguments.quick:
        names = [name for name in names if not getattr(importlib.import_module(f"cases.{name}"), "SLOW", False)]

    work = pathlib.Path(tempfile.mkdtemp(prefix="weir-clients-"))
    work.chmod(0o755)
    counts = run_all(names, arguments, work)
    if counts["failed"] or arguments.keep:
        print(f"logs are in {work}")
    else:
        shutil.rmtree(work, ignore_errors=True)
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    print(line + (f", {counts['skipped']} skipped" if counts["skipped"] else ""))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
