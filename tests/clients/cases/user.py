"""The directive user: ports are bound by root, the server then runs as somebody without rights."""

import os
import pathlib

from support.processes import Failure


def ids(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {line.split()[1] for line in status.splitlines() if line.startswith(("Uid:", "Gid:"))}


def run(test):
    if os.geteuid() != 0:
        test.skip("needs root, to become somebody else")
    test.folder.chmod(0o755)
    server = test.server(top="user nobody;")
    for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        if "0" in ids(task.name):
            raise Failure(f"thread {task.name} still is root")
    server.api("/api/v1/versions")
    if "runs as user nobody" not in server.process.text():
        raise Failure("no line says so")
    return "every thread runs as nobody"
