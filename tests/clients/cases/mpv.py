"""mpv plays by RTMP and by HTTP-FLV until it has shown a number of frames."""

from support.processes import Failure, need

FRAMES = 75


def run(test):
    need("mpv")
    server = test.server()
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    for name, address in (("RTMP", server.rtmp), ("HTTP-FLV", server.http)):
        mpv = test.run("mpv", ["mpv", "--no-config", "--vo=null", "--ao=null", f"--frames={FRAMES}", "--msg-level=all=v", address()],
                       seconds=25, unprivileged=True)
        text = mpv.text()
        if "h264" not in text or "aac" not in text:
            raise Failure(f"mpv by {name} did not decode H.264 and AAC\n{mpv.tail(25)}")
        test.note(f"{name}: {FRAMES} frames shown")
