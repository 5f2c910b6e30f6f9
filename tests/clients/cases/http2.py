"""http2: curl, nghttp and h2load over HTTP/2: by ALPN, by prior knowledge, side by side on one connection; LL-HLS in
Chromium by hls.js over h2; off is off."""

import json
import re
import shutil
import signal
import subprocess
import time
import urllib.parse

from support.chromium import Chromium
from support.ports import free_ports
from support.processes import Failure, Skip, need, wait_until
from support.server import ROOT, listening

SECONDS = 120


def run(test):
    need("curl", "nghttp", "h2load", "openssl", "ffprobe")
    cert, key = test.folder / "h2.crt", test.folder / "h2.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    secure, = free_ports(1)

    def settings(http2="on"):
        return f"http2 {http2}; https {{ enabled on; listen {secure}; key {key}; cert {cert}; }}"

    (test.folder / "index.html").write_text("<p>" + "A page of some length. " * 100 + "</p>")
    server = test.server(dir=test.folder, http_server=settings(), vhost="hls { enabled on; hls_fragment 1; hls_low_latency on; }")
    if not speaks_http2(server):
        raise Skip("this weir was built without nghttp2")
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    wait_until("weir listens for https", lambda: listening(secure))
    plain, tls = f"http://127.0.0.1:{server.ports['http']}", f"https://localhost:{secure}"

    def curl(*words, seconds=20):
        out = subprocess.run(["curl", "-s", "--cacert", cert, "-w", "\n%{http_version} %{http_code} %{size_download}", "-m", "10", *words],
                             capture_output=True, timeout=seconds)
        return out.stdout.rsplit(b"\n", 1)[1].decode().split(" ")

    wait_until("the playlist is there", lambda: curl(f"{plain}/live/cam.m3u8")[1] == "200")
    for words, version in ((["--http2", f"{tls}/live/cam.m3u8"], "2"), (["--http1.1", f"{tls}/live/cam.m3u8"], "1.1"),
                           (["--http2-prior-knowledge", f"{plain}/live/cam.m3u8"], "2"), ([f"{plain}/live/cam.m3u8"], "1.1"),
                           (["--http2-prior-knowledge", f"http://127.0.0.1:{server.ports['api']}/api/v1/versions"], "2")):
        got = curl(*words)
        if got[:2] != [version, "200"]:
            raise Failure(f"curl {words}: {got}")

    # A live stream over h2 is the stream: ffprobe reads what curl fetched.
    out = test.folder / "live.flv"
    got = curl("--http2", "-m", "4", "-o", out, f"{tls}/live/cam.flv")
    probe = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-of", "json", out],
                           capture_output=True, text=True)
    streams = {one["codec_name"]: int(one["nb_read_frames"]) for one in json.loads(probe.stdout)["streams"]}
    if got[0] != "2" or streams.get("h264", 0) < 50 or "aac" not in streams:
        raise Failure(f"a live FLV over h2: {got}, {streams}")

    # Files whole and in pieces, the same by both.
    name = "index.html"
    bodies = [subprocess.run(["curl", "-s", how, "--cacert", cert, f"{tls}/{name}"], capture_output=True).stdout
              for how in ("--http2", "--http1.1")]
    if bodies[0] != bodies[1] or not bodies[0]:
        raise Failure(f"{name}: {len(bodies[0])} bytes over h2, {len(bodies[1])} over HTTP/1.1")
    got = curl("--http2", "-r", "10-19", f"{tls}/{name}")
    if got != ["2", "206", "10"]:
        raise Failure(f"a range over h2: {got}")

    nghttp = subprocess.run(["nghttp", "-ns", f"{tls}/{name}", f"{tls}/live/cam.m3u8", f"{tls}/nothing"], capture_output=True, text=True, timeout=20)
    codes = re.findall(r" (\d{3}) +\d", nghttp.stdout)
    if sorted(codes) != ["200", "200", "404"]:
        raise Failure(f"nghttp on one connection: {codes}\n{nghttp.stdout}{nghttp.stderr}")
    load = subprocess.run(["h2load", "-n", "3000", "-c", "10", "-m", "16", f"{tls}/{name}"], capture_output=True, text=True, timeout=60)
    if "3000 succeeded, 0 failed, 0 errored" not in load.stdout:
        raise Failure(f"h2load:\n{load.stdout}")
    # Bodies that go up.
    up = subprocess.run(["curl", "-s", "--http2-prior-knowledge", "-X", "POST", "-H", "Content-Type: application/json", "-d", "{}", "-w", "%{http_code}",
                         f"{plain}/rtc/v1/whip/?app=live&stream=x"], capture_output=True, text=True, timeout=20)
    if up.stdout[-3:] in ("000", "500"):
        raise Failure(f"a POST over h2: {up.stdout}")

    server.write_config(http_server=settings("off"))
    server.process.signal(signal.SIGHUP)
    wait_until("h2 is not offered any more", lambda: curl("--http2", f"{tls}/{name}")[:2] == ["1.1", "200"])
    server.write_config(http_server=settings())
    server.process.signal(signal.SIGHUP)
    wait_until("and is again", lambda: curl("--http2", f"{tls}/{name}")[:2] == ["2", "200"])
    browser(test, server, secure)
    server.stop()


def browser(test, server, secure):
    """hls.js in Chromium: what it fetched, it fetched over h2, and the picture is near the live edge."""
    vendor = ROOT / "research/players/vendor"
    if not (vendor / "hls.js").exists():
        test.note("without a browser: hls.js is not there (scripts/setup)")
        return
    shutil.copytree(vendor, test.folder / "vendor")
    for page in (ROOT / "tests/clients/pages").glob("segments.*"):
        shutil.copy(page, test.folder)
    query = urllib.parse.urlencode({"player": "hls", "url": f"https://localhost:{secure}/live/cam.m3u8"})
    with Chromium(test.processes) as chromium:
        page = chromium.open(f"https://localhost:{secure}/segments.html?{query}")
        page.wait("time advances", '(window.fault || document.getElementById("video").currentTime > 3)', 40)
        if fault := page.value("window.fault"):
            raise Failure(f"hls.js over h2: {fault}")
        time.sleep(3)
        latency, stalls = page.value("window.latency"), page.value("window.stalls")
        kinds = page.value('Object.entries(performance.getEntriesByType("resource").filter(e => e.name.includes("/live/"))'
                           '.reduce((all, e) => { all[e.nextHopProtocol] = (all[e.nextHopProtocol] || 0) + 1; return all; }, {}))')
    if [kind for kind, _ in kinds] != ["h2"] or latency > 2:
        raise Failure(f"hls.js: fetched by {kinds}, {latency:.2f} s behind")
    test.note(f"hls.js over h2: {kinds[0][1]} playlists and parts, {latency:.2f} s behind, {stalls} stalls")


def speaks_http2(server):
    got = subprocess.run(["curl", "-s", "-o", "/dev/null", "--http2-prior-knowledge", "-w", "%{http_version}",
                          f"http://127.0.0.1:{server.ports['http']}/"], capture_output=True, text=True, timeout=20)
    return got.stdout == "2"
