"""The page in Chromium plays live TS by mpegts.js, and live MP4 without a library; it offers their addresses."""

from cases.page import moves, take_way
from support.chromium import Chromium
from support.processes import Failure

SECONDS = 90


def run(test):
    server = test.server()
    push = test.push(test.source(), server.rtmp("live/page"), loop=True)
    server.wait_live("/live/page")
    with Chromium(test.processes) as browser:
        for transport in ("ts", "mp4"):
            page = browser.open(server.http(""))
            page.wait("the page lists the stream", 'document.querySelectorAll("#streams li").length >= 1')
            take_way(page, transport)
            page.value('document.querySelector("[data-url=\\"/live/page\\"]").click()')
            moves(page, transport)
            if "codec" in page.value('document.getElementById("notice").textContent'):
                raise Failure(page.value('document.getElementById("notice").textContent'))
            figures = page.value('document.getElementById("figures").textContent')
            test.note(f"{transport}: {figures}")
            urls = page.value('[...document.querySelectorAll("#play-urls code")].map((e) => e.textContent).join(" ")')
            for end in ("ts", "mp4", "aac"):
                if server.http(f"live/page.{end}") not in urls:
                    raise Failure(f"the addresses to play from are {urls}")
        push.end()
        page.wait("the page says that the stream has ended", '!document.getElementById("notice").hidden')
        faults = [text for text in browser.faults() if "mpegts" not in text.lower() and "[" not in text[:1]]
        if faults:
            raise Failure(f"the page threw: {faults[:3]}")
