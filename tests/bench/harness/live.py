"""Servers and loads of one measurement, in a network of its own, and what processor time they took."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]


def in_a_network_of_our_own():
    """Goes on in a namespace that has nothing but lo."""
    if os.environ.get("WEIR_BENCH_NETWORK"):
        return
    os.environ["WEIR_BENCH_NETWORK"] = "1"
    os.execvp("unshare", ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "_", sys.executable, *sys.argv])


def cpu_seconds(pid):
    """Of the whole process, by the scheduler's own count: the processor clock of another process (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def kernel_drops():
    """Of all UDP sockets here: datagrams for which nobody had room."""
    lines = pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]
    return sum(int(line.split()[-1]) for line in lines)


class Running:
    """A program; ended behind the block. `answer` is the last line that it said, as JSON."""

    def __init__(self, command, cores=None, log=None):
        words = [str(word) for word in command]
        if cores is not None:
            words = ["taskset", "-c", cores, *words]
        self.log = log
        out = open(log, "w") if log else subprocess.PIPE
        self.process = subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT if log else None, text=True)
        self.pid = self.process.pid

    def wait_for(self, word):
        for line in self.process.stdout:
            if line.strip() == word:
                return
        raise SystemExit(f"{self.process.args} ended before it said {word}")

    def wait_until_measuring(self):
        self.wait_for("measuring")

    def answer(self, timeout=600):
        said, _ = self.process.communicate(timeout=timeout)
        lines = [line for line in said.splitlines() if line.startswith("{")]
        if not lines:
            raise SystemExit(f"{self.process.args} said nothing: {said[-500:]}")
        return json.loads(lines[-1])

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Weir(Running):
    def __init__(self, build, config, cores=None, api=1985):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-bench-")
        path = pathlib.Path(self.folder.name)
        (path / "weir.conf").write_text(config.replace("{folder}", str(path)))
        self.api = api
        super().__init__([build / "weir", "-c", path / "weir.conf"], cores, path / "log")
        for _ in range(300):
            try:
                self.ask("/api/v1/summaries")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("weir does not answer:\n" + (path / "log").read_text()[-3000:])

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.api}{path}", timeout=20) as answer:
            return json.load(answer)

    def said(self):
        return (pathlib.Path(self.folder.name) / "log").read_text()

    def __exit__(self, *all_of_it):
        super().__exit__(*all_of_it)
        self.folder.cleanup()


def others_load():
    """What else ran here: the load of the last minute, to be written beside a figure."""
    return float(pathlib.Path("/proc/loadavg").read_text().split()[0])
