"""source: of two encoders that push to another server the better one is played; it is killed and the hot standby goes on, both are and the slate is shown, and
the better one comes back. One player stays all the time, decodes every picture, and its timeline has no hole. An operator pins; a picture of the stream is drawn."""

import time
import urllib.request

from support import media
from support.processes import Failure, Skip, need, wait_until

SECONDS = 240


def rows(server):
    return {row["priority"]: row for row in server.api("/api/v1/sources/")["sources"]}


def active(server):
    return next((priority for priority, row in rows(server).items() if row["active"]), None)


def run(test):
    need("ffmpeg", "ffprobe")
    if test.peer:
        raise Skip("about Weir alone")
    source = test.source(8)
    folder = test.folder / "media"
    folder.mkdir()
    test.run("slate", ["ffmpeg", "-v", "error", "-y", "-i", source, "-t", "3", "-c", "copy", folder / "slate.flv"], 30)
    (test.folder / "origin").mkdir()
    origin = test.make_server(folder=test.folder / "origin")
    origin.config = test.folder / "origin" / "weir.conf"
    origin.write_config()
    origin.start()

    def encoder(name):
        return test.start(f"encoder-{name}", media.push_command(source, origin.rtmp(f"live/{name}"), loop=True))

    first, second = encoder("one"), encoder("two")
    origin.wait_live("/live/one", 30)
    origin.wait_live("/live/two", 30)
    blocks = (f"source live/cam {{ url {origin.rtmp('live/one')}; priority 20; standby hot; }}\n"
              f"source live/cam {{ url {origin.http('live/two.flv')}; priority 10; standby hot; }}\n"
              "source live/cam { url file:slate.flv; }\n"
              "publish { input_timeout 1; input_hold 2; grace 15; normal_timeout 5000; }\nsnapshot { enabled on; width 320; }\n")
    server = test.make_server(vhost=blocks, dir=folder)
    server.start()
    wait_until("the better source is played", lambda: active(server) == 20, 30)
    player = test.start("player", ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=dts_time,flags", "-of", "csv=p=0",
                                   server.rtmp("live/cam")])
    wait_until("the standby is there", lambda: rows(server)[10]["state"] == "receiving", 30)
    if rows(server)[0]["state"] != "standby":
        raise Failure(f"the slate is {rows(server)[0]['state']} while two better ones are there")
    picture = urllib.request.urlopen(server.http("live/cam.jpg"), timeout=20).read()
    drawn = test.folder / "cam.jpg"
    drawn.write_bytes(picture)
    seen = test.run("jpeg", ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", drawn], 20).text()
    if "mjpeg,320" not in seen:
        raise Failure(f"the snapshot is {seen!r}")

    def switches(what, to, act):
        begun = time.monotonic()
        act()
        wait_until(what, lambda: active(server) == to, 60)
        test.note(f"{what}: {time.monotonic() - begun:.2f} s")

    time.sleep(3)
    switches("killed: the hot standby is played", 10, lambda: first.signal(9))
    time.sleep(3)
    switches("both killed: the slate is shown", 0, lambda: second.signal(9))
    time.sleep(4)
    switches("the better one is back", 20, lambda: encoder("one"))
    wait_until("the slate rests", lambda: rows(server)[0]["state"] == "standby", 30)
    time.sleep(2)
    if not player.running():
        raise Failure(f"the player was sent away\n{player.tail()}")
    player.end()
    times = [float(line.split(",")[0]) for line in player.text().splitlines() if "," in line and line[0].isdigit()]
    steps = [after - before for before, after in zip(times, times[1:])]
    if len(times) < 200 or min(steps) <= 0:
        raise Failure(f"{len(times)} pictures, shortest step {min(steps, default=0):.3f} s")
    if max(steps) > 0.5:
        raise Failure(f"a hole of {max(steps):.3f} s in the timeline")
    test.note(f"{len(times)} pictures, longest step {max(steps) * 1000:.0f} ms")
