"""GStreamer's webrtcbin publishes by WHIP (its offer has bundle-only lines, OPUS in capitals and no NACK) and plays by WHEP: pictures
and sound of both are decoded."""

import json
import socket
import subprocess

from support.ports import free_port
from support.processes import Failure, Skip
from support.server import ROOT

SECONDS = 120
PYTHON = "/usr/bin/python3"  # Debian's, which python3-gi is for
CLIENT = ROOT / "tests/clients/support/gst_webrtc.py"


def able():
    needs = "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import Gst; Gst.init(None); " \
            "exit(not (Gst.ElementFactory.find('webrtcbin') and Gst.ElementFactory.find('nicesrc')))"
    if subprocess.run([PYTHON, "-c", needs], capture_output=True, check=False).returncode != 0:
        raise Skip("GStreamer's webrtcbin is not usable from Python (python3-gi, gir1.2-gst-plugins-bad-1.0, gstreamer1.0-nice)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
        except OSError:
            raise Skip("libnice takes no loopback address, and there is no other here") from None
        return sock.getsockname()[0]


def run(test):
    able()
    server = test.server(top=f"rtc_server {{ enabled on; listen {free_port()}; }}",
                         vhost="rtc { enabled on; rtmp_to_rtc on; rtc_to_rtmp on; }")
    publisher = test.start("gst-whip", [PYTHON, CLIENT, "whip", server.http("live/gst/whip"), "40"])
    server.wait_live("/live/gst", seconds=20)
    player = test.start("gst-whep", [PYTHON, CLIENT, "whep", server.http("live/gst/whep"), "12"])
    frames = test.run("probe", ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                                "stream=codec_name,nb_read_frames", "-read_intervals", "%+4", "-of", "csv=p=0", server.rtmp("live/gst")], 40).text()
    name, count = frames.strip().splitlines()[-1].split(",")[:2]
    if name != "h264" or int(count) < 50:
        raise Failure(f"by RTMP ffprobe sees {frames}\n{publisher.tail()}")
    player.wait(40)
    said = [line for line in player.text().splitlines() if line.startswith("{")]
    if not said:
        raise Failure(f"webrtcbin ended\n{player.tail()}")
    told = json.loads(said[-1])
    test.note(f"published: {count} pictures by RTMP; played: {told}")
    if told["connected_ms"] is None or told["video"] < 100 or told["audio"] < 200:
        raise Failure(f"webrtcbin played {told}\n{player.tail()}\n{server.process.tail(20)}")
    publisher.end()
    server.wait_idle("/live/gst", 45)
    server.alive()
    server.check_log()
