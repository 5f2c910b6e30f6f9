// libdatachannel, the stack of OBS, as a WHIP publisher or a WHEP player: whip|whep URL SECONDS [RTP_PORT]. What it publishes are the RTP
// packets of H.264 that come to RTP_PORT. Says at its end, as JSON, after how many milliseconds it was connected and how many
// packets and pictures (packets with a marker) went over it.

import dgram from "node:dgram";
import rtc from "node-datachannel";

const [kind, url, seconds, port] = process.argv.slice(2);
const publishes = kind === "whip";
const told = { connected_ms: null, video: 0, audio: 0, pictures: 0 };
const began = performance.now();
const peer = new rtc.PeerConnection(kind, { iceServers: [] });
const direction = publishes ? "SendOnly" : "RecvOnly";

const video = new rtc.Video("video", direction);
video.addH264Codec(96);
if (publishes) video.addSSRC(4711, "weir", "stream", "video");
const track = peer.addTrack(video);
const count = (name) => (packet) => {
  if (packet[1] >= 192 && packet[1] <= 223) return; // RTCP
  told[name] += 1;
  if (name === "video" && packet[1] & 0x80) told.pictures += 1;
};
if (publishes) {
  const socket = dgram.createSocket("udp4").bind(Number(port), "127.0.0.1");
  socket.on("message", (packet) => {
    if (!track.isOpen() || (packet[1] >= 192 && packet[1] <= 223)) return;
    packet[1] = (packet[1] & 0x80) | 96;
    packet.writeUInt32BE(4711, 8);
    if (track.sendMessageBinary(packet)) count("video")(packet);
  });
} else {
  track.setMediaHandler(new rtc.RtcpReceivingSession());
  track.onMessage(count("video"));
  const audio = new rtc.Audio("audio", direction);
  audio.addOpusCodec(111);
  const sound = peer.addTrack(audio);
  sound.setMediaHandler(new rtc.RtcpReceivingSession());
  sound.onMessage(count("audio"));
  globalThis.kept = sound;
}

peer.onStateChange((state) => {
  if (state === "connected" && told.connected_ms === null) told.connected_ms = Math.round(performance.now() - began);
  if (state === "failed" || state === "closed") console.error(`it is ${state}`);
});
const gathered = new Promise((done) => peer.onGatheringStateChange((state) => state === "complete" && done()));
peer.setLocalDescription("offer");
await gathered;
const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/sdp" }, body: peer.localDescription().sdp });
const text = await answer.text();
if (answer.status !== 201) throw new Error(`${answer.status} ${text}`);
peer.setRemoteDescription(text, "answer");
await new Promise((done) => setTimeout(done, Number(seconds) * 1000));
await fetch(new URL(answer.headers.get("Location"), url), { method: "DELETE" });
console.log(JSON.stringify(told));
process.exit(0);
