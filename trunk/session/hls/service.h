#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "hub/hub.h"
#include "net/blocking_pool.h"
#include "session/hls/coming.h"
#include "session/hls/dash_ladder.h"
#include "session/hls/disk.h"
#include "session/hls/outlet.h"
#include "session/hls/relay.h"
#include "session/hls/shelf.h"
#include "session/hls/update_mail.h"
#include "session/hls/visitors.h"

namespace weir::session::hls {

class Service;
class Stream;

// What all workers have made and answered; they add to it once a second.
struct Totals {
  std::atomic<std::uint64_t> streams{0}, segments{0}, pages{0}, items{0}, sent_bytes{0}, waits{0}, left_out{0};
};

// What the services of all workers share: each other, for messages, and the count of memory. Owned by main; complete
// before the workers start.
struct Shared {
  std::vector<Service*> services;
  Visitors::Peers visitors;
  Budget budget;
  std::shared_ptr<Disposal> disposal{};  // on the pool of files
  Totals totals;
  Unwritten unwritten{0};
  Gate gate;
  RelayShared relay;
  const std::string salt = base::random_text(16);  // of the ids that are made of what a player is like
};

// HLS and DASH of one worker: packages the streams whose home it is, and answers for those of all workers. It
// observes the Hub: a stream is packaged from its beginning on, when its virtual host says so.
//
//   Service service(hub, files, readers, shared);   add_routes(router, service);
class Service {
 public:
  // Files are written and removed on the one pool and read for players on the other: they do not wait for a slow write.
  Service(hub::Hub& hub, net::BlockingPool& files, net::BlockingPool& readers, Shared& shared);
  ~Service();

  hub::Hub& hub() { return hub_; }
  net::Worker& worker() { return hub_.worker(); }
  Shelf& shelf() { return shelf_; }
  Relay& relay() { return relay_; }
  Visitors& visitors() { return visitors_; }
  Coming& coming() { return coming_; }
  DashLadders& dash_ladders() { return dash_ladders_; }
  Budget& budget() { return shared_.budget; }
  const std::string& salt() const { return shared_.salt; }
  net::BlockingPool& readers() { return readers_; }

  struct Counts {
    std::uint64_t streams = 0;           // packaged now; counted by them
    std::uint64_t segments = 0;          // made here
    std::uint64_t pages = 0, items = 0;  // playlists and files answered
    std::uint64_t sent_bytes = 0;
    std::uint64_t waits = 0;     // blocking reloads
    std::uint64_t left_out = 0;  // segments of publishers whose clock makes too many
  };
  void count_page(std::size_t bytes) {
    ++counts_.pages;
    counts_.sent_bytes += bytes;
  }
  void count_item(std::size_t bytes) {
    ++counts_.items;
    counts_.sent_bytes += bytes;
  }
  void count_wait() { ++counts_.waits; }
  // A flood of refusals is one line a second.
  void log_refusal(const log::Context& who, const Listing& listing, base::ErrorCode why);

 private:
  friend class Stream;
  void on_event(const hub::StreamEvent& event);
  void start(const base::StreamKey& key);
  bool recover(const base::StreamKey& key, const std::shared_ptr<const config::Vhost>& vhost,
               const hub::Request& request);
  void broadcast(const std::shared_ptr<const Update>& update);
  void accept(const Update& update);
  void tick();
  void tend_streams();
  void apply_config();
  void report();

  // given
  hub::Hub& hub_;
  net::BlockingPool& files_;
  net::BlockingPool& readers_;
  Shared& shared_;

  // owned
  Shelf shelf_;
  Coming coming_;
  DashLadders dash_ladders_;
  UpdateMail mail_{hub_.worker(), [this](const Update& update) { accept(update); }};
  Relay relay_;
  Visitors visitors_;
  std::unordered_map<base::StreamKey, std::unique_ptr<Stream>> streams_;

  // state
  std::shared_ptr<const config::Config> config_;
  Counts counts_, reported_;
  log::Limit refusals_;
  std::size_t tended_to_ = 0;  // a bucket of streams_
  unsigned ticks_ = 0;
};

}  // namespace weir::session::hls
