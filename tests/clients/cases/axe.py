"""What axe says of the page, of its sisters, of the console and of the wiki's site, light and dark, on a desk and on a phone: nothing."""

import json
import sys

from support.chromium import Chromium
from support.ports import free_ports
from support.processes import Failure, Skip, wait_until
from support.server import ROOT, listening

SLOW = True
SECONDS = 300
AXE = ROOT / "tests/clients/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
OF_THE_THEME = ["nested-interactive", "label-content-name-mismatch"]  # VitePress has them in its own menus
RUN = """axe.run(document, {{runOnly: {rules}, rules: {off}, resultTypes: ["violations"], iframes: false}})
  .then(({{violations}}) => JSON.stringify(violations.map(({{id, help, nodes}}) => `${{id}}: ${{help}}: ${{nodes.slice(0, 3).map((node) => node.target + " " +
    (node.any[0]?.message ?? "")).join("; ")}}`)))"""
LOOKS = [(1440, 900, False), (390, 844, True)]


def look_at(browser, url, ready, places=("",), rules=(*RULES, "best-practice"), off=()):
    """Faults of the page at each place (a hash) of it, in every look."""
    faults = {}
    for width, height, dark in LOOKS:
        for mode in (dark, not dark):
            page = browser.open(url, width=width, height=height, mobile=width < 500, dark=mode)
            page.wait(f"{url} is there", f"!!({ready})")
            page.value(AXE.read_text() + ";0")
            for place in places:
                if place:
                    page.value(f"location.hash = {place!r}")
                    page.wait(f"{place} is shown", f"document.querySelector('main section, main .tile') && location.hash === {place!r}")
                page.value("new Promise((done) => setTimeout(done, 300))")  # colours fade
                for fault in json.loads(page.value(RUN.format(rules=json.dumps(list(rules)), off=json.dumps({rule: {"enabled": False} for rule in off})))):
                    faults.setdefault(fault, f"{url}{place} at {width}, {'dark' if mode else 'light'}")
            page.call("Page.close")
    return faults


def run(test):
    if not AXE.is_file():
        raise Skip("axe-core is not there (scripts/setup --test)")
    server = test.server(vhost="hls { enabled on; hls_path " + str(test.folder) + "; }", http_api="raw_api { enabled on; allow_reload on; }")
    test.push(test.source(), server.rtmp("live/cam"), loop=True)
    server.wait_live()
    faults = {}
    with Chromium(test.processes) as browser:
        for language in ("en", "zh"):
            live = "document.querySelector('#streams li')"
            faults |= look_at(browser, server.http(f"?lang={language}"), live)
            faults |= look_at(browser, server.http(f"publish.html?lang={language}"), "document.querySelector('button')")
            faults |= look_at(browser, server.http(f"selftest.html?lang={language}"), "document.querySelector('section')")
            faults |= look_at(browser, server.http(f"console/?lang={language}", port="api"), "document.querySelector('.dot.on')",
                              [f"#/{tab}" for tab in ("overview", "streams", "stream/%2Flive%2Fcam", "clients", "relays", "devices", "recordings", "settings", "log", "reference")])
        faults |= look_at(browser, server.http("embed/live/cam"), "document.querySelector('video')")
        if (ROOT / "build/wiki/index.html").is_file():
            port, = free_ports(1)
            test.start("site", [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", ROOT / "build/wiki", port])
            wait_until("the site is served", lambda: listening(port))
            for name in ("en/", "zh/webrtc.html"):
                faults |= look_at(browser, f"http://127.0.0.1:{port}/{name}", "document.querySelector('main h1, .VPHero h1')",
                                  rules=RULES, off=OF_THE_THEME)
    if faults:
        raise Failure("\n".join(f"{where}: {what}" for what, where in faults.items()))
    test.note("the page, publishing, self-test, embedding, the console's tabs and the wiki")
