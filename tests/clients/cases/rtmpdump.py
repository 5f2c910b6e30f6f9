"""rtmpdump (librtmp) records a stream that ffmpeg pushes."""

import signal
import time

from support import media
from support.processes import Failure, need


def run(test):
    need("rtmpdump")
    server = test.server()
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    out = test.folder / "dump.flv"
    dump = test.start("rtmpdump", ["rtmpdump", "-v", "-r", server.rtmp(), "-o", out])
    time.sleep(5)
    dump.signal(signal.SIGINT)
    dump.wait(30)
    frames = media.count_frames(test.processes, out)
    if frames < 80:
        raise Failure(f"rtmpdump recorded {frames} frames in 5 s\n{dump.tail()}")
    test.note(f"{frames} frames")
