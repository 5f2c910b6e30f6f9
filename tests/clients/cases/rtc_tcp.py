"""WebRTC over TCP: Chromium plays and publishes where UDP is not offered, on a port of its own and on the one of HTTP; what is no
check of a session is closed, and a stranger learns its address at the UDP port."""

import socket
import struct
import time

from support.chromium import Chromium
from support.ports import free_ports
from support.processes import Failure, wait_until
from support.webrtc import FLAGS, figures, open_page

SECONDS = 150
VHOST = "rtc { enabled on; rtmp_to_rtc on; rtc_to_rtmp on; }"


def session_of(server, kind):
    for client in server.clients():
        if client.get("type") == kind and client.get("webrtc", {}).get("state") == "connected":
            return client["webrtc"]
    return None


def plays(test, server, browser, what):
    page = open_page(browser, server)
    page.value(f'window.whep("{server.http("live/cam/whep")}")')
    answer = page.value("window.answer")
    if " udp " in answer or "tcptype passive" not in answer:
        raise Failure(f"{what}: the answer's candidates are {[line for line in answer.splitlines() if 'candidate' in line]}")
    page.wait(f"{what}: WHEP plays", 'window.figures("inbound-rtp", "video").then((f) => f.framesDecoded > 50)', 30)
    session = session_of(server, "rtc-play")
    if not session or session["protocol"] != "tcp":
        raise Failure(f"{what}: the API says {session}")
    test.note(f"{what}: {figures(page, 'video').get('framesDecoded')} frames decoded, {session['local']} to {session['remote']}")
    return page


def strangers(port):
    for first in (b"\x00\x14" + bytes(20), b"\xff\xff", b"GET / HTTP/1.0\r\n\r\n",
                  b"\x00\x20" + struct.pack("!HHI12s", 1, 12, 0x2112A442, b"t" * 12) + struct.pack("!HH", 6, 8) + b"none:one"):
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            sock.settimeout(30)
            sock.sendall(first)
            try:
                if sock.recv(100):
                    raise Failure(f"a stranger that says {first[:8]} gets an answer")
            except ConnectionResetError:
                pass


def mapped(port):
    """The address that the STUN responder sees (RFC 8489 14.2)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        sock.settimeout(0.5)

        def ask():  # again and again, as clients do: the port opens a moment after those of TCP
            try:
                sock.send(struct.pack("!HHI12s", 1, 0, 0x2112A442, b"0123456789ab"))
                return sock.recv(200)
            except (ConnectionRefusedError, TimeoutError):
                return None

        said = wait_until("the STUN responder answers", ask)
        if said[:2] != b"\x01\x01" or said[20:22] != b"\0\x20":
            raise Failure(f"the STUN responder says {said.hex()}")
        got = struct.unpack("!H", said[26:28])[0] ^ 0x2112
        if got != sock.getsockname()[1]:
            raise Failure(f"the STUN responder says port {got}, not {sock.getsockname()[1]}")


def run(test):
    udp, tcp = free_ports(2)
    server = test.server(top=f"rtc_server {{ enabled on; listen {udp}; protocol tcp; tcp {{ enabled on; listen {tcp}; }} }}", vhost=VHOST)
    mapped(udp)
    strangers(tcp)
    test.push(test.source(), server.rtmp("live/cam"), loop=True)
    server.wait_live("/live/cam")
    with Chromium(test.processes, FLAGS) as browser:
        player = plays(test, server, browser, "a port of its own")
        publisher = open_page(browser, server)
        publisher.value(f'window.whip("{server.http("live/browser/whip")}", "H264", false)')
        server.wait_live("/live/browser")
        session = wait_until("the publisher is listed", lambda: session_of(server, "rtc-publish"))
        if session["protocol"] != "tcp":
            raise Failure(f"the publisher came by {session}")
        for page in (player, publisher):
            page.value("window.peer.close()")
        wait_until("both sessions end", lambda: not any(one["type"].startswith("rtc") for one in server.clients()), 40)

        server.stop()
        server.check_log()
        server = test.make_server(vhost=VHOST)
        http = server.ports["http"]
        server.write_config(top=f"rtc_server {{ enabled on; listen {udp}; protocol tcp; tcp {{ enabled on; listen {http}; }} }}")
        server.start()
        test.push(test.source(), server.rtmp("live/cam"), loop=True)
        server.wait_live("/live/cam")
        began = time.monotonic()
        plays(test, server, browser, "the port of HTTP")
        test.note(f"in {time.monotonic() - began:.1f} s")
        server.stop()
    server.check_log()
