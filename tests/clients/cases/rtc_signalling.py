"""WHIP, WHEP and SRS's JSON by a client that says just what it wants: statuses, tags, limits, abandoned sessions, STUN by hand."""

import hashlib
import hmac
import json
import os
import re
import signal
import socket
import struct
import time
import urllib.error
import urllib.request
import zlib

from support.ports import free_ports
from support.processes import Failure, wait_until
from support.server import ROOT

SECONDS = 90
OFFERS = ROOT / "tests" / "data" / "sdp"


def ask(method, url, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, dict(refused.headers), refused.read().decode()


def expect(wanted, got, what):
    if got[0] != wanted:
        raise Failure(f"{what} is answered with {got[0]} ({got[2][:200]}), not {wanted}")
    return got


def post(url, offer):
    return ask("POST", url, offer, Content_Type="application/sdp; charset=utf-8")


def check(names, password):
    """A binding request (RFC 8489) with USERNAME, MESSAGE-INTEGRITY and FINGERPRINT."""
    name = names.encode()
    attributes = struct.pack("!HH", 6, len(name)) + name + b"\0" * (-len(name) % 4) + struct.pack("!HHI", 0x24, 4, 1 << 24)
    head = lambda size: struct.pack("!HHI", 1, size, 0x2112A442) + bytes(12)  # noqa: E731
    key = hmac.new(password.encode(), head(len(attributes) + 24) + attributes, hashlib.sha1).digest()
    attributes += struct.pack("!HH", 8, 20) + key
    crc = zlib.crc32(head(len(attributes) + 8) + attributes) ^ 0x5354554E
    return head(len(attributes) + 8) + attributes + struct.pack("!HHI", 0x8028, 4, crc)


def said(sock):
    try:
        return sock.recv(2048)
    except TimeoutError:
        return b""


def credential(sdp, name):
    return re.search(rf"a=ice-{name}:(\S+)", sdp).group(1)


def talk(offer, answer, port):
    names, password = f"{credential(answer, 'ufrag')}:{credential(offer, 'ufrag')}", credential(answer, "pwd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        sock.settimeout(0.5)
        sock.send(b"\x16\xfe\xfd" + bytes(40))
        sock.send(b"\x80\x60" + bytes(40))
        if said(sock):
            raise Failure("a stranger's DTLS or RTP is answered")
        forged = check(names, "x" * 32)
        sock.send(forged)
        if len(said(sock)) > len(forged):
            raise Failure("a forged check gets more than it sent")
        sock.send(check(names, password))
        sock.settimeout(30)
        answered = said(sock)
        if answered[:2] != b"\x01\x01" or answered[20:22] != b"\0\x20":
            raise Failure(f"a check is answered with {answered.hex()}")


def patches(session, tag):
    kind = "application/trickle-ice-sdpfrag"
    candidate = b"a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n"
    expect(428, ask("PATCH", session, candidate, Content_Type=kind), "PATCH without a tag")
    expect(412, ask("PATCH", session, candidate, Content_Type=kind, If_Match='"x"'), "PATCH with another tag")
    expect(415, ask("PATCH", session, candidate, Content_Type="text/plain", If_Match=tag), "PATCH with text")
    expect(204, ask("PATCH", session, candidate, Content_Type=kind, If_Match=tag), "PATCH with a candidate")
    fresh = b"a=ice-ufrag:anew\r\na=ice-pwd:" + b"p" * 24 + b"\r\n"
    _, headers, text = expect(200, ask("PATCH", session, fresh, Content_Type=kind, If_Match="*"), "an ICE restart")
    if headers["ETag"] == tag or "a=ice-pwd:" not in text:
        raise Failure(f"an ICE restart is answered with {headers} {text}")
    expect(405, ask("GET", session), "GET of a session")


def run(test):
    port, other = free_ports(2)
    server = test.server(top=f"rtc_server {{ enabled on; listen {port}; }}", vhost="rtc { enabled on; rtmp_to_rtc on; }", workers=2)
    publish, play = ((OFFERS / f"chromium156-{what}.sdp").read_bytes() for what in ("publish", "play"))
    whip, whep = server.http("live/cam/whip"), f"http://127.0.0.1:{server.ports['api']}/rtc/v1/whep/?app=live&stream=cam"

    _, headers, answer = expect(201, post(whip, publish), "a publisher")
    if not headers["Location"].startswith("/live/cam/whip/") or headers["Content-Type"] != "application/sdp":
        raise Failure(f"201 has {headers}")
    session = server.http(headers["Location"][1:])
    if f"127.0.0.1 {port} typ host" not in answer:
        raise Failure(f"the answer names no loopback address: {answer}")
    talk(publish.decode(), answer, port)
    expect(409, post(whip, publish), "a second publisher")
    patches(session, headers["ETag"])
    expect(200, ask("DELETE", session), "DELETE")
    wait_until("the name is free", lambda: post(whip, publish)[0] == 201)
    expect(404, ask("DELETE", session), "DELETE of a session that is over")
    expect(406, post(server.http("live/other/whip"), play), "a publisher that only receives")

    body = {"sdp": play.decode(), "streamurl": "webrtc://127.0.0.1/live/cam"}
    _, _, text = ask("POST", f"http://127.0.0.1:{server.ports['api']}/rtc/v1/play/", json.dumps(body).encode())
    if json.loads(text)["code"] != 0 or ":" not in json.loads(text)["sessionid"]:
        raise Failure(f"SRS's play is answered with {text}")
    _, _, text = ask("POST", f"http://127.0.0.1:{server.ports['api']}/rtc/v1/play/", b"{}")
    if json.loads(text)["code"] != 400:
        raise Failure(f"a bad play is answered with {text}")

    silent = expect(201, post(whep + "&audio=none&video=vp9", play), "a player that wants one codec and no sound")[2]
    if "m=audio 0 " not in silent or " VP9/90000" not in silent or " H264/90000" in silent:
        raise Failure(f"audio=none and video=vp9 are answered with {silent}")
    expect(406, post(whep + "&audio=none&video=none", play), "a player that wants nothing")

    statuses = [post(whep, play)[0] for _ in range(60)]
    if set(statuses) != {201, 503} or statuses.count(201) < 39:
        raise Failure(f"60 offers of one address are answered with {statuses}")
    began = time.monotonic()
    wait_until("abandoned sessions end", lambda: not server.clients())
    test.note(f"abandoned sessions were gone after {time.monotonic() - began:.1f} s")
    wait_until("the log says why they ended", lambda: "no check arrived at udp/" in server.process.text())
    expect(201, post(whep, play), "a player after them")
    server.write_config(top=f"rtc_server {{ enabled on; listen {other}; }}")
    server.process.signal(signal.SIGHUP)
    wait_until("a reload moves the port", lambda: f" {other} typ host" in post(whep, play)[2])
    server.write_config(vhost="rtc { enabled on; rtmp_to_rtc off; }")
    server.process.signal(signal.SIGHUP)
    wait_until("a reload ends the bridge", lambda: re.search(r"rtmp_to_rtc: .*(\n.*)*reload done", server.process.text()))
    expect(201, post(whep, play), "a player of what nobody publishes")
    push = test.push(test.source(), server.rtmp("live/cam"), loop=True)
    server.wait_live("/live/cam")
    if "5021" not in expect(403, post(whep, play), "a player of what came by RTMP")[2]:
        raise Failure("the refusal has not SRS's number")
    push.end()
    server.write_config(top=f"rtc_server {{ enabled off; listen {other}; }}")
    server.process.signal(signal.SIGHUP)
    wait_until("a reload switches it off", lambda: post(whep, play)[0] == 503)
    fds = len(os.listdir(f"/proc/{server.process.popen.pid}/fd"))
    test.note(f"{fds} descriptors")
    server.alive()
    server.check_log()
