#include "session/gb28181/offer.h"

#include "support/catch.h"

namespace weir::test::offer_test {

using namespace session::gb28181;

namespace {

const std::string whole =
    "v=0\r\no=34020000001320000001 0 0 IN IP4 203.0.113.9\r\ns=Play\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\n"
    "m=video 30002 TCP/RTP/AVP 96 98\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\na=setup:passive\r\ny=0200000001\r\n";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("an offer of a platform above says where to, how and as what", "[gb28181]") {
  const auto offer = parse_offer(whole);
  REQUIRE(offer.has_value());
  CHECK(offer->purpose == Purpose::live);
  CHECK(offer->address == "203.0.113.9");
  CHECK(offer->port == 30002);
  CHECK(offer->transport == MediaTransport::tcp_passive);
  CHECK(offer->ssrc == 200'000'001U);
  CHECK(parse_offer(with(whole, "passive", "active"))->transport == MediaTransport::tcp_active);
  CHECK(parse_offer(with(whole, "TCP/", ""))->transport == MediaTransport::udp);
  const auto recording = parse_offer(with(with(whole, "s=Play", "s=Playback"), "t=0 0", "t=1767322800 1767326400"));
  REQUIRE(recording.has_value());
  CHECK(recording->purpose == Purpose::playback);
  CHECK(recording->span.start == 1'767'322'800);
  CHECK(recording->span.stop == 1'767'326'400);
  CHECK_FALSE(parse_offer(with(whole, "y=0200000001", "y=x"))->ssrc);
}

TEST_CASE("an offer that lacks what is needed is none", "[gb28181]") {
  for (const auto& [from, to] :
       {std::pair{"s=Play", "s=Talk"}, std::pair{"s=Play", "s=Playback"}, std::pair{"s=Play", "x=Play"},
        std::pair{"c=IN IP4 203.0.113.9", "c=IN IP4 example.org"}, std::pair{"m=video 30002", "m=video 0"},
        std::pair{"m=video 30002", "m=video 99999"}}) {
    INFO(to);
    CHECK_FALSE(parse_offer(with(whole, from, to)).has_value());
  }
  for (std::size_t size = 0; size <= whole.size(); ++size) (void)parse_offer(whole.substr(0, size));
}

TEST_CASE("an answer says the other end of the same transport", "[gb28181]") {
  auto offer = parse_offer(whole).value();
  const std::string answer = make_answer_sdp(offer, "34020000002000000002", "192.0.2.1", 9, 200'000'001);
  CHECK(answer.find("m=video 9 TCP/RTP/AVP 96\r\n") != std::string::npos);
  CHECK(answer.find("a=setup:active\r\n") != std::string::npos);
  CHECK(answer.find("y=0200000001\r\n") != std::string::npos);
  const auto read = parse_offer_answer(answer);
  REQUIRE(read.has_value());
  CHECK(read->media.address == "192.0.2.1");
  offer.transport = MediaTransport::udp;
  const std::string udp = make_answer_sdp(offer, "x", "2001:db8::1", 30000, 1);
  CHECK(udp.find("m=video 30000 RTP/AVP 96\r\n") != std::string::npos);
  CHECK(udp.find("a=setup") == std::string::npos);
  CHECK(udp.find("c=IN IP6 2001:db8::1\r\n") != std::string::npos);
}

}  // namespace weir::test::offer_test
