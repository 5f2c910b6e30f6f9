#include "format/ts/psi.h"

#include "format/ts/pes.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::psi_test {

using namespace weir::ts;
using test::bytes;
using test::operator+;
using test::repeat;

TEST_CASE("the checksum is that of annex A", "[ts]") { CHECK(crc32(base::as_bytes("123456789")) == 0x0376e6e7); }

TEST_CASE("an association table is written byte by byte", "[ts]") {
  const auto section = write_pat({.transport_stream_id = 1, .version = 3, .programs = {{1, 0x1001}}});
  // table 0, syntax and length 13, stream 1, version 3 current, section 0 of 0, program 1 at PID 0x1001, checksum
  CHECK(test::hex(section.bytes().first(12)) == test::hex(bytes("00 b00d 0001 c7 00 00 0001 f001")));
  CHECK(section.size() == 16);
  CHECK(crc32(section) == 0);
  const auto pat = parse_pat(section);
  REQUIRE(pat.has_value());
  CHECK(pat->version == 3);
  CHECK(pat->current);
  REQUIRE(pat->programs.size() == 1);
  CHECK(pat->programs[0].pmt_pid == 0x1001);
}

TEST_CASE("a program map comes back as it went", "[ts]") {
  Pmt pmt{.program = 7,
          .version = 31,
          .pcr_pid = 0x100,
          .streams = {{0x1b, 0x100, {}}, {0x06, 0x101, {5, 4, 'O', 'p', 'u', 's'}}}};
  const auto section = write_pmt(pmt);
  const auto back = parse_pmt(section);
  REQUIRE(back.has_value());
  CHECK(back->program == 7);
  CHECK(back->version == 31);
  CHECK(back->pcr_pid == 0x100);
  CHECK(back->streams == pmt.streams);
  const auto found = find_descriptor(back->streams[1].descriptors, 5);
  REQUIRE(found);
  CHECK(base::as_text(*found) == "Opus");
  CHECK_FALSE(find_descriptor(back->streams[1].descriptors, 6));
  CHECK_FALSE(find_descriptor(bytes("05 09 00"), 5));
}

TEST_CASE("broken sections are told apart", "[ts]") {
  auto section = write_pmt({.streams = {{0x1b, 0x100, {}}}});
  CHECK(parse_pat(section).error() == Errc::wrong_table);
  CHECK(parse_pmt(section.bytes().first(10)).error() == Errc::truncated);
  section.data()[9] ^= 1;
  CHECK(parse_pmt(section).error() == Errc::bad_crc);
  CHECK(parse_pmt(bytes("02 bfff")).error() == Errc::section_too_long);
  CHECK(parse_pmt(bytes("02 3005 0000000000")).error() == Errc::not_a_table);

  // ES_info_length beyond the section, with a right checksum
  auto lying = write_pmt({.streams = {{0x1b, 0x100, {}}}});
  lying.data()[16] = 0x40;
  lying.resize(lying.size() - 4);
  const std::uint32_t crc = crc32(lying);
  for (int shift = 24; shift >= 0; shift -= 8) lying.append(static_cast<std::uint8_t>(crc >> shift));
  CHECK(parse_pmt(lying).error() == Errc::descriptor_past_end);
}

TEST_CASE("sections are joined over packets, and several in one are told apart", "[ts]") {
  Pmt large{.streams = {}};
  for (std::uint8_t i = 0; i < 60; ++i)
    large.streams.push_back({0x1b, static_cast<Pid>(0x100 + i), {5, 4, 'a', 'b', 'c', i}});
  const auto section = write_pmt(large);
  REQUIRE(section.size() > 600);
  const auto small = write_pat({.programs = {{1, 0x20}}});
  test::ByteVector all(section.bytes().begin(), section.bytes().end());
  all.insert(all.end(), small.bytes().begin(), small.bytes().end());

  SectionJoiner joiner;
  std::vector<std::size_t> sizes;
  const auto take = [&](base::Bytes s) { sizes.push_back(s.size()); };
  test::ByteVector first{0};
  first.insert(first.end(), all.begin(), all.begin() + 183);
  joiner.input(true, first, take);
  joiner.input(false, base::Bytes(all).subspan(183, 184), take);
  joiner.input(false, base::Bytes(all).subspan(367, 184), take);
  CHECK(sizes.empty());
  test::ByteVector last(all.begin() + 551, all.end());
  joiner.input(false, last + repeat(0xff, 50), take);
  CHECK(sizes == std::vector<std::size_t>{section.size(), small.size()});

  // the end of one section before the pointer, the begin of the next behind it
  sizes.clear();
  joiner.input(true, bytes("00") + test::ByteVector(small.bytes().begin(), small.bytes().begin() + 10), take);
  joiner.input(true,
               bytes("06") + test::ByteVector(small.bytes().begin() + 10, small.bytes().end()) +
                   test::ByteVector(small.bytes().begin(), small.bytes().end()) + repeat(0xff, 20),
               take);
  CHECK(sizes == std::vector<std::size_t>{small.size(), small.size()});

  // a pointer past the packet, a length past the limit
  joiner.input(true, bytes("ff 00"), take);
  joiner.input(true, bytes("00 02 bfff 00"), take);
  CHECK(joiner.dropped() == 2);
}

TEST_CASE("a PES header is written byte by byte and read back", "[ts]") {
  std::uint8_t out[largest_pes_header];
  // start code, stream 0xe0, length 10 + 13, aligned, both times, ten bytes of times; pts 0x1_0000_0001 with its
  // markers (bits 32-30 = 100), dts 1
  REQUIRE(write_pes_header(out, stream_id_video, 0x1'0000'0001, 1, 10) == 19);
  CHECK(test::hex({out, 19}) == test::hex(bytes("000001 e0 0017 84 c0 0a 3900010003 1100010003")));
  const auto header = parse_pes_header({out, 19});
  REQUIRE(header.has_value());
  CHECK(header->pts == 0x1'0000'0001);
  CHECK(header->dts == 1);
  CHECK(header->header_bytes == 19);
  CHECK(header->payload_bytes == 10);
  CHECK(header->bounded);

  REQUIRE(write_pes_header(out, stream_id_video, clock_mask, clock_mask, 65'527) == 14);
  CHECK(parse_pes_header({out, 14})->pts == clock_mask);
  CHECK(parse_pes_header({out, 14})->bounded);
  write_pes_header(out, stream_id_video, 5, 5, 65'528);  // one more than the length field can say
  CHECK_FALSE(parse_pes_header({out, 14})->bounded);
}

TEST_CASE("PES headers that lie are refused", "[ts]") {
  CHECK(parse_pes_header(bytes("000001 e0 00")).error() == Errc::truncated);
  CHECK(parse_pes_header(bytes("000002 e0 0000 80 00 00")).error() == Errc::no_start_code);
  CHECK(parse_pes_header(bytes("000001 e0 0000 00 00 00")).error() == Errc::bad_pes_header);  // no "10" marker
  CHECK(parse_pes_header(bytes("000001 e0 0000 80 80 09 00")).error() == Errc::truncated);
  CHECK(parse_pes_header(bytes("000001 e0 0000 80 80 00")).error() == Errc::bad_pes_header);  // a pts in no bytes
  CHECK(parse_pes_header(bytes("000001 e0 0002 80 00 00")).error() == Errc::bad_pes_header);  // shorter than its head
  CHECK(parse_pes_header(bytes("000001 be 0004 ffffffff"))->payload_bytes == 4);              // padding has no head
}

}  // namespace weir::test::psi_test
