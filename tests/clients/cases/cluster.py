"""Edges and origins that know each other, as processes: a player of each protocol begins the fetch at an edge, one pull for all; FLV is redirected to
the origin that has the stream, and curl, ffmpeg and an edge follow; an origin that is killed or stopped is replaced while a player goes on; nginx-rtmp is
an origin too, of players and of publishers."""

import signal
import statistics
import time

from cases.forward import other_server, packets
from support.flv import FlvPlayer
from support.nginx import Nginx
from support.ports import free_port
from support.processes import Failure, Skip, need, wait_until

SECONDS = 420
HLS = "hls { enabled on; hls_fragment 1; hls_to_disk off; } dash { enabled on; dash_fragment 1; }"


def node(test, name, vhost, top=""):
    return other_server(test, name, free_port(), vhost=vhost, top=top)


def edge_of(test, name, *origins, more="", top=""):
    addresses = " ".join(f"127.0.0.1:{port}" for port in origins)
    return node(test, name, f"cluster {{ mode remote; origin {addresses}; }} {HLS} {more}", top)


def decodes(test, name, url, seconds=2, limit=90, options=()):
    """Decoded frames, not a connection alone."""
    player = test.start(name, ["ffmpeg", "-nostdin", "-v", "error", *options, "-i", url, "-t", str(seconds), "-f", "null", "-progress", "-", "-"])
    if player.wait(limit) != 0 or "frame=" not in player.text():
        raise Failure(f"{name}: {url} was not decoded\n{player.tail()}")


def sources(server):
    return server.api("/api/v1/sources/")["sources"]


def every_protocol_begins_the_fetch(test, origin):
    for kind in ("m3u8", "mpd", "flv", "ts", "mp4"):
        edge = edge_of(test, f"edge-{kind}", origin.ports["rtmp"])
        decodes(test, f"play-{kind}", f"http://127.0.0.1:{edge.ports['http']}/live/cam.{kind}")
        if len(sources(edge)) != 1:
            raise Failure(f"{kind}: {len(sources(edge))} fetches")
        test.note(f"{kind} begins the fetch")
    # One pull, however many play.
    players = [FlvPlayer(edge.ports["http"], keep=False) for _ in range(50)]
    for player in players:
        player.wait_tags(50)
    clients = [client for client in origin.api("/api/v1/clients/?count=100")["clients"] if client["publish"] is False]
    here = [client for client in clients if client["type"] == "rtmp-play"]
    if len(sources(edge)) != 1 or sources(edge)[0]["attempts"] != 1:
        raise Failure(f"not one pull for 50 players: {sources(edge)}")
    test.note(f"50 players of an edge are one pull; the origin has {len(here)} RTMP players for its edges")
    for player in players:
        player.leave()
    return edge


def delay_of_an_edge(test, origin, edge):
    """When the same frames come, to one player of each: the added time. Noted, not judged: the machine is shared."""
    near, far = FlvPlayer(origin.ports["http"]), FlvPlayer(edge.ports["http"])
    far.wait_tags(50)
    near.wait_tags(50)
    time.sleep(8)
    came = {(tag.kind, tag.body): tag.at for tag in near.media()}
    added = sorted((tag.at - came[tag.kind, tag.body]) * 1000 for tag in far.media() if (tag.kind, tag.body) in came and tag.at > far.started + 2)
    for player in (near, far):
        player.leave()
    if not added:
        raise Failure("no frame came to both")
    test.note(f"added by an edge to {len(added)} frames: median {statistics.median(added):.1f} ms, p99 {added[int(len(added) * 0.99)]:.1f} ms")


def redirects(test):
    nodes = []
    for name in ("A", "B"):
        folder = test.folder / f"origin-{name}"
        folder.mkdir()
        server = test.make_server(folder=folder)
        server.config = folder / "weir.conf"
        nodes.append(server)
    for server, other in (nodes, nodes[::-1]):
        server.write_config(vhost="cluster { origin_cluster on; advertise 127.0.0.1; coworkers 127.0.0.1:" f"{other.ports['api']}; }} {HLS}")
        server.start()
    one, two = nodes
    push = test.push(test.source(), one.rtmp(), loop=True)
    one.wait_live(seconds=60)
    curl = test.run("curl", ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", f"http://127.0.0.1:{two.ports['http']}/live/cam.flv?a=1"])
    wanted = f"302 http://127.0.0.1:{one.ports['http']}/live/cam.flv?a=1"
    if curl.text().strip() != wanted:
        raise Failure(f"curl got '{curl.text().strip()}', not '{wanted}'")
    for kind in ("flv", "m3u8", "ts"):  # of DASH, FFmpeg asks for the segments where it asked for the manifest
        decodes(test, f"follow-{kind}", f"http://127.0.0.1:{two.ports['http']}/live/cam.{kind}")
    edge = edge_of(test, "edge-of-B", two.ports["rtmp"])
    packets(test, "edge-follows", edge.rtmp())
    test.note("ffmpeg and curl follow HTTP's 302, an edge follows RTMP's")
    push.signal(signal.SIGTERM)
    for server in (edge, one, two):
        server.stop()
        test.servers.remove(server)


def origin_dies(test, how):
    one, two = node(test, f"one-{how.name}", ""), node(test, f"two-{how.name}", "")
    pushes = [test.push(test.source(), server.rtmp(), loop=True) for server in (one, two)]
    for server in (one, two):
        server.wait_live(seconds=60)
    edge = edge_of(test, f"edge-{how.name}", one.ports["rtmp"], two.ports["rtmp"])
    player = FlvPlayer(edge.ports["http"], keep=False)
    player.wait_tags(50)
    one.process.signal(how)
    began, before = time.monotonic(), player.count
    wait_until("the second origin is asked", lambda: str(two.ports["rtmp"]) in str(sources(edge)) and sources(edge)[0]["attempts"] > 1, 60)
    before = player.count
    wait_until("the player goes on", lambda: player.count > before + 5 or player.error, 60)
    if player.error:
        raise Failure(f"the player was ended: {player.error}")
    test.note(f"{how.name}: the player of the edge goes on after {time.monotonic() - began:.2f} s")
    player.leave()
    if how == signal.SIGSTOP:
        one.process.signal(signal.SIGCONT)
    else:
        one.process.wait(30)
        test.servers.remove(one)
    for push in pushes:
        push.signal(signal.SIGTERM)


def nginx_is_an_origin(test):
    nginx = Nginx(None, test.processes).start()
    push = test.push(test.source(), nginx.rtmp(), loop=True)
    edge = edge_of(test, "edge-of-nginx", nginx.ports["rtmp"])
    packets(test, "from-nginx", edge.rtmp())
    decodes(test, "from-nginx-hls", f"http://127.0.0.1:{edge.ports['http']}/live/cam.m3u8")
    push.signal(signal.SIGTERM)
    push = test.push(test.source(), edge.rtmp("live/other"), loop=True)
    edge.wait_live("/live/other", 60)
    packets(test, "at-nginx", nginx.rtmp("live/other"))
    # Its only origin is gone: the publisher is told.
    nginx.process.signal(signal.SIGTERM)  # of its workers, too
    if push.wait(60) == 0:
        raise Failure("ffmpeg was not told that no origin takes its stream")
    test.note("nginx-rtmp as an origin: players and publishers of an edge; a publisher is told when it is gone")


def run(test):
    need("ffmpeg", "ffprobe", "curl")
    if test.peer:
        raise Skip("about Weir alone")
    origin = node(test, "origin", HLS)
    push = test.push(test.source(), origin.rtmp(), loop=True)
    origin.wait_live(seconds=60)
    edge = every_protocol_begins_the_fetch(test, origin)
    delay_of_an_edge(test, origin, edge)
    push.signal(signal.SIGTERM)
    redirects(test)
    origin_dies(test, signal.SIGKILL)
    origin_dies(test, signal.SIGSTOP)
    nginx_is_an_origin(test)
