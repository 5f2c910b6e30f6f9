"""aiortc as a WHIP publisher or a WHEP player: whip|whep URL SECONDS. It encodes and decodes. Otherwise as datachannel.mjs."""

import asyncio
import json
import sys
import time
import urllib.error
import urllib.request

import aioice.ice
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer

# It takes no loopback address by itself, and in the tests there is no other.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def ask(method, url, body=None):
    request = urllib.request.Request(url, body, {"Content-Type": "application/sdp"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers.get("Location"), answer.read().decode()


async def count(track, told, name):
    while True:
        await track.recv()
        told[name] += 1


async def main(kind, url, seconds):
    told = {"connected_ms": None, "video": 0, "audio": 0, "pictures": 0}
    began = time.monotonic()
    peer = RTCPeerConnection()
    counting = []

    @peer.on("connectionstatechange")
    def changed():
        if peer.connectionState == "connected" and told["connected_ms"] is None:
            told["connected_ms"] = round((time.monotonic() - began) * 1000)

    @peer.on("track")
    def brings(track):
        counting.append(asyncio.ensure_future(count(track, told, track.kind)))

    if kind == "whip":
        picture = MediaPlayer("testsrc=size=320x240:rate=25", format="lavfi", options={"re": "1"})
        sound = MediaPlayer("sine=frequency=440:sample_rate=48000", format="lavfi")
        peer.addTrack(picture.video)
        peer.addTrack(sound.audio)
    else:
        for name in ("video", "audio"):
            peer.addTransceiver(name, direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    offer = peer.localDescription.sdp.encode()
    place, text = await asyncio.get_event_loop().run_in_executor(None, ask, "POST", url, offer)
    await peer.setRemoteDescription(RTCSessionDescription(text, "answer"))
    await asyncio.sleep(seconds)
    told["pictures"] = told["video"]
    if kind == "whip":
        for sender in peer.getSenders():
            for report in (await sender.getStats()).values():
                if report.type == "outbound-rtp":
                    told[report.kind] = report.packetsSent
    print(json.dumps(told), flush=True)
    try:
        await asyncio.get_event_loop().run_in_executor(None, ask, "DELETE", "/".join(url.split("/")[:3]) + place)
    except urllib.error.HTTPError as refused:
        print("DELETE:", refused, file=sys.stderr)
    for one in counting:
        one.cancel()
    await peer.close()


asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
