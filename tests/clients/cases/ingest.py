"""ingest and transcode: FFmpeg plays a file into the server and makes a smaller copy of a stream; killed or hung, it is started again, and
nothing of it is left when the server has stopped."""

import os
import signal
import subprocess

from support.media import own_ffmpegs
from support.processes import Failure, Skip, need, wait_until

SECONDS = 300


def size_of(url):
    probe = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0",
                            url], capture_output=True, text=True, timeout=90)
    return probe.stdout.strip()


def run(test):
    need("ffmpeg", "ffprobe")
    if test.peer:
        raise Skip("about Weir alone")
    source = test.source()
    vhost = f"""
    ingest file {{
        enabled on;
        input {{ type file; url {source}; }}
        ffmpeg ffmpeg;
        engine {{ enabled off; output rtmp://127.0.0.1:[port]/live?vhost=[vhost]/cam; }}
    }}
    transcode live {{
        enabled on;
        ffmpeg ffmpeg;
        engine sd {{
            enabled on;
            vcodec libx264; vbitrate 200; vfps 25; vwidth 320; vheight 180; vthreads 1; vprofile main; vpreset ultrafast;
            vparams {{ g 25; }}
            acodec copy;
            output rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine];
        }}
    }}"""
    server = test.make_server(vhost=vhost, top=f"ff_log_dir {test.folder}; ff_log_level warning;")
    port = str(server.ports["rtmp"])
    server.start()
    server.wait_live("/live/cam", 90)
    server.wait_live("/live/cam_sd", 120)
    if size_of(server.rtmp("live/cam_sd")) != "320,180":
        raise Failure(f"the copy has the size '{size_of(server.rtmp('live/cam_sd'))}'")
    if [url for url in server.streams() if "sd_sd" in url]:
        raise Failure("the copy was transcoded again")

    # The file is eight seconds long: FFmpeg ends, and is started again.
    wait_until("the ingest is started again when the file is over", lambda: max(
        entry["starts"] for entry in server.api("/api/v1/programs/")["programs"] if entry["name"] == "ingest file") > 1, 90)
    server.wait_live("/live/cam", 90)

    ingests = [pid for pid in own_ffmpegs(f":{port}/") if b"-re" in open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")]
    for pid in ingests:
        os.kill(pid, signal.SIGKILL)
    server.wait_live("/live/cam", 90)
    for log in ("ffmpeg-ingest-__defaultVhost__-live-cam.log", "ffmpeg-encoder-__defaultVhost__-live-cam.log"):
        if not (test.folder / log).exists():
            raise Failure(f"no {log}")
    server.stop()
    test.servers.remove(server)
    wait_until("nothing of FFmpeg is left", lambda: not own_ffmpegs(f":{port}/"))
