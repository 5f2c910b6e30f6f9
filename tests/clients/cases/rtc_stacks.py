"""Other stacks of WebRTC than browsers': libdatachannel (OBS has it), werift and aiortc, each as far as it is installed, publish by WHIP and
play by WHEP: media flows both ways. With WEIR_RTC_STACK=NAME that one alone; pion, which is compiled for it, only so."""

import json
import os
import shutil
import subprocess

from support.ports import free_port
from support.processes import Failure, Skip
from support.server import ROOT

SECONDS = 240
PLAYS = 10  # seconds
CONNECTED_MS = 10_000  # on a machine with nothing else to do it is a few hundred; the note says it
HERE = ROOT / "tests/clients"
SUPPORT = HERE / "support/rtc"
PYTHON = "/usr/bin/python3"  # Debian's, which python3-aiortc is for


def of_node(package, script):
    def command(_):
        if not shutil.which("node"):
            raise Skip("node is not installed")
        if not (HERE / "node_modules" / package).is_dir():
            raise Skip(f"{package} is not installed (scripts/setup --test)")
        return ["node", SUPPORT / script]

    return command


def aiortc(_):
    if subprocess.run([PYTHON, "-c", "import aiortc"], capture_output=True, check=False).returncode != 0:
        raise Skip("python3-aiortc is not installed")
    return [PYTHON, SUPPORT / "aiortc_client.py"]


def pion(test):
    if not shutil.which("go"):
        raise Skip("pion: go is not installed")
    sources = "/usr/share/gocode"
    if not (ROOT.__class__(sources) / "src/github.com/pion/webrtc").is_dir():
        raise Skip("golang-github-pion-webrtc.v3-dev is not installed")
    program = test.shared / "pion"
    if not program.exists():
        test.run("go", ["env", "GO111MODULE=off", f"GOPATH={sources}", f"GOCACHE={test.shared}/go", "go", "build", "-o", program,
                        SUPPORT / "pion.go"], 180)
    return [program]


CLIENTS = {"datachannel": of_node("node-datachannel", "datachannel.mjs"), "werift": of_node("werift", "werift.mjs"),
           "aiortc": aiortc, "pion": pion}
USUAL = ("datachannel", "werift", "aiortc")


def told(client):
    lines = [line for line in client.text().splitlines() if line.startswith("{")]
    if not lines:
        raise Failure(f"{client.name} ended without a word\n{client.tail(30)}")
    return json.loads(lines[-1])


def check_connected(name, figures, client, server):
    if figures["connected_ms"] is None or figures["connected_ms"] > CONNECTED_MS:
        raise Failure(f"{name} was connected after {figures['connected_ms']} ms: {figures}\n{client.tail(20)}\n{server.process.tail(20)}")


def plays(test, server, name, command):
    player = test.start(f"{name}-whep", [*command, "whep", server.http("live/cam/whep"), str(PLAYS)])
    player.wait(PLAYS + 30)
    figures = told(player)
    test.note(f"{name} played {figures}")
    check_connected(name, figures, player, server)
    # It is 25 pictures and 50 packets of Opus each second.
    # Half of that is enough here: who decodes in Python on a busy machine falls behind.
    if figures["pictures"] < 25 * PLAYS / 2 or figures["audio"] < 50 * PLAYS / 2:
        raise Failure(f"{name} took {figures} in {PLAYS} s\n{player.tail()}\n{server.process.tail(20)}")


def publishes(test, server, name, command):
    port = free_port()
    url = f"live/{name}"
    publisher = test.start(f"{name}-whip", [*command, "whip", server.http(f"{url}/whip"), str(PLAYS + 4), str(port)])
    source = None
    if name != "aiortc":
        source = test.start(f"{name}-rtp", ["ffmpeg", "-hide_banner", "-nostdin", "-v", "warning", "-re", "-f", "lavfi", "-i",
                                            "testsrc=size=320x240:rate=25", "-c:v", "libx264", "-profile:v", "baseline", "-preset",
                                            "ultrafast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p", "-payload_type", "96",
                                            "-f", "rtp", f"rtp://127.0.0.1:{port}?pkt_size=1200"])
    server.wait_live(f"/{url}", seconds=20)
    frames = test.run(f"{name}-probe", ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                                        "stream=codec_name,nb_read_frames", "-read_intervals", "%+4", "-of", "csv=p=0",
                                        server.rtmp(url)], 40).text()
    publisher.wait(PLAYS + 40)
    if source:
        source.end()
    figures = told(publisher)
    test.note(f"{name} published {figures}; by RTMP: {frames.strip()}")
    check_connected(name, figures, publisher, server)
    codec, count = (frames.strip().splitlines() or ["none,0"])[-1].split(",")[:2]
    if codec not in ("h264", "vp8") or not count.isdigit() or int(count) < 50:
        raise Failure(f"of {name} ffprobe sees {frames}\n{publisher.tail()}\n{server.process.tail(20)}")
    server.wait_idle(f"/{url}", 45)


def run(test):
    # Browsers shake hands with the usual certificate, in their own cases.
    server = test.server(top=f"rtc_server {{ enabled on; listen {free_port()}; ecdsa off; }}",
                         vhost="rtc { enabled on; rtmp_to_rtc on; rtc_to_rtmp on; }")
    test.push(test.source(), server.rtmp("live/cam"), loop=True)
    server.wait_live("/live/cam")
    if "no audio plug-in" in server.process.text():
        raise Skip("the audio plug-in is not built, and the sound of both ways is AAC on the one side")
    ran = 0
    only = os.environ.get("WEIR_RTC_STACK")
    for name in (only,) if only else USUAL:
        find = CLIENTS[name]
        try:
            command = find(test)
        except Skip as why:
            test.note(f"without {name}: {why}")
            continue
        ran += 1
        plays(test, server, name, command)
        publishes(test, server, name, command)
        server.alive()
    if ran == 0:
        raise Skip("none of them is installed")
    if "WebRTC certificate: RSA 2048" not in server.process.text():
        raise Failure("the certificate is not RSA")
    server.check_log()
