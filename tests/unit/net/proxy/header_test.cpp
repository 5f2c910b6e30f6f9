#include "net/proxy/header.h"

#include "net/proxy/error.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::header_test {

using proxy::Errc;
using proxy::HeaderReader;
using test::bytes;
using test::ByteVector;
using test::operator+;
using test::repeat;

namespace {

// proxy-protocol.txt 2.2: the signature.
const ByteVector quit = bytes("0d0a0d0a 00 0d0a 51554954 0a");

ByteVector text(std::string_view line) { return {line.begin(), line.end()}; }

struct Fed {
  HeaderReader reader;
  std::size_t taken = 0;
  base::ErrorCode error;
  bool overshot = false;
};

void feed(const ByteVector& wire, const std::function<void(const Fed&)>& check) {
  test::feed_every_way(
      wire, [] { return Fed{}; },
      [](Fed& fed, base::Bytes piece) {
        // As a connection is read: never more than wanted() at once.
        while (!piece.empty() && !fed.error && !fed.reader.done()) {
          const std::size_t step = std::min(piece.size(), fed.reader.wanted());
          const auto count = fed.reader.input(piece.first(step));
          if (!count) {
            fed.error = count.error();
            return;
          }
          if (*count < step) fed.overshot = true;
          fed.taken += *count;
          piece = piece.subspan(*count);
        }
      },
      check);
}

void whole(const ByteVector& header, const net::Peer& source, const net::Peer& destination) {
  // What follows is the client's, and must stay where it is.
  feed(header + text("\x03 what the client says"), [&](const Fed& fed) {
    CHECK_FALSE(fed.error);
    REQUIRE(fed.reader.done());
    CHECK(fed.taken == header.size());
    CHECK_FALSE(fed.overshot);
    CHECK(fed.reader.header().relayed == !source.address.empty());
    CHECK(fed.reader.header().source.address == source.address);
    CHECK(fed.reader.header().source.port == source.port);
    CHECK(fed.reader.header().destination.address == destination.address);
    CHECK(fed.reader.header().destination.port == destination.port);
  });
}

void broken(const ByteVector& wire, Errc error, std::string_view complaint) {
  feed(wire, [&](const Fed& fed) {
    CHECK(fed.error == error);
    CHECK(fed.reader.complaint() == std::string(complaint) + ": " + proxy::describe(error));
    CHECK_FALSE(fed.reader.done());
  });
}

void waits(const ByteVector& wire) {
  feed(wire, [&](const Fed& fed) {
    CHECK_FALSE(fed.error);
    CHECK_FALSE(fed.reader.done());
    CHECK(fed.reader.wanted() > 0);
  });
}

}  // namespace

TEST_CASE("a line names both ends of the connection", "[proxy]") {
  whole(text("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n"), {"192.168.0.1", 56324}, {"192.168.0.11", 443});
  whole(text("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), {"255.255.255.255", 65535},
        {"255.255.255.255", 65535});
  whole(text("PROXY TCP4 1.1.1.1 2.2.2.2 1 0\r\n"), {"1.1.1.1", 1}, {"2.2.2.2", 0});
  whole(text("PROXY TCP6 2001:db8::7 2001:DB8::1 4242 1935\r\n"), {"2001:db8::7", 4242}, {"2001:db8::1", 1935});
  whole(text("PROXY TCP6 :: ::1 1 2\r\n"), {"::", 1}, {"::1", 2});
  whole(
      text(
          "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535}, {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535});
  whole(text("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"), {"192.0.2.1", 1}, {"::1", 2});
}

TEST_CASE("a line of an unknown kind leaves the connection its own ends", "[proxy]") {
  whole(text("PROXY UNKNOWN\r\n"), {}, {});
  whole(text("PROXY UNKNOWN whatever stands here\r\n"), {}, {});
  whole(text("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
             "65535\r\n"),
        {}, {});
}

TEST_CASE("a broken line is refused at the byte that is wrong", "[proxy]") {
  broken(text("GET / HTTP/1.1\r\n"), Errc::not_a_header, "byte 0 is 0x47");
  broken(text("PROXX TCP4"), Errc::not_a_header, "byte 4 is 0x58");
  broken(text("PROXY\tTCP4"), Errc::not_a_header, "byte 5 is 0x09");
  broken(text("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n"), Errc::bad_line_ending, "byte 30 is 0x0a");
  broken(text("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\rX"), Errc::bad_line_ending, "byte 31 is 0x58");
  broken(text("PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n"), Errc::bad_family_name, "byte 6 is 0x54");
  broken(text("PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n"), Errc::bad_family_name, "byte 6 is 0x55");
  broken(text("PROXY  TCP4 1.1.1.1 2.2.2.2 1 2\r\n"), Errc::bad_family_name, "byte 6 is 0x20");
  broken(text("PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n"), Errc::bad_fields, "byte 28 is 0x0d");
  broken(text("PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n"), Errc::bad_fields, "byte 31 is 0x33");
  broken(text("PROXY TCP4 1.1.1 2.2.2.2 1 2\r\n"), Errc::bad_address, "byte 11 is 0x31");
  broken(text("PROXY TCP4 01.1.1.1 2.2.2.2 1 2\r\n"), Errc::bad_address, "byte 11 is 0x30");
  broken(text("PROXY TCP4 1.1.1.1 ::1 1 2\r\n"), Errc::bad_address, "byte 19 is 0x3a");
  broken(text("PROXY TCP6 1.1.1.1 ::1 1 2\r\n"), Errc::bad_address, "byte 11 is 0x31");
  broken(text("PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n"), Errc::bad_port, "byte 27 is 0x36");
  broken(text("PROXY TCP4 1.1.1.1 2.2.2.2 1 02\r\n"), Errc::bad_port, "byte 29 is 0x30");
  broken(text("PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n"), Errc::bad_port, "byte 27 is 0x2d");
  broken(text("PROXY TCP4 1.1.1.1 2.2.2.2  2\r\n"), Errc::bad_port, "byte 27 is 0x20");
  broken(text("PROXY UNKNOWN ") + repeat('x', 93), Errc::line_too_long, "byte 106 is 0x78");
  // An address with a zero byte inside is not the address before it.
  broken(text("PROXY TCP4 1.1.1.1") + bytes("00") + text("9 2.2.2.2 1 2\r\n"), Errc::bad_address, "byte 11 is 0x31");
  waits(text("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r"));
  waits(text("PROXY UNKNOWN ") + repeat('x', 92));
}

TEST_CASE("a binary header names both ends of the connection", "[proxy]") {
  // version 2, PROXY; IPv4, stream; 12 bytes: 203.0.113.7 -> 198.51.100.1, 51966 -> 1935
  whole(quit + bytes("21 11 000c cb007107 c6336401 cafe 078f"), {"203.0.113.7", 51966}, {"198.51.100.1", 1935});
  // IPv6, stream; 36 bytes
  whole(quit + bytes("21 21 0024 20010db8000000000000000000000007 20010db8000000000000000000000001 cafe 1f90"),
        {"2001:db8::7", 51966}, {"2001:db8::1", 8080});
  // IPv4 inside IPv6
  whole(quit + bytes("21 21 0024 00000000000000000000ffff cb007107 20010db8000000000000000000000001 0001 0002"),
        {"203.0.113.7", 1}, {"2001:db8::1", 2});
  // Fields behind the addresses: ALPN "h2", authority of no bytes, one of Amazon's (0xea)
  whole(quit + bytes("21 11 001a cb007107 c6336401 cafe 078f 01 0002 6832 02 0000 ea 0003 0a0b0c"),
        {"203.0.113.7", 51966}, {"198.51.100.1", 1935});
}

TEST_CASE("a binary header without a TCP client leaves the connection its own ends", "[proxy]") {
  whole(quit + bytes("20 00 0000"), {}, {});                              // LOCAL
  whole(quit + bytes("20 ff 0003 ffffff"), {}, {});                       // LOCAL, whose family and block are ignored
  whole(quit + bytes("21 00 0000"), {}, {});                              // PROXY, unspecified
  whole(quit + bytes("21 00 0004 01020304"), {}, {});                     // with something behind it
  whole(quit + bytes("21 12 000c cb007107 c6336401 cafe 078f"), {}, {});  // UDP
  whole(quit + bytes("21 31 00d8") + repeat(0x2f, 216), {}, {});          // a Unix socket
}

TEST_CASE("a broken binary header is refused at the byte that is wrong", "[proxy]") {
  broken(bytes("0d0a0d0a 00 0d0a 51554954 0d"), Errc::not_a_header, "byte 11 is 0x0d");
  broken(bytes("0d0a0d0a 0d"), Errc::not_a_header, "byte 4 is 0x0d");
  broken(quit + bytes("11 11 000c"), Errc::bad_version, "byte 12 is 0x11");
  broken(quit + bytes("22 11 000c"), Errc::bad_command, "byte 12 is 0x22");
  broken(quit + bytes("21 41 000c"), Errc::bad_family, "byte 13 is 0x41");
  broken(quit + bytes("21 13 000c"), Errc::bad_family, "byte 13 is 0x13");
  broken(quit + bytes("21 11 000b") + repeat(1, 11), Errc::length_too_small, "byte 14 is 0x00");
  broken(quit + bytes("21 21 000c") + repeat(1, 12), Errc::length_too_small, "byte 14 is 0x00");
  broken(quit + bytes("21 11 0ff1"), Errc::length_too_large, "byte 14 is 0x0f");
  broken(quit + bytes("20 00 ffff"), Errc::length_too_large, "byte 14 is 0xff");
  broken(quit + bytes("21 11 000e cb007107 c6336401 cafe 078f 04 00"), Errc::bad_tlv, "byte 28 is 0x04");
  broken(quit + bytes("21 11 0010 cb007107 c6336401 cafe 078f 04 0002 00"), Errc::bad_tlv, "byte 29 is 0x00");
  waits(quit + bytes("21 11 000c cb007107 c6336401 cafe 07"));
}

TEST_CASE("the checksum of a binary header is checked where it stands", "[proxy]") {
  // 2.2.3: CRC-32C over the header with the field itself as zeros; reckoned apart from this code.
  whole(quit + bytes("21 11 0013 cb007107 c6336401 cafe 078f 03 0004 94218a4a"), {"203.0.113.7", 51966},
        {"198.51.100.1", 1935});
  broken(quit + bytes("21 11 0013 cb007107 c6336401 cafe 078f 03 0004 00000000"), Errc::bad_checksum,
         "byte 31 is 0x00");
  broken(quit + bytes("21 11 0011 cb007107 c6336401 cafe 078f 03 0002 0000"), Errc::bad_tlv, "byte 29 is 0x00");
}

}  // namespace weir::test::header_test
