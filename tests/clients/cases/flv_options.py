"""HTTP-FLV with sound or picture alone, announced or guessed; a recorded FLV played from a byte in its middle (?start=)."""

import shutil
import urllib.request

from support.flv import AUDIO, SCRIPT, VIDEO, FlvPlayer, TagReader
from support.processes import Failure

VHOSTS = """}
vhost sound.example {
    http_remux { enabled on; mount [vhost]/[app]/[stream].flv; has_video off; guess_has_av off; }
}
vhost picture.example {
    http_remux { enabled on; mount [vhost]/[app]/[stream].flv; has_audio off; guess_has_av off; }
"""


def expect(what, got, wanted):
    if got != wanted:
        raise Failure(f"{what}: {got!r}, expected {wanted!r}")


def live(test, server, source):
    cases = {"__defaultVhost__": (5, {AUDIO, VIDEO}), "sound.example": (4, {AUDIO}), "picture.example": (1, {VIDEO})}
    for vhost, (flags, kinds) in cases.items():
        test.push(source, server.rtmp(f"live/cam?vhost={vhost}"), loop=True)
        player = FlvPlayer(server.ports["http"], f"/live/cam.flv?vhost={vhost}")
        player.wait_tags(60)
        player.leave()
        expect(f"{vhost}: flags of the FLV header", player.reader.header[4], flags)
        expect(f"{vhost}: kinds of tags", {tag.kind for tag in player.tags} - {SCRIPT}, kinds)
    for name, option, flags, kind in (("radio", "-vn", 4, AUDIO), ("mute", "-an", 1, VIDEO)):
        test.push(source, server.rtmp(f"live/{name}"), option, loop=True)
        player = FlvPlayer(server.ports["http"], f"/live/{name}.flv")
        player.wait_tags(60)
        player.leave()
        expect(f"{name}: guessed flags", player.reader.header[4], flags)
        expect(f"{name}: kinds of tags", {tag.kind for tag in player.tags} - {SCRIPT}, {kind})


def recorded(server, source):
    data = source.read_bytes()
    whole = TagReader()
    whole.feed(data)
    at, keys = 13, []
    for tag in whole.tags:
        if tag.is_key():
            keys.append(at)
        at += 15 + len(tag.body)
    start = keys[len(keys) // 2]
    with urllib.request.urlopen(server.http(f"recorded.flv?start={start}"), timeout=30) as answer:
        part = TagReader()
        part.feed(answer.read())
    rest = TagReader()
    rest.feed(data[:13] + data[start:])
    got = [tag for tag in part.tags if tag.kind != SCRIPT]
    expect("headers before the middle", [tag.kind for tag in got if tag.is_header()], [VIDEO, AUDIO])
    if not next(tag for tag in got if tag.kind == VIDEO and not tag.is_header()).is_key():
        raise Failure("the first picture from the middle is not a key frame")
    media = [(tag.kind, tag.time, tag.body) for tag in got if not tag.is_header()]
    expect("what follows", media, [(tag.kind, tag.time, tag.body) for tag in rest.tags if tag.kind != SCRIPT])


def run(test):
    site = test.folder / "site"
    site.mkdir()
    server = test.server(vhost=VHOSTS, dir=site)
    source = test.source()
    live(test, server, source)
    shutil.copy(source, site / "recorded.flv")
    recorded(server, source)
    test.note("sound and picture alone, announced and guessed; a recorded file from its middle")
