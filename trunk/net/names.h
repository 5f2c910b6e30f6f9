#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/name_table.h"
#include "net/notifier.h"
#include "net/task.h"

namespace weir::net {

class Worker;

// Addresses of host names on one worker, where strangers choose the names: who waits, waits for a bounded time, one
// look-up is under way, and it does not hold those of connect(), which Asio makes one after another. For names of the
// configuration use another one than for those of strangers.
class Names {
 public:
  using Addresses = NameTable::Addresses;
  using Answer = std::function<void(Addresses)>;
  // Looks up one name and calls back on the worker; it may never do so.
  using LookUp = std::function<void(const std::string& host, Answer answer)>;

  Names(Worker& worker, LookUp look_up);
  explicit Names(Worker& worker);  // as the system knows them, on a thread that lives as long as the look-up
  ~Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // A numeric address is its own. Empty: it has none, or they were not known after `limit`.
  Task<Addresses> find(std::string host, std::chrono::milliseconds limit);

  std::uint64_t look_ups() const { return look_ups_; }
  std::uint64_t given_up() const { return given_up_; }  // waits that were over before the answer

 private:
  struct Waiter;
  void begin(NameTable::Time now);

  Worker& worker_;
  LookUp look_up_;
  NameTable table_;
  std::vector<Notifier*> waiting_;
  std::uint64_t look_ups_ = 0, given_up_ = 0;
  std::shared_ptr<Names*> self_;  // null inside when this has gone
};

}  // namespace weir::net
