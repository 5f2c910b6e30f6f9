"""The publisher page sends camera and microphone by WHIP, says what it sends, and has words for what keeps it from that."""

import os
import pathlib

from support.chromium import Chromium
from support.processes import Failure, wait_until
from support.rtc_mock import FLAGS, RtcMock

SECONDS = 120
FAULT = '(document.getElementById("fault").hidden ? "" : document.getElementById("fault").textContent)'
FIGURES = 'document.getElementById("statistics").textContent'
LIVE = 'document.getElementById("state").dataset.state === "live_"'


def opened(browser, address, **options):
    page = browser.open(address, **options)
    page.wait("the page is ready", 'document.getElementById("start").textContent !== ""')
    return page


def click(page, name):
    page.value(f'document.getElementById("{name}").click()')


def choose(page, name, value):
    page.value(f'(() => {{ const s = document.getElementById("{name}"); s.value = "{value}"; s.dispatchEvent(new Event("change")); }})()')


def run(test):
    server = test.server()
    shots = pathlib.Path(os.environ.get("WEIR_SHOTS", test.folder))
    with RtcMock(server.http("")) as mock:
        with Chromium(test.processes, FLAGS) as browser:
            far = browser.open(mock.url + "far.html")
            publishes(test, mock, browser, far, shots)
            is_refused(mock, browser)
            faults = browser.faults()
            if faults:
                raise Failure(f"the page threw: {faults[:3]}")
        # Without the flags there is no camera, and a page of another host is no secure context.
        with Chromium(test.processes, ["--host-resolver-rules=MAP media.test 127.0.0.1"]) as browser:
            page = opened(browser, mock.url + "publish.html?lang=en")
            click(page, "start")
            page.wait("it says that there is no camera", f'/was found|refused/.test({FAULT})')
            test.note(page.value(FAULT))
            page = opened(browser, mock.url.replace("127.0.0.1", "media.test") + "publish.html?lang=en")
            page.wait("it says where browsers give a camera", f'{FAULT}.includes("only to pages of https:// or of localhost")')
            page.screenshot(shots / "publish-insecure.png")


def publishes(test, mock, browser, far, shots):
    page = opened(browser, mock.url + "publish.html?lang=en&app=live&stream=cam&token=s3cret")
    codecs = page.value('[...document.getElementById("codec").options].map((one) => one.value).join()')
    if not codecs.startswith("H264,VP8") and not codecs.startswith("VP8"):
        raise Failure(f"the codecs offered are {codecs}")
    choose(page, "codec", "VP8")
    choose(page, "resolution", "360")
    choose(page, "bitrate", "800")
    click(page, "start")
    page.wait("it is live", LIVE)
    path, bearer = mock.posts[-1]
    if path != "/rtc/v1/whip/?app=live&stream=cam&token=s3cret" or bearer != "Bearer s3cret":
        raise Failure(f"the offer went to {path} with {bearer}")
    wait_until("the other side decodes", lambda: '"video":' in far.value("received()") and '"audio":' in far.value("received()"))
    page.wait("figures are shown", f'/kb\\/s/.test({FIGURES}) && /VP8/.test({FIGURES}) && /×[1-9]/.test({FIGURES}) && /Limited by/.test({FIGURES})')
    test.note(page.value(FIGURES))
    page.screenshot(shots / "publish-desk.png")
    far.value("hangUp()")
    page.wait("it noticed", f"!({LIVE})")
    page.wait("it is live again", LIVE)
    click(page, "end")
    page.wait("it is not live", 'document.getElementById("state").dataset.state === "idle"')
    wait_until("its session was ended", lambda: not mock.live)
    phone = opened(browser, mock.url + "publish.html?lang=zh", width=390, height=844, mobile=True, dark=True)
    phone.screenshot(shots / "publish-phone.png")
    if phone.value("document.documentElement.scrollWidth") > 390:
        raise Failure("the page is wider than a phone")


def is_refused(mock, browser):
    for mode, words in (((401, "key is wrong"), "A token is missing or wrong (401): “key is wrong”"), ((403, ""), "It was refused (403)"),
                        ((409, "live/cam is being published"), "The name is in use by another publisher (409): “live/cam is being published”"),
                        ("deaf", "UDP port 8000 is not reachable")):
        mock.mode = mode
        page = opened(browser, mock.url + "publish.html?lang=en")
        click(page, "start")
        page.wait(f"{mode}: it says why", f"{FAULT} !== ''")
        told = page.value(FAULT)
        if words not in told or page.value(LIVE):
            raise Failure(f"{mode}: the page says {told}")
        page.call("Page.close")
    mock.mode = "plays"
