"""Two SRT servers side by side: ffmpeg publishes at one, srt-live-transmit takes from the other; each stream with its secret."""

from support import media
from support.ports import free_port
from support.processes import Failure, need, wait_until


SECONDS = 90


def url(port, mode, stream, secret, pushed_by_ffmpeg=False):
    more = "&pkt_size=1316" if pushed_by_ffmpeg else ""
    return f"srt://127.0.0.1:{port}?streamid=#!::r=live/{stream},m={mode}&passphrase={secret}{more}"


def listed(server, name):
    return next(one for one in server.api("/api/v1/srt_servers/")["srt_servers"] if one["name"] == name)


def run(test):
    need("ffmpeg", "srt-live-transmit")
    inward, outward = free_port(), free_port()
    server = test.server(
        top=f"srt_server in {{ enabled on; listen 127.0.0.1:{inward}; direction in; }}"
            f" srt_server out {{ enabled on; listen 127.0.0.1:{outward}; direction out; }}",
        vhost="min_latency on; srt { enabled on; passphrase of-the-others; stream live/cam* { passphrase of-cameras; pbkeylen 32; } }")
    source = test.source()
    publisher = test.push(source, url(inward, "publish", "cam", "of-cameras", True), loop=True, form="mpegts")
    server.wait_live()
    taken = test.folder / "taken.ts"
    player = test.start("transmit", ["sh", "-c", f"srt-live-transmit -q -t 6 '{url(outward, 'request', 'cam', 'of-cameras')}' file://con > {taken}"])
    player.wait(20)
    test.run("decode", media.decode_command(taken, test.folder / "taken.crc"))
    got = media.frames_of(test.folder / "taken.crc")[0]
    if len(got) < 50:
        raise Failure(f"srt-live-transmit brought {len(got)} pictures")
    test.note(f"ffmpeg published at one server, srt-live-transmit took {len(got)} pictures from the other, with the secret of a pattern")

    for port, mode, name in ((inward, "request", "in"), (outward, "publish", "out")):
        before = listed(server, name)["refused"]
        if mode == "publish":
            turned_away = test.push(source, url(port, mode, "cam2", "of-cameras", True), form="mpegts")
        else:
            turned_away = test.start("wrong-way", media.decode_command(url(port, mode, "cam", "of-cameras"), test.folder / "none.crc"))
        if turned_away.wait(20) == 0:
            raise Failure(f"server '{name}' took what its direction excludes")
        if listed(server, name)["refused"] == before:
            raise Failure(f"server '{name}' did not count who it turned away")
    if server.process.text().count("turned away with 1405") < 2:
        raise Failure(f"no line says that somebody was turned away\n{server.process.tail(20)}")

    if test.push(source, url(inward, "publish", "cam3", "of-the-others", True), form="mpegts").wait(20) == 0:
        raise Failure("the secret of other streams was taken")
    wait_until("the wrong secret is counted", lambda: listed(server, "in")["wrong_secret"] > 0)
    wait_until("the wrong secret is logged", lambda: "its passphrase is wrong" in server.process.text())
    if not publisher.running():
        raise Failure("the publisher was disturbed")
    for secret in ("of-cameras", "of-the-others"):
        if secret in server.process.text():
            raise Failure("a passphrase is in the log")
    test.note("wrong directions and a wrong secret are turned away, counted and logged; no passphrase is in the log")
