// werift, WebRTC in TypeScript alone, as a WHIP publisher or a WHEP player: whip|whep URL SECONDS [RTP_PORT]. Otherwise as datachannel.mjs.

import dgram from "node:dgram";
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpPacket } from "werift";

const [kind, url, seconds, port] = process.argv.slice(2);
const publishes = kind === "whip";
const told = { connected_ms: null, video: 0, audio: 0, pictures: 0 };
const began = performance.now();
const feedback = [{ type: "nack" }, { type: "nack", parameter: "pli" }];
const peer = new RTCPeerConnection({
  iceServers: [],
  iceAdditionalHostAddresses: ["127.0.0.1"],
  codecs: {
    video: [new RTCRtpCodecParameters({ mimeType: "video/H264", clockRate: 90000, rtcpFeedback: feedback,
      parameters: "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1" })],
    audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48000, channels: 2 })],
  },
});
const count = (name, packet) => {
  told[name] += 1;
  if (name === "video" && packet.header.marker) told.pictures += 1;
};
if (publishes) {
  const track = new MediaStreamTrack({ kind: "video" });
  peer.addTransceiver(track, { direction: "sendonly" });
  const socket = dgram.createSocket("udp4").bind(Number(port), "127.0.0.1");
  socket.on("message", (bytes) => {
    if (peer.connectionState !== "connected" || (bytes[1] >= 192 && bytes[1] <= 223)) return;
    const packet = RtpPacket.deSerialize(bytes);
    count("video", packet);
    track.writeRtp(packet);
  });
} else {
  peer.onTrack.subscribe((track) => track.onReceiveRtp.subscribe((packet) => count(track.kind, packet)));
  for (const name of ["video", "audio"]) peer.addTransceiver(name, { direction: "recvonly" });
}
peer.connectionStateChange.subscribe((state) => {
  if (state === "connected" && told.connected_ms === null) told.connected_ms = Math.round(performance.now() - began);
  if (state === "failed") console.error("it is failed");
});
await peer.setLocalDescription(await peer.createOffer());
const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/sdp" }, body: peer.localDescription.sdp });
const text = await answer.text();
if (answer.status !== 201) throw new Error(`${answer.status} ${text}`);
await peer.setRemoteDescription({ type: "answer", sdp: text });
await new Promise((done) => setTimeout(done, Number(seconds) * 1000));
await fetch(new URL(answer.headers.get("Location"), url), { method: "DELETE" });
console.log(JSON.stringify(told));
process.exit(0);
