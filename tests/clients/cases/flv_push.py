"""FLV pushed by HTTP POST, from ffmpeg and from curl, plays by RTMP and HTTP-FLV."""

import subprocess

from support import media
from support.flv import FlvPlayer
from support.processes import need


def by(test, server, source, name, start):
    wanted = media.packets_of_file(test.processes, source)
    player = test.start("probe", media.packets_command(server.http(f"live/{name}.flv")))
    rtmp = test.start("probe-rtmp", media.packets_command(server.rtmp(f"live/{name}"), count=len(wanted) - 8))
    start(server.http(f"live/{name}.flv")).expect(0, 30)
    player.expect(0, 30)
    rtmp.expect(0, 30)
    media.same_packets(wanted, media.packets_of(player), f"{name} by HTTP-FLV")
    media.same_packets(wanted, media.packets_of(rtmp), f"{name} by RTMP", last=False)
    test.note(f"{name}: {len(wanted)} packets the same")


def run(test):
    need("curl")
    server = test.server()
    source = test.source()
    by(test, server, source, "ffmpeg", lambda url: test.start("push", media.push_command(source, url, "-method", "POST")))

    def curl(url):
        pace = test.start("pace", media.push_command(source, "pipe:1"), stdout=subprocess.PIPE)
        push = test.start("curl", ["curl", "-sS", "-f", "-X", "POST", "-H", "Content-Type: video/x-flv", "-T", "-", url],
                          stdin=pace.popen.stdout)
        pace.popen.stdout.close()
        return push

    by(test, server, source, "curl", curl)
    late = FlvPlayer(server.ports["http"], "/live/nobody.flv")
    late.leave()
    server.alive()
