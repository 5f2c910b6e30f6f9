"""The console and the page with many streams: put in order, searched, one of them looked at; what was before the console was opened is told."""

import os
import pathlib
import subprocess

from support.chromium import Chromium
from support.processes import Failure, Skip

SLOW = True
SECONDS = 150
STREAMS = 300
NAMES = "[...document.querySelectorAll('tr[data-url]')].map((row) => row.dataset.url)"


def wait(page, what, expression, seconds=30):
    page.wait(what, f"!!({expression})", seconds)


def is_in_order(page, column, falling):
    values = page.value(f"[...document.querySelectorAll('tr[data-url]')].map((row) => row.cells[{column}].textContent)")
    return len(values) >= 10 and values == sorted(values, key=lambda text: float(text or 0), reverse=falling)


def lists(page, shots):
    wait(page, "all are counted", f"document.querySelector('h2 .quiet').textContent === '{STREAMS + 1}'")
    names = page.value(NAMES)
    wanted = sorted((f"/live/s_{i}" for i in range(STREAMS)), key=lambda name: int(name.rsplit("_", 1)[1]))
    if names != (["/live/cam"] + wanted)[:50]:
        raise Failure(f"the first page has {names[:5]} ...")
    page.screenshot(shots / "console-300.png")
    page.value("[...document.querySelectorAll('.pager button')].at(-1).click()")
    wait(page, "the next page", f"{NAMES}[0] === '/live/s_49'")
    page.value("document.querySelectorAll('th .head')[5].click()")
    wait(page, "they are put in order", "document.querySelectorAll('th')[5].getAttribute('aria-sort') === 'descending'")
    if not is_in_order(page, 5, True):
        raise Failure("the streams are not in order of their viewers")
    page.value("""(() => { const box = document.querySelector('input[type=search]'); box.value = 'VE/S_29'; box.dispatchEvent(new Event('input')); })()""")
    wait(page, "those that fit are listed", f"{NAMES}.length === 11 && {NAMES}.every((name) => name.includes('s_29'))")


def one(page, shots):
    page.value("""(() => { const box = document.querySelector('input[type=search]'); box.value = 'cam'; box.dispatchEvent(new Event('input')); })()""")
    wait(page, "the one", f"{NAMES}.join() === '/live/cam'")
    page.value("document.querySelector('tr[data-url] .link').click()")
    wait(page, "its page", "location.hash === '#/stream/%2Flive%2Fcam' && document.querySelector('.facts')")
    for what, expression in {
        "its codec": "document.querySelector('.facts').textContent.includes('H264')",
        "its charts": "document.querySelectorAll('.plot canvas').length === 3",
        "its publisher and its player": "document.querySelectorAll('tr[data-id]').length === 2",
        "its addresses": "document.querySelector('.urls').textContent.includes('/live/cam.flv')",
        "its recording": "[...document.querySelectorAll('h2')].some((one) => one.textContent.startsWith('Recordings'))",
        "its log": "document.querySelector('.lines').textContent.includes('/live/cam')",
    }.items():
        wait(page, what, expression)
    page.screenshot(shots / "console-stream.png")
    page.value("document.querySelector('button.preview').click()")
    wait(page, "the player in a frame", "document.querySelector('iframe.preview')?.src.includes('/embed/live/cam')")
    page.value("document.querySelector('tr[data-id] .link').click()")
    wait(page, "an id leads to its log", "location.hash.startsWith('#/log/') && location.hash.endsWith(document.querySelector('input[type=search]').value)")


def of_page(server, browser, shots):
    """The page has not all of them, and finds each."""
    for width, height, mobile in ((1440, 900, False), (390, 844, True)):
        page = browser.open(server.http("?lang=en"), width=width, height=height, mobile=mobile)
        wait(page, "the page counts all", f"document.getElementById('count').textContent.endsWith('/ {STREAMS + 1}')")
        page.value("""(() => { const box = document.getElementById('find'); box.value = 'S_299'; box.dispatchEvent(new Event('input')); })()""")
        wait(page, "it finds one", "[...document.querySelectorAll('#streams strong')].map((one) => one.textContent).join() === 'live/s_299'")
        page.screenshot(shots / f"page-300-{width}.png")
        if page.value("document.documentElement.scrollWidth") > width or page.value("document.getElementById('video').currentTime"):
            raise Failure("the page is too wide, or plays what was only searched for")
        page.value("""(() => { const box = document.getElementById('find'); box.value = 'nothing'; box.dispatchEvent(new Event('input')); })()""")
        wait(page, "it says that there is none", "document.getElementById('empty').textContent.includes('No stream')")


def run(test):
    program = test.program
    if "publishers" not in subprocess.run([program, "bench", "--help"], capture_output=True, text=True, check=False).stdout:
        raise Skip("this build has no bench")
    server = test.server(vhost=f"dvr {{ enabled on; dvr_apply live/cam; dvr_path {test.folder}/[app]/[stream].flv; }}",
                         http_api="raw_api { enabled on; allow_reload on; }")
    test.push(test.source(), server.rtmp("live/cam"), loop=True)
    server.wait_live("/live/cam")
    test.start("player", ["ffmpeg", "-v", "error", "-nostdin", "-i", server.http("live/cam.flv"), "-c", "copy", "-f", "null", "-"])
    test.start("publishers", [program, "bench", "--publish", server.rtmp("live/s"), "--publishers", str(STREAMS), "--kbps", "20", "--publish-tick", "500",
                              "--seconds", "140", "--warmup", "0"])
    shots = pathlib.Path(os.environ.get("WEIR_SHOTS", test.folder))
    with Chromium(test.processes) as browser:
        page = browser.open(server.http("console/?lang=en#/overview", port="api"), width=1440)
        wait(page, "what was told before it was opened", "[...document.querySelectorAll('.badge.publish')].length > 0")
        page.value("location.hash = '#/streams'")
        lists(page, shots)
        one(page, shots)
        of_page(server, browser, shots)
        phone = browser.open(server.http("console/?lang=zh#/stream/%2Flive%2Fcam", port="api"), width=390, height=844, mobile=True, dark=True)
        wait(phone, "the stream on a phone", "document.querySelector('.facts')")
        phone.screenshot(shots / "console-stream-phone.png")
        phone.value("location.hash = '#/log'")
        wait(phone, "the chosen tab is in sight", "document.querySelector('.tabs a[aria-current]').getBoundingClientRect().right <= innerWidth")
        if phone.value("document.documentElement.scrollWidth") > 390:
            raise Failure("the page of a stream is wider than a phone")
        if browser.faults():
            raise Failure(f"the console threw: {browser.faults()[:3]}")
    test.note(f"{STREAMS} streams in order and searched, one with all of it")
