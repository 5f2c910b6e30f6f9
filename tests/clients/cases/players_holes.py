"""Players in Chromium stay alive when nothing comes for 3 s, and when the sound alone is missing for 4 s: Shaka Player, hls.js and mpegts.js, all at once.
dash.js is not among them: it takes the sum of a timeline's lengths for its end, and falls behind by every hole."""

from cases.players_alive import servers_of
from support import alive
from support.chromium import SIDE_BY_SIDE, Chromium

SECONDS = 150
SLOW = True


def run(test):
    alive.place(test)
    servers = servers_of(test, "TS", "fMP4", "low latency")
    feeds = alive.Feeds(test, servers, alive.holes(test))
    plain, mp4, low = servers.values()
    with Chromium(test.processes, SIDE_BY_SIDE) as browser:
        players = alive.Players(browser, {
            "Shaka, DASH": (plain, "shaka", {"url": "{http}.mpd", "low": "0"}),
            "Shaka, low-latency DASH": (low, "shaka", {"url": "{http}.mpd", "low": "1"}),
            "Shaka, HLS": (mp4, "shaka", {"url": "{http}.m3u8", "low": "0"}),
            "hls.js": (mp4, "segments", {"player": "hls", "url": "{http}.m3u8", "low": "0"}),
            "mpegts.js": (plain, "live", {"url": "{http}.flv", "type": "flv"})})
        # Twice through the film, which has 26 s of pictures in 32 s.
        players.move(test, "holes", 32, 18)
        players.move(test, "behind the holes", 12, 5)
    feeds.end()
