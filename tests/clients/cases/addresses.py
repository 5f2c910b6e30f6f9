"""The forms an address takes: IPv6, parameters, vhost in each place, and a stream name with an extension."""

from support import media
from support.processes import Failure

VHOST = """}
vhost second.example {
    http_remux { enabled on; mount [vhost]/[app]/[stream].flv; }
"""


def plays(test, url, what):
    probe = test.run("probe", media.packets_command(url, count=40), seconds=15)
    if len(media.packets_of(probe)) < 40:
        raise Failure(f"{what}: {url} does not play\n{probe.tail()}")
    test.note(f"{what}: plays")


def run(test):
    server = test.make_server(vhost=VHOST)
    server.write_config(rtmp_listen="{0} [::]:{0}".format(server.ports["rtmp"]))
    server.start()
    source = test.source()
    test.push(source, server.rtmp("live/six", host="[::1]"), loop=True)
    server.wait_live("/live/six")
    plays(test, server.rtmp("live/six", host="[::1]"), "IPv6")
    plays(test, server.rtmp("live/six"), "IPv4 on the same port")
    plays(test, server.rtmp("live/six?token=abc&x=1"), "with parameters")
    plays(test, server.rtmp("live/six.flv"), "with an extension")
    test.push(source, server.rtmp("live/deep?vhost=second.example"), loop=True)
    server.wait_live("second.example/live/deep")
    plays(test, server.rtmp("live?vhost=second.example/deep"), "vhost behind the app")
    plays(test, server.rtmp("live...vhost...second.example/deep"), "vhost in the old way")
    plays(test, server.http("live/deep.flv?vhost=second.example"), "vhost by HTTP")
    test.push(source, server.rtmp("a/b/c/name"), loop=True)
    server.wait_live("/a/b/c/name")
    plays(test, server.http("a/b/c/name.flv"), "an app of many parts")
