#include "net/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace weir::net {

namespace {

constexpr std::size_t most_at_once = 128;

constexpr Poller::Ticket make_ticket(std::uint32_t index, std::uint32_t generation) {
  return std::uint64_t{generation} << 32 | index;
}

}  // namespace

Poller::Poller() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
}

Poller::~Poller() { ::close(descriptor_); }

Poller::Ticket Poller::add(int descriptor, Client& client) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.push_back({nullptr, 1});
  }
  const std::uint32_t index = free_.back();
  epoll_event wish{};
  wish.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  wish.data.u64 = make_ticket(index, places_[index].generation);
  if (::epoll_ctl(descriptor_, EPOLL_CTL_ADD, descriptor, &wish) != 0) return 0;
  free_.pop_back();
  places_[index].client = &client;
  return wish.data.u64;
}

void Poller::remove(Ticket ticket) {
  if (!find(ticket)) return;
  const auto index = static_cast<std::uint32_t>(ticket);
  places_[index].client = nullptr;
  if (++places_[index].generation == 0) places_[index].generation = 1;
  free_.push_back(index);
}

Poller::Client* Poller::find(Ticket ticket) const {
  const auto index = static_cast<std::uint32_t>(ticket);
  if (index >= places_.size() || places_[index].generation != ticket >> 32) return nullptr;
  return places_[index].client;
}

void Poller::serve() {
  std::array<epoll_event, most_at_once> events;
  const int count = ::epoll_wait(descriptor_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    constexpr std::uint32_t over = EPOLLHUP | EPOLLERR;
    if (event.events & (EPOLLIN | EPOLLRDHUP | over)) tell_readable(event.data.u64);
    if (event.events & (EPOLLOUT | over)) tell_writable(event.data.u64);
  }
}

// Looked up each time: what was told before may have destroyed any client.
void Poller::tell_readable(Ticket ticket) {
  if (Client* client = find(ticket)) client->on_readable();
}

void Poller::tell_writable(Ticket ticket) {
  if (Client* client = find(ticket)) client->on_writable();
}

}  // namespace weir::net
