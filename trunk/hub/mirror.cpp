#include "hub/mirror.h"

namespace weir::hub {

bool MirrorBox::put(Letter letter) {
  bool first = false;
  if (letter.kind == Letter::Kind::wires) {
    std::size_t size = 0;
    for (const Wire& wire : letter.wires) size += wire.bytes.size();
    const bool entry = !letter.wires.empty() && letter.wires.front().entry;
    const bool full = bytes_.load(std::memory_order_relaxed) + size > most_bytes;
    if (full || (dropping_ && !entry)) {
      dropped_.fetch_add(letter.wires.size(), std::memory_order_relaxed);
      if (std::exchange(dropping_, true)) return false;
      return box_.put({Letter::Kind::gap, {}, {}});
    }
    dropping_ = false;
    bytes_.fetch_add(size, std::memory_order_relaxed);
  }
  first = box_.put(std::move(letter));
  return first;
}

void MirrorBox::drain(Feed& feed) {
  box_.take([&](Letter&& letter) {
    switch (letter.kind) {
      case Letter::Kind::begin:
        feed.begin(std::move(letter.header));
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
      case Letter::Kind::wires: {
        std::size_t size = 0;
        for (const Wire& wire : letter.wires) size += wire.bytes.size();
        bytes_.fetch_sub(size, std::memory_order_relaxed);
        feed.accept(letter.wires);
        break;
      }
    }
  });
}

}  // namespace weir::hub
