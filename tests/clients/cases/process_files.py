"""Daemon, pid and id files, work_dir, utc_time, asprocess: what happens to the process and its files, and what whoever starts it
is told when it cannot start."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

from support.ports import free_ports
from support.processes import Failure, wait_until
from support.server import listening

CONFIG = """\
listen {rtmp};
max_connections 100;
workers 1;
disable_daemon_for_docker off;
{more}
http_api {{ enabled on; listen {api}; }}
vhost __defaultVhost__ {{ {vhost} }}
"""


class Place:
    def __init__(self, test, name):
        self.test, self.folder = test, test.folder / name
        self.folder.mkdir()
        self.rtmp, self.api = free_ports(2)

    def write(self, more, vhost="", name="weir.conf"):
        (self.folder / name).write_text(CONFIG.format(rtmp=self.rtmp, api=self.api, more=more, vhost=vhost))

    def start(self, status=0, **more):
        """Runs weir until the process that was started ends; its status and words."""
        done = subprocess.run([self.test.program, "-c", "weir.conf"], cwd=self.folder, capture_output=True, text=True, timeout=20, **more)
        if done.returncode != status:
            raise Failure(f"{self.folder.name}: status {done.returncode}, not {status}: {done.stderr}")
        return done.stderr


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def ended(pid):
    wait_until(f"process {pid} ends", lambda: not alive(pid))


def daemon(test):
    place = Place(test, "daemon")
    place.write("pid weir.pid; srs_log_tank file; srs_log_file weir.log;")
    began = time.monotonic()
    place.start()
    took = time.monotonic() - began
    pid = int((place.folder / "weir.pid").read_text())
    try:
        if not listening(place.rtmp) or not listening(place.api):
            raise Failure("the process that was started ended before the ports were open")
        kept = (place.folder / "weir.id").read_text().strip()
        if os.getsid(pid) == os.getsid(0) or os.readlink(f"/proc/{pid}/fd/0") != "/dev/null":
            raise Failure("the daemon still has a terminal")
        said = place.start(11)
        if "another weir is running with it" not in said:
            raise Failure(f"a second start says {said!r}")
        if not alive(pid):
            raise Failure("a second start ended the first")
    finally:
        os.kill(pid, signal.SIGTERM)
    ended(pid)
    if (place.folder / "weir.pid").exists():
        raise Failure("the pid file was left behind")

    place.start()  # the same id again
    pid = int((place.folder / "weir.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    ended(pid)
    if (place.folder / "weir.id").read_text().strip() != kept:
        raise Failure("the id changed from run to run")
    place.start()  # a pid file whose process is gone hinders nobody
    os.kill(int((place.folder / "weir.pid").read_text()), signal.SIGTERM)
    return f"a daemon is up when the start returns, after {took * 1000:.0f} ms; id {kept}"


def failures(test):
    place = Place(test, "failures")
    place.write("pid /proc/weir.pid; srs_log_tank file; srs_log_file weir.log;")
    if "pid file /proc/weir.pid: " not in place.start(11):
        raise Failure("an unwritable pid file is not named")
    place.write("daemon off; srs_log_tank console; pid /proc/weir.pid;")
    if "pid file /proc/weir.pid: " not in place.start(11):
        raise Failure("an unwritable pid file is not named in the foreground")
    place.write("pid weir.pid; srs_log_tank file; srs_log_file weir.log;")
    taken = socket.create_server(("0.0.0.0", place.rtmp))
    said = place.start(1)
    taken.close()
    if "weir.log" not in said or "another program has this port" not in (place.folder / "weir.log").read_text():
        raise Failure(f"a port in use: {said!r}")
    place.write("pid weir.pid; srs_log_tank file; srs_log_file /proc/weir.log;")
    if "cannot open the log file /proc/weir.log" not in place.start(1):
        raise Failure("an unwritable log file is not named")
    place.write("pid weir.pid; work_dir nowhere;")
    if "cannot change to work_dir nowhere: No such file" not in place.start(1):
        raise Failure("a work_dir that does not exist is not named")


def work_dir_and_utc(test):
    place = Place(test, "work")
    inside = place.folder / "inside"
    inside.mkdir()
    (place.folder / "more.conf").write_text("pithy_print_ms 5000;\n")
    settings = "daemon off; pid weir.pid; srs_log_tank file; srs_log_file weir.log; work_dir inside; utc_time {utc}; include more.conf;"
    record = "dvr { enabled on; dvr_plan session; dvr_path rec-[2006]-[01]-[02]-[15]-[stream].flv; }"
    place.write(settings.format(utc="on"), record)
    # A time zone that is nowhere near UTC, whatever this machine's is.
    process = test.start("work", [test.program, "-c", "weir.conf"], cwd=place.folder, env=dict(os.environ, TZ="UTC-9:30"))
    wait_until("it listens", lambda: listening(place.rtmp))
    test.push(test.source(), f"rtmp://127.0.0.1:{place.rtmp}/live/cam", "-t", "1").expect(0, 30)
    now = time.time()
    names = {time.strftime("rec-%Y-%m-%d-%H-cam.flv", time.gmtime(now - back)) for back in (0, 30)}
    wait_until("the recording has UTC in its name", lambda: any((inside / name).exists() for name in names))
    log = inside / "weir.log"
    if not re.match(time.strftime(r"\[%Y-%m-%d %H:", time.gmtime(now)) + "|" + time.strftime(r"\[%Y-%m-%d %H:", time.gmtime(now - 60)), log.read_text()):
        raise Failure(f"the log has another time: {log.read_text()[:60]}")
    # The file and what it includes are found again, though the process has moved.
    (place.folder / "more.conf").write_text("pithy_print_ms 6000;\n")
    process.signal(signal.SIGHUP)
    wait_until("the reload finds the file", lambda: "pithy_print_ms: 5000 -> 6000" in log.read_text())
    process.signal(signal.SIGTERM)
    process.expect(0, 30)


def as_process(test):
    place = Place(test, "child")
    place.write("daemon off; srs_log_tank console; pid weir.pid; asprocess on;")
    starter = f"import subprocess, sys, time; subprocess.Popen([{str(test.program)!r}, '-c', 'weir.conf']); time.sleep(60)"
    parent = test.start("parent", [sys.executable, "-c", starter], cwd=place.folder)
    wait_until("it listens", lambda: listening(place.api))
    pid = int((place.folder / "weir.pid").read_text())
    time.sleep(0.7)
    if not alive(pid):
        raise Failure("it ended though its parent lives")
    parent.signal(signal.SIGKILL)
    ended(pid)
    wait_until("it tells why", lambda: "the parent process" in parent.text())


def run(test):
    test.note(daemon(test))
    failures(test)
    work_dir_and_utc(test)
    as_process(test)
