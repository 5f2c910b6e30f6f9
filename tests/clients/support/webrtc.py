"""WHIP and WHEP in a page of Chromium, and what its getStats says."""

FLAGS = ["--allow-loopback-in-peer-connection", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
         "--disable-features=WebRtcHideLocalIpsWithMdns"]

SCRIPT = """
window.offerTo = async (url, peer) => {
  await peer.setLocalDescription();
  if (peer.iceGatheringState !== "complete") await new Promise((done) => {
    peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && done());
    setTimeout(done, 1000);
  });
  const answer = await fetch(url, {method: "POST", headers: {"Content-Type": "application/sdp"}, body: peer.localDescription.sdp});
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(answer.status + " " + text);
  window.sessionUrl = new URL(answer.headers.get("Location"), url).href;
  window.answer = text;
  await peer.setRemoteDescription({type: "answer", sdp: text});
};
window.whep = async (url) => {
  const began = performance.now();
  const peer = window.peer = new RTCPeerConnection();
  for (const kind of ["video", "audio"]) peer.addTransceiver(kind, {direction: "recvonly"});
  const video = document.createElement("video");
  video.muted = true; video.autoplay = true; document.body.append(video);
  const media = new MediaStream();
  peer.ontrack = (event) => { media.addTrack(event.track); video.srcObject = media; };
  window.firstFrame = new Promise((done) => video.requestVideoFrameCallback(() => done(performance.now() - began)));
  await window.offerTo(url, peer);
  return true;
};
window.whip = async (url, codec, audio) => {
  const peer = window.peer = new RTCPeerConnection();
  const media = await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 360}, audio});
  for (const track of media.getTracks()) {
    const transceiver = peer.addTransceiver(track, {direction: "sendonly", streams: [media]});
    if (track.kind === "video" && codec) {
      const all = RTCRtpSender.getCapabilities("video").codecs;
      transceiver.setCodecPreferences(all.filter((c) => c.mimeType === "video/" + codec)
        .concat(all.filter((c) => c.mimeType === "video/rtx")));
    }
  }
  await window.offerTo(url, peer);
  return true;
};
window.figures = async (type, kind) => {
  for (const one of (await window.peer.getStats()).values()) if (one.type === type && one.kind === kind) return one;
  return {};
};
true
"""


def open_page(browser, server):
    """A page of the server's origin that does nothing by itself: the first page would play."""
    page = browser.open(server.http("text.js"))
    page.value(SCRIPT)
    return page


def figures(page, kind, way="inbound-rtp"):
    return page.value(f'window.figures("{way}", "{kind}")')
