"""The page plays by WebRTC first; where that fails it plays by HTTP-FLV within seconds and says why."""

import time

from cases.page import moves
from support.chromium import Chromium
from support.processes import Failure, wait_until
from support.rtc_mock import FLAGS, RtcMock

SECONDS = 120
TOLD = 'document.getElementById("told").textContent'


def run(test):
    server = test.server(vhost="hls { enabled on; hls_to_disk off; }")
    test.push(test.source(), server.rtmp("live/page"), loop=True)
    server.wait_live("/live/page")
    with RtcMock(server.http("")) as mock, Chromium(test.processes, FLAGS) as browser:
        far = browser.open(mock.url + "far.html")
        plays(test, mock, browser, far)
        falls_back(test, mock, browser)
        faults = [text for text in browser.faults() if "mpegts" not in text.lower() and "[" not in text[:1]]
        if faults:
            raise Failure(f"the page threw: {faults[:3]}")


def plays(test, mock, browser, far):
    page = browser.open(mock.url + "?lang=en&token=s3cret")
    page.wait("it plays by itself, by WebRTC", f'{TOLD}.startsWith("Plays by WebRTC.")')
    moves(page, "WebRTC")
    path, bearer = mock.posts[0]
    if path != "/rtc/v1/whep/?app=live&stream=page&token=s3cret" or bearer != "Bearer s3cret":
        raise Failure(f"the offer went to {path} with {bearer}")
    page.value('document.getElementById("stats").click()')
    page.wait("figures are shown", 'document.querySelector(".overlay").textContent.includes("kb/s")')
    test.note(page.value('document.querySelector(".overlay").textContent'))
    # The other side goes away without a word; the player comes back by itself.
    far.value("hangUp()")
    page.wait("it noticed", f'!{TOLD}.startsWith("Plays by WebRTC.")')
    page.wait("it plays again", f'{TOLD}.startsWith("Plays by WebRTC.")')
    wait_until("the first session was ended", lambda: len(mock.deletes) >= 1)
    page.value('document.getElementById("stop").click()')
    wait_until("all sessions are ended", lambda: not mock.live)
    page.value('document.getElementById("stop").click()')
    page.wait("it plays once more", f'{TOLD}.startsWith("Plays by WebRTC.")')
    page.call("Page.navigate", url="about:blank")
    wait_until("a page that is left ends its session", lambda: not mock.live)


def falls_back(test, mock, browser):
    for mode, words in (
            ((401, "5043: no token"), "Not by WebRTC: a token is missing or wrong (401): “5043: no token”."),
            ((501, '{"code":501,"message":"WebRTC is not available yet"}'), "this server has no WebRTC (501): “WebRTC is not available yet”"),
            ("deaf", "UDP port 8765 is not reachable (UDP 192.0.2.1:8765 did not answer)")):
        mock.mode = mode
        page = browser.open(mock.url + "?lang=en&rtc=8765#/live/page")  # a port that is mapped on its way
        began = time.monotonic()
        page.wait(f"{mode}: it plays by HTTP-FLV", f'{TOLD}.startsWith("Plays by HTTP-FLV.")')
        took = time.monotonic() - began
        told = page.value(TOLD)
        if words not in told:
            raise Failure(f"{mode}: the page says {told}")
        moves(page, f"after {mode}")
        test.note(f"{mode}: {took:.1f} s")
        page.call("Page.close")
    if mock.live:
        raise Failure(f"sessions without an end: {mock.live}")
