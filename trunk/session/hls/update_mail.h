#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "session/hls/courier.h"

namespace weir::net {
class Worker;
}

namespace weir::session::hls {

// How one worker tells all others of its listings and items, and hears of theirs: each in the order in which it was
// said, as much at a time as a turn allows. Lives on its worker.
class UpdateMail {
 public:
  using Accept = std::function<void(const Update&)>;

  // `accept` takes what others told.
  UpdateMail(net::Worker& worker, Accept accept) : worker_(worker), accept_(std::move(accept)) {}

  // To another worker's, for as long as both live.
  void add_peer(UpdateMail& peer);
  bool has_peers() const { return !couriers_.empty(); }
  // Tells all peers.
  void send(const std::shared_ptr<const Update>& update);

 private:
  struct Incoming {
    Courier::Parcel parcel;
    std::function<void()> done;
    std::size_t used = 0;
  };
  enum class Haste : std::uint8_t { a_turn, all };
  void receive(Courier::Parcel parcel, std::function<void()> done);
  void unpack(Haste haste);

  // given
  net::Worker& worker_;
  Accept accept_;

  // owned
  std::vector<std::unique_ptr<Courier>> couriers_;
  std::deque<Incoming> inbox_;
};

}  // namespace weir::session::hls
