"""metrics: Debian's Prometheus scrapes /metrics as OpenMetrics and answers queries over the histograms; promtool finds nothing to
say about the text; gzip; a hook, players of three protocols and the API leave their times."""

import gzip
import http.server
import json
import shutil
import threading
import urllib.parse
import urllib.request

from support.ports import free_ports
from support.processes import Failure, Skip, wait_until

OPEN = "application/openmetrics-text; version=1.0.0"


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"0")

    def log_message(self, *_):
        pass


def scrape(server, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{server.ports['api']}/metrics", headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.headers, answer.read()


def value(text, sample):
    found = [line for line in text.splitlines() if line.startswith(sample + " ")]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0


def run(test):
    for program in ("prometheus", "promtool"):
        if not shutil.which(program):
            raise Skip(f"{program} is not installed (Debian's package prometheus)")
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    on_play = f"http_hooks {{ enabled on; on_play http://127.0.0.1:{hook.server_address[1]}/; }}"
    server = test.server(vhost=f"{on_play} hls {{ enabled on; hls_fragment 2; hls_window 10; }}")
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()

    folder = test.folder / "prometheus"
    folder.mkdir()
    port, = free_ports(1)
    (folder / "prometheus.yml").write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [
        {"job_name": "weir", "static_configs": [{"targets": [f"127.0.0.1:{server.ports['api']}"]}]}]}))
    test.start("prometheus", ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                              f"--web.listen-address=127.0.0.1:{port}"])

    def ask(query):
        try:
            url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(query)}"
            with urllib.request.urlopen(url, timeout=2) as answer:
                return json.load(answer)["data"]["result"]
        except OSError:
            return []

    wait_until("Prometheus has scraped", lambda: [1 for row in ask("up") if row["value"][1] == "1"], 20)
    for name, url in (("rtmp", server.rtmp()), ("flv", f"http://127.0.0.1:{server.ports['http']}/live/cam.flv"),
                      ("hls", f"http://127.0.0.1:{server.ports['http']}/live/cam.m3u8")):
        test.run(f"play-{name}", ["ffmpeg", "-v", "error", "-i", url, "-t", "2", "-f", "null", "-"], 30)

    def plays(protocol):
        text = scrape(server)[1].decode()
        return value(text, f'weir_first_media_seconds_count{{protocol="{protocol}"}}')

    for protocol in ("rtmp", "flv", "hls"):
        wait_until(f"the first media of {protocol} is counted", lambda: plays(protocol) >= 1)
    for query in ('histogram_quantile(0.95, sum by (le, protocol) (weir_first_media_seconds_bucket{protocol="flv"}))',
                  "histogram_quantile(0.99, sum by (le) (rate(weir_delivery_seconds_bucket[30s])))",
                  "histogram_quantile(0.99, sum by (le) (rate(weir_write_batch_seconds_bucket[30s])))",
                  'weir_hook_duration_seconds_count{hook="on_play"} >= 3', "weir_api_request_seconds_count > 0",
                  "process_threads > 1", "process_virtual_memory_max_bytes", "weir_build_info == 1"):
        wait_until(f"Prometheus answers {query}", lambda: [1 for row in ask(query) if row["value"][1] != "NaN"], 20)
    kinds = urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/metadata?metric=weir_delivery_seconds", timeout=2)
    told = json.load(kinds)["data"]["weir_delivery_seconds"][0]
    if told["type"] != "histogram" or told["unit"] != "seconds":
        raise Failure(f"Prometheus took it for {told}")

    heads, text = scrape(server)
    if heads["Content-Type"] != "text/plain; version=0.0.4; charset=utf-8" or b"# EOF" in text:
        raise Failure(f"the text is {heads['Content-Type']}")
    (test.folder / "metrics.txt").write_bytes(text)
    test.run("promtool", ["bash", "-c", f"promtool check metrics < {test.folder}/metrics.txt"], 10)
    heads, packed = scrape(server, **{"Accept": OPEN, "Accept-Encoding": "gzip"})
    if heads["Content-Encoding"] != "gzip" or not heads["Content-Type"].startswith("application/openmetrics-text"):
        raise Failure(f"OpenMetrics by gzip came as {heads}")
    whole = gzip.decompress(packed)
    if not whole.endswith(b"\n# EOF\n") or len(packed) > len(whole) / 4:
        raise Failure(f"{len(packed)} bytes of {len(whole)}, ending in {whole[-20:]}")
    server.stop()
