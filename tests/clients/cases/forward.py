"""forward and edge: every packet arrives on a second Weir and on nginx-rtmp, whose player sees a picture at once, and from where a third one fetches it; a target that is killed
takes the stream again when it is back; a player of an edge gets what the origin has, and the fetch ends after it."""

import signal

from support import media
from support.nginx import Nginx
from support.ports import free_port
from support.processes import Failure, Skip, wait_until

SECONDS = 240


def other_server(test, name, port, **options):
    """A second server with a folder of its own."""
    folder = test.folder / name
    folder.mkdir(exist_ok=True)
    server = test.make_server(folder=folder, rtmp_listen=port, **options)
    server.ports["rtmp"] = port
    server.config = folder / "weir.conf"
    server.write_config()
    return server.start()


def packets(test, name, url):
    player = test.start(name, media.packets_command(url, 150))
    if player.wait(60) != 0:
        raise Failure(f"{name} could not play {url}\n{player.tail()}")
    return media.packets_of(player)


def every_packet_arrives(test):
    source = test.source()
    nginx = Nginx(None, test.processes)
    nginx.start()
    port = free_port()
    far = other_server(test, "far", port)
    near = other_server(test, "near", free_port(),
                        vhost=f"forward {{ enabled on; destination 127.0.0.1:{port} 127.0.0.1:{nginx.ports['rtmp']}; }}")
    push = test.push(source, near.rtmp(), loop=True)
    near.wait_live(seconds=60)
    wait_until("both targets take the stream", lambda: [entry["state"] for entry in near.api("/api/v1/forwards/")["forwards"]] ==
               ["sending", "sending"], 60)
    far.wait_live(seconds=60)
    wanted = media.packets_of_file(test.processes, source)
    hashes = {packet[3] for packet in wanted}
    # And back: what nginx has is fetched from there.
    back = other_server(test, "back", free_port(), vhost=f"source live/back {{ url {nginx.rtmp()}; }}")
    back.wait_live("/live/back", seconds=60)
    for name, url in (("weir", far.rtmp()), ("nginx", nginx.rtmp()), ("fetched from nginx", back.rtmp("live/back"))):
        got = packets(test, name, url)
        strange = [packet for packet in got if packet[3] not in hashes]
        video = [packet for packet in got if packet[0] == "video"]
        if strange or len(video) < 40:
            raise Failure(f"{name}: {len(strange)} of {len(got)} packets are none of the source's, {len(video)} pictures")
        test.note(f"{name}: {len(got)} packets, all as they were sent")
    return near, far, port, push


def a_killed_target_comes_back(test, near, far, port):
    far.process.signal(signal.SIGKILL)
    far.process.wait(30)
    test.servers.remove(far)
    wait_until("the loss is seen", lambda: [entry for entry in near.api("/api/v1/forwards/")["forwards"]
                                            if entry["state"] != "sending" and entry["error"]], 60)
    again = other_server(test, "again", port)
    again.wait_live(seconds=60)
    packets(test, "after", again.rtmp())
    return again


def an_edge_fetches(test, origin):
    edge = other_server(test, "edge", free_port(), vhost=f"cluster {{ mode remote; origin 127.0.0.1:{origin.ports['rtmp']}; }}")
    got = packets(test, "edge-rtmp", edge.rtmp())
    if not any(packet[0] == "audio" for packet in got):
        raise Failure("no sound came through the edge")
    player = test.start("edge-flv", ["ffmpeg", "-nostdin", "-v", "error", "-i", edge.http(), "-t", "3", "-f", "null", "-"])
    if player.wait(60) != 0:
        raise Failure(f"HTTP-FLV of an edge\n{player.tail()}")
    if edge.api("/api/v1/sources/")["sources"][0]["attempts"] != 1:
        raise Failure("the edge fetched more than once")
    wait_until("the fetch ends after the last player", lambda: not edge.api("/api/v1/sources/")["sources"], 60)


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    near, far, port, _ = every_packet_arrives(test)
    again = a_killed_target_comes_back(test, near, far, port)
    an_edge_fetches(test, again)
