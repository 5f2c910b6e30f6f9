"""Shaka Player in Chromium goes on playing when a publisher leaves and comes back, with another size, and once more: DASH and HLS of each kind, all at once."""

from cases.forward import other_server
from support import alive
from support.chromium import SIDE_BY_SIDE, Chromium
from support.ports import free_port

SECONDS = 180
SLOW = True


def servers_of(test, *kinds):
    return {kind: other_server(test, kind.replace(" ", "-"), free_port(), dir=test.folder, vhost=alive.VHOST.format(*alive.KINDS[kind])) for kind in kinds}


def run(test):
    alive.place(test)
    small, large = alive.sources(test)
    servers = servers_of(test, "TS", "fMP4", "low latency")
    feeds = alive.Feeds(test, servers, small)
    shaka = {"DASH": ("TS", "mpd", "0"), "HLS, TS": ("TS", "m3u8", "0"), "HLS, fMP4": ("fMP4", "m3u8", "0"),
             "low-latency HLS": ("low latency", "m3u8", "1"), "low-latency DASH": ("low latency", "mpd", "1")}
    with Chromium(test.processes, SIDE_BY_SIDE) as browser:
        players = alive.Players(browser, {f"Shaka, {what}": (servers[kind], "shaka", {"url": "{http}." + end, "low": low})
                                          for what, (kind, end, low) in shaka.items()})
        alive.reconnects(test, feeds, players, small, large)
    feeds.end()
