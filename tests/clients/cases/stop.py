"""SIGTERM under load: every player is told the end, and weir exits with 0 within its grace. SIGQUIT and SIGINT as well."""

import signal

from support import media
from support.flv import FlvPlayer
from support.processes import Failure, wait_until


def run(test):
    for number, seconds in ((signal.SIGTERM, 6), (signal.SIGINT, 6)):
        stop_by(test, number, seconds)
    quit_in_order(test)


def quit_in_order(test):
    """Who listens to events does not hold it up, nor does the summary that is due by then."""
    server = test.server(top="pithy_print_ms 100; grace_start_wait 200; grace_final_wait 200;")
    listener = test.start("events", ["curl", "-sN", f"http://127.0.0.1:{server.ports['api']}/api/v1/events"])
    wait_until("events come", lambda: "event: stats" in listener.text())
    server.process.signal(signal.SIGQUIT)
    server.process.expect(0, 30)
    listener.expect(0, 30)
    test.note("SIGQUIT: listeners are let go")


def stop_by(test, number, seconds):
    server = test.server()
    push = test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    players = [FlvPlayer(server.ports["http"], websocket=i % 3 == 0) for i in range(30)]
    waiting = FlvPlayer(server.ports["http"], "/live/later.flv")
    for player in players:
        player.wait_tags(20)
    rtmp = test.start("rtmp", media.decode_command(server.rtmp(), test.folder / "frames"))
    wait_until("the RTMP player has frames", lambda: (test.folder / "frames").exists())
    server.process.signal(number)
    server.process.expect(0, seconds)
    for player in [*players, waiting]:
        player.join(30)
    bad = [p.error or "no end" for p in players if not p.clean]
    if bad:
        raise Failure(f"{len(bad)} of {len(players)} players were cut off: {bad[0]}")
    if waiting.error:
        raise Failure(f"the player that waited for a publisher was cut off: {waiting.error}")
    rtmp.expect(0, 30)
    push.wait(30)
    (test.folder / "frames").unlink()
    test.note(f"{signal.Signals(number).name}: {len(players)} players ended cleanly")
