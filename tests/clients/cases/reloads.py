"""Many reloads at once, by SIGHUP from several processes and by the raw API, while the file changes under them: none is lost, none
is half, players stay, and the last file holds."""

import os
import signal
import threading
import time
import urllib.request

from support.flv import FlvPlayer
from support.processes import Failure, wait_until


def run(test):
    server = test.server(http_api="raw_api { enabled on; allow_reload on; }")
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    players = [FlvPlayer(server.ports["http"], websocket=i % 2 == 0) for i in range(8)]
    for player in players:
        player.wait_tags(20)
    faults = []

    def api_reloads():
        for _ in range(20):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{server.ports['api']}/api/v1/raw?rpc=reload", timeout=30).read()
            except OSError as error:
                faults.append(error)

    def signals():
        for _ in range(100):
            os.kill(server.process.pid, signal.SIGHUP)
            time.sleep(0.003)

    threads = [threading.Thread(target=work) for work in (api_reloads, signals, signals)]
    for thread in threads:
        thread.start()
    part = server.config.with_suffix(".part")
    for number in range(40):
        server.write_config(vhost=f"play {{ queue_length {10 + number}; }}")
        os.replace(server.config, part)  # for a moment there is no file: that reload is refused, and nothing else
        os.replace(part, server.config)
        time.sleep(0.005)
    for thread in threads:
        thread.join()
    if faults:
        raise Failure(f"the API failed: {faults[0]}")
    server.write_config(vhost="play { queue_length 77; }")
    os.kill(server.process.pid, signal.SIGHUP)
    wait_until("the last file holds", lambda: "queue_length: " in server.process.text() and "-> 77" in server.process.text())
    server.alive()
    done = server.process.text().count("reload done")
    before = [player.count for player in players]
    time.sleep(1)
    for player, count in zip(players, before):
        if player.error or player.clean or player.count < count + 15:
            raise Failure(f"a player was dropped or starves: {player.count - count} tags in a second, {player.error}")
    for player in players:
        player.leave()
    test.note(f"{done} reloads, {server.process.text().count('reload refused')} refused")
