#include "session/gb28181/stream_names.h"

#include "session/gb28181/offer.h"
#include "support/catch.h"

namespace weir::test::stream_names_test {

using session::gb28181::StreamNames;

TEST_CASE("a channel becomes a stream, and back", "[gb28181]") {
  const StreamNames usual("");
  CHECK(usual.of("D1", "C1").app == "live");
  CHECK(usual.of("D1", "C1").stream == "D1_C1");
  CHECK(usual.of("D1", "").stream == "D1");
  const auto place = usual.find("live", "D1_C1");
  REQUIRE(place);
  CHECK(place->device == "D1");
  CHECK(place->channel == "C1");
  CHECK(usual.find("live", "D1")->channel.empty());
  CHECK_FALSE(usual.find("other", "D1_C1"));
  CHECK_FALSE(usual.find("live", "D1_C1_C2"));
  CHECK_FALSE(usual.find("live", "D1_"));
  CHECK_FALSE(usual.find("live", "a/b"));
  CHECK_FALSE(usual.find("live", "340200000013200000011"));  // 21 characters

  const StreamNames own("rtmp://127.0.0.1/gb/[device]/cam-[channel]?vhost=v");
  CHECK(own.vhost() == "v");
  CHECK(own.of("D1", "C1").app == "gb/D1");
  CHECK(own.of("D1", "C1").stream == "cam-C1");
  CHECK(own.find("gb/D1", "cam-C1")->device == "D1");
  CHECK_FALSE(own.find("gb/D1", "cam-"));
}

TEST_CASE("an answer of a device is read for what can be believed", "[gb28181]") {
  using session::gb28181::parse_offer_answer;
  const auto answer = parse_offer_answer(
      "v=0\no=34020000001320000001 0 0 IN IP4 10.0.0.2\ns=Play\nc=IN IP4 10.0.0.2\nt=0 0\n"
      "m=audio 0 RTP/AVP 8\nm=video 10032 RTP/AVP 96\na=sendonly\na=filesize: "
      "1000\ny=0200005549\nf=v/0/0/0/0/0a/0/0/0\n");
  REQUIRE(answer.has_value());
  CHECK(answer->media.address == "10.0.0.2");
  CHECK(answer->media.port == 10032);
  CHECK(answer->media.ssrc == 200005549U);
  CHECK(answer->file_bytes == 1000);
  CHECK(answer->format.empty());
  CHECK(parse_offer_answer("m=video 1 x\r\nf=v/2/6/25/2/4096a/1/8/1\r\n")->format ==
        "H.264 1080P 25 fps 4096 kb/s VBR, G.711 64 kb/s 8 kHz");
  CHECK(parse_offer_answer("").error() == session::gb28181::SignalErrc::no_media);
  CHECK(parse_offer_answer("m=video 0 RTP/AVP 96").error() == session::gb28181::SignalErrc::no_media);
  CHECK(parse_offer_answer("m=video 99999 RTP/AVP 96").error() == session::gb28181::SignalErrc::no_media);
  CHECK(parse_offer_answer("c=IN IP4 camera.example\r\nm=video 1 x\r\ny=x")->media.address.empty());
}

TEST_CASE("an offer says what is asked for", "[gb28181]") {
  using namespace session::gb28181;
  const auto text = make_offer({.purpose = Purpose::download,
                                .owner = "34020000002000000001",
                                .channel = "34020000001320000001",
                                .address = "203.0.113.5",
                                .port = 30002,
                                .transport = MediaTransport::tcp_active,
                                .ssrc = "1200000002",
                                .span = {10, 20},
                                .speed = 4});
  CHECK(text ==
        "v=0\r\no=34020000002000000001 0 0 IN IP4 203.0.113.5\r\ns=Download\r\nu=34020000001320000001:0\r\n"
        "c=IN IP4 203.0.113.5\r\nt=10 20\r\nm=video 30002 TCP/RTP/AVP 96 98 97 99\r\na=recvonly\r\n"
        "a=rtpmap:96 PS/90000\r\na=rtpmap:98 H264/90000\r\na=rtpmap:97 MPEG4/90000\r\na=rtpmap:99 H265/90000\r\n"
        "a=setup:active\r\na=connection:new\r\na=downloadspeed:4\r\ny=1200000002\r\n");
  CHECK(make_offer({.address = "2001:db8::1", .transport = MediaTransport::udp}).find("IN IP6 2001:db8::1") !=
        std::string::npos);
}

}  // namespace weir::test::stream_names_test
