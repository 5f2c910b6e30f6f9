"""Recordings of an earlier run in the list, the API and the console: found, told with the disk's room, fetched, removed; nothing else is."""

import os
import pathlib
import urllib.error
import urllib.parse
import urllib.request

from support.chromium import Chromium
from support.processes import Failure, wait_until

SECONDS = 90
ROWS = "[...document.querySelectorAll('tr[data-file]')]"


def remove(server, path):
    """The status of the answer."""
    address = f"http://127.0.0.1:{server.ports['api']}/api/v1/recordings?file={urllib.parse.quote(str(path))}"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def listed(server, query=""):
    return server.api(f"/api/v1/recordings?{query}")


def run(test):
    www = test.folder / "www"
    (www / "live").mkdir(parents=True)
    old = www / "live/earlier.1700000000000.flv"
    old.write_bytes(b"FLV of an earlier run")
    os.utime(old, (1_700_000_000, 1_700_000_000))
    (www / "live/notes.txt").write_text("no recording")
    outside = test.folder / "outside.1.flv"
    outside.write_bytes(b"FLV")
    (www / "live/link.1.flv").symlink_to(outside)
    server = test.server(dir=www, top="auto_reload_for_docker off;", vhost=f"dvr {{ enabled on; dvr_path {www}/[app]/[stream].[timestamp].flv; }}", http_api="raw_api { enabled on; allow_reload on; }")
    push = test.push(test.source(), server.rtmp("live/now"), loop=True)
    server.wait_live("/live/now")
    push.end()
    wait_until("the new one is listed, too", lambda: listed(server)["total"] == 2)
    answer = listed(server)
    names = [(one["app"], one["stream"], one["url"]) for one in answer["recordings"]]
    if names[1] != ("live", "earlier", "/live/earlier.1700000000000.flv") or names[0][1] != "now":
        raise Failure(f"the list is {names}")
    if answer["recordings"][1]["until_ms"] != 1_700_000_000_000 or answer["disks"][0]["free_bytes"] <= 0:
        raise Failure(f"the list tells {answer}")
    for query, total in (("stream=now", 1), ("contains=EARL", 1), ("until_ms=1700000000000", 1), ("since_ms=1700000000001", 1), ("app=other", 0)):
        if listed(server, query)["total"] != total:
            raise Failure(f"{query} does not give {total}")
    for path in (www / "live/notes.txt", outside, www / "live/link.1.flv", server.config, www / "live/../live/earlier.1700000000000.flv", "/etc/passwd"):
        if remove(server, path) != 404 or not pathlib.Path(path).exists():
            raise Failure(f"{path} could be removed")
    with Chromium(test.processes) as browser:
        in_console(server, browser, old)
        if browser.faults():
            raise Failure(f"the console threw: {browser.faults()[:3]}")
    if listed(server)["total"] != 1 or remove(server, old) != 404:
        raise Failure("what was removed is still there")
    test.note("of two runs; searched, removed, and nothing outside")


def in_console(server, browser, old):
    page = browser.open(server.http("console/?lang=en#/recordings", port="api"), width=1440)
    page.wait("both are shown", f"{ROWS}.length === 2")
    page.screenshot(pathlib.Path(os.environ.get("WEIR_SHOTS", server.folder)) / "console-recordings.png")
    button = f"[...{ROWS}.find((row) => row.dataset.file.endsWith({old.name!r})).querySelectorAll('button')].at(-1)"
    page.value(f"{button}.click()")
    page.wait("it asks with the name", f"{button}.textContent === 'Delete {old.name}?'")
    page.value(f"{button}.click()")
    page.wait("it is gone", f"{ROWS}.length === 1")
    if old.exists():
        raise Failure("the file is still there")
    # What a reload would change stands beside its button.
    server.write_config(vhost=server.options["vhost"] + " gop_cache off;")
    page.value("location.hash = '#/settings'")
    page.wait("the change is told", "document.querySelector('.changes')?.textContent.includes('gop_cache')")
    server.config.write_text(server.config.read_text().replace("gop_cache", "gop_cash"))
    page.wait("the mistake is told", "document.querySelector('.changes .notice.bad')?.textContent.includes('gop_cash')")
    page.screenshot(pathlib.Path(os.environ.get("WEIR_SHOTS", server.folder)) / "console-changes.png")
