#include "net/name_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace weir::net {

NameTable::Entry* NameTable::entry_of(const std::string& host) {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& one) { return one.host == host; });
  return at == entries_.end() ? nullptr : &*at;
}

const NameTable::Addresses* NameTable::find(const std::string& host, Time now) {
  Entry* const entry = entry_of(host);
  if (!entry) {
    want(host);
    return nullptr;
  }
  entry->used_at = now;
  if (now < entry->ask_at) return &entry->addresses;
  want(host);
  return !entry->addresses.empty() && now - entry->known_at < longest ? &entry->addresses : nullptr;
}

void NameTable::want(const std::string& host) {
  if (asking_) return;
  host_ = host;
  wanted_ = true;
}

std::optional<std::string> NameTable::next(Time now) {
  if (!wanted_ || now < next_at_) return std::nullopt;
  wanted_ = false;
  asking_ = true;
  next_at_ = now + between;
  return host_;
}

void NameTable::settle(Addresses found, Time now) {
  asking_ = false;
  Entry* entry = entry_of(host_);
  if (!entry) {
    make_room();
    entry = &entries_.emplace_back(Entry{std::exchange(host_, {}), {}, {}, {}, now});
  }
  entry->ask_at = now + fresh;
  if (found.empty()) return;  // those of before are told until their longest time
  entry->addresses = std::move(found);
  entry->known_at = now;
}

// A name without addresses goes first, then the one that was asked for longest ago.
void NameTable::make_room() {
  if (entries_.size() < most_names) return;
  entries_.erase(std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tuple(!a.addresses.empty(), a.used_at) < std::tuple(!b.addresses.empty(), b.used_at);
  }));
}

}  // namespace weir::net
