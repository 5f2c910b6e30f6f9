"""Servers that find one another in etcd, as processes: what ffmpeg publishes at one plays at another; etcd is killed and comes back while players go on; a
server sleeps (SIGSTOP) for longer than its lease lives, its stream is published elsewhere meanwhile, and when it wakes it gives way."""

import signal
import time

from cases.registry import cluster, grows, node
from cases.cluster import decodes
from support.flv import FlvPlayer
from support.processes import Skip, need, wait_until
from support.server import free_ports, listening

SECONDS = 240


class Etcd:
    def __init__(self, test):
        self.test, (self.port, self.peer) = test, free_ports(2)
        self.start()

    def start(self):
        client, peer = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.peer}"
        self.process = self.test.start("etcd", ["etcd", "--data-dir", self.test.folder / "etcd-data", "--listen-client-urls", client, "--advertise-client-urls",
                                                client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster",
                                                f"default={peer}", "--log-level", "error"], cwd=self.test.folder)
        wait_until("etcd listens", lambda: listening(self.port))

    def kill(self):
        self.process.signal(signal.SIGKILL)
        self.process.wait(10)


def all_connected(servers):
    for server in servers:
        wait_until("all find one another", lambda: cluster(server)["connected"] and len(cluster(server)["nodes"]) == len(servers), 30)


def run(test):
    need("ffmpeg", "etcd")
    if test.peer:
        raise Skip("about Weir alone")
    etcd = Etcd(test)
    servers = one, two, three = [node(test, etcd, name, "etcd") for name in ("one", "two", "three")]
    all_connected(servers)
    test.push(test.source(), one.rtmp(), loop=True)
    one.wait_live(seconds=60)
    began = time.monotonic()
    player = FlvPlayer(two.ports["http"], keep=False)
    player.wait_tags(5)
    test.note(f"found and fetched in {time.monotonic() - began:.2f} s")
    decodes(test, "play-hls", f"http://127.0.0.1:{three.ports['http']}/live/cam.m3u8")

    etcd.kill()
    wait_until("it is seen that etcd is gone", lambda: not any(cluster(server)["connected"] for server in servers))
    grows(player, "the player goes on without etcd")
    etcd.start()
    all_connected(servers)
    grows(player, "the player goes on with etcd")
    test.note("etcd killed and back: the player goes on")

    one.process.signal(signal.SIGSTOP)
    slept = time.monotonic()

    def published():
        again = test.push(test.source(), three.rtmp(), loop=True)
        time.sleep(3)  # one that is refused is gone by then; the stream itself is there for its players
        return again.running()

    wait_until("what a sleeping server had is free", published, 60)
    grows(player, "the player goes on from another server", 60)
    test.note(f"a server slept: its stream goes on elsewhere {time.monotonic() - slept:.1f} s later (ttl 3 s)")
    one.process.signal(signal.SIGCONT)
    wait_until("who slept gives way", lambda: not cluster(one)["streams"], 30)
    wait_until("the other one has it", lambda: len(cluster(three)["streams"]) == 1, 30)
    all_connected(servers)
    grows(player, "the player goes on when it is awake")
    player.leave()
