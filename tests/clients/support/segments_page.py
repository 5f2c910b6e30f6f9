"""The page that plays segments by hls.js or dash.js, served by the server under test from its folder; and a publisher with words."""

import shutil

from support.processes import Failure
from support.server import ROOT

PAGES = ROOT / "tests/clients/pages"


def place(test):
    """Puts the page and its players where the server has its files."""
    vendor = ROOT / "research/players/vendor"
    if not (vendor / "hls.js").exists() or not (vendor / "dash.js").exists():
        raise Failure("hls.js or dash.js is not there: scripts/setup")
    if not (test.folder / "vendor").exists():
        shutil.copytree(vendor, test.folder / "vendor")
        for page in PAGES.glob("segments.*"):
            shutil.copy(page, test.folder)


def publish_words(test, server, name, seconds, words):
    """A picture, a tone, and `words` ((second, text), ...), each half a second after its second: FFmpeg sends them as onTextData."""
    path = test.folder / f"{name}.srt"
    path.write_text("".join(f"{i + 1}\n00:00:{at:02},500 --> 00:00:{at:02},900\n{text}\n\n" for i, (at, text) in enumerate(words)))
    return test.start(name, [
        "ffmpeg", "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i", f"testsrc=s=320x180:r=25:d={seconds}", "-f", "lavfi", "-i",
        f"sine=440:r=48000:d={seconds}", "-i", path, "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-g", "25", "-bf", "0", "-c:a", "aac", "-c:s", "text", "-f", "flv", server.rtmp(f"live/{name}")])
