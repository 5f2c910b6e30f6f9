"""GStreamer's webrtcbin as a WHIP publisher or a WHEP player, in a process of its own: whip|whep URL SECONDS. Says at its end, as JSON,
after how many milliseconds it was connected and how many pictures and pieces of sound it decoded."""

import json
import sys
import time
import urllib.error
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

PUBLISH = """webrtcbin name=rtc bundle-policy=max-bundle
  videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=25/1 ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25
    ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 ! application/x-rtp,media=video,encoding-name=H264,payload=96 ! rtc.
  audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay
    ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! rtc."""


def described(kind, text):
    # By text: the object of a promise's reply does not outlive it.
    _, sdp = GstSdp.SDPMessage.new_from_text(text)
    return GstWebRTC.WebRTCSessionDescription.new(getattr(GstWebRTC.WebRTCSDPType, kind), sdp)


class Client:
    def __init__(self, kind, url):
        self.url, self.counts, self.connected_ms, self.began = url, {"video": 0, "audio": 0}, None, time.monotonic()
        self.loop = GLib.MainLoop()
        if kind == "whip":
            self.pipeline = Gst.parse_launch(PUBLISH)
            self.rtc = self.pipeline.get_by_name("rtc")
        else:
            self.pipeline = Gst.Pipeline.new()
            self.rtc = Gst.ElementFactory.make("webrtcbin")
            self.rtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
            self.pipeline.add(self.rtc)
        self.rtc.connect("notify::ice-gathering-state", self.gathered)
        self.rtc.connect("notify::connection-state", self.changed)
        if kind == "whep":
            self.rtc.connect("pad-added", self.brings)
            for caps in ("application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000",
                         "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000"):
                self.rtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
        self.rtc.connect("on-negotiation-needed", self.negotiate)
        self.pipeline.set_state(Gst.State.PLAYING)

    def negotiate(self, _):
        self.rtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offers, None))

    def offers(self, promise, _):
        reply = promise.get_reply()
        self.rtc.emit("set-local-description", described("OFFER", reply.get_value("offer").sdp.as_text()), Gst.Promise.new())

    def gathered(self, rtc, _):
        if rtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.post, rtc.get_property("local-description").sdp.as_text())

    def post(self, offer):
        request = urllib.request.Request(self.url, offer.encode(), {"Content-Type": "application/sdp"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as refused:
            print("refused:", refused.code, refused.read().decode(), offer, file=sys.stderr)
            self.loop.quit()
            return False
        self.rtc.emit("set-remote-description", described("ANSWER", text), Gst.Promise.new())
        return False

    def changed(self, rtc, _):
        if rtc.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED and self.connected_ms is None:
            self.connected_ms = round((time.monotonic() - self.began) * 1000)

    def brings(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        kind = pad.get_current_caps().get_structure(0).get_string("media")
        rest = "rtph264depay ! avdec_h264" if kind == "video" else "rtpopusdepay ! opusdec"
        rest = Gst.parse_bin_from_description(f"queue ! {rest} ! fakesink name=end sync=false signal-handoffs=true", True)
        rest.get_by_name("end").connect("handoff", self.count, kind)
        self.pipeline.add(rest)
        rest.sync_state_with_parent()
        pad.link(rest.get_static_pad("sink"))

    def count(self, _element, _buffer, _pad, kind):
        self.counts[kind] += 1


def main():
    Gst.init(None)
    client = Client(sys.argv[1], sys.argv[2])
    GLib.timeout_add(int(float(sys.argv[3]) * 1000), client.loop.quit)
    client.loop.run()
    print(json.dumps(dict(client.counts, connected_ms=client.connected_ms)), flush=True)
    client.pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main()
