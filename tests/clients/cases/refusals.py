"""What must not start does not, with a reason and a non-zero exit: a port in use, a bad or missing file, a bad certificate."""

import socket

from support.ports import free_ports
from support.processes import Failure
from support.server import ROOT


def refused(test, server, name, *words, arguments=None):
    process = test.start(name, arguments or [test.program, "-c", server.config], cwd=ROOT)
    status = process.wait(30)
    text = process.text()
    if status == 0:
        raise Failure(f"{name}: it exited with 0\n{process.tail()}")
    if status < 0:
        raise Failure(f"{name}: it was killed by signal {-status}\n{process.tail()}")
    missing = [word for word in words if str(word) not in text]
    if missing:
        raise Failure(f"{name}: the message does not name {missing}\n{process.tail()}")
    last = [line for line in text.splitlines() if str(words[0]) in line][-1]
    test.note(f"{name}: {last.strip()[:160]}")


def run(test):
    server = test.make_server()
    for which in ("rtmp", "http", "api"):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("0.0.0.0", server.ports[which]))
            taken.listen()
            refused(test, server, f"{which} port in use", server.ports[which])

    server.config.write_text("listen 1935;\nhttp_serve { enabled on; }\nvhost __defaultVhost__ {\n  gop_cach on;\n}\n")
    refused(test, server, "two mistakes", ":2", ":4", "http_serve", "gop_cach")
    server.config.write_text("listen 1935\n")
    refused(test, server, "no semicolon", "weir.conf:")
    server.config.write_text("")
    refused(test, server, "empty file", "weir.conf")
    refused(test, server, "missing file", "nowhere.conf", arguments=[test.program, "-c", test.folder / "nowhere.conf"])

    (test.folder / "not.pem").write_text("not a certificate\n")
    (port,) = free_ports(1)
    server.write_config(top=f"rtmps {{ enabled on; listen {port}; key {test.folder}/not.pem; cert {test.folder}/not.pem; }}")
    refused(test, server, "bad certificate", "not.pem")
    server.write_config(http_server=f"https {{ enabled on; listen {port}; key {test.folder}/none.key; cert {test.folder}/none.crt; }}",
                        top="")
    refused(test, server, "missing certificate", "none.crt")
    (test.folder / "folder.pem").mkdir()
    server.write_config(top=f"rtmps {{ enabled on; listen {port}; key {test.folder}/folder.pem; cert {test.folder}/folder.pem; }}",
                        http_server="")
    refused(test, server, "unreadable certificate", "folder.pem")

    server.write_config(top="")
    test.run("good file", [test.program, "-t", "-c", server.config], cwd=ROOT)

    first = test.server()
    refused(test, first, "second server on the same file", "pid")
    first.alive()
