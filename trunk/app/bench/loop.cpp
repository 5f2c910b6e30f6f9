#include "app/bench/loop.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace weir::bench {

Loop::Loop() : poller_(epoll_create1(EPOLL_CLOEXEC)), events_(4096), buffer_(512 * 1024) {}

Loop::~Loop() {
  if (poller_ >= 0) ::close(poller_);
}

void Loop::add(int fd, Handler& handler, bool want_write) {
  epoll_event event{};
  event.events = EPOLLIN | (want_write ? EPOLLOUT : 0u);
  event.data.ptr = &handler;
  epoll_ctl(poller_, EPOLL_CTL_ADD, fd, &event);
}

void Loop::change(int fd, Handler& handler, bool want_write) {
  epoll_event event{};
  event.events = EPOLLIN | (want_write ? EPOLLOUT : 0u);
  event.data.ptr = &handler;
  epoll_ctl(poller_, EPOLL_CTL_MOD, fd, &event);
}

void Loop::remove(int fd, Handler& handler) {
  epoll_ctl(poller_, EPOLL_CTL_DEL, fd, nullptr);
  for (std::size_t i = handed_out_; i < ready_; ++i) {
    if (events_[i].data.ptr == &handler) events_[i].data.ptr = nullptr;
  }
}

void Loop::turn(base::Instant until) {
  const auto wait =
      std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds{until - base::Instant::clock::now()});
  const timespec limit{.tv_sec = wait.count() / 1'000'000'000, .tv_nsec = wait.count() % 1'000'000'000};
  const int count = epoll_pwait2(poller_, events_.data(), static_cast<int>(events_.size()), &limit, nullptr);
  ready_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (handed_out_ = 0; handed_out_ < ready_;) {
    const epoll_event event = events_[handed_out_++];
    auto* const handler = static_cast<Handler*>(event.data.ptr);
    if (!handler) continue;
    // A hang-up or error shows when reading; a connect that failed, when writing.
    if (event.events & EPOLLOUT) handler->writable();
    if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR))) handler->readable();
  }
  ready_ = 0;
}

}  // namespace weir::bench
