"""Chromium publishes its camera by WHIP: the stream plays by RTMP and by WHEP, and closing the page ends it."""

import json
import time

from support.chromium import Chromium
from support.ports import free_port
from support.processes import Failure
from support.webrtc import FLAGS, figures, open_page

SECONDS = 150


def run(test):
    media = free_port()
    server = test.server(top=f"rtc_server {{ enabled on; listen {media}; }}",
                         vhost="rtc { enabled on; rtmp_to_rtc on; rtc_to_rtmp on; }")
    with Chromium(test.processes, FLAGS) as browser:
        page = open_page(browser, server)
        page.value(f'window.whip("{server.http("live/cam/whip")}", "H264", false)')
        began = time.monotonic()
        server.wait_live("/live/cam")
        test.note(f"live {time.monotonic() - began:.2f} s after the answer")
        probe = test.run("probe", ["ffprobe", "-v", "error", "-of", "json", "-show_entries", "stream=codec_name,width",
                                   "-count_packets", "-read_intervals", "%+5", server.rtmp("live/cam")], 40)
        streams = json.loads(probe.text())["streams"]
        if not any(stream.get("codec_name") == "h264" for stream in streams):
            raise Failure(f"by RTMP there are {streams}")
        viewer = open_page(browser, server)
        viewer.value(f'window.whep("{server.http("live/cam/whep")}")')
        viewer.wait("WHEP decodes what WHIP brings", 'window.figures("inbound-rtp", "video").then((f) => f.framesDecoded > 50)', 20)
        sent = figures(page, "video", "outbound-rtp")
        test.note(f"sent {sent.get('framesSent')} frames, {sent.get('nackCount')} NACK, {sent.get('pliCount')} PLI, "
                  f"target {sent.get('targetBitrate')}")
        clients = server.clients()
        mine = [client for client in clients if client.get("type") == "rtc-publish"]
        if not mine:
            raise Failure(f"the API lists {[client.get('type') for client in clients]}")
        session = next((one["webrtc"] for one in mine if one["webrtc"]["state"] == "connected"), None)
        if not session or not session["remote"] or not any(
                track["kind"] == "video" and track["codec"] == "H264" and track["kbps"] > 0 for track in session["tracks"]):
            raise Failure(f"the API says of the sessions {mine}")
        page.value("window.peer.close()")
        server.wait_idle("/live/cam", 20)
    server.alive()
    server.check_log()
