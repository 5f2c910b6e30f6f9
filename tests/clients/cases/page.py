"""The page in Chromium: it lists the stream, plays it by HTTP-FLV and by WebSocket-FLV, and the picture moves."""

import os
import pathlib

from support.chromium import Chromium
from support.processes import Failure, wait_until

SECONDS = 120
NAME = "<b>cam & 1"  # what a publisher may call itself; it must stay text

PIXELS = """(() => {
  const video = document.getElementById("video");
  const canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 36;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 36);
  return [...context.getImageData(0, 0, 64, 36).data].join();
})()"""
DECODED = 'document.getElementById("video").getVideoPlaybackQuality().totalVideoFrames'
TIME = 'document.getElementById("video").currentTime'


def moves(page, what):
    page.wait(f"{what}: the video's time advances", f"{TIME} > 0.5", 20)
    frames, time, pixels = page.value(DECODED), page.value(TIME), page.value(PIXELS)
    page.wait(f"{what}: it plays on", f"{TIME} > {time + 2}", 20)
    more = page.value(DECODED)
    if more < frames + 30:
        raise Failure(f"{what}: {more - frames} frames were decoded in 2 s")
    if page.value(PIXELS) == pixels:
        raise Failure(f"{what}: the picture stands still")
    if len(set(pixels.split(","))) < 8:
        raise Failure(f"{what}: the picture is blank")
    return more


def run(test):
    server = test.server()
    shots = pathlib.Path(os.environ.get("WEIR_SHOTS", test.folder))
    with Chromium(test.processes) as browser:
        page = browser.open(server.http(""))
        page.wait("the empty page says so", '!document.getElementById("empty").hidden && !document.querySelector("#streams li")')
        page.screenshot(shots / "page-empty.png")
        delay = plays(test, server, browser, page, shots)
    wait_until("the server saw the players leave", lambda: len(server.clients()) <= 2, 10)
    test.note(f"moves by HTTP-FLV and WebSocket-FLV, desk and phone; {delay}")


STRANGER = """(async () => {{
  const api = "{api}";
  const read = (path, options) => fetch(api + path, options).then((answer) => answer.status, () => "kept");
  const script = (path) => new Promise((done) => {{
    const one = document.createElement("script");
    window.told = (answer) => done(answer.code);
    one.onerror = () => done("kept");
    one.src = api + path;
    document.head.append(one);
  }});
  const post = (url) => fetch(url, {{method: "POST", mode: "no-cors", body: "x"}}).then(() => "sent", () => "kept");
  return JSON.stringify([await read("/api/v1/streams/"), await read("/api/v1/clients/"), await read("/api/v1/clients/{id}", {{method: "DELETE"}}),
    await script("/api/v1/clients/?callback=told"), await script("/api/v1/clients/{id}?callback=told&method=DELETE"),
    await script("/api/v1/streams/?callback=told"), await post("{http}live/other.flv")]);
}})()"""


def keeps_strangers_out(server, browser):
    """A page of another site, in the browser of somebody who may: it sees the list of streams and rules nothing."""
    publisher = server.clients()[0]["id"]
    # What it asks is at 127.0.0.1: another site. A document without a policy of its own, which would forbid scripts anyway.
    stranger = browser.open(f"http://localhost:{server.ports['api']}/healthz")
    told = stranger.value(STRANGER.format(api=f"http://127.0.0.1:{server.ports['api']}", http=server.http(""), id=publisher))
    if told != '[200,"kept","kept","kept","kept",0,"sent"]':
        raise Failure(f"a page of another site got {told}")
    if publisher not in [client["id"] for client in server.clients()] or "/live/other" in server.streams():
        raise Failure("a page of another site kicked or published")


def plays(test, server, browser, page, shots):
    push = test.push(test.source(), server.rtmp("live/page"), loop=True)
    server.wait_live("/live/page")
    test.push(test.source(), server.rtmp("live/%3Cb%3Ecam%20%26%201"), loop=True)
    keeps_strangers_out(server, browser)
    page.call("Page.bringToFront")  # it asks for nothing while it is not seen
    page.wait("the page lists the stream", 'document.querySelectorAll("#streams li").length >= 2')
    if page.value('document.querySelector("#streams b") !== null'):
        raise Failure("a stream's name became markup")
    page.value('document.querySelector("[data-url=\\"/live/page\\"]").click()')
    frames = moves(page, "HTTP-FLV")
    page.screenshot(shots / "page-desk.png")
    page.value('(() => { const s = document.getElementById("transport"); s.value = "ws"; s.dispatchEvent(new Event("change")); })()')
    page.wait("the player starts anew", f"{TIME} < 0.5 || {DECODED} < {frames}")
    moves(page, "WebSocket-FLV")
    delay = page.value('document.getElementById("figures").textContent')
    urls = page.value('[...document.querySelectorAll("#play-urls code")].map((e) => e.textContent).join(" ")')
    if f"rtmp://127.0.0.1:{server.ports['rtmp']}/live/page" not in urls or server.http("live/page.flv") not in urls:
        raise Failure(f"the addresses to play from are {urls}")
    urls = page.value('[...document.querySelectorAll("#push-urls code")].map((e) => e.textContent).join(" ")')
    if f"rtmp://127.0.0.1:{server.ports['rtmp']}/live livestream " not in urls:
        raise Failure(f"the addresses to push to are {urls}")
    page.value('document.querySelector("#push-urls button").click()')
    page.wait("an address is copied", 'document.querySelector("#push-urls button").textContent === "Copied"')

    phone = browser.open(server.http("?lang=zh#/live/page"), width=390, height=844, mobile=True, dark=True)
    moves(phone, "phone")
    phone.screenshot(shots / "page-phone.png")
    if phone.value("document.documentElement.scrollWidth") > 390:
        raise Failure("the page is wider than a phone")

    push.end()
    server.wait_idle("/live/page")
    page.wait("the page says that the stream has ended", '!document.getElementById("notice").hidden', 15)
    test.push(test.source(), server.rtmp("live/page"), loop=True)
    moves(page, "after the publisher came back")
    faults = [text for text in browser.faults() if "mpegts" not in text.lower() and "[" not in text[:1]]
    if faults:
        raise Failure(f"the page threw: {faults[:3]}")
    return delay
