"""Every page and every tab of the console on a server where everything is there, in English, light, on a desk, and in Chinese, dark, on a phone: nothing is
wider than the screen, no text is cut off or covered, no word is missing; axe says nothing. WEIR_LOOKS=all: in both languages, light and dark, on a desk and on
a phone. WEIR_SHOTS=FOLDER keeps pictures of all of it, to be looked at."""

import base64
import json
import os
import pathlib

from cases.axe import AXE, RULES, RUN
from support.busy import busy_server, sign_in
from support.chromium import Chromium
from support.processes import Failure, Skip, need

SLOW = True
SECONDS = 600
TABS = ["overview", "streams", "stream/%2Flive%2Fcam", "stream/%2Flive%2Fts", "clients", "relays", "cluster", "devices", "recordings", "settings", "log", "reference"]
PAGES = {"live": ("?lang={0}", "document.querySelector('#streams li')"), "publish": ("publish.html?lang={0}", "document.querySelector('button')"),
         "selftest": ("selftest.html?lang={0}", "document.querySelector('section')"), "embed": ("embed/live/cam?lang={0}", "document.querySelector('video')")}
DESK, PHONE = (1440, 900), (390, 844)
LOOKS = [("en", DESK, False), ("zh", PHONE, True)]
if os.environ.get("WEIR_LOOKS") == "all":
    LOOKS = [(language, size, dark) for language in ("en", "zh") for size in (DESK, PHONE) for dark in (False, True)]
# Colours have faded and nothing has changed for a moment; what always moves is not waited for.
SETTLED = """new Promise((done) => {
  const latest = performance.now() + 700;
  let changed = performance.now();
  const watch = new MutationObserver(() => { changed = performance.now(); });
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  const look = () => {
    const now = performance.now();
    const fading = document.getAnimations().some((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime !== Infinity);
    if (now < latest && (fading || now - changed < 250)) return setTimeout(look, 20);
    watch.disconnect();
    done();
  };
  look();
})"""
# What a reader sees is wrong: something beyond the edge that no box of its own scrolls; a word that stands for a missing text; a button that is too
# small for a finger on a phone is left to axe.
SEEN = """(() => {
  const faults = [], wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide) faults.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const one of document.querySelectorAll('main *, header *, nav *')) {
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const style = getComputedStyle(one);
    const cut = style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis' && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
    if (cut && one.childElementCount === 0 && style.position !== 'absolute') faults.push(`cut off: ${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`);
    if (one.childElementCount === 0 && /\\b(undefined|NaN|null|Infinity|\\[object)\\b/.test(one.textContent) && !one.closest('pre, textarea, code, .lines'))
      faults.push(`says: ${one.textContent.slice(0, 60)}`);
  }
  return faults;
})()"""


def picture(page, path):
    """All of the page, not only what the window shows."""
    size = page.call("Page.getLayoutMetrics")["cssContentSize"]
    clip = dict(x=0, y=0, width=size["width"], height=min(size["height"], 4000), scale=1)
    data = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
    pathlib.Path(path).write_bytes(base64.b64decode(data))


def run(test):
    if not AXE.is_file():
        raise Skip("axe-core is not there (scripts/setup --test)")
    need("ffmpeg")
    shots = os.environ.get("WEIR_SHOTS")
    server = busy_server(test)
    faults, looked = [], 0

    def look(page, name):
        nonlocal looked
        looked += 1
        page.value(SETTLED)
        if shots:
            picture(page, f"{shots}/{name}.png")
        found = page.value(SEEN)
        if not page.value("!!window.axe"):
            page.value(AXE.read_text() + ";0")
        found += json.loads(page.value(RUN.format(rules=json.dumps([*RULES, "best-practice"]), off="{}")))
        faults.extend(f"{name}: {one}" for one in found)

    with Chromium(test.processes) as browser:
        for language, (width, height), dark in LOOKS:
            kind = f"{language}-{width}-{'dark' if dark else 'light'}"
            for name, (path, ready) in PAGES.items():
                page = browser.open(server.http(path.format(language)), width=width, height=height, mobile=width < 500, dark=dark)
                page.wait(f"{name} is there", f"!!({ready})")
                look(page, f"page-{name}-{kind}")
                page.call("Page.close")
            page = browser.open(server.http(f"console/?lang={language}", port="api"), width=width, height=height, mobile=width < 500, dark=dark)
            page.wait("the form", "!!document.querySelector('input[name=password]')")
            look(page, f"console-login-{kind}")
            sign_in(page)
            for tab in TABS:
                page.value(f"location.hash = '#/{tab}'")
                page.wait(f"{tab} is shown", f"!!document.querySelector('main section, main .tile') && location.hash === '#/{tab}'")
                page.value("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
                if tab == "devices":
                    page.wait("the camera's channels", "[...document.querySelectorAll('td.actions button')].map((one) => one.click()).length > 0")
                    page.wait("its channel", "document.body.textContent.includes('gate')")
                look(page, f"console-{tab.split('%2F')[0].strip('/')}{tab.split('%2F')[-1] if '%' in tab else ''}-{kind}")
            page.call("Page.close")
        thrown = [one for one in browser.faults() if "401" not in one]
    if thrown:
        faults.append(f"thrown: {thrown[:3]}")
    if faults:
        raise Failure("\n".join(dict.fromkeys(faults)))
    test.note(f"{looked} looks")
