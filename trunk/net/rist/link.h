#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/log.h"
#include "base/result.h"
#include "net/rist/library.h"
#include "net/rist/settings.h"
#include "net/transport_figures.h"

namespace weir::net {

class Worker;
class RistCore;

// What both ends of RIST have in common. The library's threads hand over through a queue of bounded size and never wait
// for the worker. All of it on one worker; owned by its session's coroutine frame.
class RistLink {
 public:
  RistLink(const RistLink&) = delete;
  RistLink& operator=(const RistLink&) = delete;

  // Peers that are there now. In the simple profile who calls is there once RTCP came back.
  std::uint32_t peers() const;
  // One was there, and all have left or vanished: said after some seconds, and to who was called alone.
  bool lost() const;
  // "ADDRESS:PORT" of the one that came last; empty: none did, or the library does not say.
  std::string peer() const;
  // Once a second. Good until the next call.
  const TransportFigures& figures() const;

 protected:
  RistLink(std::shared_ptr<RistCore> core, RistLibrary& library);
  ~RistLink();

  // owned
  std::shared_ptr<RistCore> core_;

 private:
  // given
  RistLibrary& library_;

  // state
  mutable TransportFigures figures_;
};

// What is common to open() of both. `changed` is called on the worker when there is something to take or to look at,
// never from within another call; `log` outlives the link.
struct RistOpen {
  Worker& worker;
  RistLibrary& library;
  const RistSettings& settings;
  log::Context log;
  std::function<void()> changed;
};

// Receives what one end sends: packets in order, with what was sent again.
class RistReceiver final : public RistLink {
 public:
  // RistErrc.
  static base::Result<std::unique_ptr<RistReceiver>> open(RistOpen given);

  struct Packet {
    base::Bytes payload;  // good until the next call
    std::uint32_t flow;   // whose: of several that send to one port
    bool after_loss;
  };
  // False: there is none now.
  bool take(Packet& packet);
  // Has `changed` called soon, once others of the worker had their turn.
  void look_again();
  // Packets that came while too many waited.
  std::uint64_t dropped() const;

 private:
  using RistLink::RistLink;
};

// Sends to whoever is there.
class RistSender final : public RistLink {
 public:
  // RistErrc.
  static base::Result<std::unique_ptr<RistSender>> open(RistOpen given);

  // Whoever was there has left, or has said nothing for five seconds.
  bool vanished() const;
  // At most 1,316 bytes. RistErrc::write. Does not wait.
  base::Result<void> write(base::Bytes packet);

 private:
  using RistLink::RistLink;
};

}  // namespace weir::net
