#include "session/common/ts_receiver.h"

#include <fmt/format.h>

#include "session/common/error.h"

namespace weir::session {

using base::Result;

namespace {

constexpr std::uint64_t most_without_sync = 64 * 1024;  // bytes in which a transport stream must have shown itself

}  // namespace

Result<void> TsReceiver::input(base::Bytes piece) {
  demuxer_.input(piece);
  if (demuxer_.packet_size() == 0 && !got_media_ && demuxer_.skipped_bytes() > most_without_sync) {
    return Errc::no_transport_stream;
  }
  return {};
}

bool TsReceiver::has_media() {
  if (!next_) next_ = demuxer_.poll();
  return next_.has_value();
}

Result<void> TsReceiver::drain(MediaSink& sink) {
  while (has_media()) {
    const auto unit = std::move(*next_);
    next_.reset();
    got_media_ = true;
    if (unit.tracks) TRY_VOID(sink.set_tracks(*unit.tracks));
    sink.put(media::Frame(*unit.frame));
  }
  return {};
}

std::string TsReceiver::condition() const {
  std::uint64_t packets = 0, missing = 0, errors = 0, damaged = 0;
  for (const ts::PidCounts& one : demuxer_.counts()) {
    packets += one.packets;
    missing += one.continuity_errors;
    errors += one.transport_errors + one.malformed;
    damaged += one.damaged_units;
  }
  return fmt::format(
      "transport stream: {} packets of {} bytes, {} gaps, {} malformed, {} PES packets damaged; lost its beat {} "
      "times, {} bytes passed over",
      packets, demuxer_.packet_size(), missing, errors, damaged, demuxer_.lost_sync(), demuxer_.skipped_bytes());
}

}  // namespace weir::session
