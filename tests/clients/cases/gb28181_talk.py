"""Turning and speaking to a camera of GB28181: Chromium opens the console, each button of a channel's pad sends its command; another one takes the
microphone by WHIP, and the camera, which asked for the sound by an INVITE of its own, hears it as G.711 A by UDP; then what ffmpeg publishes in AAC, by
talk over TCP."""

import math
import re
import socket
import struct
import threading

from support.chromium import Chromium
from support.ports import free_ports
from support.processes import Failure, Skip, need, wait_until
from support.webrtc import FLAGS

from cases import gb28181_device
from cases.console import press, wait
from cases.gb28181_device import CHANNEL, DEVICE, DOMAIN, PASSWORD, SERVER

SECONDS = 150
SSRC = 200000042
# Of the console, and what is to be in the fourth byte of PTZCmd (GB/T 28181 A.3.2).
PAD = {"←": 0x02, "↑": 0x08, "■": 0x00, "↓": 0x04, "→": 0x01, "+": 0x10, "−": 0x20}


def expand(code):
    """One byte of G.711 A (table 1a) as a sample of 16 bits."""
    code ^= 0x55
    segment, value = code >> 4 & 7, ((code & 15) << 4) + 8
    if segment:
        value = (value + 0x100) << (segment - 1)
    return value if code & 0x80 else -value


LEVELS = [expand(code) / 32768 for code in range(256)]


class Speaker(gb28181_device.Camera):
    """The camera with a loudspeaker: what comes is kept as bytes of G.711."""

    def __init__(self, port, tcp):
        super().__init__(port, tcp, b"")
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", 0))
        self.ear.settimeout(0.2)
        self.heard, self.kinds, self.acknowledged, self.over, self.turns = bytearray(), set(), False, 0, []
        threading.Thread(target=self.listen, daemon=True).start()

    def take(self, packet):
        kind, _, _, ssrc = struct.unpack(">BHII", packet[1:12])
        self.kinds.add((kind & 0x7f, ssrc, len(packet) - 12))
        self.heard += packet[12:]

    def listen(self):
        while True:
            try:
                self.take(self.ear.recv(4096))
            except TimeoutError:
                continue
            except OSError:
                return

    def connected(self, port):
        with socket.create_connection(("127.0.0.1", port), 10) as connection, connection.makefile("rb") as stream:
            while len(head := stream.read(2)) == 2:
                self.take(stream.read(int.from_bytes(head, "big")))

    def sdp(self, kind, media):
        return "\r\n".join(["v=0", f"o={DEVICE} 0 0 IN IP4 127.0.0.1", f"s={kind}", "c=IN IP4 127.0.0.1", "t=0 0", *media,
                            "a=rtpmap:8 PCMA/8000", f"y={SSRC:010}", "f=v/////a/1/8/1", ""])

    def dialog(self, method, number, to, *more, body=""):
        self.number += 1
        self.send(f"{method} sip:{SERVER}@{DOMAIN} SIP/2.0",
                  f"Via: SIP/2.0/{'TCP' if self.tcp else 'UDP'} 127.0.0.1:{self.own};rport;branch=z9hG4bKv{self.own}x{self.number}",
                  f"From: <sip:{DEVICE}@{DOMAIN}>;tag=v", f"To: {to}", f"Call-ID: voice{self.own}", f"CSeq: {number} {method}",
                  f"Contact: <sip:{DEVICE}@127.0.0.1:{self.own}>", "Max-Forwards: 70", *more, body=body)

    def answer(self, head, body):
        if not re.search(r"(?im)^cseq: *\d+ INVITE", head):
            return super().answer(head, body)
        if head.startswith("SIP/2.0 200"):
            self.dialog("ACK", 7, re.search(r"(?im)^to: *(.*?)\r?$", head).group(1))
            self.acknowledged = True

    def serve(self, head, body):
        if turn := re.search(r"<DeviceID>(\w+)</DeviceID>\s*<PTZCmd>(\w+)<", body):
            self.turns.append(turn.groups())
        if "<CmdType>Broadcast" in body:
            self.reply(head)
            number, target = re.search(r"<SN>(\d+)", body).group(1), re.search(r"<TargetID>(\w+)", body).group(1)
            self.tell(f"<Response><CmdType>Broadcast</CmdType><SN>{number}</SN><DeviceID>{target}</DeviceID><Result>OK</Result></Response>")
            return self.dialog("INVITE", 7, f"<sip:{SERVER}@{DOMAIN}>", f"Subject: {SERVER}:{SSRC:010},{target}:1", "Content-Type: APPLICATION/SDP",
                               body=self.sdp("Play", [f"m=audio {self.ear.getsockname()[1]} RTP/AVP 8", "a=recvonly"]))
        if head.startswith("INVITE") and "s=Talk" in body:
            port = int(re.search(r"m=audio (\d+)", body).group(1))
            threading.Thread(target=self.connected, args=(port,), daemon=True).start()
            return self.reply(head, "200 OK", f"Contact: <sip:{DEVICE}@127.0.0.1:{self.own}>", "Content-Type: APPLICATION/SDP",
                              body=self.sdp("Talk", ["m=audio 15064 TCP/RTP/AVP 8", "a=sendrecv", "a=setup:active"]))
        if head.startswith("ACK"):
            return None
        if head.startswith("BYE"):
            self.over += 1
        return super().serve(head, body)

    def loudest(self):
        """Of windows of 50 ms, the mean square root of the loudest: full scale is 1."""
        samples = [LEVELS[code] for code in bytes(self.heard)]
        return max((math.sqrt(sum(value * value for value in samples[at:at + 400]) / 400) for at in range(0, len(samples) - 400, 400)), default=0)


def turned(test, page, camera):
    for button, bits in PAD.items():
        camera.turns.clear()
        press(page, "document", button)
        wait_until(f"the camera hears of {button}", lambda: camera.turns)
        channel, code = camera.turns[-1]
        code = bytes.fromhex(code)
        if channel != CHANNEL or len(code) != 8 or code[0] != 0xA5 or code[3] != bits or sum(code[:7]) & 0xFF != code[7]:
            raise Failure(f"{button} is heard by {channel} as {code.hex()}")
    test.note(f"the pad: {len(PAD)} commands")


def run(test):
    if test.peer:
        raise Skip("about Weir alone")
    need("ffmpeg")
    sip, media, first = free_ports(3)
    first = min(first & ~1, 60000)
    server = test.server(top=f"""rtc_server {{ enabled on; listen {media}; }}
        stream_caster {{
            enabled on; caster gb28181; output rtmp://127.0.0.1/live/[stream]; media_ports {first}-{first + 20}; on_demand on;
            sip {{ listen 127.0.0.1:{sip}; password {PASSWORD}; }}
        }}""", vhost="rtc { enabled on; rtmp_to_rtc on; }")
    camera = Speaker(sip, False)
    camera.start()

    def device():
        rows = server.api("/gb/v1/devices/")["devices"]
        return rows[0] if rows and rows[0]["catalog"] == "complete" else None

    def talk():
        return next(iter(server.api(f"/gb/v1/devices/{DEVICE}/talk")["talks"]), {})

    wait_until("the camera is there with its catalogue", device)
    with Chromium(test.processes, FLAGS) as browser:
        page = browser.open(server.http("console/?lang=en#/devices", port="api"))
        press(page, "document", "Channels")
        turned(test, page, camera)
        press(page, "document", "Talk")
        wait(page, "the console says that one is heard", "[...document.querySelectorAll('.badge')].some((b) => b.textContent === 'you are heard')", 20)
        wait_until("three seconds are heard", lambda: len(camera.heard) > 24000)
        if camera.kinds != {(8, SSRC, 800)}:
            raise Failure(f"the packets are {camera.kinds}")
        loudest = camera.loudest()
        if loudest < 0.02:
            raise Failure(f"the microphone's beeps are heard at {loudest:.4f} of full scale")
        row = talk()
        if row["state"] != "talking" or row["channel"] != CHANNEL or row["app"] != "talk":
            raise Failure(f"the API says {row}")
        press(page, "document", "Stop talking")
        wait_until("the camera hears BYE", lambda: camera.over == 1)
        wait_until("the microphone is published no longer", lambda: not any(client["publish"] for client in server.clients()))
        faults = browser.faults()
        if faults:
            raise Failure(f"the page threw: {faults[:3]}")
        test.note(f"broadcast by UDP: the microphone's beeps are heard at {loudest:.3f} of full scale, in packets of 100 ms")
    camera.heard.clear()
    camera.kinds.clear()
    tone = ["ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", "sine=frequency=1000:sample_rate=44100", "-c:a", "aac", "-f", "flv",
            server.rtmp("live/tone")]
    push = test.processes.start("tone", tone)
    server.wait_live("/live/tone")
    begun = server.api(f"/gb/v1/devices/{DEVICE}/talk?app=live&stream=tone&type=talk", "POST")
    if begun["code"] != 0:
        raise Failure(f"talk is answered {begun}")
    wait_until("three seconds are heard", lambda: len(camera.heard) > 24000, 20)
    # lavfi's sine is an eighth of full scale: 1/8/sqrt(2).
    loudest = camera.loudest()
    if not 0.08 < loudest < 0.1:
        raise Failure(f"the tone is heard at {loudest:.4f} of full scale")
    server.api(f"/gb/v1/devices/{DEVICE}/talk", "DELETE")
    wait_until("the camera hears BYE", lambda: camera.over == 2)
    push.end()
    test.note(f"talk by TCP: AAC of 44.1 kHz, a tone of 0.088 is heard at {loudest:.3f} of full scale")
    camera.end()
    server.alive()
    server.check_log()
