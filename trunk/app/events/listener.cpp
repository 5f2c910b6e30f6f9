#include "app/events/listener.h"

#include <utility>

namespace weir::events {

Listener::Listener(boost::asio::io_context& io, Figures& figures, std::atomic<std::uint32_t>& of_worker)
    : figures_(figures), of_worker_(of_worker), wake_(io) {
  of_worker_.fetch_add(1);
  figures_.listeners.fetch_add(1);
}

Listener::~Listener() {
  of_worker_.fetch_sub(1);
  figures_.listeners.fetch_sub(1);
}

bool Listener::push(const base::SharedBytes& bytes) {
  if (overflowed_) return false;
  if (queue_.size() == most_events || bytes_ + bytes.size() > most_bytes) {
    overflowed_ = true;
    figures_.slow.fetch_add(1, std::memory_order_relaxed);
    queue_.clear();
    // May end the connection, and with it whoever set this, before it returns.
    if (const auto cut_off = std::exchange(on_overflow, nullptr)) cut_off();
    return false;
  }
  bytes_ += bytes.size();
  queue_.push_back(bytes);
  wake_.notify();
  return true;
}

void Listener::end() {
  ended_ = true;
  wake_.notify();
}

std::vector<base::SharedBytes> Listener::take() {
  bytes_ = 0;
  return std::exchange(queue_, {});
}

}  // namespace weir::events
