"""hls.js and dash.js in Chromium go on playing when a publisher leaves and comes back, with another size, and once more, all at once: what they know
stays where it was, and time advances after each change."""

import re

from cases.players_alive import servers_of
from support import alive
from support.chromium import SIDE_BY_SIDE, Chromium
from support.processes import Failure

SECONDS = 150


def start_of(text):
    return re.search('availabilityStartTime="([^"]*)"', text).group(1)


def run(test):
    alive.place(test)
    small, large = alive.sources(test)
    servers = servers_of(test, "TS", "fMP4", "low latency")
    feeds = alive.Feeds(test, servers, small)
    plain, mp4, low = servers.values()
    starts = {server: start_of(feeds.manifest(server, "mpd")) for server in servers.values()}
    with Chromium(test.processes, SIDE_BY_SIDE) as browser:
        players = alive.Players(browser, {
            "dash.js": (plain, "segments", {"player": "dash", "url": "{http}.mpd"}),
            "dash.js, low latency": (low, "segments", {"player": "dash", "url": "{http}.mpd"}),
            "hls.js, TS": (plain, "segments", {"player": "hls", "url": "{http}.m3u8", "low": "0"}),
            "hls.js, fMP4": (mp4, "segments", {"player": "hls", "url": "{http}.m3u8", "low": "0"})})
        alive.reconnects(test, feeds, players, small, large)
    for kind, server in servers.items():
        text = feeds.manifest(server, "mpd")
        if start_of(text) != starts[server]:
            raise Failure(f"{kind}: availabilityStartTime was {starts[server]} and is {start_of(text)}")
        if text.count("<Period ") < 2:
            raise Failure(f"{kind}: one period after three reconnects:\n{text}")
    feeds.end()
