"""The wiki as a site: built, without a dead link, served by Weir, searched in both languages, on a desk and on a phone."""

import os
import pathlib
import shutil

from support.chromium import Chromium
from support.processes import Failure, Skip, need
from support.server import ROOT
from support.site import dead_links

SLOW = True
SECONDS = 180
FOUND = "[...document.querySelectorAll('.VPLocalSearchBox .result')].map((one) => one.getAttribute('href')).join(' ')"


def links_lead_somewhere(test, site):
    count, dead = dead_links(site)
    if dead:
        raise Failure(f"{len(dead)} dead links: {dead[:5]}")
    wrong = test.folder / "wrong"
    (wrong / "en").mkdir(parents=True)
    (wrong / "en/a.html").write_text('<h1 id="here">x</h1><a href="#here">1</a><a href="#gone">2</a><a href="/en/b.html">3</a><a href="a.html">4</a>')
    if {target for _, target in dead_links(wrong)[1]} != {"#gone", "/en/b.html"}:
        raise Failure("dead links are not found")
    return count


def search(page, words, wanted):
    page.value("document.querySelector('.VPNavBarSearch button').click()")
    page.wait("the box to search in", "!!document.querySelector('#localsearch-input')")
    page.value(f"(() => {{ const box = document.querySelector('#localsearch-input'); box.value = {words!r}; box.dispatchEvent(new Event('input')); }})()")
    page.wait(f"{words} leads to {wanted}: ", f"({FOUND}).includes({wanted!r})")


def reads(server, browser, site, shots):
    page = browser.open(server.http("en/webrtc.html"), width=1440)
    search(page, "retention", "/en/dvr.html")
    page.screenshot(shots / "site-search.png")
    page = browser.open(server.http("zh/hls.html"), width=1440, dark=True)
    search(page, "录制", "/zh/dvr.html")
    page.screenshot(shots / "site-search-zh.png")
    page = browser.open(server.http("zh/hls.html#%E4%BD%8E%E5%BB%B6%E8%BF%9F"), width=1440)
    twin = "[...document.querySelectorAll('.VPNavBarTranslations a')].map((one) => one.getAttribute('href')).join(' ')"
    page.wait("the same page in the other language", f"({twin}).includes('/en/hls.html')")
    for name in ("en/", "zh/introduction.html", "en/http-api.html", "en/files/conf-full-conf.html"):
        phone = browser.open(server.http(name), width=390, height=844, mobile=True)
        phone.wait(f"{name} has a heading", "!!document.querySelector('main h1, .VPHero h1')")
        phone.screenshot(shots / f"site-phone-{name.strip('/').replace('/', '-')}.png")
    wide = []
    for name in sorted(str(one.relative_to(site)) for one in site.glob("[ez][nh]/*.html")):
        phone.call("Page.navigate", url=server.http(name))
        phone.wait(f"{name} is there", f"location.pathname == '/{name}' && document.readyState == 'complete' && !!document.querySelector('main h1, .VPHero h1')")
        if phone.value("document.documentElement.scrollWidth") > 390:
            wide.append(name)
    if wide:
        raise Failure(f"wider than a phone: {wide}")
    if browser.faults():
        raise Failure(f"the site threw: {browser.faults()[:3]}")


def run(test):
    need("node", "npm")
    if not (ROOT / "research/wiki/node_modules/vitepress").is_dir():
        raise Skip("what builds the site is not there (scripts/setup --test)")
    test.run("build", [ROOT / "scripts/wiki"], seconds=150)
    site = test.folder / "site"
    shutil.copytree(ROOT / "build/wiki", site)
    count = links_lead_somewhere(test, site)
    server = test.server(dir=site)
    shots = pathlib.Path(os.environ.get("WEIR_SHOTS", test.folder))
    with Chromium(test.processes) as browser:
        reads(server, browser, site, shots)
    test.note(f"{count} pages, searched in both languages")
