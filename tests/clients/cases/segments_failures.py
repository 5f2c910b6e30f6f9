"""Segments and bad disks: on a full and on a read-only one, players are answered from memory as if nothing had been, and the log
names the file and the reason; with room again the files come again. A change of codec and size, in hls.js's and ffprobe's eyes."""

import os
import subprocess
import time

from cases.dvr_failures import mount
from cases.live_formats import packets, probe_command
from support import media
from support.processes import Failure, Skip, wait_until

SECONDS = 60
VHOST = "\nvhost {0} {{ hls {{ enabled on; hls_fragment 1; hls_window 4; hls_ctx off; hls_path {1}/{0}; }} }}"


def plays(test, server, vhost):
    command = media.packets_command(server.http("live/cam.m3u8"), count=100)
    command[1:1] = ["-headers", f"Host: {vhost}\r\n"]  # segments, too, are of that virtual host
    got = media.packets_of(test.run("probe", command))
    if len(got) < 90:
        raise Failure(f"{vhost}: {len(got)} packets of 100 by HLS")


def disks(test):
    mounts = [test.folder / "full", test.folder / "readonly"]
    try:
        mount(mounts[0], "size=300k")
        mount(mounts[1], "size=1m", "ro")
        server = test.server(top="".join(VHOST.format(name, test.folder) for name in ("full", "readonly", "good")))
        pushes = [test.push(test.source(), server.rtmp(f"live/cam?vhost={n}"), loop=True) for n in ("full", "readonly", "good")]
        for name in ("full", "readonly", "good"):
            server.wait_live(f"{name}/live/cam")
        for name, why in (("full", "No space left on device"), ("readonly", "Read-only file system")):
            line = wait_until(f"the log tells of {name}", lambda: next((row for row in server.process.text().splitlines()
                              if why in row and f"{test.folder}/{name}/live/cam" in row), None))
            test.note(line[line.find("HLS:"):])
        wait_until("the third has files", lambda: len(list((test.folder / "good/live").glob("*.ts"))) >= 3)
        for name in ("full", "readonly", "good"):
            plays(test, server, name)
        for old in (test.folder / "full/live").glob("*"):
            old.unlink()
        wait_until("files come again on the disk that was full", lambda: list((test.folder / "full/live").glob("*.ts")))
        for push in pushes:
            push.end()
        server.stop()
    finally:
        for place in mounts:
            subprocess.run(["umount", place], capture_output=True)


def change(test):
    """The next publisher has another codec and size: one playlist, a discontinuity, every packet."""
    server = test.server(vhost="hls { enabled on; hls_fragment 1; hls_window 60; hls_to_disk off; hls_ctx off; hls_use_fmp4 on; }")
    first = test.source(seconds=4)
    second = test.folder / "second.flv"
    test.run("second", ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=480x270:r=25:d=4", "-f", "lavfi", "-i", "sine=d=4",
                        "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "libmp3lame", "-ar", "44100", second], seconds=30)
    wanted = 0
    for source in (first, second):
        wanted += len(packets(test.run("sent", probe_command(source))))
        test.push(source, server.rtmp("live/cam")).expect(0, 30)
        time.sleep(0.5)
    text = test.run("playlist", ["curl", "-s", server.http("live/cam.m3u8")]).text()
    if text.count("#EXT-X-DISCONTINUITY\n") != 1 or text.count("#EXT-X-MAP") != 2:
        raise Failure(f"the playlist is\n{text}")
    test.note(f"two codecs, {text.count('#EXTINF')} segments, {wanted} packets sent")
    server.stop()


def run(test):
    change(test)
    if os.geteuid() != 0:
        raise Skip("mounting a small disk needs root")
    disks(test)
