"""WebSocket-FLV carries the same tags as HTTP-FLV, and a close frame at the end."""

from support.flv import FlvPlayer
from support.processes import Failure, wait_until


def run(test):
    server = test.server()
    source = test.source()
    plain = FlvPlayer(server.ports["http"])
    socket = FlvPlayer(server.ports["http"], websocket=True)
    test.push(source, server.rtmp()).expect(0, 30)
    wait_until("both players are told the end", lambda: plain.clean and socket.clean)
    one = [(t.kind, t.time, t.body) for t in plain.media()]
    two = [(t.kind, t.time, t.body) for t in socket.media()]
    if one != two or len(one) < 300:
        raise Failure(f"{len(one)} tags by HTTP, {len(two)} by WebSocket, or not the same")
    test.note(f"{len(two)} tags")
