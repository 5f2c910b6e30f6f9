"""OBS Studio pushes by SRT, in the clear and with a passphrase; the stream plays and decodes, and ends when OBS stops."""

from support import media, obs
from support.ports import free_port
from support.processes import Failure, Skip

SECONDS = 120


def pushed(test, secret):
    port = free_port()
    more = f"&passphrase={secret}&pbkeylen=16" if secret else ""
    server = test.server(top=f"srt_server {{ enabled on; listen 127.0.0.1:{port}; {f'passphrase {secret};' if secret else ''} }}",
                         vhost="srt { enabled on; }")
    # OBS's times are microseconds, and a '#' in the id is for the URL's sake %23; the plain form needs neither.
    studio = obs.start(test.processes, f"srt://127.0.0.1:{port}?mode=caller&latency=200000&streamid=publish:live/obs{more}", "")
    server.wait_live("/live/obs", seconds=40)
    name = "with a passphrase" if secret else "in the clear"
    out = test.folder / f"frames-{bool(secret)}"
    test.run(f"decode-{bool(secret)}", media.decode_command(server.rtmp("live/obs"), out, frames=50), seconds=30)
    frames = media.frames_of(out)
    if len(frames.get(0, [])) != 50 or len(frames.get(1, [])) < 40:
        raise Failure(f"{name}: of OBS's stream ffmpeg decoded {len(frames.get(0, []))} pictures, {len(frames.get(1, []))} audio frames")
    client = next(one for one in server.clients() if one["type"] == "srt-publish")
    if client["transport"]["recv_latency_ms"] < 200:
        raise Failure(f"{name}: OBS asked for 200 ms, and the API tells {client['transport']['recv_latency_ms']}")
    studio.end(patience=8)
    server.wait_idle("/live/obs", seconds=20)
    server.stop()
    test.note(f"{name}: 50 pictures decoded, latency {client['transport']['recv_latency_ms']} ms")


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    pushed(test, "")
    pushed(test, "0123456789abc")
