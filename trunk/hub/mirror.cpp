#include "hub/mirror.h"

#include <algorithm>

namespace weir::hub {

namespace {

constexpr std::size_t wire_cost = 256;  // of a turn, in bytes: nothing of a wire is copied here

std::size_t size_of(const Letter& letter) {
  std::size_t size = 0;
  for (const Wire& wire : letter.wires) size += wire.bytes.size();
  return size;
}

// Leaves of the wires those from the first entry on, with what leads to it; false if there is none. Wires may begin
// with some that are no entry though one is among them: sound that a packager held back comes before the key frame.
bool begin_at_entry(std::vector<Wire>& wires) {
  const auto entry = std::find_if(wires.begin(), wires.end(), [](const Wire& wire) { return wire.entry; });
  if (entry == wires.end()) return false;
  entry->lead = static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(entry->lead, entry - wires.begin()));
  wires.erase(wires.begin(), entry - static_cast<std::ptrdiff_t>(entry->lead));
  return true;
}

}  // namespace

bool MirrorBox::put(Letter letter) {
  if (letter.kind == Letter::Kind::wires) {
    const std::size_t size = size_of(letter);
    const std::size_t count = letter.wires.size();
    const std::size_t waiting = bytes_.load(std::memory_order_relaxed);
    account_.set(waiting);
    const std::size_t most = account_.pressure() == Pressure::none ? most_bytes_ : most_bytes_ / 16;
    const bool full = waiting + size > most;
    if (full || (dropping_ && !begin_at_entry(letter.wires))) {
      dropped_.fetch_add(count, std::memory_order_relaxed);
      if (std::exchange(dropping_, true)) return false;
      return box_.put({Letter::Kind::gap, {}, {}});
    }
    dropped_.fetch_add(count - letter.wires.size(), std::memory_order_relaxed);
    dropping_ = false;
    bytes_.fetch_add(size_of(letter), std::memory_order_relaxed);
  }
  return box_.put(std::move(letter));
}

bool MirrorBox::drain(Feed& feed, net::Turn& turn) {
  return box_.take([&](Letter&& letter) {
    switch (letter.kind) {
      case Letter::Kind::begin:
        feed.begin(std::move(letter.header));
        break;
      case Letter::Kind::begin_barren:
        feed.begin(std::move(letter.header));
        feed.set_barren();
        break;
      case Letter::Kind::header:
        feed.set_header(std::move(letter.header));
        break;
      case Letter::Kind::gap:
        feed.gap();
        break;
      case Letter::Kind::barren:
        feed.set_barren();
        break;
      case Letter::Kind::end:
        feed.end();
        break;
      case Letter::Kind::wires:
        bytes_.fetch_sub(size_of(letter), std::memory_order_relaxed);
        feed.accept(letter.wires);
        break;
    }
    return turn.spend(letter.wires.size() * wire_cost);
  });
}

}  // namespace weir::hub
