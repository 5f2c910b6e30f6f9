"""SIGHUP under load: no player dropped, the new setting holds, and a bad file is refused with its reason."""

import signal
import time

from support.flv import FlvPlayer
from support.processes import Failure, wait_until


def still_playing(players, what):
    before = [p.count for p in players]
    time.sleep(2)
    for player, count in zip(players, before):
        if player.error or player.clean or player.count < count + 40:
            raise Failure(f"{what}: a player was dropped or starves ({player.count - count} tags in 2 s, error {player.error})")


def run(test):
    server = test.server()
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    players = [FlvPlayer(server.ports["http"], websocket=i % 4 == 0) for i in range(24)]
    for player in players:
        player.wait_tags(20)
    rtmp = test.start("rtmp", ["ffmpeg", "-v", "error", "-i", server.rtmp(), "-c", "copy", "-f", "null", "-"])

    for number in range(3):
        server.write_config(vhost=f"play {{ queue_length {10 + number}; }}")
        server.process.signal(signal.SIGHUP)
        time.sleep(0.3)
    still_playing(players, "after three reloads")

    # HTTP-FLV is switched off for new players; those who play go on.
    server.config.write_text(server.config.read_text().replace("http_remux {\n        enabled on", "http_remux {\n        enabled off"))
    server.process.signal(signal.SIGHUP)

    def refused():
        late = FlvPlayer(server.ports["http"])
        late.join(2)
        late.leave()
        return late.status not in (None, 200)

    wait_until("a new player is refused after http_remux was switched off", refused)
    still_playing(players, "after http_remux was switched off")

    good = server.config.read_text()
    server.config.write_text(good + "\nno_such_directive on;\n")
    said = len(server.process.text())
    server.process.signal(signal.SIGHUP)
    wait_until("the log names the bad line", lambda: "no_such_directive" in server.process.text()[said:])
    still_playing(players, "after a bad file")
    server.write_config(vhost="")
    server.process.signal(signal.SIGHUP)
    wait_until("a good file is taken again", lambda: not refused())
    still_playing(players, "at the end")
    if not rtmp.running():
        raise Failure(f"the RTMP player was dropped\n{rtmp.tail()}")
    for player in players:
        player.leave()
