#include "proto/rtp/fec.h"

#include <random>

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::fec_test {

using test::ByteVector;

namespace {

// A packet of media, of a length and with bytes of its own.
ByteVector media(std::uint16_t sequence, std::uint32_t ssrc = 7) {
  ByteVector out(rtp::header_bytes + 188 * (1 + sequence % 7));
  rtp::write_head(out, {false, false, 33, sequence, sequence * 3003U, ssrc});
  for (std::size_t i = rtp::header_bytes; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i * 31 + sequence);
  return out;
}

// What is sent for `count` packets, in the order in which it leaves; a packet of media has no stream.
struct Sent {
  bool is_fec = false;
  ByteVector bytes;
};
std::vector<Sent> send(unsigned columns, unsigned rows, std::uint16_t first, std::size_t count) {
  rtp::FecEncoder encoder({.columns = columns, .rows = rows});
  std::vector<Sent> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto packet = media(static_cast<std::uint16_t>(first + i));
    all.push_back({false, packet});
    encoder.input(packet, [&](rtp::FecEncoder::Stream, base::Bytes bytes) {
      all.push_back({true, ByteVector(bytes.begin(), bytes.end())});
    });
  }
  return all;
}

// Packets of media that a receiver has in the end, those that came and those that came back.
std::vector<ByteVector> receive(rtp::FecDecoder& decoder, const std::vector<Sent>& sent) {
  std::vector<ByteVector> got;
  for (const Sent& one : sent) {
    const auto packet = rtp::parse(one.bytes);
    REQUIRE(packet.has_value());
    if (one.is_fec) {
      decoder.fec(*packet);
    } else {
      got.push_back(one.bytes);
      decoder.media(*packet, one.bytes);
    }
    while (const auto back = decoder.poll()) got.emplace_back(back->begin(), back->end());
  }
  return got;
}

bool has(const std::vector<ByteVector>& all, const ByteVector& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("a head of ST 2022-1 says what is protected", "[rtp][fec]") {
  // SNBase, length recovery, E and PT recovery, mask, TS recovery, N D type index, offset, NA, SNBase ext
  const auto column = test::bytes("fffa 0524 a1 000000 00012345 00 0a 05 00");
  const auto head = rtp::parse_fec_head(column);
  REQUIRE(head.has_value());
  CHECK(head->base == 0xfffa);
  CHECK(head->length == 0x524);
  CHECK(head->payload_type == 33);
  CHECK(head->timestamp == 0x12345);
  CHECK_FALSE(head->row);
  CHECK(head->step == 10);
  CHECK(head->count == 5);
  CHECK(head->protects(0xfffa));
  CHECK(head->protects(4));  // 10 behind, past the end of the circle
  CHECK_FALSE(head->protects(5));
  CHECK_FALSE(head->protects(0xfff0));
  CHECK(head->protects(static_cast<std::uint16_t>(0xfffa + 40)));
  CHECK_FALSE(head->protects(static_cast<std::uint16_t>(0xfffa + 50)));
  ByteVector again(rtp::fec_head_bytes);
  rtp::write_fec_head(again, *head);
  CHECK(again == column);
  CHECK(rtp::parse_fec_head(test::bytes("0000 0000 80 000000 00000000 40 01 0a 00"))->row);

  for (std::size_t size = 0; size < column.size(); ++size)
    CHECK_FALSE(rtp::parse_fec_head(base::Bytes(column).first(size)).has_value());
  for (const char* bad : {"0000 0000 80 000000 00000000 80 01 0a 00",     // N
                          "0000 0000 80 000000 00000000 08 01 0a 00",     // Hamming
                          "0000 0000 80 000000 00000000 00 00 0a 00",     // no step
                          "0000 0000 80 000000 00000000 00 01 00 00",     // nothing
                          "0000 0000 80 000000 00000000 00 0a 15 00"}) {  // 21 rows
    INFO(bad);
    CHECK_FALSE(rtp::parse_fec_head(test::bytes(bad)).has_value());
  }
}

TEST_CASE("FEC of two packets is what their bytes say", "[rtp][fec]") {
  rtp::FecEncoder encoder({.columns = 1, .rows = 2, .with_rows = false});
  ByteVector fec;
  const auto take = [&](rtp::FecEncoder::Stream stream, base::Bytes bytes) {
    CHECK(stream == rtp::FecEncoder::Stream::column);
    fec.assign(bytes.begin(), bytes.end());
  };
  encoder.input(test::bytes("8021 0005 00000100 00000007 aabbcc"), take);
  CHECK(fec.empty());
  encoder.input(test::bytes("8021 0006 00000300 00000007 0102"), take);
  CHECK(fec == test::bytes("8060 0000 00000300 00000000"               // RTP
                           "0005 0001 80 000000 00000200 00 01 02 00"  // 3 xor 2, 33 xor 33, 0x100 xor 0x300
                           "abb9cc"));
}

TEST_CASE("any one packet of a matrix comes back, and a burst of a whole row", "[rtp][fec]") {
  const std::uint16_t first = 65500;
  const auto sent = send(10, 10, first, 300);
  for (std::size_t lost = 0; lost < 100; lost += 7) {
    INFO(lost);
    const auto missing = media(static_cast<std::uint16_t>(first + 100 + lost));
    auto arrived = sent;
    std::erase_if(arrived, [&](const Sent& one) { return one.bytes == missing; });
    rtp::FecDecoder decoder;
    CHECK(has(receive(decoder, arrived), missing));
    CHECK(decoder.repaired() == 1);
  }
  auto arrived = sent;
  for (std::uint16_t i = 0; i < 10; ++i) {
    std::erase_if(arrived,
                  [&](const Sent& one) { return one.bytes == media(static_cast<std::uint16_t>(first + 123 + i)); });
  }
  rtp::FecDecoder decoder;
  const auto got = receive(decoder, arrived);
  CHECK(got.size() == 300);
  CHECK(decoder.repaired() == 10);
}

TEST_CASE("what five of a hundred packets lost took away comes back", "[rtp][fec]") {
  // Media and FEC alike. Of 10 by 10, what stays lost are rectangles of losses: one matrix in eighty.
  std::size_t whole = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 chance(seed);
    auto arrived = send(10, 10, 1000, 1000);
    std::erase_if(arrived, [&](const Sent&) { return chance() % 100 < 5; });
    rtp::FecDecoder decoder;
    const auto got = receive(decoder, arrived);
    CHECK(got.size() >= 990);
    for (const ByteVector& one : got) {
      const auto packet = rtp::parse(one);
      REQUIRE(packet.has_value());
      CHECK(one == media(packet->sequence));
    }
    whole += got.size() == 1000;
  }
  CHECK(whole >= 14);
}

TEST_CASE("FEC that comes late, early, twice or for others harms nothing", "[rtp][fec]") {
  const auto sent = send(5, 5, 0, 50);
  auto order = sent;
  const auto missing = media(12);
  std::erase_if(order, [&](const Sent& one) { return one.bytes == missing; });
  SECTION("before its media, and twice") {
    std::stable_sort(order.begin(), order.end(), [](const Sent& a, const Sent& b) { return a.is_fec > b.is_fec; });
    const auto fec = std::count_if(order.begin(), order.end(), [](const Sent& one) { return one.is_fec; });
    order.insert(order.begin(), order.begin(), order.begin() + fec);
    rtp::FecDecoder decoder;
    CHECK(has(receive(decoder, order), missing));
  }
  SECTION("in the end") {
    std::stable_sort(order.begin(), order.end(), [](const Sent& a, const Sent& b) { return a.is_fec < b.is_fec; });
    rtp::FecDecoder decoder;
    CHECK(has(receive(decoder, order), missing));
  }
  SECTION("of another sender") {
    rtp::FecDecoder decoder;
    for (Sent& one : order) {
      if (one.is_fec) one.bytes.resize(rtp::header_bytes + rtp::fec_head_bytes + 20);
    }
    CHECK(receive(decoder, order).size() == 49);
    CHECK(decoder.repaired() == 0);
    CHECK(decoder.malformed() > 0);
  }
  SECTION("of a sender that began anew") {
    rtp::FecDecoder decoder;
    (void)receive(decoder, sent);
    auto again = send(5, 5, 30000, 50);
    std::erase_if(again, [&](const Sent& one) { return one.bytes == media(30012); });
    CHECK(has(receive(decoder, again), media(30012)));
  }
}

}  // namespace weir::test::fec_test
