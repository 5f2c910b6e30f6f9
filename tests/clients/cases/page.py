"""The page in Chromium: it lists the streams, plays the only one by itself and others by every way of FLV, and the picture moves; it
says what keeps it from listing or playing."""

import os
import pathlib

from support.chromium import Chromium
from support.processes import Failure, need, wait_until

SECONDS = 120
NAME = "<b>cam&1"  # what a publisher may call itself; it must stay text

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
TOLD = 'document.getElementById("told").textContent'
LIGHT = 150 * 1024  # bytes of all that is fetched before something plays


def take_way(page, way):
    page.value(f'(() => {{ const s = document.getElementById("transport"); s.value = "{way}"; s.dispatchEvent(new Event("change")); }})()')


def moves(page, what):
    page.wait(f"{what}: the video's time advances", f"{TIME} > 0.5")
    frames, time, pixels = page.value(DECODED), page.value(TIME), page.value(PIXELS)
    page.wait(f"{what}: it plays on", f"{TIME} > {time + 2}")
    more = page.value(DECODED)
    if more < frames + 10:  # of 50; how many a busy machine decodes is its own affair
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
        weight = page.value('performance.getEntriesByType("resource").reduce((sum, one) => sum + one.encodedBodySize, 0)')
        if not 20000 < weight < LIGHT:
            raise Failure(f"{weight} bytes were fetched before anything plays")
        delay = plays(test, server, browser, page, shots)
    wait_until("the server saw the players leave", lambda: len(server.clients()) <= 2)
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
    publisher = next(client["id"] for client in server.clients() if client["publish"])
    # What it asks is at 127.0.0.1: another site. A document without a policy of its own, which would forbid scripts anyway.
    stranger = browser.open(f"http://localhost:{server.ports['api']}/healthz")
    told = stranger.value(STRANGER.format(api=f"http://127.0.0.1:{server.ports['api']}", http=server.http(""), id=publisher))
    if told != '[200,"kept","kept","kept","kept",0,"sent"]':
        raise Failure(f"a page of another site got {told}")
    if publisher not in [client["id"] for client in server.clients()] or "/live/other" in server.streams():
        raise Failure("a page of another site kicked or published")


def embedded(server, browser, shots):
    """/embed/APP/STREAM is a player and nothing else, and passes on what its address says."""
    page = browser.open(server.http("embed/live/%3Cb%3Ecam%261?token=t"), width=640, height=360)
    moves(page, "embedded")
    page.screenshot(shots / "page-embed.png")
    place = page.value("location.pathname + location.search + location.hash")
    if place != "/embed.html?token=t#/live/%3Cb%3Ecam%261":
        raise Failure(f"the embedded player is at {place}")
    if page.value("document.title") != f"live/{NAME}" or page.value("document.querySelectorAll('section').length"):
        raise Failure("the embedded player is more than a player")


def bookmarks(server, browser):
    """Addresses of SRS's pages, as people have kept them."""
    for old, new in {
        "players/srs_player.html?vhost=__defaultVhost__&autostart=true&server=127.0.0.1&app=live&stream=page.flv&port=8080&schema=http&token=t":
            "?token=t#/live/page",
        "players/rtc_player.html?autostart=true&stream=page&app=live": "#/live/page",
        "players/srs_player.html": "",
        "players/rtc_publisher.html?vhost=a.b&app=live&stream=page": "publish.html?app=live&stream=page&vhost=a.b",
    }.items():
        page = browser.open(server.http(old))
        # Without a stream in its address the page plays the only one by itself, and then names it behind "#".
        page.wait(f"{old} leads to {new}", f"[location.href, location.href.split('#')[0]].includes({server.http(new)!r})")
        page.call("Page.close")


def shares_a_code(test, page, shots):
    """What a phone's camera reads is the address of the stream that is shown."""
    page.value('document.getElementById("share-qr").click()')
    page.wait("a QR code is shown", 'document.querySelector("#qr svg path") !== null')
    page.value('document.getElementById("qr").scrollIntoView({block: "center"})')
    picture = shots / "page-qr.png"
    page.screenshot(picture)
    need("gst-launch-1.0")
    read = test.run("zbar", ["gst-launch-1.0", "-m", "filesrc", f"location={picture}", "!", "pngdec", "!", "imagefreeze", "num-buffers=3", "!",
                             "videoconvert", "!", "zbar", "!", "fakesink"], seconds=60).text()
    address = page.value("location.href")
    if f"symbol=(string){address}" not in read.replace('"', "").replace("\\", ""):
        raise Failure(f"the code is not that of {address}: {[line for line in read.splitlines() if 'symbol' in line]}")
    page.value('document.getElementById("share-qr").click()')
    page.wait("the code goes", 'document.getElementById("qr").hidden')


def plays(test, server, browser, page, shots):
    push = test.push(test.source(), server.rtmp("live/page"), loop=True)
    server.wait_live("/live/page")
    page.call("Page.bringToFront")  # it asks for nothing while it is not seen
    page.wait("the only stream plays by itself", f'{TOLD}.startsWith("Plays by HTTP-FLV.")')
    if "Not by WebRTC: WebRTC is off on this server." not in page.value(TOLD):
        raise Failure(f"the page says {page.value(TOLD)}")
    page.value('document.getElementById("stop").click()')
    test.push(test.source(), server.rtmp(f"live/{NAME}"), loop=True)
    keeps_strangers_out(server, browser)
    page.call("Page.bringToFront")  # it asks for nothing while it is not seen
    page.wait("the page lists the stream", 'document.querySelectorAll("#streams li").length >= 2')
    if page.value('document.querySelector("#streams b") !== null'):
        raise Failure("a stream's name became markup")
    page.value('document.querySelector("[data-url=\\"/live/page\\"]").click()')
    frames = moves(page, "HTTP-FLV")
    page.screenshot(shots / "page-desk.png")
    page.value('document.getElementById("stats").click()')
    page.wait("figures are shown", 'document.querySelector(".overlay").textContent.includes("kb/s")')
    page.screenshot(shots / "page-figures.png")
    take_way(page, "ws")
    page.wait("the player starts anew", f"{TIME} < 0.5 || {DECODED} < {frames}")
    moves(page, "WebSocket-FLV")
    if not page.value(TOLD).startswith("Plays by WebSocket-FLV."):
        raise Failure(f"the page says {page.value(TOLD)}")
    delay = page.value('document.getElementById("figures").textContent')
    urls = page.value('[...document.querySelectorAll("#play-urls code")].map((e) => e.textContent).join(" ")')
    if f"rtmp://127.0.0.1:{server.ports['rtmp']}/live/page" not in urls or server.http("live/page.flv") not in urls:
        raise Failure(f"the addresses to play from are {urls}")
    urls = page.value('[...document.querySelectorAll("#push-urls code")].map((e) => e.textContent).join(" ")')
    if f"rtmp://127.0.0.1:{server.ports['rtmp']}/live livestream" not in urls:
        raise Failure(f"the addresses to push to are {urls}")
    shares_a_code(test, page, shots)
    page.value('document.querySelector("#push-urls button").click()')
    page.wait("an address is copied", 'document.querySelector("#push-urls button").textContent === "Copied"')

    phone = browser.open(server.http("?lang=zh#/live/page"), width=390, height=844, mobile=True, dark=True)
    moves(phone, "phone")
    phone.screenshot(shots / "page-phone.png")
    if phone.value("document.documentElement.scrollWidth") > 390:
        raise Failure("the page is wider than a phone")

    push.end()
    server.wait_idle("/live/page")
    page.wait("the page says that the stream has ended", '!document.getElementById("notice").hidden')
    embedded(server, browser, shots)
    bookmarks(server, browser)
    test.push(test.source(), server.rtmp("live/page"), loop=True)
    moves(page, "after the publisher came back")
    faults = [text for text in browser.faults() if "mpegts" not in text.lower() and "[" not in text[:1]]
    if faults:
        raise Failure(f"the page threw: {faults[:3]}")
    return delay
