"""Two workers: players of one stream land on both and all get the same, by HTTP-FLV and RTMP."""

import pathlib

from support import media
from support.flv import FlvPlayer
from support.processes import Failure, wait_until

PLAYERS = 32


def busy_threads(pid):
    """CPU ticks by thread."""
    ticks = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name, fields = (task / "stat").read_text().rsplit(")", 1)
        ticks[f"{task.name} {name.split('(')[1]}"] = sum(int(field) for field in fields.split()[11:13])
    return ticks


def run(test):
    server = test.server(workers=2)
    source = test.source()
    wanted = media.packets_of_file(test.processes, source)
    players = [FlvPlayer(server.ports["http"]) for _ in range(PLAYERS)]
    rtmp = [test.start("rtmp", media.packets_command(server.rtmp(), count=len(wanted) - 8)) for _ in range(3)]
    wait_until("all players are counted", lambda: len(server.clients()) >= PLAYERS + len(rtmp))
    test.push(source, server.rtmp()).expect(0, 30)
    wait_until("all players are told the end", lambda: all(p.clean or p.error for p in players))
    bad = [p.error for p in players if p.error]
    if bad:
        raise Failure(f"{len(bad)} of {PLAYERS} players ended badly: {bad[0]}")
    frames = [[(t.kind, t.time, t.body) for t in p.media()] for p in players]
    odd = [len(f) for f in frames if f != frames[0]]
    if odd or len(frames[0]) < len(wanted) - 2:
        raise Failure(f"players got different streams: {len(frames[0])} tags and {odd[:5]} of {len(wanted)}")
    for probe in rtmp:
        media.same_packets(wanted, media.packets_of(probe.expect(0, 30)), "RTMP", last=False)
    busy = [name for name, ticks in busy_threads(server.process.pid).items() if ticks > 0]
    test.note(f"{PLAYERS} HTTP-FLV and {len(rtmp)} RTMP players got all {len(frames[0])} frames; busy threads: {', '.join(busy)}")
    if len(busy) < 2:
        raise Failure(f"only {busy} worked: players are not spread over both workers")
