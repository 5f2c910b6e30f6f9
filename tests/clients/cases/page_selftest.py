"""The self-test page finds what works and says what does not: of a whole server, of one whose UDP port is closed, and of one that is gone."""

import json
import os
import pathlib
import urllib.request

from support.chromium import Chromium
from support.processes import Failure, wait_until
from support.rtc_mock import FLAGS, RtcMock

SECONDS = 120
DONE = 'document.querySelectorAll("#checks li").length > 0 && !document.getElementById("again").disabled'
STATES = 'JSON.stringify(Object.fromEntries([...document.querySelectorAll("#checks li")].map((li) => [li.dataset.check, [li.dataset.state, li.textContent]])))'


def checks(page):
    page.wait("the test is over", DONE, 40)
    return json.loads(page.value(STATES))


def expect(found, **wanted):
    for name, (state, words) in wanted.items():
        if found[name][0] != state or words not in found[name][1]:
            raise Failure(f"{name}: {found[name]}, where {state} with '{words}' was expected")


def has_playlist(server):
    try:
        return urllib.request.urlopen(server.http("live/page.m3u8"), timeout=30).status == 200
    except OSError:
        return False


def run(test):
    shots = pathlib.Path(os.environ.get("WEIR_SHOTS", test.folder))
    server = test.server(vhost="hls { enabled on; hls_to_disk off; }")
    with RtcMock(server.http(""), hls=True) as mock, Chromium(test.processes, FLAGS) as browser:
        page = browser.open(mock.url + "selftest.html?lang=en")
        expect(checks(page), checkHttp=("true", "answers"), checkList=("null", "nothing is live"), checkFlow=("null", "Push one"), checkOffer=("null", "Not tried"))
        far = browser.open(mock.url + "far.html")
        page.call("Page.bringToFront")
        page.value('document.getElementById("picture").click()')
        page.wait("the test picture is tested with", 'document.getElementById("again").disabled')
        expect(checks(page), checkOffer=("true", "answer taken"), checkFrame=("true", "ecoded"))
        wait_until("the test picture arrived, and its session was ended", lambda: '"video":' in far.value("received()") and not mock.live)
        if not mock.posts[0][0].startswith("/rtc/v1/whip/?app=live&stream=selftest-"):
            raise Failure(f"the test picture went to {mock.posts[0]}")
        test.push(test.source(), server.rtmp("live/page"), loop=True)
        server.wait_live("/live/page")
        wait_until("there is a playlist", lambda: has_playlist(server))
        page.value('document.getElementById("again").click()')
        found = checks(page)
        expect(found, checkList=("true", "1 live; testing live/page"), checkFlow=("true", "Media comes"), checkHls=("true", "Media comes"),
               checkMse=("true", "H264"), checkRtc=("true", "VP8"), checkOffer=("true", "answer taken"), checkCandidates=("true", "UDP"),
               checkPath=("true", "round trip"), checkKeys=("true", "DTLS"), checkFrame=("true", "320×240"))
        # The mock leads media elsewhere, where no WebSocket follows.
        expect(found, checkSocket=("false", "Upgrade"))
        page.screenshot(shots / "selftest-desk.png")
        page.value('document.getElementById("copy").click()')
        page.wait("the report is copied", 'document.getElementById("copy").textContent === "Copied"')
        if mock.live:
            raise Failure(f"sessions without an end: {mock.live}")

        mock.mode = "deaf"
        phone = browser.open(mock.url + "selftest.html?lang=zh#/live/page", width=390, height=844, mobile=True, dark=True)
        expect(checks(phone), checkOffer=("true", ""), checkPath=("false", "8000"), checkKeys=("null", ""), checkFrame=("null", ""))
        phone.screenshot(shots / "selftest-phone.png")
        if phone.value("document.documentElement.scrollWidth") > 390:
            raise Failure("the page is wider than a phone")

        # Of the server itself: all of its own works, and what is off is said to be.
        page = browser.open(server.http("selftest.html?lang=en"))
        expect(checks(page), checkHttp=("true", "answers"), checkSocket=("true", "Media comes"), checkRtc=("null", "is off"))
        server.stop()
        page.value('document.getElementById("again").click()')
        expect(checks(page), checkList=("false", "does not answer"))
        faults = browser.faults()
        if faults:
            raise Failure(f"the page threw: {faults[:3]}")
