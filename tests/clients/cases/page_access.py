"""The page where access is limited: an API with a password, lists that are closed, streams that want a token; in words for each."""

import hashlib
import hmac
import time

from cases.page import TOLD, moves
from support.chromium import Chromium
from support.processes import Failure

SECONDS = 120
KEY = "s3cret-of-the-test"
EMPTY = '(document.getElementById("empty").hidden ? "" : document.getElementById("empty").textContent)'
NOTICE = '(document.getElementById("notice").hidden ? "" : document.getElementById("notice").textContent)'
PASSWORD = "auth { enabled on; username admin; password right; }"


def token(action, stream):
    expiry = int(time.time()) + 600
    mark = hmac.new(KEY.encode(), f"{action}\n{stream}\n{expiry}".encode(), hashlib.sha256).hexdigest()
    return f"{expiry}-{mark}"


def run(test):
    with Chromium(test.processes) as browser:
        with_password_and_token(test, browser)
        with_hidden_names(test, browser)
        for http_api, words in ((f"public_streams off; {PASSWORD}", "only with the password of its API"), ("public_streams off; allow 192.0.2.1;", "keeps its list of streams to itself")):
            says(test, browser, words, http_api=http_api)
        faults = [text for text in browser.faults() if "mpegts" not in text.lower() and "[" not in text[:1]]
        if faults:
            raise Failure(f"the page threw: {faults[:3]}")


def says(test, browser, words, **options):
    server = test.server(**options)
    page = browser.open(server.http("?lang=en"))
    page.wait(f"it says '{words}'", f"{EMPTY} !== '' && !{EMPTY}.startsWith('Nothing')")
    if words not in page.value(EMPTY):
        raise Failure(f"the page says '{page.value(EMPTY)}'")
    server.stop()
    page.wait("it says that nobody answers", f'{EMPTY} === "The server does not answer. Trying again."')
    page.call("Page.close")


def with_hidden_names(test, browser):
    server = test.server(http_api=f"hide_stream_names on; {PASSWORD}")
    push = test.push(test.source(), server.rtmp("live/s3cretkey"), loop=True)
    page = browser.open(server.http("?lang=en"))
    page.wait("the page lists the stream", 'document.querySelector("#streams li button") !== null')
    told = page.value('document.getElementById("streams").textContent')
    if "name hidden" not in told or "s3cret" in told or not page.value('document.querySelector("#streams li button").disabled'):
        raise Failure(f"the list says {told}")
    page.call("Page.close")
    push.end()
    server.stop()


def with_password_and_token(test, browser):
    server = test.server(http_api=PASSWORD, vhost=f"auth {{ enabled on; secret {KEY}; }}")
    test.push(test.source(), server.rtmp("live/page?token=" + token("publish", "/live/page")), loop=True)
    page = browser.open(server.http("?lang=en"))
    page.wait("the page lists the stream", 'document.querySelector("[data-url=\\"/live/page\\"]") !== null')
    page.wait("it says that a token is wanted", f'{NOTICE}.includes("?token=")')
    test.note(page.value(NOTICE))
    right = token("play", "/live/page")
    page = browser.open(server.http(f"?lang=en&token={right}"))
    page.wait("it plays with the token of its address", f'{TOLD}.startsWith("Plays by")')
    moves(page, "with a token")
    urls = page.value('[...document.querySelectorAll("#play-urls code")].map((e) => e.textContent).join(" ")')
    for wanted in (server.http(f"live/page.flv?token={right}"), f"/live/page?token={right}"):
        if wanted not in urls:
            raise Failure(f"the addresses to play from are {urls}")
    if page.value(f'document.getElementById("share-test").href.includes("token={right}")') is not True:
        raise Failure("the way to the self-test loses the token")
    page.call("Page.close")
    server.stop()
