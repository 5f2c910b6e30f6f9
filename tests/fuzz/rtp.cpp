#include <cstdint>

#include "proto/rtp/rtcp.h"
#include "proto/rtp/transport_feedback.h"
#include "proto/rtp/unpacker.h"

// A datagram as RTP and as RTCP; then, cut into packets whose length stands in their first two bytes, as the packets of
// a source of each codec.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const base::Bytes in(data, size);
  if (const auto packet = rtp::parse(in)) {
    for (std::uint8_t id = 0; id < 16; ++id) (void)rtp::find_extension(*packet, id);
  }
  if (const auto items = rtp::parse_rtcp(in)) {
    for (const auto& item : *items) {
      if (const auto* feedback = std::get_if<rtp::TransportFeedback>(&item)) {
        (void)rtp::parse_transport_feedback(feedback->body);
      }
    }
  }
  for (const auto codec : {media::Codec::h264, media::Codec::hevc, media::Codec::av1, media::Codec::vp8,
                           media::Codec::vp9, media::Codec::opus}) {
    rtp::Reorder reorder;
    rtp::Assembler assembler(codec, rtp::make_unpacker(codec));
    base::Bytes left = in;
    base::Instant now{};
    while (left.size() >= 2) {
      const std::size_t length = std::min<std::size_t>(left[0] * 2U + left[1] / 128U, left.size() - 2);
      const auto bytes = base::SharedBytes::copy_of(left.subspan(2, length));
      left = left.subspan(2 + length);
      now += std::chrono::milliseconds(7);
      if (const auto packet = rtp::parse(bytes)) reorder.input(*packet, bytes, now);
      while (const auto next = reorder.next(now, std::chrono::milliseconds(20))) {
        assembler.input(*next);
        while (assembler.take()) {
        }
      }
    }
  }
  return 0;
}
