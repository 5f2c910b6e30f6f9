"""A camera of GB28181, by UDP and by TCP: it registers with digest, tells of its channel, is invited when ffmpeg plays it, sends a program
stream that GStreamer made, and stops at BYE; what ffmpeg decodes is what the camera sent. Chromium plays it by HLS, HTTP-FLV and WHEP at once."""

import hashlib
import re
import shutil
import socket
import threading
import time
import urllib.parse

from support import media, segments_page
from support.chromium import SIDE_BY_SIDE, Chromium
from support.ports import free_port, free_ports
from support.processes import Failure, Skip, need, wait_until
from support.webrtc import FLAGS, SCRIPT

from cases import gb28181
from cases.srt import part_of

SECONDS = 180
SERVER, DOMAIN = "34020000002000000001", "3402000000"
DEVICE, CHANNEL, PASSWORD = "34020000001110000001", "34020000001320000001", "12345678"


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class Camera(threading.Thread):
    """SIP of one device; media by a thread for each call."""

    def __init__(self, port, tcp, stream):
        super().__init__(daemon=True)
        self.stream, self.tcp = stream, tcp
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.own = self.socket.getsockname()[1]
        self.number, self.statuses, self.invited, self.byes, self.media = 0, [], 0, 0, None

    def send(self, *lines, body=""):
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}"])
        self.socket.sendall(f"{head}\r\n\r\n{body}".encode())

    def request(self, method, *more, body=""):
        self.number += 1
        own, target = f"<sip:{DEVICE}@{DOMAIN}>", DEVICE if method == "REGISTER" else SERVER
        self.send(f"{method} sip:{SERVER}@{DOMAIN} SIP/2.0",
                  f"Via: SIP/2.0/{'TCP' if self.tcp else 'UDP'} 127.0.0.1:{self.own};rport;branch=z9hG4bK{self.own}x{self.number}",
                  f"From: {own};tag={self.own}", f"To: <sip:{target}@{DOMAIN}>", f"Call-ID: {method}{self.own}",
                  f"CSeq: {self.number} {method}", f"Contact: <sip:{DEVICE}@127.0.0.1:{self.own}>", "Max-Forwards: 70", *more, body=body)

    def register(self, *more):
        self.request("REGISTER", "Expires: 3600", *more)

    def tell(self, xml):
        self.request("MESSAGE", "Content-Type: Application/MANSCDP+xml", body=xml)

    def messages(self):
        had = b""
        while True:
            piece = self.socket.recv(65536)
            if not piece:
                return
            had += piece
            while b"\r\n\r\n" in had:
                head, _, rest = had.partition(b"\r\n\r\n")
                length = int(re.search(rb"(?i)^content-length: *(\d+)", head, re.M).group(1))
                if len(rest) < length:
                    break
                yield head.decode().strip(), rest[:length].decode("gb18030")
                had = rest[length:]

    def run(self):
        while True:
            try:
                self.register()
                for head, body in self.messages():
                    self.answer(head, body) if head.startswith("SIP/2.0") else self.serve(head, body)
            except ConnectionRefusedError:
                if not self.statuses:  # the server's ports open one after the other, and cameras call again
                    time.sleep(0.1)
                    continue
            except OSError:
                pass
            return  # the end of the test

    def answer(self, head, _):
        status = int(head.split()[1])
        self.statuses.append(status)
        if status == 401:
            nonce = re.search(r'nonce="([^"]+)"', head).group(1)
            uri = f"sip:{SERVER}@{DOMAIN}"
            response = md5(f"{md5(f'{DEVICE}:{DOMAIN}:{PASSWORD}')}:{nonce}:{md5(f'REGISTER:{uri}')}")
            self.register(f'Authorization: Digest username="{DEVICE}", realm="{DOMAIN}", nonce="{nonce}", uri="{uri}", '
                          f'response="{response}", algorithm=MD5')

    def reply(self, head, status="200 OK", *more, body=""):
        lines = [line for line in head.split("\r\n") if re.match(r"(?i)(via|from|call-id|cseq):", line)]
        to = re.search(r"(?im)^to: *(.*?)\r?$", head).group(1)
        self.send(f"SIP/2.0 {status}", *lines, f"To: {to}" + ("" if "tag=" in to else ";tag=camera"), *more, body=body)

    def serve(self, head, body):
        method = head.split()[0]
        if method == "ACK":
            if self.media is None:
                ended = threading.Event()
                threading.Thread(target=gb28181.send, args=(self.stream, self.port, False, True, ended), daemon=True).start()
                self.media = ended
            return
        if method == "INVITE":
            self.invited += 1
            self.port = int(re.search(r"m=video (\d+)", body).group(1))
            sdp = "\r\n".join(["v=0", f"o={CHANNEL} 0 0 IN IP4 127.0.0.1", "s=Play", "c=IN IP4 127.0.0.1", "t=0 0",
                               "m=video 15060 TCP/RTP/AVP 96", "a=sendonly", "a=setup:active", f"y={gb28181.SSRC:010}", ""])
            self.reply(head, "100 Trying")
            return self.reply(head, "200 OK", f"Contact: <sip:{CHANNEL}@127.0.0.1:{self.own}>", "Content-Type: APPLICATION/SDP", body=sdp)
        self.reply(head)
        if method == "BYE":
            self.byes += 1
            if self.media:
                self.media.set()
            self.media = None
        elif "<CmdType>Catalog" in body:
            number = re.search(r"<SN>(\d+)", body).group(1)
            self.tell(f'<?xml version="1.0" encoding="GB2312"?><Response><CmdType>Catalog</CmdType><SN>{number}</SN><DeviceID>{DEVICE}'
                      f"</DeviceID><SumNum>1</SumNum><DeviceList Num=\"1\"><Item><DeviceID>{CHANNEL}</DeviceID><Name>gate</Name>"
                      "<Status>ON</Status></Item></DeviceList></Response>")

    def end(self):
        if self.media:
            self.media.set()
        self.socket.close()


def begin(test, tcp, stream, top="", vhost="", **more):
    """A server with a camera that is known: both, what is said of the camera, and the address of its channel."""
    sip, first = free_ports(2)
    first = min(first & ~1, 60000)
    server = test.server(top=f"""{top} stream_caster {{
        enabled on; caster gb28181; output rtmp://127.0.0.1/live/[stream]; media_ports {first}-{first + 20}; on_demand on;
        sip {{ listen 127.0.0.1:{sip}; password {PASSWORD}; reinvite 1; timeout 5; }}
    }}""", vhost=f"min_latency on; cluster {{ linger 1; }} {vhost}", **more)
    camera = Camera(sip, tcp, stream)
    camera.start()

    def device():
        rows = server.api("/gb/v1/devices/")["devices"]
        return rows[0] if rows and rows[0]["catalog"] == "complete" else None

    row = wait_until("the camera is there with its catalogue", device)
    channel = server.api(f"/gb/v1/devices/{DEVICE}/channels")["channels"][0]
    return server, camera, row, f"{channel['app']}/{channel['stream']}"


def in_chromium(test, stream):
    segments_page.place(test)
    for page in segments_page.PAGES.glob("live.*"):
        shutil.copy(page, test.folder)
    server, camera, _, place = begin(test, True, stream, f"rtc_server {{ enabled on; listen {free_port()}; }}",
                                     "hls { enabled on; hls_fragment 2; hls_to_disk off; } rtc { enabled on; rtmp_to_rtc on; }", dir=test.folder)
    figures = """(() => { const video = document.querySelector("video");
      return {time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, width: video.videoWidth, fault: window.fault ?? ""}; })()"""
    with Chromium(test.processes, [*FLAGS, *SIDE_BY_SIDE]) as browser:
        def opened(page, **query):
            return browser.open(f"{server.http(page)}?{urllib.parse.urlencode(query)}", window=True)

        pages = {"HLS by hls.js": opened("segments.html", player="hls", url=server.http(f"{place}.m3u8"), low="0"),
                 "HTTP-FLV by mpegts.js": opened("live.html", type="flv", url=server.http(f"{place}.flv"))}
        server.wait_live(f"/{place}", 30)
        pages["WHEP"] = opened("live.js")
        pages["WHEP"].value(SCRIPT)
        pages["WHEP"].value(f"window.whep({server.http(place + '/whep')!r})")
        for name, page in pages.items():
            page.wait(f"{name}: it plays", f"(({figures}).fault || ({figures}).time > 1)", 40)
        before = {name: page.value(figures) for name, page in pages.items()}
        time.sleep(6)
        for name, page in pages.items():
            now = page.value(figures)
            moved, frames = now["time"] - before[name]["time"], now["frames"] - before[name]["frames"]
            if now["fault"] or now["width"] != 640 or moved < 4.5 or frames < 100:
                raise Failure(f"{name}: {frames} pictures and {moved:.1f} s in 6 s; {now}")
            test.note(f"{name}: {frames} pictures and {moved:.1f} s in 6 s")
    wait_until("the camera hears BYE when nobody plays", lambda: camera.byes == 1, 60)
    if camera.invited != 1:
        raise Failure(f"three players at once: the camera was invited {camera.invited} times")
    server.stop()
    camera.end()


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg", "ffprobe")
    source = test.source()
    stream = gb28181.make_program_stream(test, source)
    test.run("sent", media.decode_command(source, test.folder / "sent.crc"))
    sent = media.frames_of(test.folder / "sent.crc")[0]
    for tcp in (False, True):
        name = "tcp" if tcp else "udp"
        server, camera, row, place = begin(test, tcp, stream)
        if row["transport"] != name or row["channels"] != 1 or 401 not in camera.statuses:
            raise Failure(f"the camera is shown as {row}; it was answered {camera.statuses}")
        out = test.folder / f"{name}.crc"
        test.run(f"play-{name}", media.decode_command(server.http(f"{place}.flv"), out, frames=60), seconds=60)
        got = media.frames_of(out)[0]
        if len(got) < 60 or part_of(sent * 20, got) is None:
            raise Failure(f"{name}: of {len(got)} pictures some are others than were sent: {server.api(f'/gb/v1/devices/{DEVICE}/calls')}")
        wait_until("the camera hears BYE when nobody plays", lambda: camera.byes == 1)
        if camera.invited != 1:
            raise Failure(f"the camera was invited {camera.invited} times")
        test.note(f"{name}: {len(got)} pictures, the same ones; one INVITE and one BYE")
        server.stop()
        camera.end()
    in_chromium(test, stream)
