#include "session/webrtc/stun_responder.h"

#include "proto/stun/message.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::stun_responder_test {

using namespace std::chrono_literals;
using session::webrtc::StunResponder;
using test::bytes;

namespace {

// RFC 8489 5: type, length, magic cookie, transaction
const auto question = bytes("0001 0000 2112a442 000102030405060708090a0b");
const base::Instant start{1000s};

net::UdpAddress address(const char* ip, std::uint16_t port) { return *net::udp_address(ip, port); }

}  // namespace

TEST_CASE("whoever asks is told the address that it is seen at", "[webrtc]") {
  StunResponder responder;
  const auto answer = responder.answer(question, address("192.0.2.7", 40'000), start);
  REQUIRE(answer);
  CHECK(answer->size() <= question.size() + 24);
  const auto message = stun::parse(*answer);
  REQUIRE(message.has_value());
  CHECK(message->type == stun::MessageType::binding_response);
  REQUIRE(message->mapped);
  CHECK(message->mapped->port == 40'000);
  CHECK(message->mapped->bytes[0] == 192);
  const auto v6 = responder.answer(question, address("2001:db8::1", 1), start);
  REQUIRE(v6);
  CHECK(v6->size() <= question.size() + 24);
  CHECK(stun::parse(*v6)->mapped->v6);
}

TEST_CASE("nothing else is answered", "[webrtc]") {
  StunResponder responder;
  const auto from = address("192.0.2.7", 40'000);
  CHECK_FALSE(responder.answer(bytes("0101 0000 2112a442 000102030405060708090a0b"), from, start));  // an answer
  CHECK_FALSE(responder.answer(bytes("0011 0000 2112a442 000102030405060708090a0b"), from, start));  // an indication
  CHECK_FALSE(responder.answer(bytes("0001 0000 2112a443 000102030405060708090a0b"), from, start));  // another cookie
  CHECK_FALSE(responder.answer(bytes("0001 0000"), from, start));
  // with USERNAME it is a check of a session
  CHECK_FALSE(
      responder.answer(bytes("0001 0008 2112a442 000102030405060708090a0b 0006 0004 61 3a 62 63"), from, start));
  // an attribute that has to be understood
  CHECK_FALSE(responder.answer(bytes("0001 0004 2112a442 000102030405060708090a0b 7fff 0000"), from, start));
}

TEST_CASE("one address is answered a few times, and others all the same", "[webrtc]") {
  StunResponder responder;
  int answered = 0;
  for (std::uint16_t port = 1; port <= 100; ++port) {
    answered += responder.answer(question, address("192.0.2.7", port), start).has_value();
  }
  CHECK(answered == StunResponder::of_address_at_once);
  CHECK(responder.answer(question, address("192.0.2.8", 1), start));
  CHECK(responder.answer(question, address("192.0.2.7", 1), start + 1s));
  // all together
  for (int i = 0; i < 10'000; ++i) {
    answered +=
        responder
            .answer(question, address(("198.51." + std::to_string(i / 256) + "." + std::to_string(i % 256)).c_str(), 1),
                    start + 2s)
            .has_value();
  }
  CHECK(answered <= StunResponder::of_address_at_once + StunResponder::at_once + 200);
}

}  // namespace weir::test::stun_responder_test
