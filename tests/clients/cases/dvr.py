"""DVR: FLV, MP4 and TS with every packet as it was pushed; segments without a loss between them; the API; downloads; what mediainfo,
VLC and GStreamer make of the files; SIGTERM and SIGKILL."""

import signal
import time
import urllib.request

from cases.live_formats import get, packets, probe_command, same_times
from support.processes import Failure, need, wait_until

SECONDS = 120
VHOSTS = "".join(f"""
vhost {kind} {{ dvr {{ enabled on; dvr_path ROOT/{kind}/[app]/[stream].[timestamp].{kind}; }} }}""" for kind in ("flv", "mp4", "ts"))
SEGMENTS = """
vhost parts { dvr { enabled on; dvr_plan segment; dvr_duration 2; dvr_path %s/parts/[stream]-[2006][01][02]-[15][04][05].[999].mp4; } }
vhost byapi { dvr { dvr_path %s/byapi/[app]/[stream].[timestamp].flv; } }"""


def files(test, folder, ending=""):
    return sorted(p for p in (test.folder / folder).rglob("*") if p.is_file() and p.name.endswith(ending))


def whole(test, server, source):
    wanted = packets(test.run("sent", probe_command(source)))
    pushes = [test.push(source, server.rtmp(f"live/cam?vhost={kind}")) for kind in ("flv", "mp4", "ts")]
    pushes.append(test.push(source, server.rtmp("live/cam?vhost=parts")))
    for push in pushes:
        push.expect(0, 30)
    wait_until("all recordings are complete", lambda: not files(test, ".", ".tmp"))
    for kind in ("flv", "mp4", "ts"):
        found = files(test, kind)
        if len(found) != 1:
            raise Failure(f"{kind}: the files are {found}")
        same_times(wanted, packets(test.run("probe", probe_command(found[0]))), ("video", "audio"), kind)
        facts = test.run("mediainfo", ["mediainfo", "--Inform=General;%Duration% %VideoCount% %AudioCount% %IsTruncated%",
                                       found[0]]).text().split()
        duration = float(facts[0])
        # Of a transport stream mediainfo counts the clock, which begins up to half a second before the first frame.
        most = 8700 if kind == "ts" else 8200
        if not 7800 < duration < most or facts[1:] != ["1", "1"]:
            raise Failure(f"mediainfo of {kind}: {facts}")
        test.note(f"{kind}: {len(wanted)} packets with the same times; mediainfo: {' '.join(facts)}")
    head = files(test, "mp4")[0].read_bytes()[:64]
    if head[4:8] != b"ftyp" or head[head[3] + 4:head[3] + 8] != b"moov":
        raise Failure(f"the MP4 does not begin with its tables: {head.hex()}")
    parts = [packets(test.run("probe", probe_command(p))) for p in files(test, "parts")]
    for kind in ("video", "audio"):
        count = sum(p[0] == kind for part in parts for p in part)
        if count != sum(p[0] == kind for p in wanted):
            raise Failure(f"segments: {count} {kind} packets in {[len(p) for p in parts]}")
    if len(parts) != 4 or any(not next(p for p in part if p[0] == "video")[3].startswith("K") for part in parts):
        raise Failure(f"{len(parts)} segments of 2 s in 8 s, or one does not begin with a key frame")
    test.note(f"{len(parts)} segments, no packet lost between them")
    play(test, files(test, "mp4")[0], "qtdemux")
    play(test, files(test, "ts")[0], "tsdemux")


def play(test, path, demuxer):
    out = test.folder / f"{demuxer}.gray"
    test.run("gst", ["gst-launch-1.0", "-q", "filesrc", f"location={path}", "!", demuxer, "!", "queue", "!", "h264parse", "!", "avdec_h264",
                     "!", "videoconvert", "!", "videoscale", "!", "video/x-raw,format=GRAY8,width=16,height=16", "!", "filesink",
                     f"location={out}"])
    if out.stat().st_size != 200 * 256:
        raise Failure(f"GStreamer's {demuxer} gave {out.stat().st_size // 256} pictures of 200")


def by_api(test, server):
    def post(what, query="vhost=byapi&app=live&stream=api"):
        return server.api(f"/api/v1/dvrs/{what}?{query}", method="POST")["code"]

    push = test.push(test.source(), server.rtmp("live/api?vhost=byapi"), loop=True)
    server.wait_live("byapi/live/api")
    if (got := [post("stop"), post("start"), post("start"), post("start", "app=live&stream=none")]) != [4091, 0, 4090, 2048]:
        raise Failure(f"codes of stop, start, start, and start of another: {got}")
    time.sleep(2)
    running = server.api("/api/v1/dvrs/?app=live&stream=api")["dvrs"]
    if len(running) != 1 or running[0]["state"] != "recording" or not running[0]["by_api"] or running[0]["bytes"] < 1000:
        raise Failure(f"the running recording is {running}")
    if post("split") != 0:
        raise Failure("split was refused")
    time.sleep(2)
    if post("stop") != 0:
        raise Failure("stop was refused")
    done = wait_until("two files are listed", lambda: [f for f in server.api("/api/v1/dvrs/")["files"] if f["stream"] == "api"][1:] and
                      [f for f in server.api("/api/v1/dvrs/")["files"] if f["stream"] == "api"])
    reload(test, server)
    push.end()
    for file in done:
        data = open(file["file"], "rb").read()
        answer, body = get(server, file["url"], 3, Range="bytes=100-199")
        if answer.status != 206 or body != data[100:200] or len(data) != file["bytes"]:
            raise Failure(f"{file['url']}: {answer.status}, {len(body)} bytes of the range; {file}")
        with urllib.request.urlopen(server.http(file["url"][1:]), timeout=30) as answer:
            if answer.read() != data:
                raise Failure("the download is not the file")
    test.note(f"API: {len(done)} files, downloaded whole and in part")


def reload(test, server):
    """A running stream is recorded from the reload on that asks for it, to the one that asks for it no more."""
    def running():
        return [row["file"] for row in server.api("/api/v1/dvrs/?stream=api")["dvrs"]]

    top = server.options["top"]
    server.write_config(top=top.replace("vhost byapi { dvr {", "vhost byapi { dvr { enabled on;"))
    first = wait_until("the reload starts a recording", running)[0]
    moved = top.replace("vhost byapi { dvr {", "vhost byapi { dvr { enabled on;").replace("/byapi/", "/moved/")
    server.write_config(top=moved)
    wait_until("another path begins another file", lambda: running() and running()[0] != first and "/moved/" in running()[0])
    server.write_config(top=top)
    wait_until("the reload ends it", lambda: not running())
    wait_until("a file is left of the recording that a reload ended", lambda: files(test, "moved", ".flv"))
    test.note("reloads start, move and end a recording")


def ends(test, source):
    """SIGTERM completes what is recorded; SIGKILL loses the last second at most, and the file can be played."""
    for name, number in (("term", signal.SIGTERM), ("kill", signal.SIGKILL)):
        root = test.folder / name
        server = test.server(top=VHOSTS.replace("ROOT", str(root)), dir=test.folder)
        pushes = [test.push(source, server.rtmp(f"live/cam?vhost={kind}"), loop=True) for kind in ("flv", "mp4", "ts")]
        for kind in ("flv", "mp4", "ts"):
            server.wait_live(f"{kind}/live/cam")
        time.sleep(5)
        server.process.signal(number)
        server.process.wait(30)
        for push in pushes:
            push.end()
        for kind in ("flv", "mp4", "ts"):
            found = files(test, f"{name}/{kind}", f".{kind}" if name == "term" else f".{kind}.tmp")
            if len(found) != 1:
                raise Failure(f"after {name}: {files(test, name)}")
            got = packets(test.run("probe", [*probe_command(found[0])[:-1], "-f", {"ts": "mpegts"}.get(kind, kind), found[0]]))
            lasts_long_enough(test, got, f"{name}, {kind}")
    # The next start completes what the crash left.
    server = test.server(top=VHOSTS.replace("ROOT", str(test.folder / "kill")), dir=test.folder)
    wait_until("the recordings are completed", lambda: not files(test, "kill", ".tmp"))
    for kind in ("flv", "mp4", "ts"):
        found = files(test, f"kill/{kind}", f".{kind}")
        lasts_long_enough(test, packets(test.run("probe", probe_command(found[0]))), f"completed at the next start, {kind}")
        facts = test.run("mediainfo", ["mediainfo", "--Inform=General;%Duration% %VideoCount% %AudioCount% %IsTruncated%", found[0]])
        duration, *rest = facts.text().split()
        if float(duration) < 3400 or rest != ["1", "1"]:
            raise Failure(f"mediainfo of {found[0]}: {facts.text()}")
    server.stop()


def lasts_long_enough(test, got, what):
    seconds = max(p[1] for p in got) - min(p[1] for p in got)
    if seconds < 3.4:
        raise Failure(f"{what}: {seconds:.2f} s of 5 are left")
    test.note(f"{what}: {seconds:.2f} s of about 5")


def run(test):
    need("mediainfo", "gst-launch-1.0")
    source = test.source(b_frames=2)
    server = test.server(top=VHOSTS.replace("ROOT", str(test.folder)) + SEGMENTS % (test.folder, test.folder), dir=test.folder)
    whole(test, server, source)
    by_api(test, server)
    server.stop()
    ends(test, source)
