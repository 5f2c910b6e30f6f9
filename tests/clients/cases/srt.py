"""SRT both ways by ffmpeg, picture for picture, in the clear and with each key length; VLC and GStreamer play, GStreamer pushes."""

import json
import shutil

from support import media
from support.ports import free_port
from support.processes import Failure, need, wait_until

from cases import vlc

SECONDS = 120
QUICK_START = ["-probesize", "60000", "-analyzeduration", "400000"]


def make_server(test, settings="", vhost=""):
    server = test.server(top=f"srt_server {{ enabled on; listen 127.0.0.1:{{port}}; {settings} }}".replace("{port}", str(free := free_port())),
                         vhost="min_latency on; srt { enabled on; } " + vhost)
    server.srt_port = free
    return server


def url(server, mode, stream="cam", more="", mark="#"):
    return f"srt://127.0.0.1:{server.srt_port}?streamid={mark}!::r=live/{stream},m={mode}{more}"


def push(test, server, source, more="", loop=False, stream="cam"):
    return test.push(source, url(server, "publish", stream, "&pkt_size=1316" + more), loop=loop, form="mpegts")


def part_of(whole, part):
    """Where the run `part` of checksums begins in `whole`."""
    return next((at for at in range(len(whole) - len(part) + 1) if whole[at:at + len(part)] == part), None)


def pushed(test, source):
    """What came by SRT leaves by HTTP-FLV as it was sent, from the first picture to the last."""
    server = make_server(test)
    player = test.start("flv", media.decode_command(server.http("live/cam.flv"), test.folder / "flv.crc"))
    push(test, server, source).expect(0, 30)
    player.expect(0, 30)
    test.run("sent", media.decode_command(source, test.folder / "sent.crc"))
    sent, got = media.frames_of(test.folder / "sent.crc")[0], media.frames_of(test.folder / "flv.crc")[0]
    if got != sent:
        raise Failure(f"HTTP-FLV decoded {len(got)} pictures, or others than the {len(sent)} that were sent by SRT")
    test.note(f"pushed by ffmpeg: {len(got)} pictures by HTTP-FLV, the same ones")
    return server, sent


def played(test, server, source, sent, more="", name="clear"):
    test.push(source, server.rtmp("live/rtmp"), loop=True)
    server.wait_live("/live/rtmp")
    out = test.folder / f"{name}.crc"
    test.run(f"play-{name}", media.decode_command(url(server, "request", "rtmp", more), out, *QUICK_START, frames=60), seconds=30)
    got = media.frames_of(out)[0]
    if part_of(sent + sent, got) is None or len(got) < 60:
        raise Failure(f"SRT ({name}): of {len(got)} decoded pictures some are others than were sent by RTMP")
    test.note(f"played by ffmpeg ({name}): {len(got)} pictures, the same ones")


def figures(server):
    def shown():
        entry = next((one for one in server.clients() if one["type"] == "srt-publish"), None)
        return entry if entry and entry["transport"]["received"] > 100 else None

    client = wait_until("the API shows what was received by SRT", shown)
    if client["transport"]["recv_latency_ms"] < 120:
        raise Failure(f"a strange latency: {json.dumps(client['transport'])}")
    return client


def gstreamer(test, server):
    if not shutil.which("gst-launch-1.0"):
        return
    if "srtsrc" not in test.run("inspect", ["gst-inspect-1.0", "srtsrc"], status=None).text():
        test.note("GStreamer has no SRT here")
        return
    test.start("gst-push", [
        "gst-launch-1.0", "-q", "videotestsrc", "is-live=true", "!", "video/x-raw,width=320,height=180,framerate=25/1", "!", "x264enc",
        "tune=zerolatency", "speed-preset=ultrafast", "key-int-max=25", "!", "h264parse", "!", "mpegtsmux", "alignment=7", "!", "srtsink",
        f"uri=srt://127.0.0.1:{server.srt_port}", "streamid=#!::r=live/gst,m=publish"])
    server.wait_live("/live/gst")
    out = test.folder / "pictures.gray"
    player = test.start("gst-play", [
        "gst-launch-1.0", "-q", "srtsrc", f"uri=srt://127.0.0.1:{server.srt_port}", "streamid=#!::r=live/gst,m=request", "!", "tsdemux", "!",
        "queue", "!", "h264parse", "!", "avdec_h264", "!", "videoconvert", "!", "videoscale", "!",
        "video/x-raw,format=GRAY8,width=16,height=16", "!", "identity", "eos-after=60", "!", "filesink", f"location={out}",
        "buffer-mode=unbuffered"])
    player.wait(30)
    pictures = out.stat().st_size // 256 if out.exists() else 0
    if pictures < 50:
        raise Failure(f"GStreamer decoded {pictures} pictures by SRT\n{player.tail()}")
    test.note(f"GStreamer pushed, and decoded {pictures} pictures")


def run(test):
    need("ffmpeg")
    source = test.source()
    server, sent = pushed(test, source)
    played(test, server, source, sent)
    publisher = push(test, server, source, loop=True)
    server.wait_live()
    client = figures(server)
    second = push(test, server, source)
    if second.wait(30) == 0 or not publisher.running():
        raise Failure("a second publisher of the same name was not refused")
    gstreamer(test, server)
    if shutil.which("vlc"):
        vlc.pictures(test, url(server, "request", mark="%23"), "SRT")
    server.api(f"/api/v1/clients/{client['id']}", method="DELETE")
    if publisher.wait(30) == 0:
        raise Failure("a kicked publisher saw no error")

    for size in (16, 24, 32):
        secret = f"&passphrase=0123456789&pbkeylen={size}"
        server.stop()
        server = make_server(test, f"passphrase 0123456789; pbkeylen {size};")
        played(test, server, source, sent, secret, f"key of {size} bytes")
        push(test, server, source, secret, loop=True)
        server.wait_live()
    if push(test, server, source, "&passphrase=9876543210", stream="other").wait(30) == 0:
        raise Failure("a wrong passphrase was taken")
    if push(test, server, source, stream="other").wait(30) == 0:
        raise Failure("no passphrase was taken")
