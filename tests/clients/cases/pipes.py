"""transcode { pipe on; } and process: FFmpeg reads a stream on its standard input and makes another of it. Every picture that was sent
comes out in the other size, sound goes through packet for packet, and both stay in step; killed or stopped, FFmpeg is started again."""

import json
import os
import signal

from support import media
from support.media import own_ffmpegs
from support.processes import Failure, Skip, need, wait_until

SECONDS = 180
STEP = 0.060  # seconds: a picture and a half


def packets(test, name, path):
    """{kind: [(seconds, bytes)]} in the order of their times, and the size of the picture."""
    probe = test.run(name, ["ffprobe", "-v", "error", "-show_entries", "stream=width,height:packet=codec_type,pts_time,data_hash", "-show_data_hash", "md5",
                            "-of", "json", path], 40)
    text = probe.text()
    found = json.loads(text[text.find("{"):])
    kinds = {"video": [], "audio": []}
    for packet in found["packets"]:
        kinds[packet["codec_type"]].append((float(packet["pts_time"]), packet["data_hash"]))
    size = next(((stream["width"], stream["height"]) for stream in found["streams"] if stream.get("width")), None)
    return {kind: sorted(of) for kind, of in kinds.items()}, size


def distance(kinds, index):
    """Of sound behind the picture, in seconds."""
    return kinds["audio"][index][0] - kinds["video"][index][0]


def record(test, name, url):
    out = test.folder / f"{name}.flv"
    return out, test.start(name, ["ffmpeg", "-nostdin", "-v", "error", "-y", "-rw_timeout", "60000000", "-i", url, "-c", "copy", "-f", "flv", out])


def run(test):
    need("ffmpeg", "ffprobe")
    if test.peer:
        raise Skip("about Weir alone")
    mark = f"mark{os.getpid()}"
    vhost = f"""
    publish {{ grace 0; }}
    transcode live {{
        enabled on; pipe on; ffmpeg ffmpeg;
        engine sd {{
            enabled on;
            vfilter {{ metadata {mark}=1; }}
            vcodec libx264; vbitrate 200; vwidth 320; vheight 180; vthreads 1; vprofile main; vpreset ultrafast;
            vparams {{ g 25; }}
            acodec copy;
            output rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine];
        }}
    }}
    process half {{
        apply live;
        exec ffmpeg -v error -f mpegts -i pipe:0 -vf scale=160:90 -c:v libx264 -preset ultrafast -g 25 -metadata {mark}=2 -c:a copy -f mpegts pipe:1;
        format ts;
        output [app]/[stream]_[engine];
    }}"""
    server = test.server(vhost=vhost, top=f"ff_log_dir {test.folder}; ff_log_level warning;")
    source = test.source()
    sd, sd_player = record(test, "sd", server.http("live/cam_sd.flv"))
    half, half_player = record(test, "half", server.http("live/cam_half.flv"))
    push = test.push(source, server.rtmp())
    server.wait_live("/live/cam_sd", 30)
    server.wait_live("/live/cam_half", 30)
    push.expect(0, 60)
    sd_player.wait(40)
    half_player.wait(40)
    wanted, _ = packets(test, "packets-source", source)
    for name, path, size in (("sd", sd, (320, 180)), ("half", half, (160, 90))):
        got, found = packets(test, f"packets-{name}", path)
        if found != size:
            raise Failure(f"{name}: the picture has the size {found}")
        if len(got["video"]) != len(wanted["video"]):
            raise Failure(f"{name}: {len(got['video'])} pictures came of {len(wanted['video'])}")
        lost = len(wanted["audio"]) - len(got["audio"])
        if not 0 <= lost <= 2:
            raise Failure(f"{name}: {len(got['audio'])} packets of sound came of {len(wanted['audio'])}")
        for index, where in ((0, "at the beginning"), (-1, "at the end")):
            off = distance(got, index) - distance(wanted, index)
            if abs(off) > STEP:
                raise Failure(f"{name}: sound and picture are {off:.3f} s out of step {where}")
        decoded = test.run(f"decode-{name}", media.decode_command(path, test.folder / f"{name}.crc"), 40)
        decoded.expect(0, 1)
        test.note(f"{name}: {len(got['video'])} pictures of {len(wanted['video'])}, {len(got['audio'])} packets of sound of {len(wanted['audio'])}, "
                  f"out of step by {1000 * (distance(got, -1) - distance(wanted, -1)):.0f} ms at the end")
    wait_until("no program is left behind its stream", lambda: not own_ffmpegs(mark), 15)

    # Killed, and then stopped in the middle.
    test.push(source, server.rtmp(), loop=True)
    server.wait_live("/live/cam_sd", 30)
    wait_until("both run", lambda: len(own_ffmpegs(mark)) == 2, 20)
    for pid in own_ffmpegs(mark):
        os.kill(pid, signal.SIGKILL)

    def started_again():
        programs = server.api("/api/v1/programs/")["programs"]
        return len(programs) == 2 and all(one["starts"] >= 2 and one["running"] and one["error"] == "" for one in programs)
    wait_until("both are started again, and make their streams", started_again, 40)
    rows = {one["name"]: one for one in server.api("/api/v1/programs/")["programs"]}
    if rows["process half of live/cam"]["pipe"]["format"] != "ts" or rows["transcode sd of live/cam"]["pipe"]["format"] != "flv":
        raise Failure(f"the formats are others: {rows}")
    stopped = own_ffmpegs(mark)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    wait_until("they are seen to be behind", lambda: all(
        one["pipe"]["behind_seconds"] > 2 for one in server.api("/api/v1/programs/")["programs"]), 40)
    if "/live/cam" not in server.streams():
        raise Failure("the publisher went when the programs stood still")
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    wait_until("they have caught up", lambda: all(
        one["pipe"]["behind_seconds"] < 1 and one["running"] for one in server.api("/api/v1/programs/")["programs"]), 40)
    server.stop()
    test.servers.remove(server)
    wait_until("nothing of FFmpeg is left", lambda: not own_ffmpegs(mark))
