"""The configuration's file, read and written by the API: with a password alone, whole or not at all, and in force at once."""

import base64
import json
import os
import stat
import urllib.error
import urllib.request

from support.processes import Failure

SECONDS = 60


def ask(server, method, path="", body=None, password="hunter2", **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{server.ports['api']}/api/v1/config/file{path}", method=method, data=body)
    if password:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"admin:{password}".encode()).decode())
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith(b"{") else text.decode()


def expect(what, got, wanted):
    if got != wanted:
        raise Failure(f"{what}: {got!r} instead of {wanted!r}")


def run(test):
    server = test.server(http_api="auth { enabled on; username admin; password hunter2; } edit_file on;")
    server.credentials = "admin:hunter2"
    path = server.config
    first = path.read_text()
    os.chmod(path, 0o640)

    expect("without a password", ask(server, "GET", password="")[0], 401)
    expect("a page of another site", ask(server, "GET", Origin="http://evil.example")[0], 403)
    expect("as a script", ask(server, "GET", "?callback=f")[0], 405)
    status, look = ask(server, "GET")
    expect("reading", (status, look["text"], look["can_undo"], look["writable"]), (200, first, False, True))

    expect("without a condition", ask(server, "PUT", body=b"x")[0], 428)
    match = {"If_Match": f'"{look["digest"]}"'}
    status, refused = ask(server, "PUT", body=first.encode() + b"max_conections 7;\n", **match)
    expect("a mistake", (status, [one["line"] for one in refused["mistakes"]]), (422, [first.count("\n") + 1]))
    expect("a text that is too long", ask(server, "PUT", body=b"#" * (256 * 1024 + 1), **match)[0], 413)
    expect("the file after mistakes", path.read_text(), first)

    second = first + "vhost edited.example { }\n"
    status, put = ask(server, "PUT", body=second.encode(), **match)
    expect("writing", (status, [one["path"] for one in put["changes"]]), (200, ["vhost[edited.example]"]))
    expect("the file", path.read_text(), second)
    expect("its mode", stat.S_IMODE(path.stat().st_mode), 0o640)
    expect("the one before", path.with_name(path.name + ".before").read_text(), first)
    expect("an old condition", ask(server, "PUT", body=first.encode(), **match)[0], 412)
    running = server.api("/api/v1/config/changes")
    expect("what a reload would still change", running["changes"], [])

    expect("taking it back", ask(server, "POST", "/undo")[0], 200)
    expect("the file again", path.read_text(), first)
    expect("another method", ask(server, "DELETE")[0], 405)

    # Through a link nothing is written, wherever it leads.
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")
    status, linked = ask(server, "GET")
    expect("a link", (status, linked["code"]), (409, 4096))
    expect("writing through it", ask(server, "PUT", body=second.encode(), **match)[0], 409)
    expect("what it leads to", path.with_name("elsewhere").read_text(), first)
    path.unlink()
    path.with_name("elsewhere").rename(path)

    # Whoever switches it off has switched it off.
    digest = ask(server, "GET")[1]["digest"]
    off = first.replace("edit_file on;", "")
    expect("switching it off", ask(server, "PUT", body=off.encode(), If_Match=f'"{digest}"')[0], 200)
    status, refused = ask(server, "GET")
    expect("afterwards", (status, refused["code"]), (409, 4095))
    if "hunter2" in server.process.text():
        raise Failure("the log tells the password")
    server.stop()
    server.check_log()
