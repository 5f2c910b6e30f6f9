"""The log in a file: opened anew by SIGUSR1 after it was moved, one id on all lines of a session, names of streams escaped;
and the same as JSON lines."""

import json
import re
import signal

from support.processes import Failure, wait_until

LINE = re.compile(r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\]\[(TRACE|DEBUG|INFO|WARN|ERROR)\]\[\d+\]\[(-|[0-9a-z]{8})\](\[\d+\])? ")
FORGED = "live/a%0A%5B2025-01-31%2010:57:30.776%5D%5BINFO%5D%5B1%5D%5Baaaaaaaa%5D%20forged%1B%5B31m%22%5C%FF"


def logged(test, name, json_lines):
    path, moved = test.folder / f"{name}.log", test.folder / f"{name}.log.1"
    server = test.make_server()
    text = server.config.read_text().replace("srs_log_tank console;", f"srs_log_tank file; srs_log_file {path};")
    server.config.write_text(text + ("srs_log_json on;\n" if json_lines else ""))
    server.start()
    test.push(test.source(), server.rtmp("live/first"), "-t", "2").expect(0, 30)
    path.rename(moved)
    server.process.signal(signal.SIGUSR1)
    wait_until("the log is opened anew", path.exists)
    # What this name decodes to must neither begin a line nor break JSON, whether it is taken or refused.
    test.push(test.source(), server.rtmp(FORGED), "-t", "1").wait(30)
    test.run("curl", ["curl", "-s", "--max-time", "1", "-o", "/dev/null", server.http(FORGED + ".flv")], status=None)
    server.stop()
    return moved.read_bytes().decode(), path.read_bytes().decode()


def run(test):
    before, after = logged(test, "plain", False)
    lines = (before + after).splitlines()
    odd = [line for line in lines if not LINE.match(line)]
    if odd or any(ord(c) < 32 for line in (before + after).split("\n") for c in line):
        raise Failure(f"a line of another form: {odd[:2]}")
    if "start publish /live/first" not in before or "start publish /live/first" in after:
        raise Failure("the moved log does not end where it was moved")
    if any(line.split("]")[3] == "[aaaaaaaa" for line in lines):
        raise Failure("a publisher forged a line")
    session = next(LINE.match(line)[2] for line in lines if "start publish /live/first" in line)
    story = [line for line in lines if f"[{session}]" in line]
    if len(story) < 4 or not any("RTMP client ip=" in line for line in story):
        raise Failure(f"the session's lines do not carry its id: {story}")

    before, after = logged(test, "json", True)
    for line in (before + after).splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            raise Failure(f"not JSON: {line}") from None
        if not {"time", "level", "pid", "text"} <= entry.keys():
            raise Failure(f"members are missing: {line}")
    test.note(f"{len(lines)} plain lines, {len((before + after).splitlines())} of JSON")
