#include "session/gb28181/rtp_writer.h"

#include "proto/rtp/packet.h"
#include "session/gb28181/media_framing.h"
#include "support/catch.h"

namespace weir::test::rtp_writer_test {

using session::gb28181::MediaFraming;
using session::gb28181::RtpWriter;

namespace {

base::Buffer pack_of(std::size_t size) {
  base::Buffer pack;
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<std::uint8_t>(i * 7);
    pack.append({&byte, 1});
  }
  return pack;
}

}  // namespace

TEST_CASE("a pack is cut into equal packets, of which the last has the marker", "[gb28181]") {
  constexpr std::size_t packet_bytes = RtpWriter::usual_bytes;
  for (const std::size_t size : {1U, 1'387U, 1'388U, 1'389U, 10'000U}) {
    for (const bool framed : {false, true}) {
      const base::Buffer pack = pack_of(size);
      RtpWriter writer(200'000'001, framed);
      base::Buffer out, joined;
      std::size_t done = 0;
      // In two goes: what does not fit in one goes on in the next.
      while (done < pack.size()) writer.append(pack, 90'000, done, 3 * packet_bytes, out);
      CHECK(writer.packets() == (size + (packet_bytes - 12) - 1) / (packet_bytes - 12));
      MediaFraming framing;
      if (framed) framing.input(out);
      for (std::size_t at = 0, number = 0; number < writer.packets(); ++number) {
        base::Bytes bytes = out.bytes().subspan(at, std::min(packet_bytes, out.size() - at));
        if (framed) {
          const auto next = framing.next();
          REQUIRE(next.has_value());
          REQUIRE(next->has_value());
          bytes = **next;
        }
        const auto packet = rtp::parse(bytes);
        REQUIRE(packet.has_value());
        CHECK(packet->sequence == number);
        CHECK(packet->ssrc == 200'000'001);
        CHECK(packet->timestamp == 90'000);
        CHECK(packet->payload_type == 96);
        CHECK(packet->marker == (number + 1 == writer.packets()));
        joined.append(packet->payload);
        at += packet_bytes;
      }
      CHECK(base::as_text(joined) == base::as_text(pack));
    }
  }
}

TEST_CASE("packets are as short as they were asked for", "[gb28181]") {
  const base::Buffer pack = pack_of(1'000);
  RtpWriter writer(7, false, 200);
  CHECK(writer.packet_bytes() == 200);
  base::Buffer out;
  std::size_t done = 0;
  while (done < pack.size()) writer.append(pack, 90'000, done, 1'000, out);
  CHECK(writer.packets() == 6);  // 188 bytes each
  CHECK(out.size() == pack.size() + std::size_t{6 * 12});
  CHECK(rtp::parse(out.bytes().first(200))->payload.size() == 188);
}

}  // namespace weir::test::rtp_writer_test
