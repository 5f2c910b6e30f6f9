#include "proto/stun/message.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::message_test {

using test::bytes;

namespace {

// RFC 5769 2.1: a request with all that ICE puts into one.
const test::ByteVector sample_request = bytes(
    "0001 0058 2112a442 b7e7a701bc34d686fa87dfae"
    "8022 0010 5354554e207465737420636c69656e74"  // SOFTWARE "STUN test client"
    "0024 0004 6e0001ff"                          // PRIORITY
    "8029 0008 932ff9b151263b36"                  // ICE-CONTROLLED
    "0006 0009 6576746a3a68367659 202020"         // USERNAME "evtj:h6vY", padded with blanks
    "0008 0014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "8028 0004 e57a3bcf");
// RFC 5769 2.2: its response, 192.0.2.1:32853.
const test::ByteVector sample_response = bytes(
    "0101 003c 2112a442 b7e7a701bc34d686fa87dfae"
    "8022 000b 7465737420766563746f72 20"
    "0020 0008 0001a147e112a643"
    "0008 0014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "8028 0004 c07d4c96");
// RFC 5769 2.3: the same over IPv6, 2001:db8:1234:5678:11:2233:4455:6677.
const test::ByteVector sample_response_v6 = bytes(
    "0101 0048 2112a442 b7e7a701bc34d686fa87dfae"
    "8022 000b 7465737420766563746f72 20"
    "0020 0014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9"
    "0008 0014 a382954e4be67bf11784c97c8292c275bfe3ed41"
    "8028 0004 c8fb0b4c");
constexpr std::string_view password = "VOkJxbRl1RmTxUk/WvJxBt";

test::ByteVector to_vector(const base::Buffer& buffer) { return {buffer.data(), buffer.data() + buffer.size()}; }

}  // namespace

TEST_CASE("the sample request of RFC 5769 is read and its seals hold", "[stun]") {
  const auto message = stun::parse(sample_request);
  REQUIRE(message.has_value());
  CHECK(message->is_request());
  CHECK(message->username == "evtj:h6vY");
  CHECK(message->priority == 0x6e0001ffU);
  CHECK(message->controlled == 0x932ff9b151263b36ULL);
  CHECK_FALSE(message->use_candidate);
  CHECK(message->unknown.empty());
  CHECK(stun::check_integrity(sample_request, password).has_value());
  CHECK(stun::check_integrity(sample_request, "another").error() == stun::Errc::bad_integrity);
}

TEST_CASE("the sample responses of RFC 5769 give the mapped address", "[stun]") {
  const auto v4 = stun::parse(sample_response);
  REQUIRE(v4.has_value());
  REQUIRE(v4->mapped.has_value());
  CHECK(v4->mapped->port == 32853);
  CHECK(test::hex(base::Bytes(v4->mapped->bytes).first(4)) == "c0000201");
  CHECK(stun::check_integrity(sample_response, password).has_value());

  const auto v6 = stun::parse(sample_response_v6);
  REQUIRE(v6.has_value());
  REQUIRE(v6->mapped.has_value());
  CHECK(v6->mapped->v6);
  CHECK(test::hex(v6->mapped->bytes) == "20010db8123456780011223344556677");
  CHECK(stun::check_integrity(sample_response_v6, password).has_value());
}

TEST_CASE("a message that is written is read as it was meant", "[stun]") {
  const stun::TransactionId id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  stun::Address from;
  from.v6 = GENERATE(false, true);
  from.bytes = {0x20, 0x01, 0x0d, 0xb8};
  from.port = 40000;
  const auto wire =
      stun::Writer(stun::MessageType::binding_response, id).xor_mapped_address(from).finish("password of 22 or more");
  CHECK(wire.size() == (from.v6 ? 76u : 64u));
  const auto message = stun::parse(wire);
  REQUIRE(message.has_value());
  CHECK(message->transaction == id);
  CHECK(message->mapped.value() == from);
  CHECK(stun::check_integrity(wire, "password of 22 or more").has_value());

  const auto refusal = stun::Writer(stun::MessageType::binding_error, id)
                           .error_code(420, "Unknown Attribute")
                           .unknown_attributes({0x7777, 0x0033})
                           .finish({});
  const auto error = stun::parse(refusal);
  REQUIRE(error.has_value());
  CHECK(error->error_code == 420);
  CHECK(stun::check_integrity(refusal, "x").error() == stun::Errc::no_integrity);
}

TEST_CASE("what is not one whole STUN message is refused", "[stun]") {
  for (std::size_t size = 0; size < sample_request.size(); ++size) {
    CHECK(stun::parse(base::Bytes(sample_request).first(size)).has_error());
  }
  auto longer = sample_request;
  longer.push_back(0);
  CHECK(stun::parse(longer).error() == stun::Errc::bad_length);
  auto other_cookie = sample_request;
  other_cookie[4] ^= 1;
  CHECK(stun::parse(other_cookie).error() == stun::Errc::not_stun);
  for (std::size_t at = 8; at + 8 < sample_request.size(); ++at) {  // the fingerprint covers all before it
    auto changed = sample_request;
    changed[at] ^= 0x40;
    CHECK(stun::parse(changed).has_error());
  }
}

TEST_CASE("an attribute that a request must be understood by is named", "[stun]") {
  const stun::TransactionId id{};
  const auto plain = stun::Writer(stun::MessageType::binding_request, id).finish({});
  auto wire = to_vector(plain);
  wire.resize(20);
  const auto extra = bytes("7abc 0002 0102 0000");  // comprehension required
  wire.insert(wire.end(), extra.begin(), extra.end());
  const auto optional = bytes("c057 0004 00010000");  // as Chromium sends: optional
  wire.insert(wire.end(), optional.begin(), optional.end());
  wire[3] = 16;
  const auto message = stun::parse(wire);
  REQUIRE(message.has_value());
  CHECK(message->unknown == std::vector<std::uint16_t>{0x7abc});
}

TEST_CASE("attributes behind the integrity are not believed", "[stun]") {
  const stun::TransactionId id{};
  auto wire = to_vector(stun::Writer(stun::MessageType::binding_request, id).username("a:b").finish("secret"));
  wire.resize(wire.size() - 8);  // without the fingerprint
  const auto smuggled = bytes("0025 0000");
  wire.insert(wire.end(), smuggled.begin(), smuggled.end());
  wire[3] = static_cast<std::uint8_t>(wire.size() - 20);
  const auto message = stun::parse(wire);
  REQUIRE(message.has_value());
  CHECK_FALSE(message->use_candidate);
  CHECK(stun::check_integrity(wire, "secret").has_value());
}

}  // namespace weir::test::message_test
