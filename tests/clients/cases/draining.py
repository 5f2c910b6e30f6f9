"""SIGQUIT: /readyz says no at once while clients still come in, then the ports close but the API answers; those who are there go
on, and the process ends with the last of them. SIGTERM means the same with force_grace_quit; a second one does not wait."""

import http.client
import signal
import time
import urllib.error
import urllib.request

from support.flv import FlvPlayer
from support.processes import Failure, wait_until
from support.server import listening

TOP = "grace_start_wait 3000; grace_final_wait 100;"


def ready(server):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{server.ports['api']}/readyz", timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code


def live(test, **options):
    server = test.server(**options)
    push = test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    player = FlvPlayer(server.ports["http"])
    player.wait_tags(20)
    return server, push, player


def run(test):
    server, push, player = live(test, top=TOP, http_server="idle_timeout 30;")
    if ready(server) != 200:
        raise Failure("not ready at first")
    kept = http.client.HTTPConnection("127.0.0.1", server.ports["http"])
    kept.request("GET", "/")
    kept.getresponse().read()
    server.process.signal(signal.SIGQUIT)
    wait_until("/readyz says no", lambda: ready(server) == 503, every=0.02)
    if not listening(server.ports["rtmp"]):
        raise Failure("the ports were closed at once")
    late = FlvPlayer(server.ports["http"])  # who comes while load balancers still learn is served
    late.wait_tags(20)
    wait_until("the ports are closed", lambda: not listening(server.ports["rtmp"]) and not listening(server.ports["http"]))
    # A connection kept alive is closed with its next answer, so that it does not hold the process.
    kept.request("GET", "/")
    if kept.getresponse().getheader("Connection") != "close":
        raise Failure("a connection is kept alive while the server drains")
    if ready(server) != 503 or not server.clients():
        raise Failure("the API does not answer while clients are waited for")
    for one in (player, late):
        one.wait_tags(one.count + 20)
    late.leave()
    push.end()
    player.join(30)
    if not player.clean:
        raise Failure(f"the player was cut off: {player.error}")
    server.process.expect(0, 30)

    server, push, player = live(test, top=TOP + "force_grace_quit on;")
    server.process.signal(signal.SIGTERM)
    wait_until("it drains", lambda: not listening(server.ports["rtmp"]))
    player.wait_tags(player.count + 20)
    began = time.monotonic()
    server.process.signal(signal.SIGTERM)
    server.process.expect(0, 30)
    player.join(30)
    if not player.clean:
        raise Failure(f"at a second SIGTERM the player was cut off: {player.error}")
    test.note(f"ended {time.monotonic() - began:.1f} s after a second SIGTERM")
