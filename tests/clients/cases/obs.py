"""OBS Studio pushes; the stream plays and decodes, and ends when OBS stops."""

from support import media, obs
from support.processes import Failure

SECONDS = 90


def run(test):
    server = test.server()
    studio = obs.start(test.processes, server.rtmp("live"), "obs")
    server.wait_live("/live/obs", seconds=40)
    out = test.folder / "frames"
    test.run("decode", media.decode_command(server.rtmp("live/obs"), out, frames=50), seconds=30)
    frames = media.frames_of(out)
    if len(frames.get(0, [])) != 50 or len(frames.get(1, [])) < 40:
        raise Failure(f"of OBS's stream ffmpeg decoded {len(frames.get(0, []))} pictures, {len(frames.get(1, []))} audio frames")
    probe = test.run("probe", media.packets_command(server.rtmp("live/obs"), count=60))
    first = next((p for p in media.packets_of(probe) if p[0] == "video"), None)
    if not first or not first[4].startswith("K"):
        raise Failure(f"a later player's first picture is not a key frame: {first}")
    studio.end(patience=8)
    server.wait_idle("/live/obs")
    test.note("50 pictures decoded")
