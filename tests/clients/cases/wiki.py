"""The commands of the wiki do what they say: each one that pushes is run as it stands there, but for the host, and its stream comes;
each one that reads is run against a live stream. English and Chinese pages have the same commands."""

import re
import shlex
import shutil
import sys

from support.processes import Failure, Skip, need
from support.server import ROOT

SECONDS = 120
WIKI = ROOT / "wiki"


def blocks(page):
    """The indented blocks of a page, each a text without its indentation."""
    found, block = [], []
    for line in [*page.read_text().splitlines(), ""]:
        if line.startswith("    ") or (block and not line.strip() and block[0].startswith("import ")):
            block.append(line[4:])
        elif block:
            found.append("\n".join(block).rstrip())
            block = []
    return found


def commands(name):
    pages = [[b for b in blocks(WIKI / language / name) if re.match(r"(ffmpeg|ffprobe|ffplay|mpv|vlc|gst-launch-1.0|import) ", b)]
             for language in ("en", "zh")]
    if sorted(pages[0]) != sorted(pages[1]):
        different = set(pages[0]) ^ set(pages[1])
        raise Failure(f"{name}: English and Chinese have different commands: {sorted(different)[:2]}")
    return pages[0]


def here(text, server, source):
    """With the server, the ports and the file of this test in place of those to be filled in."""
    text = text.replace("rtmp://HOST/live/cam", server.rtmp()).replace("http://HOST:8080", server.http("").rstrip("/"))
    return text.replace("input.mp4", str(source))


def words(text):
    return shlex.split(text.replace("\\\n", " "))


def start(test, name, text):
    if text.startswith("import "):
        return test.start(name, [sys.executable, "-c", text])
    command = words(text)
    if not shutil.which(command[0]):
        test.note(f"{command[0]} is not installed")
        return None
    return test.start(name, command)


def publish(test, server, source):
    done, seen = 0, set()
    for page in ("publish.md", "getting-started.md"):
        for text in commands(page):
            if "rtsp://CAMERA" in text or text in seen or text.startswith("ffplay"):
                continue
            seen.add(text)
            process = start(test, f"push-{done}", here(text, server, source))
            if not process:
                continue
            try:
                server.wait_live(seconds=15)
            except Failure as failure:
                raise Failure(f"{page}: {text.splitlines()[0]}: {failure}\n{process.tail()}") from None
            process.end()
            server.wait_idle()
            done += 1
    if done < 3:
        raise Skip("fewer than three commands could be run")
    test.note(f"{done} commands publish")


def play(test, server, source):
    pushing = start(test, "push", here(commands("getting-started.md")[0], server, source))
    server.wait_live(seconds=15)
    done = 0
    for text in commands("play.md"):
        for line in text.replace("\\\n", " ").splitlines():
            command = here(line, server, source).replace("-t 60 minute.mp4", f"-t 2 {test.folder}/minute.mp4")
            program = words(command)[0]
            if program not in ("ffmpeg", "ffprobe") or not shutil.which(program):
                continue  # the others want a screen; they have cases of their own
            test.start(f"play-{done}", words(command)).expect(0, 30)
            done += 1
    pushing.end()
    if (test.folder / "minute.mp4").stat().st_size < 10_000:
        raise Failure("the recorded minute is empty")
    test.note(f"{done} commands read")


def run(test):
    need("ffmpeg", "ffprobe")
    server = test.server(vhost="publish { grace 0; }")
    source = test.source()
    publish(test, server, source)
    play(test, server, source)
