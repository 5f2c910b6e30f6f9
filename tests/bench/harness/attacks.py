"""What the run of tests/bench/chaos does to a server. Each attack goes on until its process is killed, or is thrown out."""

import base64
import http.client
import json
import os
import pathlib
import random
import socket
import threading
import time

from harness import rtmp, udp

ROOT = pathlib.Path(__file__).resolve().parents[3]
RTMP, HTTP, API, RTC, SRT = 22935, 29080, 22985, 29000, 29010
PASSWORD = {"Authorization": "Basic " + base64.b64encode(b"u:p").decode()}
KNOWN = b"GET /api/v1/%s HTTP/1.1\r\nHost: a\r\nAuthorization: " + PASSWORD["Authorization"].encode() + b"\r\n\r\n"


def connect(port, anywhere=False):
    """`anywhere`: from an address of loopback that was made up."""
    made_up = f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(made_up, 0) if anywhere else None)


def ask(port, method, target, body=None, headers=None, anywhere=False):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.sock = connect(port, anywhere)
    connection.request(method, target, body, headers or {})
    answer = connection.getresponse().read()
    connection.close()
    return answer


def blast(stream, blocks, drain=True):
    """Sends without end what the generator gives."""
    if drain:
        def read():
            try:
                while stream.recv(1 << 18):
                    pass
            except OSError:
                pass
        threading.Thread(target=read, daemon=True).start()
    for block in blocks:
        stream.sendall(block)


def same(block):
    while True:
        yield block


def spin():
    """Asks nothing of the server: what two busy programs beside it do to the healthy players."""
    while True:
        pass


def head():
    blast(connect(HTTP), same(b"HEAD /live/healthy.flv HTTP/1.1\r\nHost: a\r\n\r\n" * 1000))


def api_requests(what=b"versions"):
    blast(connect(API), same(KNOWN % what * 1000))


def passwords():
    while True:
        wrong = base64.b64encode(os.urandom(12)).decode()
        ask(API, "GET", "/api/v1/clients/", headers={"Authorization": "Basic " + wrong}, anywhere=True)


def listeners():
    """Event listeners that read nothing."""
    streams = []
    while True:
        stream = connect(API, anywhere=True)
        stream.sendall(KNOWN % b"events")
        streams = streams[-300:] + [stream]
        time.sleep(0.01)


def kicks():
    """Players of a stream nobody publishes that come, are kicked, and come again."""
    name = f"kicked{os.getpid()}"
    while True:
        players = [connect(HTTP) for _ in range(20)]
        for player in players:
            player.sendall(b"GET /live/%s.flv HTTP/1.1\r\nHost: a\r\n\r\n" % name.encode())
        listed = json.loads(ask(API, "GET", "/api/v1/clients/?count=200", headers=PASSWORD))
        for client in listed["clients"]:
            if client["name"] == name:
                ask(API, "DELETE", "/api/v1/clients/" + client["id"], headers=PASSWORD)
        for player in players:
            player.close()


def playlists():
    blast(connect(HTTP), same(b"GET /live/healthy.m3u8?_HLS_msn=0 HTTP/1.1\r\nHost: a\r\n\r\n" * 1000))


def unknown_names():
    while True:
        stream = connect(HTTP)
        stream.sendall(b"GET /live/%x.flv HTTP/1.1\r\nHost: a\r\n\r\n" % random.getrandbits(64))
        stream.close()


def sessions():
    while True:
        stream = connect(HTTP)
        stream.sendall(b"GET /live/healthy.m3u8?hls_ctx=%x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % random.getrandbits(32))
        stream.recv(65536)
        stream.close()


def slow_heads():
    streams = [connect(HTTP) for _ in range(150)]
    while True:
        for stream in list(streams):
            try:
                stream.sendall(b"X")
            except OSError:
                streams.remove(stream)
                streams.append(connect(HTTP))
        time.sleep(0.5)


def garbage(port):
    while True:
        stream = connect(port)
        try:
            stream.sendall(os.urandom(20000))
            stream.recv(1000)
        except OSError:
            pass
        stream.close()


def churn():
    while True:
        connect(random.choice((RTMP, HTTP))).close()


def upload(size):
    stream = connect(HTTP)
    stream.sendall(b"POST /live/up%d.flv HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n" % os.getpid() + rtmp.FLV_START +
                   rtmp.flv_tag(rtmp.VIDEO, 0, rtmp.VIDEO_HEADER) + rtmp.flv_tag(rtmp.VIDEO, 0, rtmp.frame(True, size)))

    def tags():
        at = 0
        while True:
            yield b"".join(rtmp.flv_tag(rtmp.VIDEO, at + i, rtmp.frame(False, size)) for i in range(100))
            at += 100
    blast(stream, tags())


def pings():
    stream = connect(HTTP)
    stream.sendall(b"GET /live/healthy.flv HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    blast(stream, same(b"\x89\x80\x01\x02\x03\x04" * 10000))


def before_connect():
    client = rtmp.Client(RTMP, connect=False)
    blast(client.socket, same(rtmp.message(3, b"\0\0\0\1", stream=0, csid=2) * 5000))


def half_shaken():
    streams = []
    while True:
        stream = connect(RTMP)
        stream.sendall(b"\x03" + bytes(700))
        streams = streams[-300:] + [stream]
        time.sleep(0.005)


def flood(size, step_ms=4, key_every=0):
    """A publisher as fast as it is read."""
    client = rtmp.Client(RTMP).publish(f"flood{os.getpid()}")

    def frames():
        count = 0
        while True:
            block = b""
            for _ in range(max(1, min(200, 200_000 // size))):
                key = count == 0 or (key_every and count % key_every == 0)
                block += rtmp.message(rtmp.VIDEO, rtmp.frame(key, size), count * step_ms & 0x7fffff)
                count += 1
            yield block
    blast(client.socket, frames(), drain=False)


def headers(app="live"):
    client = rtmp.Client(RTMP, app).publish(f"headers{os.getpid()}")

    def changes():
        count = 0
        while True:
            profile = bytes([0x42 + count % 2 * 11])
            header = rtmp.VIDEO_HEADER[:6] + profile + rtmp.VIDEO_HEADER[7:]
            yield rtmp.message(rtmp.VIDEO, header, count) + rtmp.message(rtmp.VIDEO, rtmp.frame(True, 200), count)
            count += 40
    blast(client.socket, changes(), drain=False)


def names():
    while True:
        client = rtmp.Client(RTMP).publish("%x" % random.getrandbits(64))
        client.send(rtmp.VIDEO, rtmp.frame(True, 200))
        client.socket.close()


def unfinished_messages():
    clients = []
    for i in range(30):
        client = rtmp.Client(RTMP).publish(f"unfinished{os.getpid()}-{i}")
        clients.append(client)
        whole = rtmp.message(rtmp.VIDEO, bytes(30_000_000))
        client.socket.sendall(whole[:-1000])
    time.sleep(1000)


def endless_groups():
    clients = [rtmp.Client(RTMP).publish(f"endless{os.getpid()}-{i}") for i in range(20)]
    for client in clients:
        client.send(rtmp.VIDEO, rtmp.frame(True, 2000))
    at = 0
    while True:
        at += 4
        for client in clients:
            client.send(rtmp.VIDEO, rtmp.frame(False, 100_000), at)
        time.sleep(0.02)


def deaf_players():
    players = []
    for i in range(20):
        client = rtmp.Client(RTMP)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        players.append(client.play(f"big{os.getpid()}"))
    client = rtmp.Client(RTMP).publish(f"big{os.getpid()}")
    at = 0
    while True:
        client.send(rtmp.VIDEO, rtmp.frame(at % 2000 == 0, 200_000), at)
        at += 40
        time.sleep(0.01)


def offers(way, target):
    """Offers by HTTP, of sessions that nobody comes for; from one address, and from many."""
    offer = (ROOT / f"tests/data/sdp/chromium156-{way}.sdp").read_bytes()
    count = 0
    while True:
        count += 1
        ask(API, "POST", f"/rtc/v1/{target}{os.getpid()}-{count}" if way == "publish" else f"/rtc/v1/{target}", offer,
            {"Content-Type": "application/sdp"}, anywhere=count % 4 != 0)


def silent_callers():
    callers, count = [], 0
    while True:
        count += 1
        callers = callers[-150:]
        try:
            callers.append(udp.SrtCaller(SRT, f"#!::r=live/silent{os.getpid()}-{count},m=publish"))
        except ConnectionError:
            time.sleep(0.05)
        if count % 20 == 0:
            for caller in callers:
                caller.keep_alive()


# name: function, its arguments, processes
ATTACKS = {
    "nothing": (time.sleep, (1000,), 1),
    "spin": (spin, (), 2),
    "head": (head, (), 2),
    "api": (api_requests, (), 2),
    "api-logs": (api_requests, (b"logs?count=1000",), 2),
    "api-clients": (api_requests, (b"clients/?count=1000",), 2),
    "passwords": (passwords, (), 2),
    "listeners": (listeners, (), 1),
    "playlists": (playlists, (), 2),
    "unknown": (unknown_names, (), 2),
    "kicks": (kicks, (), 1),
    "sessions": (sessions, (), 2),
    "slowhead": (slow_heads, (), 1),
    "noise-http": (garbage, (HTTP,), 2),
    "noise-rtmp": (garbage, (RTMP,), 2),
    "churn": (churn, (), 2),
    "post-tiny": (upload, (20,), 2),
    "post-big": (upload, (100_000,), 2),
    "pings": (pings, (), 2),
    "preconnect": (before_connect, (), 2),
    "halfshake": (half_shaken, (), 1),
    "publish-big": (flood, (100_000,), 2),
    "publish-tiny": (flood, (20,), 2),
    "ll-hls": (flood, (3000, 40, 25), 3),
    "headers": (headers, (), 1),
    "headers-mp4": (headers, ("live?vhost=recorded.example.com",), 1),
    "names": (names, (), 2),
    "unfinished": (unfinished_messages, (), 1),
    "endless": (endless_groups, (), 1),
    "deaf": (deaf_players, (), 1),
    "rtc-checks": (udp.from_anywhere, (RTC, udp.checks), 2),
    "rtc-noise": (udp.from_anywhere, (RTC, udp.noise), 2),
    "rtc-play": (offers, ("play", "whep/?app=live&stream=healthy"), 2),
    "rtc-publish": (offers, ("publish", "whip/?app=live&stream=offered"), 2),
    "srt-shakes": (udp.from_anywhere, (SRT, udp.handshakes), 2),
    "srt-noise": (udp.from_anywhere, (SRT, udp.noise), 2),
    "srt-silent": (silent_callers, (), 2),
}
