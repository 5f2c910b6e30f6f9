"""Servers that find one another in Redis, as processes: what ffmpeg publishes at one is decoded at the others, of every protocol; Redis is killed and
comes back while players go on; the server with the publisher is killed, and players at the others go on when it publishes elsewhere; a server drains."""

import signal
import time
import urllib.error
import urllib.request

from cases.cluster import HLS, decodes, sources
from support.flv import FlvPlayer
from support.ports import free_port
from support.processes import Failure, Skip, need, wait_until
from support.server import listening

SECONDS = 300


class Redis:
    def __init__(self, test):
        self.test, self.port = test, free_port()
        self.start()

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = self.test.start("redis", command, cwd=self.test.folder)
        wait_until("Redis listens", lambda: listening(self.port))

    def kill(self):
        self.process.signal(signal.SIGKILL)
        self.process.wait(10)


def node(test, store, name, engine="redis"):
    folder = test.folder / name
    folder.mkdir()
    server = test.make_server(folder=folder)
    server.config = folder / "weir.conf"
    ports = server.ports
    server.write_config(vhost=HLS, top=f"registry {{ engine {engine}; address 127.0.0.1:{store.port}; node {name}; ttl 3; advertise "
                                       f"rtmp://127.0.0.1:{ports['rtmp']} http://127.0.0.1:{ports['http']}; }}")
    return server.start()


def cluster(server):
    return server.api("/api/v1/cluster")["cluster"]


def grows(player, what, seconds=60):
    before = player.count
    began = time.monotonic()
    wait_until(what, lambda: player.count > before + 25 or player.error, seconds)
    if player.error:
        raise Failure(f"{what}: the player was ended: {player.error}")
    return time.monotonic() - began


def balance(server, query):
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    try:
        with urllib.request.build_opener(Stay).open(f"http://127.0.0.1:{server.ports['api']}/api/v1/balance?{query}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers.get("Location", "")


def run(test):
    need("ffmpeg", "redis-server")
    if test.peer:
        raise Skip("about Weir alone")
    redis = Redis(test)
    one, two, three = (node(test, redis, name) for name in ("one", "two", "three"))
    for server in (one, two, three):
        wait_until("all find one another", lambda: len(cluster(server).get("nodes", [])) == 3)
    push = test.push(test.source(), one.rtmp(), loop=True)
    one.wait_live(seconds=60)
    began = time.monotonic()
    player = FlvPlayer(two.ports["http"], keep=False)
    player.wait_tags(5)
    test.note(f"found and fetched in {time.monotonic() - began:.2f} s")
    for kind in ("m3u8", "flv", "ts"):
        decodes(test, f"play-{kind}", f"http://127.0.0.1:{three.ports['http']}/live/cam.{kind}")
    if len(sources(three)) > 1:
        raise Failure(f"not one fetch for all: {sources(three)}")

    for kind, path in (("flv", "live/cam.flv"), ("hls", "live/cam.m3u8")):
        status, place = balance(two, f"stream=live/cam&proto={kind}&token=7")
        if status != 302 or path not in place or "token=7" not in place:
            raise Failure(f"balance of {kind}: {status} {place}")

    redis.kill()
    wait_until("it is seen that Redis is gone", lambda: not any(cluster(server)["connected"] for server in (one, two, three)))
    grows(player, "the player goes on without Redis")
    newcomer = FlvPlayer(two.ports["http"], keep=False)  # of what is fetched already
    newcomer.wait_tags(25)
    newcomer.leave()
    other = test.push(test.source(), three.rtmp("live/other"), loop=True)
    three.wait_live("/live/other", 60)
    redis.start()
    for server in (one, two, three):
        wait_until("all find one another again", lambda: cluster(server)["connected"] and len(cluster(server)["nodes"]) == 3)
    late = FlvPlayer(one.ports["http"], path="/live/other.flv", keep=False)
    late.wait_tags(25)
    late.leave()
    grows(player, "the player goes on with Redis")
    other.signal(signal.SIGTERM)
    test.note("Redis killed and back: players go on, and what was published meanwhile is found")

    one.process.signal(signal.SIGKILL)
    one.process.wait(30)
    test.servers.remove(one)
    push.wait(60)
    died = time.monotonic()

    def published():
        """What a dead server had is free when its record has expired."""
        again = test.push(test.source(), three.rtmp(), loop=True)
        try:
            three.wait_live(seconds=3)
            return True
        except Failure:
            again.signal(signal.SIGTERM)
            return False

    wait_until("the publisher is let in elsewhere", published, 60)
    grows(player, "the player goes on from another server", 60)
    test.note(f"server killed: the player goes on from another one {time.monotonic() - died:.1f} s later (ttl 3 s)")

    two.api("/api/v1/drain", "POST")
    status, place = balance(three, "stream=live/cam&proto=flv")
    wait_until("nobody is sent to who drains", lambda: balance(three, "stream=live/cam&proto=flv&as=json")[1].count('"three"'))
    refused = FlvPlayer(two.ports["http"], keep=False)
    wait_until("a newcomer is not served", lambda: refused.error, 30)
    grows(player, "who is there stays")
    two.api("/api/v1/drain", "DELETE")
    player.leave()
