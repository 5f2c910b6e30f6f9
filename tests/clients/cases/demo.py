"""`weir demo`: a picture without an encoder and without a file. It waits for the server, and comes back to it."""

import signal

from support import media
from support.processes import Failure, wait_until


def run(test):
    server = test.make_server()
    url = server.rtmp("live/demo")
    demo = test.start("demo", [test.program, "demo", url])
    wait_until("it tells that the server is not there", lambda: "tried again each second" in demo.text())
    server.start()
    server.wait_live("/live/demo", 30)

    out = test.folder / "demo.flv"
    test.run("record", ["ffmpeg", "-v", "error", "-y", "-i", server.http("live/demo.flv"), "-t", "12", "-c", "copy", out], seconds=60)
    kinds = test.run("probe", ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height,channels", "-of", "csv=p=0", out]).text()
    if sorted(kinds.split()) != ["aac,1", "h264,1280,720"]:
        raise Failure(f"not the test picture: {kinds}")
    frames = media.count_frames(test.processes, out)  # decoded, over the seam of two rounds
    if frames < 280:
        raise Failure(f"{frames} frames of 12 s were decoded")

    second = test.run("second", [test.program, "demo", url], status=1, seconds=30)
    if "is refused" not in second.text():
        raise Failure(f"a refusal is not told: {second.text()}")

    server.stop()
    server.start()
    server.wait_live("/live/demo", 30)
    demo.signal(signal.SIGINT)
    demo.expect(0, 30)
    server.wait_idle("/live/demo", 30)

    test.run("wrong", [test.program, "demo", "http://127.0.0.1/live/demo.flv"], status=2)
    test.note(f"{frames} frames of 12 s, over the seam")
