#include "proto/rtp/rtcp.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::rtcp_test {

using test::bytes;

namespace {

template <class Write>
std::vector<rtp::RtcpItem> round_trip(Write write) {
  base::Buffer out;
  base::ByteWriter w{out};
  write(w);
  CHECK(out.size() % 4 == 0);
  auto items = rtp::parse_rtcp(out);
  REQUIRE(items.has_value());
  return *items;
}

}  // namespace

TEST_CASE("reports that are written are read", "[rtcp]") {
  const auto items = round_trip([](base::ByteWriter& w) {
    rtp::SenderReport report{7, 0x0102030405060708ULL, 90000, 12, 3456, {}};
    report.blocks.push_back({9, 128, -5, 65540, 33, 0x11112222, 65536});
    rtp::write_sender_report(w, report);
    rtp::write_description(w, 7, "cname");
    const std::vector<rtp::ReportBlock> blocks{{1, 2, 3, 4, 5, 6, 7}, {8, 9, 10, 11, 12, 13, 14}};
    rtp::write_receiver_report(w, 99, blocks);
    rtp::write_bye(w, 7);
  });
  REQUIRE(items.size() == 3);
  const auto& sender = std::get<rtp::SenderReport>(items[0]);
  CHECK(sender.ssrc == 7);
  CHECK(sender.ntp == 0x0102030405060708ULL);
  CHECK(sender.timestamp == 90000);
  CHECK(sender.octets == 3456);
  REQUIRE(sender.blocks.size() == 1);
  CHECK(sender.blocks[0].fraction_lost == 128);
  CHECK(sender.blocks[0].lost == -5);
  const auto& receiver = std::get<rtp::ReceiverReport>(items[1]);
  CHECK(receiver.ssrc == 99);
  CHECK(receiver.blocks.at(1).delay == 14);
  CHECK(std::get<rtp::Bye>(items[2]).sources == std::vector<std::uint32_t>{7});
}

TEST_CASE("a NACK names each lost packet once, over the edge", "[rtcp]") {
  const std::vector<std::uint16_t> lost{65533, 65535, 0, 13, 14, 400};
  const auto items = round_trip([&](base::ByteWriter& w) { rtp::write_nack(w, 1, 2, lost); });
  REQUIRE(items.size() == 1);
  const auto& nack = std::get<rtp::Nack>(items[0]);
  CHECK(nack.media == 2);
  CHECK(nack.lost == lost);
}

TEST_CASE("requests for key frames, REMB and extended reports are read", "[rtcp]") {
  const std::vector<std::uint32_t> sources{5, 6};
  const auto items = round_trip([&](base::ByteWriter& w) {
    rtp::write_picture_loss(w, 1, 2);
    rtp::write_full_intra(w, 1, 3, 17);
    rtp::write_maximum_bitrate(w, 1, 2'500'000, sources);
    rtp::write_reference_time(w, 1, 0xaabbccdd00112233ULL);
  });
  REQUIRE(items.size() == 4);
  CHECK_FALSE(std::get<rtp::KeyFrameRequest>(items[0]).full_intra);
  CHECK(std::get<rtp::KeyFrameRequest>(items[0]).media == 2);
  CHECK(std::get<rtp::KeyFrameRequest>(items[1]).media == 3);
  CHECK(std::get<rtp::KeyFrameRequest>(items[1]).command == 17);
  const auto bitrate = std::get<rtp::MaximumBitrate>(items[2]).bits_per_second;
  CHECK(bitrate <= 2'500'000);
  CHECK(bitrate > 2'490'000);
  CHECK(std::get<rtp::ReferenceTime>(items[3]).ntp == 0xaabbccdd00112233ULL);
}

TEST_CASE("lengths that lie end a compound with an error", "[rtcp]") {
  CHECK(rtp::parse_rtcp(bytes("80c9")).has_error());
  CHECK(rtp::parse_rtcp(bytes("80c90005 00000001")).error() == rtp::Errc::bad_rtcp);
  CHECK(rtp::parse_rtcp(bytes("81c90001 00000001")).error() == rtp::Errc::bad_rtcp);  // a block that is not there
  CHECK(rtp::parse_rtcp(bytes("00c90001 00000001")).error() == rtp::Errc::bad_version);
  CHECK(rtp::parse_rtcp(bytes("a0c90001 000000ff")).error() == rtp::Errc::bad_padding);
  CHECK(rtp::parse_rtcp(bytes("81cd0002 00000001 00000002")).error() == rtp::Errc::bad_feedback);  // an empty NACK
  const auto unknown = rtp::parse_rtcp(bytes("80d10001 00000001"));
  REQUIRE(unknown.has_value());
  CHECK(unknown->empty());
}

}  // namespace weir::test::rtcp_test
