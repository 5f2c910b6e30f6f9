#include "session/gb28181/rtp_writer.h"

#include <algorithm>
#include <array>

#include "proto/rtp/packet.h"

namespace weir::session::gb28181 {

namespace {

constexpr std::uint8_t program_stream = 96;

}  // namespace

void RtpWriter::append(base::Bytes pack, std::uint32_t timestamp, std::size_t& done, std::size_t most,
                       base::Buffer& out) {
  const std::size_t begin = out.size();
  do {
    const base::Bytes part = pack.subspan(done, std::min(payload_bytes(), pack.size() - done));
    done += part.size();
    const std::size_t length = rtp::header_bytes + part.size();
    std::array<std::uint8_t, 2 + rtp::header_bytes> head{static_cast<std::uint8_t>(length >> 8),
                                                         static_cast<std::uint8_t>(length)};
    rtp::write_head(base::MutableBytes(head).subspan(2), {.marker = done == pack.size(),
                                                          .payload_type = program_stream,
                                                          .sequence = sequence_++,
                                                          .timestamp = timestamp,
                                                          .ssrc = ssrc_});
    out.append(base::Bytes(head).subspan(framed_ ? 0 : 2));
    out.append(part);
    ++packets_;
  } while (done < pack.size() && out.size() - begin + packet_bytes_ <= most);
}

}  // namespace weir::session::gb28181
