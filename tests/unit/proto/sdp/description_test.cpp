#include "proto/sdp/description.h"

#include "base/text.h"
#include "proto/sdp/h264_profile.h"
#include "support/catch.h"

namespace weir::test::description_test {

namespace {

base::ErrorCode fault_of(std::string_view text, std::size_t line) {
  sdp::Fault fault;
  const auto parsed = sdp::parse(text, fault);
  if (parsed) return {};
  CHECK(fault.line == line);
  return parsed.error();
}

}  // namespace

TEST_CASE("what a description says is read, at session and at media level", "[sdp]") {
  sdp::Fault fault;
  const auto parsed = sdp::parse(
      "v=0\r\no=- 77 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:LS 0\r\na=group:BUNDLE 0 1\r\n"
      "a=ice-ufrag:sess\r\na=ice-pwd:sessionpassword0123456789\r\na=fingerprint:SHA-256 AA:BB\r\na=setup:actpass\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=mid:0\r\na=sendonly\r\na=rtpmap:111 OPUS/48000/2\r\n"
      "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtcp-fb:* transport-cc\r\na=rtcp-mux\r\n"
      "m=video 0 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:1\r\na=bundle-only\r\na=ice-ufrag:own\r\na=rtpmap:96 H264/90000\r\n"
      "a=fmtp:96 packetization-mode=1; Profile-Level-Id=42e01f\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack\r\n"
      "a=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
      "a=extmap:6/recvonly urn:x\r\na=ssrc:1 cname:c\r\na=ssrc:2 cname:c\r\na=ssrc-group:FID 1 2\r\na=rid:h send\r\n",
      fault);
  REQUIRE(parsed.has_value());
  CHECK(parsed->session_id == "77");
  CHECK(parsed->bundle == std::vector<std::string>{"0", "1"});
  REQUIRE(parsed->media.size() == 2);
  const auto& audio = parsed->media[0];
  CHECK(audio.kind == sdp::Kind::audio);
  CHECK(audio.direction == sdp::Direction::sendonly);
  CHECK(audio.alive());
  REQUIRE(audio.find(111));
  CHECK(audio.find(111)->channels == 2);
  CHECK(audio.find(111)->has_feedback("transport-cc"));
  CHECK(audio.find(0)->codec == "PCMU");
  CHECK(parsed->transport_of(audio).ufrag == "sess");
  CHECK(parsed->transport_of(audio).fingerprints.size() == 1);

  const auto& video = parsed->media[1];
  CHECK(video.alive());
  CHECK(parsed->transport_of(video).ufrag == "own");
  CHECK(parsed->transport_of(video).setup == sdp::Setup::actpass);
  CHECK(video.find(96)->feedback == std::vector<std::string>{"nack", "nack pli"});
  CHECK(video.find(96)->parameter("profile-level-id") == "42e01f");
  CHECK(video.find(97)->parameter("apt") == "96");
  REQUIRE(video.find_extension("urn:x"));
  CHECK(video.find_extension("urn:x")->direction == sdp::Direction::recvonly);
  CHECK(video.sources.size() == 2);
  CHECK(video.retransmissions.at(0).second == 2);
  CHECK(video.rids == std::vector<std::string>{"h"});
}

TEST_CASE("a fault of an SDP is told with its line", "[sdp]") {
  CHECK(fault_of("", 1) == sdp::Errc::no_version);
  CHECK(fault_of("v=1\n", 1) == sdp::Errc::no_version);
  CHECK(fault_of("{\"sdp\":1}", 1) == sdp::Errc::no_version);
  CHECK(fault_of("v=0\nnonsense\n", 2) == sdp::Errc::bad_line);
  CHECK(fault_of("v=0\nm=video 9\n", 2) == sdp::Errc::bad_media_line);
  CHECK(fault_of("v=0\nm=video 99999 UDP/TLS/RTP/SAVPF 96\n", 2) == sdp::Errc::bad_media_line);
  CHECK(fault_of("v=0\nm=video 9 UDP/TLS/RTP/SAVPF 200\n", 2) == sdp::Errc::bad_media_line);
  const std::string head = "v=0\nm=video 9 UDP/TLS/RTP/SAVPF 96\n";
  CHECK(fault_of(head + "a=rtpmap:96 H264\n", 3) == sdp::Errc::bad_attribute);
  CHECK(fault_of(head + "a=rtpmap:96 H264/0\n", 3) == sdp::Errc::bad_attribute);
  CHECK(fault_of(head + "a=extmap:0 urn:x\n", 3) == sdp::Errc::bad_attribute);
  CHECK(fault_of(head + "a=ssrc:99999999999 cname:x\n", 3) == sdp::Errc::bad_attribute);
  CHECK(fault_of(head + "a=ssrc-group:FID 1\n", 3) == sdp::Errc::bad_attribute);
  CHECK(fault_of(head + "a=rid:x\n", 3) == sdp::Errc::bad_attribute);
}

TEST_CASE("a description is bounded in bytes and in lines of each kind", "[sdp]") {
  sdp::Fault fault;
  CHECK(sdp::parse("v=0\n" + std::string(sdp::most_bytes, 'a'), fault).error() == sdp::Errc::too_long);
  std::string many = "v=0\n";
  for (std::size_t i = 0; i <= sdp::most_media; ++i) many += "m=audio 9 RTP/AVP 0\n";
  CHECK(sdp::parse(many, fault).error() == sdp::Errc::too_many);
  std::string sources = "v=0\nm=audio 9 RTP/AVP 0\n";
  for (std::size_t i = 0; i <= sdp::most_sources; ++i) sources += "a=ssrc:" + std::to_string(i) + " cname:x\n";
  CHECK(sdp::parse(sources, fault).error() == sdp::Errc::too_many);
  std::string payloads = "v=0\nm=audio 9 RTP/AVP";
  for (std::size_t i = 0; i <= sdp::most_payloads; ++i) payloads += " " + std::to_string(i);
  CHECK(sdp::parse(payloads + "\n", fault).error() == sdp::Errc::too_many);
}

TEST_CASE("profiles are compared by what they mean", "[sdp]") {
  using sdp::H264Profile;
  CHECK(sdp::h264_profile("42e01f") == H264Profile::constrained_baseline);
  CHECK(sdp::h264_profile("42c015") == H264Profile::constrained_baseline);
  CHECK(sdp::h264_profile("42401e") == H264Profile::constrained_baseline);
  CHECK(sdp::h264_profile("42001f") == H264Profile::baseline);
  CHECK(sdp::h264_profile("4d001f") == H264Profile::main);
  CHECK(sdp::h264_profile("640028") == H264Profile::high);
  CHECK(sdp::h264_profile("640c1f") == H264Profile::constrained_high);
  CHECK_FALSE(sdp::h264_profile("42e0").has_value());
  CHECK_FALSE(sdp::h264_profile("42e01g").has_value());
}

}  // namespace weir::test::description_test
