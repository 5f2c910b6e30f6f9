#pragma once

#include <memory>

#include "net/rist/link.h"
#include "session/forward/ts_out.h"

namespace weir::session::forward {

// The way to who takes a stream by RIST.
class RistOut final : public TsOut {
 public:
  // `listens`: who left may come again; else it is over then.
  RistOut(std::unique_ptr<net::RistSender> link, bool listens) : link_(std::move(link)), listens_(listens) {}

  void send(rtp::TsDatagrams::Stream stream, base::Bytes datagrams, std::size_t each) override;
  base::ErrorCode failed() const override;
  std::uint64_t drops() const override { return drops_; }
  const net::TransportFigures* transport() const override { return &link_->figures(); }

  const net::RistSender& link() const { return *link_; }

 private:
  std::unique_ptr<net::RistSender> link_;
  bool listens_;
  std::uint64_t drops_ = 0;
};

}  // namespace weir::session::forward
