#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"
#include "net/meter.h"
#include "net/transport_figures.h"
#include "proto/rtp/ts_datagrams.h"

namespace weir::session::forward {

// A way out for datagrams of a transport stream, which takes each at once or not at all. On one worker.
class TsOut {
 public:
  virtual ~TsOut() = default;
  TsOut(const TsOut&) = delete;
  TsOut& operator=(const TsOut&) = delete;

  // `datagrams` of `each` bytes, of media or of forward error correction.
  virtual void send(rtp::TsDatagrams::Stream stream, base::Bytes datagrams, std::size_t each) = 0;
  // Why it will take nothing any longer; none while it may.
  virtual base::ErrorCode failed() const = 0;
  virtual std::uint64_t drops() const = 0;  // datagrams that it did not take, or that came too late

  // What the way tells of itself; null: nothing.
  virtual const net::TransportFigures* transport() const { return nullptr; }

  const net::Meter& meter() const { return meter_; }  // of those that it took

 protected:
  TsOut() = default;
  net::Meter meter_;
};

}  // namespace weir::session::forward
