#include "codec/av1.h"
#include "proto/rtp/pack_av1.h"
#include "proto/rtp/pack_h26x.h"
#include "proto/rtp/pack_vpx.h"
#include "proto/rtp/unpacker.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::payload_test {

using media::Codec;
using test::bytes;
using test::ByteVector;

namespace {

ByteVector counted(std::size_t size, std::uint8_t first) {
  ByteVector out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + i * 7);
  return out;
}

ByteVector nal(ByteVector header, std::size_t body) {
  const auto rest = counted(body, 3);
  header.insert(header.end(), rest.begin(), rest.end());
  return header;
}

ByteVector unit(const std::vector<ByteVector>& nals) {
  ByteVector out;
  for (const auto& n : nals) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(n.size() >> shift));
    out.insert(out.end(), n.begin(), n.end());
  }
  return out;
}

// Through an assembler as packets with marker on the last; `lose` names a packet that is missing.
std::optional<rtp::Assembler::Frame> assemble(rtp::Assembler& assembler, const rtp::Payloads& payloads,
                                              std::uint32_t timestamp, std::size_t lose = 9999) {
  std::size_t at = 0;
  bool gap = false;
  for (std::size_t i = 0; i < payloads.sizes.size(); ++i) {
    rtp::Reorder::Ordered packet;
    packet.packet.payload = base::Bytes(payloads.bytes).subspan(at, payloads.sizes[i]);
    packet.packet.timestamp = timestamp;
    packet.packet.marker = i + 1 == payloads.sizes.size();
    packet.after_gap = gap;
    at += payloads.sizes[i];
    gap = i == lose;
    if (i != lose) assembler.input(packet);
  }
  return assembler.take();
}

ByteVector to_vector(const base::Buffer& buffer) { return {buffer.data(), buffer.data() + buffer.size()}; }

rtp::Assembler assembler(Codec codec) { return rtp::Assembler(codec, rtp::make_unpacker(codec)); }

}  // namespace

TEST_CASE("an access unit of H.264 goes through RTP and comes out whole", "[rtp]") {
  const auto sps = bytes("6742c01e95a0"), pps = bytes("68ce3c80");
  const auto idr = nal({0x65}, 5000), slice = nal({0x41}, 700);
  const std::vector<base::Bytes> sets{sps, pps};
  rtp::Payloads payloads;
  const auto input = unit({bytes("0910"), idr});  // a delimiter, which is left out
  REQUIRE(rtp::pack_avc({input, 4, sets, true}, 1152, payloads));
  REQUIRE(payloads.sizes.size() == 6);  // STAP-A of the parameter sets, five FU-A
  CHECK(payloads.bytes.data()[0] == 0x78);
  for (std::size_t i = 2; i + 1 < payloads.sizes.size(); ++i) CHECK(payloads.sizes[i] == payloads.sizes[1]);
  CHECK(payloads.sizes.back() <= payloads.sizes[1]);
  auto whole = assembler(Codec::h264);
  const auto frame = assemble(whole, payloads, 1000);
  REQUIRE(frame.has_value());
  CHECK(frame->key);
  CHECK(to_vector(frame->bytes) == unit({sps, pps, idr}));

  payloads.clear();
  REQUIRE(rtp::pack_avc({unit({slice}), 4, sets, false}, 1152, payloads));
  CHECK(payloads.sizes == std::vector<std::uint16_t>{701});
  const auto second = assemble(whole, payloads, 4000);
  REQUIRE(second.has_value());
  CHECK_FALSE(second->key);
}

TEST_CASE("parameter sets in band are not sent twice", "[rtp]") {
  const auto sps = bytes("6742c01e95a0"), pps = bytes("68ce3c80"), idr = nal({0x65}, 10);
  const std::vector<base::Bytes> sets{sps, pps};
  rtp::Payloads payloads;
  REQUIRE(rtp::pack_avc({unit({sps, pps, idr}), 4, sets, true}, 1152, payloads));
  auto whole = assembler(Codec::h264);
  const auto frame = assemble(whole, payloads, 1);
  REQUIRE(frame.has_value());
  CHECK(to_vector(frame->bytes) == unit({sps, pps, idr}));
}

TEST_CASE("an access unit of HEVC goes through RTP and comes out whole", "[rtp]") {
  const auto vps = nal({0x40, 0x01}, 20), sps = nal({0x42, 0x01}, 30), pps = nal({0x44, 0x01}, 6);
  const auto idr = nal({0x26, 0x01}, 4000);
  const std::vector<base::Bytes> sets{vps, sps, pps};
  rtp::Payloads payloads;
  REQUIRE(rtp::pack_hevc({unit({idr}), 4, sets, true}, 1152, payloads));
  CHECK(payloads.sizes.size() == 5);
  auto whole = assembler(Codec::hevc);
  const auto frame = assemble(whole, payloads, 1);
  REQUIRE(frame.has_value());
  CHECK(frame->key);
  CHECK(to_vector(frame->bytes) == unit({vps, sps, pps, idr}));
}

TEST_CASE("a temporal unit of AV1 keeps its OBUs", "[rtp]") {
  ByteVector input = bytes("1200 0a0b 00000024c4ffdf3c6b2100");  // delimiter, sequence header of 11 bytes
  const auto body = counted(3000, 0x10);
  input.push_back(0x32);  // a frame OBU with a size of two bytes
  input.push_back(static_cast<std::uint8_t>((body.size() & 0x7f) | 0x80));
  input.push_back(static_cast<std::uint8_t>(body.size() >> 7));
  input.insert(input.end(), body.begin(), body.end());
  rtp::Payloads payloads;
  REQUIRE(rtp::pack_av1(input, true, 1152, payloads));
  CHECK(payloads.sizes.size() == 3);
  CHECK((payloads.bytes.data()[0] & 0x08) != 0);
  const auto unpacker = rtp::make_unpacker(Codec::av1);
  std::size_t at = 0;
  for (const auto size : payloads.sizes) {
    CHECK(size <= 1152);
    REQUIRE(unpacker->input(base::Bytes(payloads.bytes).subspan(at, size)).has_value());
    at += size;
  }
  const auto frame = unpacker->take();
  REQUIRE(frame.has_value());
  CHECK(to_vector(frame->bytes) == ByteVector(input.begin() + 2, input.end()));
}

TEST_CASE("frames of VP8 and VP9 go through RTP and come out whole", "[rtp]") {
  for (const Codec codec : {Codec::vp8, Codec::vp9}) {
    auto frame_bytes = counted(3500, 0x10);
    frame_bytes[0] = 0x10;  // VP8: a key frame
    rtp::Payloads payloads;
    if (codec == Codec::vp8) {
      rtp::pack_vp8(frame_bytes, 77, 1152, payloads);
    } else {
      rtp::pack_vp9(frame_bytes, true, 77, 1152, payloads);
    }
    auto whole = assembler(codec);
    const auto frame = assemble(whole, payloads, 1);
    REQUIRE(frame.has_value());
    CHECK(frame->key);
    CHECK(to_vector(frame->bytes) == frame_bytes);
  }
}

TEST_CASE("a lost packet costs its frame, and those behind it until the next key frame", "[rtp]") {
  const auto key = unit({nal({0x65}, 3000)}), delta = unit({nal({0x41}, 3000)});
  for (std::size_t lost = 0; lost < 3; ++lost) {
    auto whole = assembler(Codec::h264);
    const auto pass = [&](const ByteVector& input, bool is_key, std::uint32_t time, std::size_t lose) {
      rtp::Payloads payloads;
      rtp::pack_avc({input, 4, {}, is_key}, 1152, payloads);
      REQUIRE(payloads.sizes.size() == 3);
      return assemble(whole, payloads, time, lose).has_value();
    };
    CHECK(pass(key, true, 0, 9999));
    CHECK_FALSE(whole.needs_key());
    const bool second = pass(delta, false, 3000, lost);
    if (lost < 2) {
      CHECK_FALSE(second);
      CHECK(whole.needs_key());
    } else {
      rtp::Reorder::Ordered next;  // the marker was lost: the gap is seen with the next frame
      next.after_gap = true;
      next.packet.timestamp = 6000;
      const auto body = nal({0x41}, 100);
      next.packet.payload = body;
      next.packet.marker = true;
      whole.input(next);
      CHECK_FALSE(whole.take().has_value());
      CHECK(whole.needs_key());
    }
    CHECK_FALSE(pass(delta, false, 9000, 9999));
    CHECK(pass(key, true, 12000, 9999));
    CHECK_FALSE(whole.needs_key());
  }
}

TEST_CASE("payloads that are not as their RFC says break the frame, not the session", "[rtp]") {
  for (const Codec codec : {Codec::h264, Codec::hevc, Codec::av1, Codec::vp8, Codec::vp9, Codec::opus}) {
    const auto seedlike = counted(600, 0x55);
    for (std::size_t size = 0; size < 40; ++size) {
      const auto unpacker = rtp::make_unpacker(codec);
      for (std::size_t at = 0; at + size < seedlike.size(); at += 13) {
        (void)unpacker->input(base::Bytes(seedlike).subspan(at, size));
      }
      (void)unpacker->take();
    }
  }
  const auto unpacker = rtp::make_unpacker(Codec::h264);
  CHECK(unpacker->input(bytes("78 0010 01")).has_error());  // an aggregate that lies about its first unit
  CHECK(unpacker->input(bytes("7c05 0102")).has_error());   // the middle of a fragment without its beginning
  CHECK(unpacker->input(bytes("1a")).has_error());          // STAP-B
}

TEST_CASE("pictures that refer to later ones are known by their slices", "[rtp]") {
  // slice header: first_mb_in_slice ue(0) = 1, slice_type ue
  const auto b = unit({bytes("01 a0")});      // 1 010 0000: slice_type 1
  const auto p = unit({bytes("41 e0")});      // 1 1: slice_type 0
  const auto i7 = unit({bytes("41 88 80")});  // 1 0001000 1: slice_type 7
  CHECK(rtp::is_bidirectional_avc(b, 4));
  CHECK_FALSE(rtp::is_bidirectional_avc(p, 4));
  CHECK_FALSE(rtp::is_bidirectional_avc(i7, 4));
  CHECK_FALSE(rtp::is_bidirectional_avc(unit({bytes("65 88 80")}), 4));
  CHECK_FALSE(rtp::is_bidirectional_avc({}, 4));
}

}  // namespace weir::test::payload_test
