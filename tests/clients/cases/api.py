"""The API as an operator has it, by curl: what a password, an address and a filter open; kicks; a password from a file; many reloads
at once; bodies that are giant, slow or malformed; what is not built."""

import concurrent.futures
import json
import socket

from support.flv import FlvPlayer
from support.processes import Failure, need, wait_until

AUTH = "allow 127.0.0.1; auth {{ enabled on; username admin; password_file {folder}/password; }} raw_api {{ enabled on; allow_reload on; }}"


def curl(test, server, path, *more, status="200", port="api"):
    """The body; the status must be as given."""
    process = test.run("curl", ["curl", "-sS", "-m", "10", "-w", "\n%{http_code}", *more, f"http://127.0.0.1:{server.ports[port]}{path}"])
    body, _, code = process.text().rpartition("\n")
    if code != status:
        raise Failure(f"{path} answered {code}, not {status}: {body[:300]}")
    return body


def raw(server, head, body=b"", patience=5):
    """What the server says to bytes as they are."""
    with socket.create_connection(("127.0.0.1", server.ports["api"]), patience) as client:
        client.sendall(head.encode() + body)
        try:
            return client.recv(200).decode(errors="replace")
        except ConnectionResetError:
            return "reset"


def as_a_user(test, server):
    live = json.loads(curl(test, server, "/api/v1/streams/?stream=cam&protocol=rtmp"))["streams"][0]
    if (live["video"]["codec"], live["audio"]["codec"], live["publish"]["active"]) != ("H264", "AAC", True):
        raise Failure(f"the stream is listed as {live}")
    if not (live["fps"] > 0 and live["video_kbps"] > 0 and live["audio_kbps"] > 0 and live["gop_ms"] > 0 and live["players"] == {"flv": 1}):
        raise Failure(f"the stream's figures are {live}")
    players = json.loads(curl(test, server, "/api/v1/clients/?stream=cam&type=flv-play"))["clients"]
    tcp = players[0]["tcp"]
    if len(players) != 1 or tcp["cwnd"] < 1 or "rtt_us" not in tcp or players[0]["behind_ms"] > 5000:
        raise Failure(f"the player is listed as {players}")
    text = curl(test, server, f"/api/v1/clients/{players[0]['id']}?callback=done&method=DELETE")
    if not text.startswith("done({\"code\":0"):
        raise Failure(f"a kick by JSONP says {text}")
    return live["id"]


def strangers(test, server):
    """What pages of other sites make a browser ask for."""
    for header in ("Origin: http://evil.example", "Sec-Fetch-Site: cross-site", "Referer: http://evil.example/", "User-Agent: Mozilla/5.0"):
        for path in ("/api/v1/raw?rpc=reload", "/api/v1/clients/?callback=f", "/api/v1/streams/x?callback=f&method=DELETE"):
            curl(test, server, path, "-H", header, status="403")
    curl(test, server, "/api/v1/streams/x", "-X", "DELETE", "-H", "Origin: http://evil.example", status="403")
    curl(test, server, "/live/evil.flv", "-X", "POST", "-H", "Origin: http://evil.example", "-d", "x", status="403", port="http")
    curl(test, server, "/api/v1/clients/", "-H", "Host: evil.example", status="403")
    curl(test, server, "/api/v1/clients/", "-H", "X-Forwarded-For: 127.0.0.1", status="403")
    curl(test, server, "/api/v1/streams/", "-H", "Host: evil.example")
    curl(test, server, "/api/v1/clients/", "-H", f"Origin: http://127.0.0.1:{server.ports['http']}")


def bad_input(test, server):
    for path in ("/api/v1/clients/zzzzzzzz", "/api/v1/streams/vid-zzzzzzz", "/api/v1/vhosts/vid-zzzzzzz"):
        if json.loads(curl(test, server, path))["code"] not in (2014, 2048, 2049):
            raise Failure(f"{path} is there")
    curl(test, server, "/rtc/v1/whip/?app=live&stream=a", "-X", "POST", "-d", "{}", status="415")
    for path in ("/rtc/v1/nack/", "/api/v1/tcmalloc"):
        curl(test, server, path, "-X", "POST", "-d", "{}", status="501")
    curl(test, server, "/api/v1/versions?callback=a(b", "-g", status="400")
    (test.folder / "giant").write_bytes(b"x" * 1_000_000)
    curl(test, server, "/api/v1/streams/", "-X", "DELETE", "-H", "Expect:", "--data-binary", f"@{test.folder}/giant", status="413")
    head = "POST /api/v1/versions HTTP/1.1\r\nHost: a\r\n"
    for name, answer in (
        ("giant", raw(server, head + "Content-Length: 99999999999999\r\n\r\n")),
        ("two lengths", raw(server, head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab")),
        ("absurd chunk", raw(server, head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n")),
        ("line in a header", raw(server, "GET /api/v1/versions HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n")),
        ("target", raw(server, "GET /api/v1/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n")),
    ):
        # A body that nobody reads may be answered, but nothing behind it is believed.
        if " 200 " in answer[:16] and "Connection: close" not in answer and name != "target" or "root:" in answer:
            raise Failure(f"{name}: {answer!r}")
    slow = socket.create_connection(("127.0.0.1", server.ports["api"]), 5)
    slow.sendall((head + "Content-Length: 1000\r\n\r\n").encode())
    curl(test, server, "/api/v1/versions")  # while that one is waited for
    slow.close()


def reloads_at_once(test, server, player):
    server.config.write_text(server.config.read_text().replace("workers 2;", "workers 2; pithy_print_ms 9000;"))
    before = player.count
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        bodies = list(pool.map(lambda _: server.api("/api/v1/raw?rpc=reload"), range(10)))
    if any(body["code"] != 0 for body in bodies):
        raise Failure(f"ten reloads at once: {bodies}")
    wait_until("the reloads are done", lambda: server.api("/api/v1/raw?rpc=reload-fetch")["data"]["state"] == 90)
    if server.api("/api/v1/raw?rpc=reload-fetch")["data"]["err"] != 0:
        raise Failure("a reload failed")
    player.wait_tags(before + 50)


def passwords(test, server):
    (test.folder / "password").write_text("s3:cret\n")
    server.config.write_text(server.config.read_text().replace(
        f"listen {server.ports['api']};", f"listen {server.ports['api']}; " + AUTH.format(folder=test.folder)))
    server.process.signal(1)
    wait_until("the password is asked for", lambda: raw(server, "GET /api/v1/versions HTTP/1.1\r\nHost: a\r\n\r\n")[9:12] == "401")
    for credentials in ("admin:wrong", "admin:", "root:s3:cret"):
        curl(test, server, "/api/v1/versions", "-u", credentials, status="401")
    curl(test, server, "/api/v1/versions", "-u", "admin:s3:cret")
    for path in ("/config?domain=/api/v1", "/logs?vhost=/api/v1", "/raw?rpc=reload&vhost=/api/v1", "/clients/?domain=/api/v1"):
        curl(test, server, path, status="400")
    for path in ("//api/v1/config", "/%61pi/v1/logs", "/api/v1/raw?rpc=reload&vhost=live", "/api/v1/clients/?callback=f"):
        curl(test, server, path, "--path-as-is", status="401")
    curl(test, server, "/metrics")
    curl(test, server, "/healthz")


def run(test):
    need("curl")
    server = test.make_server()
    server.write_config()
    server.config.write_text(server.config.read_text().replace(
        f"listen {server.ports['api']};", f"listen {server.ports['api']}; raw_api {{ enabled on; allow_reload on; }}"))
    server.start()
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    kicked = FlvPlayer(server.ports["http"])
    kicked.wait_tags(100)
    wait_until("three seconds of figures", lambda: server.streams()["/live/cam"]["video_kbps"] > 0)
    stream = as_a_user(test, server)
    wait_until("the kicked player is gone", lambda: kicked.error or kicked.clean)
    strangers(test, server)
    bad_input(test, server)
    player = FlvPlayer(server.ports["http"])
    player.wait_tags(20)
    reloads_at_once(test, server, player)
    passwords(test, server)
    body = json.loads(curl(test, server, f"/api/v1/streams/{stream}", "-u", "admin:s3:cret", "-X", "DELETE"))
    if body["kicked"] != 2:
        raise Failure(f"a kick by stream says {body}")
    wait_until("its player is gone", lambda: player.error or player.clean)
    server.stop()
    test.note("listed, found, kicked, reloaded ten times at once, guarded by a password of a file; bad bodies refused")
