"""The pages with the server's own WebRTC: what RTMP brings plays by it, the self-test finds nothing wrong, and what the publisher page
sends plays by WebRTC and by HTTP-FLV."""

import os
import pathlib
import time

from cases.page import TOLD, moves
from cases.page_publish import FIGURES, LIVE, choose, click, opened
from cases.page_selftest import checks, expect
from support.chromium import Chromium
from support.ports import free_port
from support.processes import Failure, Skip
from support.rtc_mock import FLAGS

SECONDS = 150
ICE_SERVER = 'ice_server { url stun:127.0.0.1:9 turn:127.0.0.1:9?transport=udp; username "a \'b\', c"; password d; }'
ICE_SERVERS = '[{"urls":"stun:127.0.0.1:9"},{"urls":"turn:127.0.0.1:9?transport=udp","username":"a \'b\', c","credential":"d"}]'
# What a connection is told to gather its candidates with.
WATCH = """(() => {
  const told = RTCPeerConnection.prototype.setConfiguration;
  RTCPeerConnection.prototype.setConfiguration = function(given) { window.given = given; return told.call(this, given); };
})()"""


def run(test):
    shots = pathlib.Path(os.environ.get("WEIR_SHOTS", test.folder))
    port = free_port()
    server = test.server(top=f"rtc_server {{ enabled on; listen {port}; candidate 127.0.0.1; {ICE_SERVER} }}",
                         vhost="rtc { enabled on; rtmp_to_rtc on; rtc_to_rtmp on; }")
    test.push(test.source(), server.rtmp("live/page"), "-an", loop=True)
    test.push(test.source(), server.rtmp("live/loud"), loop=True)
    server.wait_live("/live/page")
    server.wait_live("/live/loud")
    with Chromium(test.processes, FLAGS) as browser:
        began = time.monotonic()
        page = browser.open(server.http("?lang=en#/live/page"))
        page.wait("it plays", f'{TOLD}.startsWith("Plays by")', 30)
        took = time.monotonic() - began
        told = page.value(TOLD)
        if "WebRTC is not available" in told:
            raise Skip("this build has no WebRTC")
        if not told.startswith("Plays by WebRTC."):
            raise Failure(f"the page says {told}")
        moves(page, "WebRTC")
        page.value('document.getElementById("stats").click()')
        page.wait("figures are shown", 'document.querySelector(".overlay").textContent.includes("kb/s")')
        page.screenshot(shots / "rtc-page.png")
        page.value(WATCH)
        page.value('document.getElementById("stop").click()')
        page.value('document.getElementById("stop").click()')
        page.wait("it plays again", f'{TOLD}.startsWith("Plays by WebRTC.")', 30)
        given = page.value("JSON.stringify(window.given?.iceServers)")
        if given != ICE_SERVERS:
            raise Failure(f"the browser was given these servers: {given}")
        test.note(f'plays {took:.1f} s after the page was asked for; {page.value("document.querySelector(`.overlay`).textContent")}')
        page.call("Page.close")

        # A server without an Opus encoder sends no sound of AAC; the page wants the sound, and says so.
        page = browser.open(server.http("?lang=en#/live/loud"))
        page.wait("it plays", f'{TOLD}.startsWith("Plays by")', 30)
        time.sleep(4)
        page.wait("it plays on", f'{TOLD}.startsWith("Plays by")', 30)
        told = page.value(TOLD)
        if told != "Plays by WebRTC." and "its sound (AAC) does not come that way" not in told:
            raise Failure(f"the page says {told}")
        moves(page, "with sound")
        test.note(told)
        page.call("Page.close")

        page = browser.open(server.http("selftest.html?lang=en#/live/page"))
        found = checks(page)
        page.screenshot(shots / "rtc-selftest.png")
        expect(found, checkOffer=("true", "answer taken"), checkCandidates=("true", f"127.0.0.1:{port}"), checkPath=("true", f":{port}"),
               checkKeys=("true", "DTLS"), checkFrame=("true", "640×360"))
        page.call("Page.close")

        page = opened(browser, server.http("publish.html?lang=en&stream=cam"))
        choose(page, "resolution", "360")
        click(page, "start")
        page.wait("it is live", LIVE)
        page.wait("figures are shown", f'/kb\\/s/.test({FIGURES}) && /H264/.test({FIGURES})')
        test.note(page.value(FIGURES))
        for way in ("rtc", "flv"):
            player = browser.open(server.http(f"embed/live/cam?over={way}"))
            moves(player, f"what was published, by {way}")
            player.call("Page.close")
        page.call("Page.bringToFront")
        click(page, "end")
        server.wait_idle("/live/cam")
        if browser.faults():
            faults = [text for text in browser.faults() if "[" not in text[:1]]
            if faults:
                raise Failure(f"the pages threw: {faults[:3]}")
