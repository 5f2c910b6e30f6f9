#include "proto/rtmp/handshake.h"

#include "base/digest.h"
#include "proto/rtmp/handshake_digest.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::handshake_test {

using test::operator+;
using rtmp::ClientHandshake;
using rtmp::ServerHandshake;
using test::bytes;
using test::ByteVector;
using test::repeat;

namespace {

// 5.2.3: time, zero, 1528 bytes of anything.
ByteVector plain_c1() { return bytes("00000102 00000000") + repeat(0x5a, 1528); }

// 1536 bytes of a fixed pattern with a Flash Player's version; the places and digests below were computed apart from
// this code.
ByteVector patterned_c1() {
  ByteVector c1(1536);
  for (std::size_t i = 0; i < c1.size(); ++i) c1[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  const auto front = bytes("00000000 09007c02");
  std::copy(front.begin(), front.end(), c1.begin());
  return c1;
}

struct Run {
  ServerHandshake handshake;
  base::Buffer out;
  base::Bytes rest;
  base::Result<void> result;
};
void feed(Run& run, base::Bytes in) {
  if (!run.result) return;
  run.result = run.handshake.input(in, run.out);
  run.rest = in;
}

}  // namespace

TEST_CASE("the plain handshake echoes C1, however it is cut", "[rtmp]") {
  const auto c1 = plain_c1();
  test::feed_every_way(
      bytes("03") + c1 + repeat(0x11, 1536), [] { return Run{}; }, feed,
      [&](Run& run) {
        REQUIRE(run.result);
        CHECK(run.handshake.done());
        CHECK_FALSE(run.handshake.with_digest());
        const base::Bytes out = run.out;
        REQUIRE(out.size() == 1 + 1536 + 1536);
        CHECK(out[0] == 3);
        CHECK(test::hex(out.subspan(1, 8)) == "0000000000000000");
        CHECK(test::hex(out.subspan(1537)) == test::hex(c1));
      });
}

TEST_CASE("S0, S1 and S2 go out with C1's last byte, and nothing behind C2 is taken", "[rtmp]") {
  ServerHandshake handshake;
  base::Buffer out;
  const auto all = bytes("03") + plain_c1() + repeat(0, 1536) + bytes("aabb");
  base::Bytes in = base::Bytes(all).first(1536);
  REQUIRE(handshake.input(in, out));
  CHECK(out.empty());
  in = base::Bytes(all).subspan(1536, 1);
  REQUIRE(handshake.input(in, out));
  CHECK(out.size() == 3073);
  CHECK_FALSE(handshake.done());
  in = base::Bytes(all).subspan(1537);
  REQUIRE(handshake.input(in, out));
  CHECK(handshake.done());
  CHECK(test::hex(in) == "aabb");
}

TEST_CASE("the places of key and digest in both schemas", "[rtmp]") {
  const auto c1 = patterned_c1();
  CHECK(rtmp::digest_place(c1, rtmp::DigestSchema::key_first) == 942);
  CHECK(rtmp::digest_place(c1, rtmp::DigestSchema::digest_first) == 278);
  CHECK(rtmp::key_place(c1, rtmp::DigestSchema::key_first) == 62);
  CHECK(rtmp::key_place(c1, rtmp::DigestSchema::digest_first) == 1114);
}

TEST_CASE("digests of a C1, and of the S2 that answers it", "[rtmp]") {
  auto first = patterned_c1();
  const auto key_first = rtmp::sign_message(first, rtmp::DigestSchema::key_first, rtmp::client_key());
  CHECK(base::to_hex(key_first) == "224775aec8580432def01c570d59e6eb5fe6ef248fff0ca9d99dff140d2772d4");
  auto second = patterned_c1();
  const auto digest_first = rtmp::sign_message(second, rtmp::DigestSchema::digest_first, rtmp::client_key());
  CHECK(base::to_hex(digest_first) == "e707f6dca165b10b93c8327af0166d141c055c722eae47fb793fc0b58c5826e4");
  CHECK(rtmp::find_digest(first, rtmp::client_key())->schema == rtmp::DigestSchema::key_first);
  CHECK(rtmp::find_digest(second, rtmp::client_key())->schema == rtmp::DigestSchema::digest_first);
  CHECK_FALSE(rtmp::find_digest(patterned_c1(), rtmp::client_key()));
  CHECK_FALSE(rtmp::find_digest(first, rtmp::server_key()));

  const auto s2 = repeat(0, 1536);
  CHECK(base::to_hex(rtmp::answer_digest(s2, rtmp::server_full_key(), key_first)) ==
        "cff23dc53a3229eab5c1e8cf944a7b85fcf7ba877ec65da8492c5a7d61803020");
  CHECK(base::to_hex(rtmp::answer_digest(s2, rtmp::server_full_key(), digest_first)) ==
        "7042bd80a4b9f0874be20013eba1231c5549c335c14838d345224a4b525df9ad");
}

TEST_CASE("a C1 with a digest of either schema is answered in the same", "[rtmp]") {
  for (const auto schema : {rtmp::DigestSchema::key_first, rtmp::DigestSchema::digest_first}) {
    auto c1 = patterned_c1();
    const auto digest = rtmp::sign_message(c1, schema, rtmp::client_key());
    // ffmpeg's C2 carries a digest that is wrong: let pass
    const auto wire = bytes("03") + c1 + repeat(0x77, 1536);
    test::feed_every_way(
        wire, [] { return Run{}; }, feed,
        [&](Run& run) {
          REQUIRE(run.handshake.done());
          CHECK(run.handshake.with_digest());
          const base::Bytes s1 = run.out.bytes().subspan(1, 1536);
          const auto found = rtmp::find_digest(s1, rtmp::server_key());
          REQUIRE(found);
          CHECK(found->schema == schema);
          const base::Bytes s2 = run.out.bytes().subspan(1537);
          CHECK(test::hex(s2.last(32)) == base::to_hex(rtmp::answer_digest(s2, rtmp::server_full_key(), digest)));
        });
  }
}

TEST_CASE("another version byte is refused at once, and the place is told", "[rtmp]") {
  for (const int version : {0, 2, 6, 8, int('G'), 0xf3}) {
    ServerHandshake handshake;
    base::Buffer out;
    const ByteVector wire{static_cast<std::uint8_t>(version)};
    base::Bytes in = wire;
    CHECK(handshake.input(in, out).error() == rtmp::Errc::bad_version);
    CHECK(handshake.diagnostic().sentence() == "at byte 0: C0 version " + std::to_string(version) + ", 3 is RTMP");
    CHECK(out.empty());
  }
}

TEST_CASE("a proxy's prefix tells the client's address", "[rtmp]") {
  const auto wire = bytes("f3 0006 c0000201 beef 03") + plain_c1() + repeat(0, 1536);
  test::feed_every_way(
      wire, [] { return Run{ServerHandshake(true), {}, {}, {}}; }, feed,
      [](Run& run) {
        REQUIRE(run.handshake.done());
        CHECK(run.handshake.proxied_address() == std::array<std::uint8_t, 4>{192, 0, 2, 1});
      });
}

TEST_CASE("a proxy's prefix that is too short, too long or repeated is refused", "[rtmp]") {
  for (const char* wire : {"f3 0003 010203", "f3 0401", "f3 0004 01020304 f3"}) {
    ServerHandshake handshake(true);
    base::Buffer out;
    const auto all = bytes(wire);
    base::Bytes in = all;
    CHECK_FALSE(handshake.input(in, out));
    CHECK_FALSE(handshake.diagnostic().text.empty());
  }
}

TEST_CASE("our client and our server shake hands in both forms, at any cut", "[rtmp]") {
  for (const auto form : {ClientHandshake::Form::plain, ClientHandshake::Form::digest}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, std::size_t{1536}, std::size_t{5000}}) {
      ClientHandshake client(form);
      ServerHandshake server;
      base::Buffer up, down;
      client.start(up);
      for (int i = 0; i < 10'000 && !(client.done() && server.done()); ++i) {
        const ByteVector to_server(up.data(), up.data() + std::min(piece, up.size()));
        up.consume(to_server.size());
        base::Bytes in = to_server;
        REQUIRE(server.input(in, down));
        const ByteVector to_client(down.data(), down.data() + std::min(piece, down.size()));
        down.consume(to_client.size());
        in = to_client;
        REQUIRE(client.input(in, up));
      }
      REQUIRE(client.done());
      REQUIRE(server.done());
      CHECK(client.with_digest() == (form == ClientHandshake::Form::digest));
      CHECK(server.with_digest() == client.with_digest());
    }
  }
}

TEST_CASE("a client that offers digests takes a plain answer too", "[rtmp]") {
  ClientHandshake client(ClientHandshake::Form::digest);
  base::Buffer out;
  client.start(out);
  out.clear();
  const auto s1 = plain_c1();
  const auto wire = bytes("03") + s1 + repeat(1, 1536) + bytes("99");
  base::Bytes in = wire;
  REQUIRE(client.input(in, out));
  CHECK(client.done());
  CHECK_FALSE(client.with_digest());
  CHECK(test::hex(out) == test::hex(s1));
  CHECK(in.size() == 1);
}

}  // namespace weir::test::handshake_test
