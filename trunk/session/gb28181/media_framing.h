#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "session/gb28181/media_error.h"

namespace weir::session::gb28181 {

// Finds the RTP packets in the bytes of a TCP connection. Before each stands its length in two bytes (RFC 4571 2), as
// GB/T 28181 has it, or '$', a channel and the length (RFC 2326 10.12), as some devices send: the first packet tells
// which. No socket and no clock.
//
//   framing.input(bytes);
//   while (auto packet = *TRY(framing.next())) ...
class MediaFraming {
 public:
  void input(base::Bytes bytes);
  // The next whole packet; valid until the next input(). None: more has to be read. MediaErrc::frame_of_no_length,
  // no_framing.
  base::Result<std::optional<base::Bytes>> next();
  // What was read and is not given yet, for whoever goes on elsewhere.
  base::Bytes rest() const { return buffer_.bytes().subspan(at_); }

 private:
  enum class Kind : std::uint8_t { unknown, by_length, by_dollar } kind_ = Kind::unknown;
  base::Result<bool> recognise(base::Bytes head);

  // state
  base::Buffer buffer_;  // never more than one read and one packet, which is at most 65,535 bytes
  std::size_t at_ = 0;
};

}  // namespace weir::session::gb28181
