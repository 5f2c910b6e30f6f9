"""The console in Chromium: log in, figures that move, record, download, kick, reload, log; a script as the name of a stream; phone; Chinese."""

import json
import os
import pathlib
import socket
import urllib.error
import urllib.request

from support.chromium import Chromium
from support.processes import Failure, wait_until

SECONDS = 120
EVIL = "<xmp>evil"  # control characters are refused, blanks taken out, and a slash ends a name: this is what is left of markup
API = """auth {{ enabled on; username admin; password {password}; }}
    raw_api {{ enabled on; allow_reload on; }}"""
PASSWORD = "pä:ss"
VHOST = "dvr {{ dvr_path {folder}/www/[app]/rec.[timestamp].flv; }}"


def wait(page, what, expression, seconds=15):
    """Elements do not come out of the browser as values."""
    page.wait(what, f"!!({expression})", seconds)


def row(name):
    return f"[...document.querySelectorAll('tr[data-url]')].find((row) => row.dataset.url === {name!r})"


def press(page, where, label):
    """The button or link with that label; a second press where it asks whether one is sure."""
    wait(page, f"a button {label!r}", f"[...({where}).querySelectorAll('button')].some((b) => b.textContent === {label!r})")
    page.value(f"[...({where}).querySelectorAll('button')].find((b) => b.textContent === {label!r}).click()")


def sure(page, where, label, what):
    """The second press names what it is about."""
    press(page, where, label)
    press(page, where, f"{label} {what}?")


def type_in(page, field, value):
    page.value(f"""(() => {{ const field = document.querySelector({field!r}); field.value = {value!r};
        field.dispatchEvent(new Event("input", {{bubbles: true}})); }})()""")


def raw(port, target):
    """The answer to a path that urllib would put in order."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def served(server):
    """The files, their headers, and nothing outside their folder."""
    with urllib.request.urlopen(server.http("console/", port="http"), timeout=30) as answer:
        policy = answer.headers["Content-Security-Policy"] or ""
        if answer.url != server.http("console/", port="api") or "script-src 'self'" not in policy or "unsafe" in policy:
            raise Failure(f"{answer.url} has the policy {policy!r}")
    for path in ("../package.json", "..%2fpackage.json", "%2e%2e/package.json", "....//package.json", "..%5cpackage.json", "/etc/passwd",
                 "%2fetc%2fpasswd", "../src/main.tsx", "main.js/../../package.json", "%00index.html"):
        answer = raw(server.ports["api"], f"/console/{path}")
        if answer[9:12] not in (b"400", b"403", b"404") or b"weir-console" in answer or b"root:" in answer:
            raise Failure(f"/console/{path} gives {answer[:200]!r}")
    for path in ("versions", "events", "logs", "config"):
        if raw(server.ports["api"], f"/api/v1/{path}")[9:12] != b"401":
            raise Failure(f"/api/v1/{path} without credentials is not refused")


def logs_in(page, shots):
    wait(page, "the form", "document.querySelector('input[name=password]')")
    page.screenshot(shots / "console-login.png")
    type_in(page, "input[name=user]", "admin")
    type_in(page, "input[name=password]", "wrong")
    page.value("document.querySelector('form button').click()")
    wait(page, "a wrong password is told", "document.querySelector('.notice')?.textContent.includes('does not know')")
    type_in(page, "input[name=password]", PASSWORD)
    page.value("document.querySelector('form button').click()")
    wait(page, "the overview", "document.querySelectorAll('.tile').length >= 6")
    wait(page, "the events have come", "document.querySelector('.dot.on')")


def moves(test, server, page, shots):
    pushes = [test.push(test.source(), server.rtmp("live/cam"), loop=True),
              test.push(test.source(), server.rtmp("live"), "-rtmp_playpath", EVIL, loop=True)]
    wait(page, "the publisher is told of", "[...document.querySelectorAll('.badge.publish')].length >= 2")
    wait(page, "bandwidth comes in", "!document.querySelector('.tile strong').textContent.startsWith('0 ')", 10)
    page.value("location.hash = '#/streams'")
    wait(page, "the stream is listed", row("/live/cam"))
    wait(page, "its bitrate", f"/^\\d+(\\.\\d)? [kM]b/.test({row('/live/cam')}.querySelector('.rate').textContent)")
    wait(page, "its bitrate is right", f"(() => {{ const rate = parseFloat({row('/live/cam')}.querySelector('.rate').textContent); return rate > 50; }})()")
    before = page.value(f"{row('/live/cam')}.querySelector('.rate').textContent")
    wait(page, "it moves", f"{row('/live/cam')}.querySelector('.rate').textContent !== {before!r}")
    wait(page, "its name is text", row(f"/live/{EVIL}"))
    if page.value("document.querySelector('xmp') !== null"):
        raise Failure("a stream's name became markup")
    link = page.value(f"{row('/live/cam')}.querySelector('.actions a').href")
    if link != server.http("?lang=en#%2Flive%2Fcam"):
        raise Failure(f"the link to play is {link}")
    return pushes


def records(server, page, shots):
    press(page, row("/live/cam"), "Record")
    wait(page, "it says that it records", f"{row('/live/cam')}.querySelector('.badge.record')")
    page.screenshot(shots / "console-streams.png")
    page.value("location.hash = '#/recordings'")
    wait(page, "the recording runs", "document.querySelector('.badge.recording')")
    wait(page, "it grows", "/[KM]iB/.test(document.querySelector('.badge.recording').closest('tr').textContent)")
    sure(page, "document", "Stop recording", "live/cam")
    wait(page, "the file is offered", "document.querySelector('a[download]')")
    link = page.value("document.querySelector('a[download]').href")
    page.screenshot(shots / "console-recordings.png")
    with urllib.request.urlopen(link, timeout=30) as answer:
        if answer.read(3) != b"FLV":
            raise Failure(f"{link} is no FLV")


def kicks(server, page, shots, pushes):
    page.value("location.hash = '#/clients'")
    wait(page, "both publishers are listed", "document.querySelectorAll('tr[data-id]').length >= 2")
    page.screenshot(shots / "console-clients.png")
    first = page.value("document.querySelector('tr[data-id]').dataset.id")
    sure(page, f"document.querySelector('tr[data-id=\"{first}\"]')", "Kick", f"fmle-publish {first}")
    wait(page, "it has gone", f"!document.querySelector('tr[data-id=\"{first}\"]')")
    wait_until("its push has ended", lambda: sum(push.running() for push in pushes) == 1)
    page.value("location.hash = '#/streams'")
    wait(page, "one stream is left", "document.querySelectorAll('tr[data-url]').length === 1")
    last = page.value("document.querySelector('tr[data-url]').dataset.url")
    sure(page, "document.querySelector('tr[data-url]')", "Kick", last.removeprefix("/"))
    wait_until("the other push has ended", lambda: not any(push.running() for push in pushes))
    wait(page, "no stream is left", "!document.querySelector('tr[data-url]')")


def reloads(server, page, shots):
    page.value("location.hash = '#/settings'")
    wait(page, "what is configured", "document.querySelectorAll('.settings tbody tr').length > 5")
    if PASSWORD in page.value("document.body.textContent"):
        raise Failure("the password is shown")
    server.write_config(vhost=server.options["vhost"] + " gop_cache off;")
    press(page, "document", "Reload")
    wait(page, "the reload is told", "document.querySelector('.notice')?.textContent === 'The configuration was read again.'")
    wait(page, "the new setting is shown", "document.querySelector('.settings').textContent.includes('gop_cache')")
    page.screenshot(shots / "console-settings.png")
    good = server.config.read_text()
    server.config.write_text(good.replace("workers", "wrokers"))
    press(page, "document", "Reload")
    wait(page, "the mistake is told", "document.querySelector('.notice')?.textContent.includes('wrokers')")
    server.config.write_text(good)
    page.value("location.hash = '#/log'")
    wait(page, "the log's lines", "[...document.querySelectorAll('.lines .line')].some((line) => line.textContent.includes('reload'))")
    page.screenshot(shots / "console-log.png")


def phone(server, browser, shots, page):
    session = page.value("sessionStorage.getItem('weir-console')")
    small = browser.open(server.http("console/?lang=zh", port="api"), width=390, height=844, mobile=True, dark=True)
    small.value(f"sessionStorage.setItem('weir-console', {session!r}); location.reload()")
    wait(small, "the overview in Chinese", "document.querySelector('.tabs a')?.textContent === '概览' && document.querySelector('.dot.on')")
    wait(small, "figures have come", "document.querySelector('.tile strong').textContent !== '–'")
    for tab in ("overview", "streams", "clients", "devices", "recordings", "settings", "log", "reference"):
        small.value(f"location.hash = '#/{tab}'")
        wait(small, f"{tab} is shown", f"document.querySelector('.tabs a[aria-current]').hash === '#/{tab}' && document.querySelector('main section, main .tile')")
        if small.value("document.documentElement.scrollWidth") > 390:
            raise Failure(f"{tab} is wider than a phone")
        if tab in ("overview", "streams", "clients", "log"):
            small.value("new Promise((done) => setTimeout(done, 400))")
            small.screenshot(shots / f"console-phone-{tab}.png")
    for theme, wanted in (("light", "浅色"), ("dark", "深色"), (None, "自动")):
        small.value("document.getElementById('theme').click()")
        wait(small, f"the theme {theme}", f"(document.documentElement.dataset.theme ?? null) === {json.dumps(theme)} && document.getElementById('theme').textContent === {wanted!r}")
    small.value("document.getElementById('language').click()")
    wait(small, "English again", "document.querySelector('.tabs a').textContent === 'Overview'")


def run(test):
    folder = pathlib.Path(test.folder)
    (folder / "www").mkdir(exist_ok=True)
    server = test.server(dir=folder / "www", http_api=API.format(password=PASSWORD), vhost=VHOST.format(folder=folder))
    server.credentials = f"admin:{PASSWORD}"
    shots = pathlib.Path(os.environ.get("WEIR_SHOTS", test.folder))
    served(server)
    with Chromium(test.processes) as browser:
        page = browser.open(server.http("console/?lang=en", port="api"))
        logs_in(page, shots)
        pushes = moves(test, server, page, shots)
        records(server, page, shots)
        page.value("location.hash = '#/overview'")
        wait(page, "charts are drawn", "document.querySelectorAll('.plot canvas').length === 3")
        page.screenshot(shots / "console-overview.png")
        phone(server, browser, shots, page)
        page.call("Page.bringToFront")  # it asks for nothing while it is not seen
        kicks(server, page, shots, pushes)
        reloads(server, page, shots)
        press(page, "document", "Sign out")
        wait(page, "the form again", "document.querySelector('input[name=password]') && !document.querySelector('.tile')")
        faults = [fault for fault in browser.faults() if "401" not in fault]
        if faults:
            raise Failure(f"the page threw: {faults[:3]}")
    test.note("log in, figures, record, download, kick, reload, log, phone, Chinese")
