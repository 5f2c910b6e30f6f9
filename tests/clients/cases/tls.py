"""RTMPS and HTTPS with a certificate made for the test: push and play by both, and HTTPS with a renewed certificate."""

import signal
import socket
import ssl

from support import media
from support.flv import FlvPlayer
from support.ports import free_ports
from support.processes import Failure, need, wait_until


def certificate(test, name):
    test.run("openssl", ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                         "-subj", f"/CN={name}", "-keyout", test.folder / "server.key", "-out", test.folder / "server.crt"])


def served(port):
    return ssl.get_server_certificate(("127.0.0.1", port))


def socket_to(port):
    return socket.create_connection(("127.0.0.1", port), 5)


def run(test):
    need("openssl", "curl")
    certificate(test, "first.example")
    files = f"key {test.folder}/server.key; cert {test.folder}/server.crt;"
    rtmps, https = free_ports(2)
    server = test.make_server(
        top=f"rtmps {{ enabled on; listen {rtmps}; {files} }}",
        http_server=f"https {{ enabled on; listen {https}; {files} }}")
    server.ports.update(rtmps=rtmps, https=https)
    server.start()

    source = test.source()
    wanted = media.packets_of_file(test.processes, source)
    secure = server.rtmp(port="rtmps", scheme="rtmps")
    probes = {
        "RTMPS": test.start("rtmps", media.packets_command(secure, count=len(wanted) - 8)),
        "HTTPS-FLV": test.start("https", media.packets_command(server.http(port="https", scheme="https"),
                                                               options=["-tls_verify", "0"])),
    }
    test.push(source, secure).expect(0, 30)
    for name, probe in probes.items():
        probe.expect(0, 30)
        media.same_packets(wanted, media.packets_of(probe), name, last=False)
    page = test.run("curl", ["curl", "-ksS", "-f", server.http("", port="https", scheme="https")]).text()
    if "<title>Weir</title>" not in page:
        raise Failure(f"HTTPS serves no page: {page[:200]}")

    test.push(source, secure, loop=True)
    server.wait_live()
    player, by_socket = FlvPlayer(https, tls=True), FlvPlayer(https, tls=True, websocket=True)
    player.wait_tags(50)
    by_socket.wait_tags(50)
    old = served(https)
    certificate(test, "second.example")
    server.process.signal(signal.SIGHUP)
    wait_until("new connections get the renewed certificate", lambda: served(https) != old)
    player.wait_tags(player.count + 50)
    by_socket.wait_tags(by_socket.count + 50)
    # Another pair of files, and TLS 1.3 alone.
    for name in ("server.key", "server.crt"):
        (test.folder / name).rename(test.folder / f"moved-{name}")
    newer = files.replace("/server.", "/moved-server.")
    server.write_config(
        top=f"rtmps {{ enabled on; listen {rtmps}; {newer} }} tls {{ min_version 1.3; }}",
        http_server=f"https {{ enabled on; listen {https}; {newer} }}")
    server.process.signal(signal.SIGHUP)
    old_client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old_client.check_hostname, old_client.verify_mode = False, ssl.CERT_NONE
    old_client.maximum_version = ssl.TLSVersion.TLSv1_2

    def refused():
        try:
            old_client.wrap_socket(socket_to(https)).close()
        except ssl.SSLError:
            return True
        return False
    wait_until("TLS 1.2 is refused after a reload", refused)
    served(https)
    player.wait_tags(player.count + 50)
    test.note("RTMPS and HTTPS-FLV the same packets; wss plays; certificate renewed under both players")
