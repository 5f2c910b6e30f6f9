#include "session/gb28181/voice_offer.h"

#include "support/catch.h"

namespace weir::test::voice_offer_test {

using namespace session::gb28181;
using media::Codec;

namespace {

std::string sdp(const std::string& media) {
  return "v=0\r\no=34020000001110000001 0 0 IN IP4 192.0.2.7\r\ns=Play\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n" + media;
}

}  // namespace

TEST_CASE("what a loudspeaker wants is read, whatever way round it is written", "[gb28181]") {
  const auto offer = parse_voice_offer(
      sdp("m=audio 15062 RTP/AVP 8 96\r\na=recvonly\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:96 PS/90000\r\n"
          "y=0200000042\r\nf=v/////a/1/8/1\r\n"));
  REQUIRE(offer.has_value());
  CHECK(offer->address == "192.0.2.7");
  CHECK(offer->port == 15062);
  CHECK(offer->transport == MediaTransport::udp);
  CHECK(offer->ssrc == 200000042);
  CHECK(offer->form.codec == Codec::pcma);
  CHECK_FALSE(offer->form.in_program_stream);
  // A line of pictures before it, and its own address.
  const auto second = parse_voice_offer(
      sdp("m=video 0 RTP/AVP 96\r\na=setup:active\r\nm=audio 7000 TCP/RTP/AVP 0\r\nc=IN IP4 192.0.2.9\r\n"
          "a=setup:passive\r\n"));
  REQUIRE(second.has_value());
  CHECK(second->address == "192.0.2.9");
  CHECK(second->port == 7000);
  CHECK(second->transport == MediaTransport::tcp_passive);
  CHECK(second->form.codec == Codec::pcmu);
  CHECK_FALSE(second->ssrc);
}

TEST_CASE("payload types have the names that are given to them", "[gb28181]") {
  const auto ps = parse_voice_offer(sdp("m=audio 5 RTP/AVP 96\r\na=rtpmap:96 PS/90000\r\n"));
  REQUIRE(ps.has_value());
  CHECK(ps->form.in_program_stream);
  CHECK(ps->form.payload_type == 96);
  const auto unnamed = parse_voice_offer(sdp("m=audio 5 RTP/AVP 96\r\n"));
  REQUIRE(unnamed.has_value());
  CHECK(unnamed->form.in_program_stream);
  const auto odd =
      parse_voice_offer(sdp("m=audio 5 RTP/AVP 8 104\r\na=rtpmap:8 G723/8000\r\na=rtpmap:104 pcma/8000\r\n"));
  REQUIRE(odd.has_value());
  CHECK(odd->form.payload_type == 104);
  CHECK(odd->form.codec == Codec::pcma);
}

TEST_CASE("what cannot be sent is told apart from what asks for nothing", "[gb28181]") {
  CHECK(parse_voice_offer(sdp("m=audio 5 RTP/AVP 4 18\r\n")).error() == SignalErrc::not_acceptable);
  CHECK(parse_voice_offer(sdp("m=audio 0 RTP/AVP 8\r\n")).error() == SignalErrc::no_media);
  CHECK(parse_voice_offer(sdp("m=video 5 RTP/AVP 96\r\n")).error() == SignalErrc::no_media);
  CHECK(parse_voice_offer("").error() == SignalErrc::no_media);
  CHECK(parse_voice_offer(sdp("m=audio 99999 RTP/AVP 8\r\n")).error() == SignalErrc::no_media);
  CHECK(parse_voice_offer(sdp("m=audio\r\n")).error() == SignalErrc::no_media);
}

TEST_CASE("the answer to a loudspeaker is the mirror of what it wants", "[gb28181]") {
  VoiceOffer offer{.address = "192.0.2.7", .port = 15062, .transport = MediaTransport::tcp_passive};
  const std::string said = make_voice_answer(
      offer, {.owner = "34020000002000000001", .address = "203.0.113.5", .port = 9, .ssrc = 200000042});
  CHECK(said.find("s=Play\r\n") != std::string::npos);
  CHECK(said.find("c=IN IP4 203.0.113.5\r\n") != std::string::npos);
  CHECK(said.find("m=audio 9 TCP/RTP/AVP 8\r\na=sendonly\r\na=rtpmap:8 PCMA/8000\r\n") != std::string::npos);
  CHECK(said.find("a=setup:active\r\n") != std::string::npos);
  CHECK(said.find("y=0200000042\r\n") != std::string::npos);
  const std::string talk = make_talk_offer("34020000001370000001", MediaTransport::udp,
                                           {.address = "2001:db8::5", .port = 30000, .ssrc = 200000001});
  CHECK(talk.find("s=Talk\r\nc=IN IP6 2001:db8::5\r\n") != std::string::npos);
  CHECK(talk.find("m=audio 30000 RTP/AVP 8\r\na=sendrecv\r\n") != std::string::npos);
  CHECK(talk.find("a=setup") == std::string::npos);
}

}  // namespace weir::test::voice_offer_test
