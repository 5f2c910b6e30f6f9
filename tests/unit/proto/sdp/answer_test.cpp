#include "proto/sdp/answer.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "support/catch.h"

namespace weir::test::answer_test {

using media::Codec;

namespace {

std::string offer_text(std::string_view name) {
  std::ifstream file(std::string(WEIR_TEST_DATA) + "/sdp/" + std::string(name) + ".sdp");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

sdp::Description read(std::string_view text) {
  sdp::Fault fault;
  auto parsed = sdp::parse(text, fault);
  INFO(fault.sentence());
  REQUIRE(parsed.has_value());
  return *parsed;
}

sdp::AnswerOptions options(bool sends) {
  sdp::AnswerOptions out;
  out.sends = sends;
  out.video = {Codec::h264, Codec::hevc, Codec::av1, Codec::vp9, Codec::vp8};
  out.audio = {Codec::opus, Codec::pcma, Codec::pcmu};
  out.ufrag = "abcdefgh";
  out.password = "0123456789abcdef0123456789abcdef";
  out.fingerprint = "AA:BB";
  out.session_id = "4711";
  out.stream_id = "live/cam";
  out.cname = "cname";
  out.candidates = {"1 1 udp 2130706431 192.0.2.1 8000 typ host generation 0"};
  out.make_ssrc = [next = 1000U]() mutable { return next++; };
  return out;
}

sdp::Answer answered(std::string_view name, const sdp::AnswerOptions& how) {
  sdp::Fault fault;
  auto made = sdp::answer(read(offer_text(name)), how, fault);
  INFO(name << ": " << fault.text);
  REQUIRE(made.has_value());
  return *made;
}

}  // namespace

TEST_CASE("real offers of publishers are answered with H.264 and Opus where they have them", "[sdp]") {
  struct Row {
    const char* name;
    Codec video, audio;
    sdp::Setup setup;
  };
  const Row row = GENERATE(Row{"aiortc1.4-publish", Codec::h264, Codec::opus, sdp::Setup::passive},
                           Row{"chromium156-publish", Codec::h264, Codec::opus, sdp::Setup::passive},
                           Row{"chromium156-addtrack", Codec::h264, Codec::opus, sdp::Setup::passive},
                           Row{"chromium156-simulcast", Codec::h264, Codec::opus, sdp::Setup::passive},
                           Row{"ffmpeg8.1-publish", Codec::h264, Codec::opus, sdp::Setup::active},
                           Row{"firefox153-publish", Codec::av1, Codec::opus, sdp::Setup::passive},
                           Row{"gstreamer1.22-publish", Codec::h264, Codec::opus, sdp::Setup::passive},
                           Row{"libdatachannel-publish", Codec::h264, Codec::none, sdp::Setup::passive},
                           Row{"pion3.1.56-publish", Codec::h264, Codec::none, sdp::Setup::passive},
                           Row{"werift0.24-publish", Codec::h264, Codec::none, sdp::Setup::passive});
  INFO(row.name);
  const auto made = answered(row.name, options(false));
  CHECK(made.setup == row.setup);
  CHECK_FALSE(made.remote.ufrag.empty());
  CHECK_FALSE(made.remote.fingerprints.empty());
  Codec video = Codec::none, audio = Codec::none;
  for (const auto& line : made.media) {
    if (!line.accepted) continue;
    REQUIRE(line.codecs.size() == 1);
    (line.kind == sdp::Kind::video ? video : audio) = line.codecs[0].codec;
  }
  CHECK(media::name_of(video) == media::name_of(row.video));
  CHECK(media::name_of(audio) == media::name_of(row.audio));

  // An answer is a description too: as many lines as the offer, in its order, and nothing that it did not offer.
  const auto offer = read(offer_text(row.name));
  const auto back = read(made.text);
  REQUIRE(back.media.size() == offer.media.size());
  CHECK(back.ice_lite);
  for (std::size_t i = 0; i < back.media.size(); ++i) {
    const auto& ours = back.media[i];
    const auto& theirs = offer.media[i];
    CHECK(ours.kind == theirs.kind);
    CHECK(ours.mid == theirs.mid);
    CHECK((ours.port != 0) == made.media[i].accepted);
    for (const auto& extension : ours.extensions) {
      REQUIRE(theirs.find_extension(extension.uri));
      CHECK(theirs.find_extension(extension.uri)->id == extension.id);
    }
    if (!made.media[i].accepted) continue;
    CHECK(ours.direction == sdp::Direction::recvonly);
    CHECK(ours.rtcp_mux);
    for (const auto& payload : ours.payloads) {
      REQUIRE(theirs.find(payload.number));
      CHECK(theirs.find(payload.number)->codec == payload.codec);
      CHECK(theirs.find(payload.number)->parameters == payload.parameters);
      for (const auto& kind : payload.feedback) CHECK(theirs.find(payload.number)->has_feedback(kind));
    }
  }
}

TEST_CASE("a browser that plays gets the codec that is published, with sources of ours", "[sdp]") {
  auto how = options(true);
  how.video = {Codec::h264};
  how.audio = {Codec::opus};
  how.h264_profile = "640028";
  const auto made = answered("chromium156-play", how);
  REQUIRE(made.media.size() == 2);
  const auto& audio = made.media[0];
  const auto& video = made.media[1];
  REQUIRE(audio.accepted);
  REQUIRE(video.accepted);
  CHECK(audio.codecs[0].payload == 111);
  CHECK(video.codecs[0].payload == 102);  // no High is offered: the first with packetization mode 1
  CHECK(video.codecs[0].retransmission == 103);
  CHECK(video.codecs[0].nack);
  CHECK(video.codecs[0].pli);
  CHECK(video.ssrc != 0);
  CHECK(video.retransmission_ssrc != 0);
  CHECK(audio.retransmission_ssrc == 0);
  CHECK(video.extensions.mid == 4);
  CHECK(video.extensions.transport_cc == 3);
  const auto back = read(made.text);
  CHECK(back.media[1].direction == sdp::Direction::sendonly);
  CHECK(back.media[1].sources.size() == 2);
  CHECK(back.media[1].retransmissions.size() == 1);
  CHECK(made.text.find("a=candidate:1 1 udp 2130706431 192.0.2.1 8000 typ host") != std::string::npos);

  how.h264_profile = "42c01f";  // equal to 42e01f
  CHECK(answered("chromium156-play", how).media[1].codecs[0].payload == 108);
  how.h264_profile = "4d001f";
  CHECK(answered("chromium156-play", how).media[1].codecs[0].payload == 116);
}

TEST_CASE("a player before its publisher is answered with every codec that fits", "[sdp]") {
  auto how = options(true);
  how.several_codecs = true;
  const auto made = answered("chromium156-play", how);
  const auto& video = made.media[1];
  CHECK(video.find(Codec::h264));
  CHECK(video.find(Codec::av1));
  CHECK(video.find(Codec::vp8));
  CHECK(video.find(Codec::vp9));
  CHECK_FALSE(video.find(Codec::hevc));
  CHECK(video.codecs.front().codec == Codec::h264);
}

TEST_CASE("a data channel is refused alone", "[sdp]") {
  const auto made = answered("chromium156-data", options(true));
  bool refused = false;
  for (const auto& line : made.media) refused = refused || (line.kind == sdp::Kind::application && !line.accepted);
  CHECK(refused);
  CHECK(made.text.find("m=application 0 UDP/DTLS/SCTP webrtc-datachannel") != std::string::npos);
}

TEST_CASE("offers that cannot be answered are refused with the reason", "[sdp]") {
  const std::string good = offer_text("chromium156-publish");
  const auto refusal = [&](std::string text, bool sends = false) -> base::ErrorCode {
    sdp::Fault fault;
    const auto made = sdp::answer(read(text), options(sends), fault);
    return made ? base::ErrorCode() : made.error();
  };
  CHECK(refusal(good) == base::ErrorCode());
  CHECK(refusal(good, true) == sdp::Errc::wrong_direction);
  CHECK(refusal(base::replace_all(good, "a=rtcp-mux\r\n", "")) == sdp::Errc::no_rtcp_mux);
  CHECK(refusal(base::replace_all(good, "a=group:BUNDLE", "a=x-group")) == sdp::Errc::no_bundle);
  CHECK(refusal(base::replace_all(good, "a=ice-pwd", "a=x-pwd")) == sdp::Errc::no_ice);
  CHECK(refusal(base::replace_all(good, "a=fingerprint", "a=x-print")) == sdp::Errc::no_fingerprint);
  CHECK(refusal("v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n") == sdp::Errc::no_media);
  CHECK(refusal("v=0\n") == sdp::Errc::no_media);
  CHECK(refusal("v=0\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=rtcp-mux\na=sendonly\na=rtpmap:96 X-NEW/90000\n") ==
        sdp::Errc::no_common_codec);
}

TEST_CASE("H.264 without a word about packetization is taken where there is nothing better", "[sdp]") {
  auto offer = read(offer_text("chromium156-play"));
  auto& payloads = offer.media[1].payloads;
  const auto mode_1 =
      *std::find_if(payloads.begin(), payloads.end(), [](const auto& one) { return one.number == 102; });
  auto silent = mode_1;
  silent.number = 96;
  silent.parameters.clear();
  sdp::Fault fault;
  payloads = {silent, mode_1};
  CHECK(sdp::answer(offer, options(true), fault)->media[1].codecs.at(0).payload == 102);
  payloads = {silent};
  CHECK(sdp::answer(offer, options(true), fault)->media[1].codecs.at(0).payload == 96);
  payloads[0].parameters = "packetization-mode=0;profile-level-id=42e01f";
  CHECK_FALSE(sdp::answer(offer, options(true), fault)->media[1].accepted);
}

}  // namespace weir::test::answer_test
