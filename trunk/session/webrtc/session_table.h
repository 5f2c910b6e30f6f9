#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"
#include "base/result.h"

namespace weir::session::webrtc {

// Number of a session of this process, never used again.
enum class SessionNumber : std::uint64_t {};

// Where the sessions of the process live, by the ICE user fragment that their peers' checks name and by the secret of
// their URLs. Behind a lock, which is taken when a session comes or goes, at its peer's checks from a new address and
// at requests about it: never for media. Any thread.
class SessionTable {
 public:
  struct Place {
    base::WorkerIndex worker{};
    SessionNumber number{};
  };
  struct Limits {
    std::size_t pending = 2'000;          // sessions that no check has come for yet
    std::size_t pending_of_address = 50;  // of one IPv4 address or IPv6 /64
    std::size_t sessions = 100'000;
  };
  SessionTable() : SessionTable(Limits()) {}
  explicit SessionTable(Limits limits) : limits_(limits) {}

  // A place among those that wait for their peer; given back when it connects or goes.
  class Pending {
   public:
    Pending() = default;
    Pending(SessionTable& table, std::string block) : table_(&table), block_(std::move(block)) {}
    Pending(Pending&& other) noexcept : table_(std::exchange(other.table_, nullptr)), block_(std::move(other.block_)) {}
    Pending& operator=(Pending&& other) noexcept {
      std::swap(table_, other.table_);
      std::swap(block_, other.block_);
      return *this;
    }
    ~Pending() { release(); }
    void release() {
      if (table_) std::exchange(table_, nullptr)->leave_pending(block_);
    }

   private:
    SessionTable* table_ = nullptr;
    std::string block_;
  };
  // Errc::too_many.
  base::Result<Pending> wait(std::string_view address);

  // The entry of a session; it leaves with the token.
  class Entry {
   public:
    Entry() = default;
    Entry(SessionTable& table, std::string ufrag, std::string secret)
        : table_(&table), ufrag_(std::move(ufrag)), secret_(std::move(secret)) {}
    Entry(Entry&& other) noexcept
        : table_(std::exchange(other.table_, nullptr)),
          ufrag_(std::move(other.ufrag_)),
          secret_(std::move(other.secret_)) {}
    Entry& operator=(Entry&& other) noexcept {
      std::swap(table_, other.table_);
      std::swap(ufrag_, other.ufrag_);
      std::swap(secret_, other.secret_);
      return *this;
    }
    ~Entry() {
      if (table_) table_->leave(ufrag_, secret_);
    }

   private:
    SessionTable* table_ = nullptr;
    std::string ufrag_, secret_;
  };
  // Errc::ufrag_taken, too_many. Without a secret it is found by its user fragment alone, as after an ICE restart.
  base::Result<Entry> enter(std::string ufrag, std::string secret, Place place);
  SessionNumber next_number();

  std::optional<Place> by_ufrag(std::string_view ufrag) const { return find(ufrags_, ufrag); }
  std::optional<Place> by_secret(std::string_view secret) const { return find(secrets_, secret); }
  std::size_t size() const;
  std::size_t pending() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  template <class T>
  using ByText = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  std::optional<Place> find(const ByText<Place>& map, std::string_view key) const;
  void leave(const std::string& ufrag, const std::string& secret);
  void leave_pending(const std::string& block);

  // given
  const Limits limits_;

  // state
  mutable std::mutex mutex_;
  ByText<Place> ufrags_, secrets_;
  ByText<std::size_t> pending_;  // by block of addresses
  std::size_t pending_count_ = 0;
  std::uint64_t numbers_ = 0;
};

}  // namespace weir::session::webrtc
