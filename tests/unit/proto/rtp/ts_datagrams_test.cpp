#include "proto/rtp/ts_datagrams.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::ts_datagrams_test {

using rtp::TsDatagrams;
using test::ByteVector;

namespace {

using Stream = TsDatagrams::Stream;
constexpr std::size_t payload = TsDatagrams::payload_bytes;

ByteVector packets(std::size_t count, std::uint8_t first = 0) {
  ByteVector out;
  for (std::size_t i = 0; i < count; ++i) {
    ByteVector one(188, static_cast<std::uint8_t>(first + i));
    one[0] = 0x47;
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

struct Taken {
  std::vector<ByteVector> media, columns, rows;
};
Taken take(TsDatagrams& datagrams, std::size_t count, std::uint32_t timestamp = 0) {
  Taken taken;
  datagrams.take(count, timestamp, [&](Stream stream, base::Bytes bytes, std::size_t each) {
    auto& to = stream == Stream::media ? taken.media : stream == Stream::fec_columns ? taken.columns : taken.rows;
    REQUIRE(bytes.size() % each == 0);
    for (std::size_t at = 0; at < bytes.size(); at += each) {
      to.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      bytes.begin() + static_cast<std::ptrdiff_t>(at + each));
    }
  });
  return taken;
}

}  // namespace

TEST_CASE("seven packets are a datagram, and null packets fill up the last one", "[rtp]") {
  TsDatagrams datagrams({});
  const auto sent = packets(16);
  datagrams.append(base::Bytes(sent).first(188 * 5));
  CHECK(datagrams.ready() == 0);
  CHECK(datagrams.holds_some());
  CHECK(take(datagrams, 1).media.empty());
  datagrams.append(base::Bytes(sent).subspan(188 * 5));
  CHECK(datagrams.ready() == 2);
  const auto first = take(datagrams, 1);
  REQUIRE(first.media.size() == 1);
  CHECK(first.media[0] == ByteVector(sent.begin(), sent.begin() + payload));
  datagrams.fill_up();
  CHECK_FALSE(datagrams.holds_some());
  const auto rest = take(datagrams, 99);
  REQUIRE(rest.media.size() == 2);
  const ByteVector& last = rest.media[1];
  CHECK(std::equal(sent.begin() + 14 * 188, sent.end(), last.begin()));
  for (std::size_t i = 2; i < 7; ++i) {  // PID 0x1fff
    CHECK((last[188 * i] == 0x47 && last[188 * i + 1] == 0x1f && last[188 * i + 2] == 0xff));
  }
  CHECK(datagrams.ready() == 0);
  datagrams.fill_up();
  CHECK(datagrams.ready() == 0);
}

TEST_CASE("in RTP each datagram has the next number, and the time at which it is sent", "[rtp]") {
  TsDatagrams datagrams({.rtp = true, .first_sequence = 65'535, .ssrc = 0x01020304});
  datagrams.append(packets(21));
  auto all = take(datagrams, 2, 90'000).media;
  for (auto& one : take(datagrams, 2, 93'600).media) all.push_back(one);
  REQUIRE(all.size() == 3);
  constexpr std::uint16_t numbers[] = {65'535, 0, 1};
  constexpr std::uint32_t times[] = {90'000, 90'000, 93'600};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto packet = rtp::parse(all[i]);
    REQUIRE(packet.has_value());
    CHECK((packet->payload_type == 33 && packet->sequence == numbers[i] && packet->timestamp == times[i]));
    CHECK((packet->ssrc == 0x01020304 && packet->payload.size() == payload && packet->payload[0] == 0x47));
  }
}

TEST_CASE("what ST 2022-1 protects comes back, of columns and of rows", "[rtp]") {
  const bool by_rows = GENERATE(true, false);
  TsDatagrams datagrams(
      {.rtp = true, .first_sequence = 7, .ssrc = 9, .fec_columns = 5, .fec_rows = 4, .fec_by_rows = by_rows});
  datagrams.append(packets(7 * 40));
  const Taken all = take(datagrams, 40);
  REQUIRE(all.media.size() == 40);
  CHECK(all.columns.size() == 10);
  CHECK(all.rows.size() == (by_rows ? 8 : 0));
  rtp::FecDecoder decoder;
  for (std::size_t i = 0; i < all.media.size(); ++i) {
    if (i % 20 < 5) continue;  // a whole row: one of each column
    decoder.media(*rtp::parse(all.media[i]), all.media[i]);
  }
  for (const auto& one : all.columns) decoder.fec(*rtp::parse(one));
  std::size_t back = 0;
  while (const auto bytes = decoder.poll()) {
    const auto number = rtp::parse(*bytes)->sequence - 7U;
    REQUIRE(number < all.media.size());
    CHECK(ByteVector(bytes->begin(), bytes->end()) == all.media[number]);
    ++back;
  }
  CHECK(back == 10);
}

}  // namespace weir::test::ts_datagrams_test
