"""Where a measurement takes place: a network namespace of its own, and one core for each side."""

import os
import pathlib
import subprocess
import time


class Namespace:
    """A network namespace with nothing but lo. cubic where the machine lets a namespace choose it, else reno: BBR paces
    by timers whose CPU time is charged to nobody's process."""

    def __init__(self, mtu):
        self.name = f"weir-bench-{os.getpid()}"
        self.mtu = mtu
        self.congestion = "?"

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "mtu", str(self.mtu), "up"], check=True)
        for wanted in ("cubic", "reno"):
            command = ["ip", "netns", "exec", self.name, "sysctl", "-qw", f"net.ipv4.tcp_congestion_control={wanted}"]
            if subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0:
                self.congestion = wanted
                break
        # A server with a deep backlog may use it, and a load of 10,000 needs the ports.
        for setting in ("net.core.somaxconn=8192", "net.ipv4.ip_local_port_range=10000 65000"):
            subprocess.run(["ip", "netns", "exec", self.name, "sysctl", "-qw", setting], stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", self.name])

    def command(self, cores, arguments):
        return ["ip", "netns", "exec", self.name, "taskset", "-c", cores, *map(str, arguments)]

    def start(self, cores, arguments, log):
        with open(log, "w") as out:
            return subprocess.Popen(self.command(cores, arguments), stdout=out, stderr=subprocess.STDOUT)

    def run(self, cores, arguments, timeout):
        return subprocess.run(self.command(cores, arguments), capture_output=True, text=True, timeout=timeout)

    def wait_for_port(self, port, process, limit=10.0):
        """Seconds until something listens; None if the process ends or the limit passes first."""
        began = time.monotonic()
        wanted = f":{port:04X} "
        while time.monotonic() - began < limit and process.poll() is None:
            for table in ("tcp", "tcp6"):
                # The table of the namespace, through a process that lives in it.
                try:
                    lines = pathlib.Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()
                except OSError:
                    lines = []
                if any(wanted in line and " 0A " in line for line in lines):
                    return time.monotonic() - began
            time.sleep(0.001)
        return None


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def stop(process, grace=10):
    """Ends a process that we started; by TERM, and by KILL if that is not enough. Returns its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode
