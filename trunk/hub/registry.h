#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "hub/request.h"
#include "media/transport_stream.h"
#include "net/byte_stream.h"
#include "net/kickable.h"
#include "net/transport_figures.h"

namespace weir::hub {

// Bytes and their rate over the last thirty seconds, from samples taken every three.
class RateMeter {
 public:
  void sample(std::uint64_t bytes);
  std::uint32_t kbps_30s() const;

 private:
  std::array<std::uint64_t, 11> ring_{};
  std::uint8_t filled_ = 0, next_ = 0;
};

// The connection of a session, where it has one: what was moved over it, and its descriptor for the kernel's figures.
// It outlives the record.
struct Link {
  Link() = default;
  // Null: none.
  Link(const net::ByteStream* stream) {
    if (!stream) return;
    meter = &stream->meter();
    turn = &stream->turn();
    descriptor = stream->native_handle();
  }

  const net::Meter* meter = nullptr;
  const net::Turn* turn = nullptr;
  int descriptor = -1;
  // Of a transport of our own, which the kernel knows nothing of; may be empty. Good until the next call.
  std::function<const net::TransportFigures&()> figures;
  // Of an input that is a transport stream; null: it is none, or nobody looks at it. Changes on the record's worker.
  std::shared_ptr<const media::TransportStream> transport_stream;
};

// A session that publishes or plays: what the API lists.
struct Record {
  base::SessionId id;
  Request request;
  bool publishing = false;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  net::Kickable* session = nullptr;
  Link link;
  std::function<base::Ticks()> behind;   // players: distance to the live edge; may be empty
  std::function<std::uint64_t()> skips;  // players: how often moved forward; may be empty
  RateMeter received, sent;
  net::Meter counted;                                   // by sessions that have no connection of their own
  std::chrono::steady_clock::time_point first_media{};  // players: when they were first given some; 0: not yet
  std::uint64_t counted_skips = 0;                      // of a player that has ended

  const net::Meter& meter() const { return link.meter ? *link.meter : counted; }
  std::uint64_t received_bytes() const { return meter().received_bytes; }
  std::uint64_t sent_bytes() const { return meter().sent_bytes; }
  // Why it was told to end; none while it was not.
  base::ErrorCode kick_reason() const { return session ? session->kick_reason() : base::ErrorCode(); }
  std::uint64_t skip_count() const { return skips ? skips() : counted_skips; }
};

// The sessions of one worker, by id. Records leave with their Ticket.
class Registry {
 public:
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Registry* registry, Record* record) : registry_(registry), record_(record) {}
    Ticket(Ticket&& other) noexcept
        : registry_(std::exchange(other.registry_, nullptr)), record_(std::exchange(other.record_, nullptr)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(registry_, other.registry_);
      std::swap(record_, other.record_);
      return *this;
    }
    ~Ticket() {
      if (registry_) registry_->leave(record_);
    }
    Record& record() const { return *record_; }

   private:
    Registry* registry_ = nullptr;
    Record* record_ = nullptr;
  };

  // Errc::id_taken: no two sessions have one id.
  base::Result<Ticket> enter(Record record);
  // Stops the session; false if it is not on this worker.
  bool kick(const base::SessionId& id, base::ErrorCode why);
  const Record* find(const base::SessionId& id) const;
  template <class F>
  void each(F visit) const {
    for (const auto& [id, record] : records_) visit(*record);
  }
  std::size_t size() const { return records_.size(); }
  std::uint64_t entered() const { return entered_; }
  // Every three seconds, from the worker's tick.
  void sample();

 private:
  void leave(Record* record);
  std::unordered_map<base::SessionId, std::unique_ptr<Record>> records_;
  std::uint64_t entered_ = 0;
};

}  // namespace weir::hub
