"""The directive user: ports are bound by root, the server then runs as somebody without rights, to whom pid file, id and log
belong; it reloads and opens its log anew as that user."""

import os
import pathlib
import signal

from support.processes import Failure, wait_until


def ids(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {line.split()[1] for line in status.splitlines() if line.startswith(("Uid:", "Gid:"))}


def run(test):
    if os.geteuid() != 0:
        test.skip("needs root, to become somebody else")
    test.folder.chmod(0o755)
    log = test.folder / "weir.log"
    server = test.make_server(top="user nobody;")
    server.config.write_text(server.config.read_text().replace("srs_log_tank console;", f"srs_log_tank file; srs_log_file {log};"))
    server.start()
    wait_until("it says so", lambda: "runs as user nobody" in log.read_text())
    for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        if "0" in ids(task.name):
            raise Failure(f"thread {task.name} still is root")
    server.api("/api/v1/versions")
    for file in (log, test.folder / "weir.pid", test.folder / "weir.id"):
        if file.stat().st_uid == 0:
            raise Failure(f"{file.name} still belongs to root")
    # Without rights in the folder: the file that is there is taken again.
    server.process.signal(signal.SIGUSR1)
    server.process.signal(signal.SIGHUP)
    wait_until("it reloads as that user", lambda: "reload done" in log.read_text())
    if "cannot open the log file anew" in log.read_text():
        raise Failure("the log could not be opened anew")
    server.stop()
    return "every thread runs as nobody"
