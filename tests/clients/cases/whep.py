"""Chromium plays an RTMP stream by WHEP: pictures are decoded, the first one soon, and DELETE ends the session."""

import time
import urllib.error
import urllib.request

from support.chromium import Chromium
from support.ports import free_port
from support.processes import Failure, wait_until
from support.webrtc import FLAGS, figures, open_page

SECONDS = 120
JOINS = 5


def status(url, method, body=None, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def run(test):
    media = free_port()
    server = test.server(top=f"rtc_server {{ enabled on; listen {media}; }}", vhost="rtc { enabled on; rtmp_to_rtc on; }")
    url = server.http("live/cam/whep")
    for method, wanted, body, kind in (("GET", 405, None, "sdp"), ("OPTIONS", 200, None, "sdp"), ("POST", 400, b"", "sdp"),
                                       ("POST", 400, b"v=1", "sdp"), ("POST", 415, b"{}", "json")):
        got = status(url, method, body, **{"Content-Type": f"application/{kind}"})
        if got != wanted:
            raise Failure(f"{method} {url} is answered with {got}, not {wanted}")
    test.push(test.source(), server.rtmp("live/cam"), loop=True)
    server.wait_live("/live/cam")
    with Chromium(test.processes, FLAGS) as browser:
        first = []
        for _ in range(JOINS):
            page = open_page(browser, server)
            page.value(f'window.whep("{url}")')
            first.append(round(page.value("Promise.race([window.firstFrame, new Promise((d) => setTimeout(d, 9000, 9000))])")))
            if len(first) < JOINS:
                page.value("window.peer.close()")
            time.sleep(0.37)
        test.note(f"first picture after {sorted(first)} ms")
        if sorted(first)[JOINS // 2] >= 3000:
            raise Failure(f"the first picture came after {first} ms\n{server.process.tail(20)}")
        before = figures(page, "video")
        time.sleep(5)
        after = figures(page, "video")
        decoded = after.get("framesDecoded", 0) - before.get("framesDecoded", 0)
        test.note(f"{decoded} frames in 5 s, {after.get('freezeCount')} freezes, {after.get('pliCount')} PLI, "
                  f"{after.get('packetsLost')} packets lost")
        if decoded < 100:  # of 125
            raise Failure(f"{decoded} frames were decoded in 5 s: {after}")
        clients = server.clients()
        mine = [client for client in clients if client.get("type") == "rtc-play"]
        if not mine:
            raise Failure(f"the API lists {[client.get('type') for client in clients]}")
        session = next((one["webrtc"] for one in mine if one["webrtc"]["state"] == "connected"), None)
        if not session or not session["remote"] or not any(
                track["kind"] == "video" and track["codec"] == "H264" and track["kbps"] > 0 for track in session["tracks"]):
            raise Failure(f"the API says of the sessions {mine}")
        where = page.value("window.sessionUrl")
        if status(where, "DELETE") != 200 or status(where, "DELETE") != 404:
            raise Failure("DELETE does not end the session")
        wait_until("the player hears of it", lambda: page.value("window.peer.connectionState") != "connected")
    server.alive()
    server.check_log()
