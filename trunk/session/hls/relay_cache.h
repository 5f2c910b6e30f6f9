#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "session/hls/page.h"

namespace weir::session::hls {

// What an origin answered. Immutable; shared by all workers.
struct Relayed {
  int status = 0;  // 0: nobody answered
  std::string cache_control, etag;
  Page page;  // of a playlist with its gzip; of a segment the bytes alone
  std::string fault;
  std::chrono::milliseconds life{};  // for so long it is told again

  std::size_t size() const { return page.plain.size() + page.gzip.size(); }
};
using RelayedRef = std::shared_ptr<const Relayed>;

// Answers that are still good, those that were asked for last. No clock, no network. On one worker.
class RelayCache {
 public:
  static constexpr std::size_t most_entries = 20'000;

  // Null: it has none that is good.
  RelayedRef find(const std::string& target, base::Instant now);
  // `stem`: of the stream that it belongs to. Beyond `most_bytes` the longest unused go.
  void keep(const std::string& target, const std::string& stem, RelayedRef answer, std::uint64_t most_bytes,
            base::Instant now);
  // The stream began anew: its names are those of other segments now.
  void forget(const std::string& stem);
  // Looks at a bounded number of entries, the longest unused first: what is good no longer goes.
  void tidy(base::Instant now);

  std::uint64_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string target, stem;
    RelayedRef answer;
    base::Instant until;
  };
  using Order = std::list<Entry>;  // the longest unused first
  void drop(Order::iterator entry);

  Order order_;
  std::unordered_map<std::string_view, Order::iterator> entries_;  // by texts of order_
  std::uint64_t bytes_ = 0;
};

}  // namespace weir::session::hls
