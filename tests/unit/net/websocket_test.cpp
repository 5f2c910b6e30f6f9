#include "net/websocket.h"

#include <optional>
#include <string>
#include <vector>

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::websocket_test {

using namespace weir::websocket;
using test::bytes;
using test::ByteVector;
using test::operator+;

namespace {

struct Heard {
  Reader reader{1000};
  std::vector<std::pair<Opcode, std::string>> events;
  std::vector<std::uint16_t> closes;
  std::optional<base::ErrorCode> fault;

  void feed(base::Bytes piece) {
    reader.input(piece);
    for (;;) {
      const auto event = reader.poll();
      if (event.has_error()) {
        fault = event.error();
        return;
      }
      if (!event->has_value()) return;
      events.emplace_back((*event)->type, base::as_text((*event)->payload));
      if ((*event)->type == Opcode::close) closes.push_back((*event)->close_status);
    }
  }
};

template <class Check>
void every_way(const ByteVector& wire, Check check) {
  test::feed_every_way(wire, [] { return Heard{}; }, [](Heard& heard, base::Bytes piece) { heard.feed(piece); }, check);
}

// A client's frame with the mask of RFC 6455 5.7.
ByteVector masked(unsigned first, std::string_view payload) {
  const ByteVector mask = bytes("37 fa 21 3d");
  ByteVector frame{static_cast<std::uint8_t>(first)};
  if (payload.size() < 126) {
    frame.push_back(static_cast<std::uint8_t>(0x80U | payload.size()));
  } else {
    frame = frame + ByteVector{0xfe, static_cast<std::uint8_t>(payload.size() >> 8U),
                               static_cast<std::uint8_t>(payload.size())};
  }
  frame = frame + mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<std::uint8_t>(static_cast<unsigned char>(payload[i]) ^ mask[i & 3U]));
  }
  return frame;
}

base::ErrorCode fault_of(const ByteVector& wire) {
  Heard heard;
  heard.feed(wire);
  return heard.fault.value_or(base::ErrorCode());
}

}  // namespace

TEST_CASE("the accept key of RFC 6455 1.3", "[websocket]") {
  CHECK(accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(valid_key("dGhlIHNhbXBsZSBub25jZQ=="));
  CHECK_FALSE(valid_key("dGhlIHNhbXBsZSBub25jZQ="));
  CHECK_FALSE(valid_key("dGhlIHNhbXBsZSBub25jZ\r\n=="));
  CHECK_FALSE(valid_key(""));
}

TEST_CASE("the masked Hello of RFC 6455 5.7", "[websocket]") {
  every_way(bytes("81 85 37fa213d 7f9f4d5158"), [](const Heard& heard) {
    REQUIRE(heard.events.size() == 1);
    CHECK(heard.events[0] == std::pair{Opcode::text, std::string("Hello")});
  });
  // Pong with the masked body Hello.
  every_way(bytes("8a 85 37fa213d 7f9f4d5158"), [](const Heard& heard) {
    REQUIRE(heard.events.size() == 1);
    CHECK(heard.events[0].first == Opcode::pong);
  });
}

TEST_CASE("fragments are joined, control frames come between them", "[websocket]") {
  const ByteVector wire = masked(0x01, "Hel") + masked(0x89, "ping") + masked(0x80, "lo") + masked(0x82, "next");
  every_way(wire, [](const Heard& heard) {
    REQUIRE(heard.events.size() == 3);
    CHECK(heard.events[0] == std::pair{Opcode::ping, std::string("ping")});
    CHECK(heard.events[1] == std::pair{Opcode::text, std::string("Hello")});
    CHECK(heard.events[2] == std::pair{Opcode::binary, std::string("next")});
  });
}

TEST_CASE("a length of two bytes", "[websocket]") {
  const std::string payload(300, 'x');
  every_way(masked(0x82, payload), [&](const Heard& heard) {
    REQUIRE(heard.events.size() == 1);
    CHECK(heard.events[0].second == payload);
  });
}

TEST_CASE("frame heads of RFC 6455 5.7 as the server writes them", "[websocket]") {
  const auto head = [](Opcode opcode, std::uint64_t size) {
    std::array<std::uint8_t, max_frame_header> room{};
    return test::hex(base::Bytes(room).first(write_frame_header(room, opcode, size)));
  };
  CHECK(head(Opcode::text, 5) == "8105");
  CHECK(head(Opcode::ping, 5) == "8905");
  CHECK(head(Opcode::binary, 125) == "827d");
  CHECK(head(Opcode::binary, 126) == "827e007e");
  CHECK(head(Opcode::binary, 256) == "827e0100");
  CHECK(head(Opcode::binary, 65535) == "827effff");
  CHECK(head(Opcode::binary, 65536) == "827f0000000000010000");
}

TEST_CASE("close frames", "[websocket]") {
  Heard plain;
  plain.feed(masked(0x88, ""));
  REQUIRE(plain.closes.size() == 1);
  CHECK(plain.closes[0] == 1005);
  Heard reason;
  reason.feed(masked(0x88,
                     "\x03\xe8"
                     "bye"));
  REQUIRE(reason.closes.size() == 1);
  CHECK(reason.closes[0] == 1000);
  CHECK(reason.events[0].second == "bye");
  CHECK(fault_of(masked(0x88, "\x03")) == Errc::bad_close);
  CHECK(fault_of(masked(0x88, "\x03\xed")) == Errc::bad_close);  // 1005 never goes over the wire
  CHECK(fault_of(masked(0x88, std::string("\x03\xe7", 2))) == Errc::bad_close);
  CHECK(fault_of(masked(0x88, "\x03\xe8\xff")) == Errc::bad_utf8);
  CHECK(test::hex(close_frame(1002, "no")) == "880403ea6e6f");
  CHECK(close_frame(1000, std::string(122, 'a') + "\xc3\xa4").bytes().size() == 2 + 2 + 122);  // no half character
}

TEST_CASE("frames that break the rules", "[websocket]") {
  CHECK(fault_of(bytes("81 05 48656c6c6f")) == Errc::not_masked);
  CHECK(fault_of(masked(0xc1, "x")) == Errc::reserved_bits);
  CHECK(fault_of(masked(0x83, "x")) == Errc::unknown_opcode);
  CHECK(fault_of(masked(0x8b, "x")) == Errc::unknown_opcode);
  CHECK(fault_of(masked(0x09, "x")) == Errc::control_fragmented);
  CHECK(fault_of(masked(0x89, std::string(126, 'x'))) == Errc::control_too_long);
  CHECK(fault_of(masked(0x80, "x")) == Errc::stray_continuation);
  CHECK(fault_of(masked(0x01, "x") + masked(0x81, "y")) == Errc::message_interrupted);
  CHECK(fault_of(bytes("82 fe 0005 00000000 0000000000")) == Errc::length_not_minimal);
  CHECK(fault_of(bytes("82 ff 0000000000000005 00000000 0000000000")) == Errc::length_not_minimal);
  CHECK(fault_of(bytes("82 ff ffffffffffffffff 00000000")) == Errc::length_too_large);
  CHECK(fault_of(bytes("82 ff 7fffffffffffffff 00000000")) ==
        Errc::length_too_large);  // before its payload is waited for
  CHECK(fault_of(masked(0x02, std::string(600, 'x')) + masked(0x80, std::string(600, 'x'))) == Errc::length_too_large);
  CHECK(close_status_of(Errc::length_too_large) == 1009);
  CHECK(close_status_of(Errc::reserved_bits) == 1002);
}

TEST_CASE("texts must be UTF-8 (RFC 3629 4)", "[websocket]") {
  for (const char* good : {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    CHECK_FALSE(fault_of(masked(0x81, good)));
  }
  for (const char* bad :
       {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe2\x82", "\xc3"}) {
    CHECK(fault_of(masked(0x81, bad)) == Errc::bad_utf8);
  }
}

}  // namespace weir::test::websocket_test
