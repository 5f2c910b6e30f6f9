#pragma once

#include "session/common/upstream/rtmp_link.h"
#include "session/forward/stream_sender.h"

namespace weir::session::forward {

// A stream over a link of RTMP that agreed to take it.
class Sender final : public StreamSender {
 public:
  Sender(net::Life& life, upstream::RtmpLink& link, hub::Seat seat, hub::MemoryBudget* memory);

 private:
  void put(flv::TagType type, std::uint32_t time_ms, base::Bytes body) override;
  base::ErrorCode heard(base::Bytes bytes, std::string& why) override;
  void close() override { link_.client().close(); }
  std::size_t made() const override { return link_.client().output().size(); }
  void gather() override { link_.client().take_output(out()); }

  // given
  upstream::RtmpLink& link_;
};

}  // namespace weir::session::forward
