"""A server on which everything that the console shows is there: streams, one of MPEG-TS by SRT, sources, pushes, recordings, a camera, a registry, variables."""

import re
import shutil
import socket
import threading
import time

from .processes import Failure, wait_until
from .server import free_ports, listening

SERVER, DOMAIN = "34020000002000000001", "3402000000"
DEVICE, CHANNEL = "34020000001110000001", "34020000001320000001"
ROOT = """
variables {{ key a-secret-key; token {{ command /bin/echo token; every 300; }} }}
srt_server contribution {{ enabled on; listen 127.0.0.1:{srt}; direction in; }}
stream_caster {{ enabled on; caster gb28181; output rtmp://127.0.0.1/live/[stream]; media_ports {media}-{last}; on_demand on;
    sip {{ listen 127.0.0.1:{sip}; }} }}
{registry}
"""
VHOST = """
srt {{ enabled on; }}
hls {{ enabled on; hls_path {folder}/www; }}
dvr {{ dvr_path {folder}/www/[app]/[stream].[timestamp].mp4; }}
source live/pulled {{ url rtmp://127.0.0.1:1/live/gone; }}
source live/pulled {{ url http://127.0.0.1:1/live/neither.flv; standby warm; }}
push live/cam {{ url rtmp://127.0.0.1:1/app/$key; }}
"""


class Camera(threading.Thread):
    """SIP over UDP of a device with one channel: it registers, tells of it, and answers everything with 200."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.own, self.number = self.socket.getsockname()[1], 0

    def send(self, *lines, body=""):
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}"])
        self.socket.sendall(f"{head}\r\n\r\n{body}".encode())

    def request(self, method, *more, body=""):
        self.number += 1
        own = f"<sip:{DEVICE}@{DOMAIN}>"
        self.send(f"{method} sip:{SERVER}@{DOMAIN} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{self.own};rport;branch=z9hG4bK{self.own}x{self.number}",
                  f"From: {own};tag={self.own}", f"To: <sip:{DEVICE if method == 'REGISTER' else SERVER}@{DOMAIN}>", f"Call-ID: {method}{self.own}",
                  f"CSeq: {self.number} {method}", f"Contact: <sip:{DEVICE}@127.0.0.1:{self.own}>", "Max-Forwards: 70", *more, body=body)

    def run(self):
        try:
            self.request("REGISTER", "Expires: 3600")
            while True:
                head, _, body = self.socket.recv(65536).decode("gb18030").partition("\r\n\r\n")
                if head.startswith("SIP/2.0"):
                    continue
                lines = [line for line in head.split("\r\n") if re.match(r"(?i)(via|from|to|call-id|cseq):", line)]
                self.send("SIP/2.0 200 OK", *lines)
                if "<CmdType>Catalog" in body:
                    number = re.search(r"<SN>(\d+)", body).group(1)
                    self.request("MESSAGE", "Content-Type: Application/MANSCDP+xml", body=f'<?xml version="1.0" encoding="GB2312"?><Response>'
                                 f"<CmdType>Catalog</CmdType><SN>{number}</SN><DeviceID>{DEVICE}</DeviceID><SumNum>1</SumNum><DeviceList Num=\"1\">"
                                 f"<Item><DeviceID>{CHANNEL}</DeviceID><Name>gate</Name><Status>ON</Status></Item></DeviceList></Response>")
        except OSError:
            pass  # the end of the test


def busy_server(test, http_api=""):
    """The server, with its streams live/cam (RTMP, recorded once, pushed on in vain) and live/ts (MPEG-TS by SRT)."""
    (test.folder / "www").mkdir(exist_ok=True)
    srt, sip, first, redis = free_ports(4)
    first = min(first & ~1, 60000)
    registry = ""
    if shutil.which("redis-server"):
        test.start("redis", ["redis-server", "--port", redis, "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"])
        wait_until("redis listens", lambda: listening(redis))
        registry = f"registry {{ engine redis; address 127.0.0.1:{redis}; node here; advertise rtmp://127.0.0.1; }}"
    server = test.server(top=ROOT.format(srt=srt, sip=sip, media=first, last=first + 20, registry=registry),
                         vhost=VHOST.format(folder=test.folder),
                         http_api="raw_api { enabled on; allow_reload on; } auth { enabled on; username admin; password hunter2; } edit_file on; "
                                  f"overlay {test.folder}/overlay.conf; " + http_api)
    server.credentials = "admin:hunter2"
    source = test.source()
    test.push(source, server.rtmp("live/cam"), loop=True)
    test.start("srt-push", ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", source, "-c", "copy", "-f", "mpegts",
                            f"srt://127.0.0.1:{srt}?streamid=#!::r=live/ts,m=publish"])
    Camera(sip).start()
    wait_until("both streams are live", lambda: {"/live/cam", "/live/ts"} <= set(server.streams()))
    test.start("watch", ["ffmpeg", "-v", "error", "-i", server.rtmp("live/cam"), "-f", "null", "-"])
    server.api("/api/v1/dvrs/start?app=live&stream=cam", "POST")
    wait_until("a recording has begun", lambda: server.api("/api/v1/dvrs/")["dvrs"])
    time.sleep(3)
    server.api("/api/v1/dvrs/split?app=live&stream=cam", "POST")
    wait_until("the camera is there", lambda: server.api("/gb/v1/devices/")["devices"])
    return server


def sign_in(page, wait_seconds=15):
    """On the console's first page, as whoever knows the password."""
    page.wait("the form", "!!document.querySelector('input[name=password]')", wait_seconds)
    for field, value in (("user", "admin"), ("password", "hunter2")):
        page.value(f"""(() => {{ const field = document.querySelector("input[name={field}]"); field.value = {value!r};
            field.dispatchEvent(new Event("input", {{bubbles: true}})); }})()""")
    page.value("document.querySelector('form button').click()")
    page.wait("the console", "!!document.querySelector('.dot.on')", wait_seconds)
