"""Behind HAProxy with the PROXY protocol (v1 for RTMP, v2 for HTTP-FLV and RTMPS, IPv6 on either side) and behind nginx with
X-Forwarded-For: the API tells the client's own address. A header that never ends is cut off after its limit."""

import socket
import time

from support import media
from support.ports import free_ports
from support.processes import Failure, need, wait_until
from support.server import listening

HAPROXY = """\
global
    maxconn 100
defaults
    mode tcp
    timeout connect 2s
    timeout client 20s
    timeout server 20s
listen rtmp
    bind 127.0.0.1:{v1}
    server weir 127.0.0.1:{rtmp} send-proxy
listen flv
    bind [::1]:{v2}
    server weir 127.0.0.1:{http} send-proxy-v2 proxy-v2-options crc32c,unique-id check check-send-proxy inter 200
listen rtmps
    bind 127.0.0.1:{tls}
    server weir [::1]:{rtmps} send-proxy-v2
"""

NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.2:{port};
        location / {{ proxy_pass http://127.0.0.1:{api}; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_bind 127.0.0.2; }}
    }}
}}
"""


def run(test):
    need("haproxy", "nginx", "openssl", "curl")
    test.run("openssl", ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                         "-subj", "/CN=weir.example", "-keyout", test.folder / "server.key", "-out", test.folder / "server.crt"])
    v1, v2, tls, rtmps, forwarder = free_ports(5)
    server = test.server(
        top=f"trusted_proxies 127.0.0.1 127.0.0.2/32 ::1; rtmp {{ proxy_protocol on; }}\n"
            f"rtmps {{ enabled on; listen [::1]:{rtmps}; key {test.folder}/server.key; cert {test.folder}/server.crt; proxy_protocol on; }}",
        http_server="proxy_protocol on;", http_api="allow 127.0.0.1 127.0.0.3;")
    config = test.folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(v1=v1, v2=v2, tls=tls, rtmps=rtmps, **server.ports))
    test.start("haproxy", ["haproxy", "-db", "-f", config])
    (test.folder / "nginx.conf").write_text(NGINX.format(folder=test.folder, port=forwarder, api=server.ports["api"]))
    test.start("nginx", ["nginx", "-c", test.folder / "nginx.conf", "-p", test.folder])
    for port, host in ((v1, "127.0.0.1"), (v2, "::1"), (tls, "127.0.0.1"), (forwarder, "127.0.0.2")):
        wait_until(f"the proxy listens on {port}", lambda: listening(port, host))

    slow = socket.create_connection(("127.0.0.1", server.ports["rtmp"]))
    slow.sendall(b"PROXY TCP4 1")
    began = time.monotonic()

    test.push(test.source(), f"rtmp://127.0.0.1:{v1}/live/cam", loop=True)
    server.wait_live()
    flv = test.start("flv", media.decode_command(f"http://[::1]:{v2}/live/cam.flv", test.folder / "flv"))
    secure = test.start("rtmps", media.decode_command(f"rtmps://127.0.0.1:{tls}/live/cam", test.folder / "rtmps"))

    def addresses():
        return sorted((c["type"], c["ip"]) for c in server.clients())

    wanted = [("flv-play", "::1"), ("fmle-publish", "127.0.0.1"), ("rtmp-play", "127.0.0.1")]
    wait_until("the API knows all three by their own addresses", lambda: addresses() == wanted)
    for player in (flv, secure):
        wait_until("it plays", lambda: (test.folder / player.name).exists())

    # nginx adds the address that it saw at the end of what the client made up; 127.0.0.3 alone may ask.
    for client, forged, wanted in (("127.0.0.3", "203.0.113.1", "200"), ("127.0.0.4", "127.0.0.3", "403")):
        got = test.run("curl", ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"X-Forwarded-For: {forged}",
                                "--interface", client, f"http://127.0.0.2:{forwarder}/api/v1/summaries"]).text().strip()
        if got != wanted:
            raise Failure(f"{client} through nginx, forging {forged}: {got}, not {wanted}")

    slow.settimeout(30)
    if slow.recv(1):
        raise Failure("something came back for half a header")
    took = time.monotonic() - began
    if took < 3:
        raise Failure(f"half a header was cut off after {took:.1f} s")
    wait_until("a line tells of the header that came too slowly", lambda: "took longer than its time limit" in server.process.text())
    metrics = test.run("metrics", ["curl", "-sS", f"http://127.0.0.1:{server.ports['api']}/metrics"]).text()
    checks = [line for line in metrics.splitlines() if line.startswith('weir_proxy_headers_total{result="own"}')]
    test.note(f"clients by HAProxy: {addresses()}; health checks: {checks[0].split()[-1]}; half a header: {took:.1f} s")
