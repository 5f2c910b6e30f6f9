#include "session/webrtc/live_tracks.h"

#include "support/catch.h"

namespace weir::test::live_tracks_test {

using media::Codec;
using media::TrackId;
using session::webrtc::LiveTracks;
using session::webrtc::TrackChoice;
using Lack = hub::AudioBridge::Lack;

namespace {

media::Tracks tracks_of(const std::vector<Codec>& codecs) {
  media::Tracks out;
  bool sound = false;
  for (const Codec codec : codecs) {
    auto parameters = std::make_shared<media::CodecParameters>();
    parameters->codec = codec;
    TrackId id = static_cast<TrackId>(10 + out.size());
    if (media::kind_of(codec) == media::Kind::audio && !std::exchange(sound, true)) id = TrackId::audio;
    out.push_back({id, 0, std::move(parameters)});
  }
  return out;
}

// An offer of those codecs, and all of them agreed on.
struct Peer {
  explicit Peer(const std::vector<std::pair<std::string, Codec>>& codecs) {
    for (const auto& [name, codec] : codecs) {
      sdp::Media line;
      line.payloads.push_back({.codec = name});
      line.payloads.push_back({.codec = "rtx"});
      offer.media.push_back(line);
      sdp::AgreedMedia agreed;
      agreed.accepted = codec != Codec::none;
      if (agreed.accepted) agreed.codecs.push_back({.codec = codec});
      answer.media.push_back(agreed);
    }
  }
  std::string why(const LiveTracks& live, Lack lack = Lack::none, TrackChoice choice = {}, bool bridged = true) const {
    config::Rtc settings;
    settings.rtmp_to_rtc = bridged;
    return why_unplayable(live, choice, offer, answer, settings, [lack](const sound::Recipe&) { return lack; });
  }

  sdp::Description offer;
  sdp::Answer answer;
};

const Peer browser({{"opus", Codec::opus}, {"VP8", Codec::vp8}, {"H264", Codec::h264}});
const Peer old_browser({{"opus", Codec::opus}, {"VP8", Codec::vp8}});

}  // namespace

TEST_CASE("one codec of the stream is enough, and what is not known is waited for", "[webrtc]") {
  CHECK(browser.why({}).empty());
  CHECK(browser.why({tracks_of({Codec::h264, Codec::aac}), true}).empty());
  CHECK(browser.why({tracks_of({Codec::hevc, Codec::opus}), true}).empty());
  CHECK(browser.why({tracks_of({Codec::hevc}), false}).empty());  // its sound may still come
}

TEST_CASE("a stream of which the offer takes nothing is named, and the offer", "[webrtc]") {
  CHECK(browser.why({tracks_of({Codec::hevc}), true}) == "the stream has HEVC; the offer has opus, VP8 and H264");
  CHECK(Peer({{"VP8", Codec::vp8}}).why({tracks_of({Codec::h264, Codec::aac}), false}) ==
        "the stream has H264 and AAC; the offer has VP8");
  CHECK(Peer({{"H264", Codec::none}}).why({tracks_of({Codec::h264}), true}) ==
        "the stream has H264; the offer has H264");  // as parameters of the request left none of it
}

TEST_CASE("sound that is made Opus is something, and where it is not the reason is said", "[webrtc]") {
  const LiveTracks live{tracks_of({Codec::h264, Codec::aac}), true};
  CHECK(old_browser.why(live).empty());
  CHECK(old_browser.why(live, Lack::loading).empty());
  CHECK(old_browser.why(live, Lack::plugin) ==
        "the stream has H264 and AAC; the offer has opus and VP8; AAC is not made Opus: the audio plug-in is missing");
  CHECK(old_browser.why(live, Lack::none, {}, false) ==
        "the stream has H264 and AAC; the offer has opus and VP8; AAC is not made Opus: rtmp_to_rtc is off");
}

TEST_CASE("another track than the first is judged by what it is", "[webrtc]") {
  const LiveTracks live{tracks_of({Codec::hevc, Codec::aac, Codec::vp8, Codec::opus}), true};
  CHECK(old_browser.why(live, Lack::none, {.video = 2}).empty());
  CHECK(old_browser.why(live, Lack::none, {.audio = 2}).empty());
  CHECK(old_browser.why(live, Lack::none, {.video = 3, .audio = 4}) ==
        "the stream has HEVC, AAC, VP8 and Opus; asked for: video 3, audio 4; the offer has opus and VP8");
}

}  // namespace weir::test::live_tracks_test
