"""Three edges that relay the HLS of their origin, as processes: low-latency players follow all of them and the origin, each at its own pace, and every
part, segment and initialisation is the same, by SHA-256, and so is each playlist once its stream is over; fifty players of an edge who wait for a part are
one request; ffmpeg decodes at each; nginx with proxy_cache in front of two edges, by turns, tells which answers it had already; an origin that is killed is replaced by the second one."""

import collections
import hashlib
import re
import signal
import threading
import time
import urllib.error
import urllib.request

from cases.cluster import decodes, node
from support.processes import Failure, Skip, need, wait_until
from support.server import free_ports, listening

SECONDS = 240
LL = ("hls { enabled on; hls_fragment 1; hls_window 20; hls_to_disk off; hls_use_fmp4 on; hls_low_latency on; hls_part_duration 0.2; hls_grace 2; } min_latency on;")


def get(port, path, way=False):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Weir-Way": "case"} if way else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), answer.headers


def metric(server, name):
    text = get(server.ports["api"], "/metrics")[0].decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
    return float(found.group(1)) if found else 0.0


class Follower(threading.Thread):
    """A low-latency player without eyes: asks for the next part, and fetches whatever the playlist names."""

    def __init__(self, port, way=False):
        super().__init__(daemon=True)
        self.port, self.way, self.over, self.error = port, way, False, None
        self.digests = {}
        self.start()

    def run(self):
        try:
            msn, part = None, 0
            while not self.over:
                query = "" if msn is None else f"?_HLS_msn={msn}&_HLS_part={part}"
                text = get(self.port, "/live/cam.m3u8" + query, self.way)[0]
                text = text.decode()
                names = re.findall(r'^#EXT-X-(?:PART|MAP):.*URI="([^"]+)"', text, re.M) + re.findall(r"^[^#\s]\S*$", text, re.M)
                for name in names[-12:]:
                    if name not in self.digests:
                        self.digests[name] = hashlib.sha256(get(self.port, "/live/" + name)[0]).hexdigest()
                sequence = int(re.search(r"^#EXT-X-MEDIA-SEQUENCE:(\d+)", text, re.M).group(1))
                lines = text.splitlines()
                last = max(i for i, line in enumerate(lines) if line.startswith("#EXTINF"))
                msn = sequence + sum(line.startswith("#EXTINF") for line in lines)
                part = sum(line.startswith("#EXT-X-PART:") for line in lines[last:])
        except Exception as fault:  # the case says which
            self.error = f"{type(fault).__name__}: {fault}"


def ended(followers, who):
    """Failure when one of them had a fault."""
    for one in followers:
        one.over = True
    for one in followers:
        one.join(30)
        if one.error:
            raise Failure(f"{who} at port {one.port}: {one.error}")


def same_everywhere(test, origin, edges):
    followers = [Follower(origin.ports["http"], way=True)] + [Follower(edge.ports["http"]) for edge in edges]
    time.sleep(12)
    ended(followers, "a player")
    seen = collections.defaultdict(set)
    for one in followers:
        for name, digest in one.digests.items():
            seen[name].add(digest)
    different = [name for name, digests in seen.items() if len(digests) > 1]
    if different:
        raise Failure(f"not the same everywhere: {different[:5]}")
    shared = [name for name in seen if all(name in one.digests for one in followers)]
    parts = [name for name in shared if re.search(r"\.\d+\.m4s$", name)]
    if len(parts) < 20:
        raise Failure(f"too little was compared: {len(parts)} parts")
    # What a playlist has more than was waited for depends on the moment: those of a stream that is over are compared.
    test.note(f"{len(parts)} parts and {len(shared) - len(parts)} other files have one SHA-256 at the origin and three edges")


def same_playlists(test, origin, edges):
    """Of a stream that is over, which each edge was asked for before. `playlist` is at the origin without what is one player's own."""
    def playlist(server, query=""):
        return get(server.ports["http"], "/live/still.m3u8" + query, way=server is origin)[0].decode()

    text = wait_until("the playlist has its end", lambda: (lambda text: "#EXT-X-ENDLIST" in text and text)(playlist(origin)), 60, 0.5)
    last = int(re.search(r"^#EXT-X-MEDIA-SEQUENCE:(\d+)", text, re.M).group(1)) + text.count("#EXTINF") - 1
    queries = ("", "?_HLS_skip=YES", f"?_HLS_msn={last}", f"?_HLS_msn={last}&_HLS_part=0", f"?_HLS_msn={last - 1}&_HLS_skip=YES")
    for query in queries:
        wanted = playlist(origin, query)
        for edge in edges:
            wait_until(f"the edge at {edge.ports['http']} has still.m3u8{query} of its origin", lambda: playlist(edge, query) == wanted, 15, 0.5)
    if playlist(origin) != text or text.count("#EXTINF") < 6:
        raise Failure(f"not a stream of 8 s that is over:\n{text}\n{playlist(origin)}")
    test.note(f"{len(queries)} requests for the playlist of a stream that is over have one answer at the origin and three edges")


def one_request(test, edge):
    """Of players who all wait for what comes next."""
    followers = [Follower(edge.ports["http"]) for _ in range(50)]
    time.sleep(3)
    asked, kept, joined = (metric(edge, name) for name in ("weir_hls_relay_requests_total", 'weir_hls_relay_answers_total{from="memory"}',
                                                           'weir_hls_relay_answers_total{from="another"}'))
    time.sleep(5)
    more = [metric(edge, "weir_hls_relay_requests_total") - asked, metric(edge, 'weir_hls_relay_answers_total{from="memory"}') - kept,
            metric(edge, 'weir_hls_relay_answers_total{from="another"}') - joined]
    ended(followers, "one of fifty players")
    if more[1] + more[2] < 10 * more[0]:
        raise Failure(f"50 players: {more[0]:.0f} requests to the origin, {more[1]:.0f} answers from memory, {more[2]:.0f} with another")
    test.note(f"50 players in 5 s: {more[0]:.0f} requests to the origin, {more[1]:.0f} answers from memory, {more[2]:.0f} with another")


def cached(test, edges):
    port = free_ports(1)[0]
    upstream = " ".join(f"server 127.0.0.1:{edge.ports['http']};" for edge in edges[:2])
    config = test.folder / "nginx.conf"
    config.write_text(f"""
daemon off; pid {test.folder}/nginx.pid; error_log {test.folder}/nginx-error.log; worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off; proxy_temp_path {test.folder}/temp; client_body_temp_path {test.folder}/body;
    proxy_cache_path {test.folder}/cache keys_zone=hls:1m;
    upstream edges {{ {upstream} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://edges; proxy_http_version 1.1; proxy_cache hls; proxy_cache_lock on; add_header X-Cache $upstream_cache_status; }}
    }}
}}
""")
    test.start("nginx", ["nginx", "-c", config, "-p", test.folder])
    wait_until("nginx listens", lambda: listening(port))
    followers = [Follower(port) for _ in range(5)]
    time.sleep(8)
    ended(followers, "a player behind nginx")
    if any(set(one.digests) & set(other.digests) and any(one.digests[name] != other.digests[name] for name in set(one.digests) & set(other.digests))
           for one in followers for other in followers):
        raise Failure("players behind nginx have different files of one name")
    hits = collections.Counter(get(port, "/live/" + name)[1]["X-Cache"] for name in list(followers[0].digests)[-10:])
    if not hits["HIT"]:
        raise Failure(f"nginx keeps nothing: {hits}")
    test.note(f"nginx before two edges: {sum(len(one.digests) for one in followers)} files of 5 players are the same; of the last ten {hits['HIT']} were kept")


def run(test):
    need("ffmpeg", "nginx")
    if test.peer:
        raise Skip("about Weir alone")
    origin, second = node(test, "origin", LL), node(test, "second", LL)
    places = " ".join(f"127.0.0.1:{one.ports['http']}" for one in (origin, second))
    edges = [node(test, f"edge-{i}", f"cluster {{ mode remote; origin 127.0.0.1:{origin.ports['rtmp']}; hls_relay on; hls_origin {places}; }} {LL}")
             for i in range(3)]
    test.push(test.source(), origin.rtmp(), loop=True)
    origin.wait_live(seconds=60)

    def there(server=edges[0], stream="cam"):
        try:
            return b"#EXTM3U" in get(server.ports["http"], f"/live/{stream}.m3u8")[0]
        except (urllib.error.HTTPError, OSError):
            return False

    wait_until("the edge has a playlist", there, 60)
    still = test.push(test.source(), origin.rtmp("live/still"))
    for server in (origin, *edges):
        wait_until("there is a playlist of what will end", lambda: there(server, "still"), 30)
    same_everywhere(test, origin, edges)
    still.expect(0, 30)
    same_playlists(test, origin, edges)
    one_request(test, edges[1])
    for i, edge in enumerate(edges):
        decodes(test, f"decode-{i}", f"http://127.0.0.1:{edge.ports['http']}/live/cam.m3u8")
    if any(stream["publish"]["active"] for edge in edges for stream in edge.streams().values()):
        raise Failure("an edge has the stream itself")
    cached(test, edges)
    test.push(test.source(), second.rtmp(), loop=True)
    second.wait_live(seconds=60)
    origin.process.signal(signal.SIGKILL)
    origin.process.wait(30)
    test.servers.remove(origin)
    died = time.monotonic()
    wait_until("an edge has a playlist of the second origin", there, 60)
    decodes(test, "decode-second", f"http://127.0.0.1:{edges[0].ports['http']}/live/cam.m3u8")
    test.note(f"origin killed: an edge has playlists again {time.monotonic() - died:.1f} s later, those of the second one")
