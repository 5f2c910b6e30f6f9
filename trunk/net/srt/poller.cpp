#include "net/srt/poller.h"

#include <pthread.h>
#include <srt/srt.h>

#include <array>

namespace weir::net {
namespace {

constexpr std::size_t most_events = 512;  // of one batch
constexpr std::int64_t wait_ms = 200;     // until the thread looks whether it is to end
// After a batch: packets of many sockets are handed over together, which costs a tenth of a hand-over for each. Small
// beside any latency that SRT is used with.
constexpr std::chrono::milliseconds gathering{2};

}  // namespace

SrtPoller::SrtPoller(Worker& worker)
    : worker_(worker), epoll_(srt_epoll_create()), thread_([this](const std::stop_token& stop) { run(stop); }) {
  srt_epoll_set(epoll_, SRT_EPOLL_ENABLE_EMPTY);
}

SrtPoller::~SrtPoller() {
  thread_.request_stop();
  batch_ = Batch::over;
  batch_.notify_all();
  thread_.join();
  srt_epoll_release(epoll_);
}

void SrtPoller::watch(int socket, SrtWatched& watched) {
  watched_[socket] = &watched;
  const auto events = static_cast<int>(unsigned{SRT_EPOLL_IN} | SRT_EPOLL_OUT | SRT_EPOLL_ERR | SRT_EPOLL_ET);
  srt_epoll_add_usock(epoll_, socket, &events);
}

void SrtPoller::forget(int socket) {
  srt_epoll_remove_usock(epoll_, socket);
  watched_.erase(socket);
}

void SrtPoller::run(const std::stop_token& stop) {
  const std::string name = "srt-" + std::to_string(static_cast<int>(worker_.index()));
  ::pthread_setname_np(::pthread_self(), name.c_str());
  std::array<SRT_EPOLL_EVENT, most_events> room{};
  while (!stop.stop_requested()) {
    batch_.wait(Batch::on_its_way);
    const int count = srt_epoll_uwait(epoll_, room.data(), static_cast<int>(room.size()), wait_ms);
    if (count < 0) std::this_thread::sleep_for(gathering);  // no set yet, or no longer
    if (count <= 0) continue;
    std::vector<Event> events;
    for (std::size_t i = 0; i < std::min(static_cast<std::size_t>(count), room.size()); ++i) {
      events.push_back({room[i].fd, static_cast<unsigned>(room[i].events)});
    }
    auto none = Batch::none;
    if (!batch_.compare_exchange_strong(none, Batch::on_its_way)) break;
    worker_.post([this, batch = std::move(events)] { hand_out(batch); });
    std::this_thread::sleep_for(gathering);
  }
}

void SrtPoller::hand_out(const std::vector<Event>& events) {
  for (const Event& event : events) {
    const auto found = watched_.find(event.socket);
    if (found == watched_.end()) continue;  // forgotten meanwhile
    found->second->ready({.in = (event.events & SRT_EPOLL_IN) != 0,
                          .out = (event.events & SRT_EPOLL_OUT) != 0,
                          .failed = (event.events & SRT_EPOLL_ERR) != 0});
  }
  auto on_its_way = Batch::on_its_way;
  if (batch_.compare_exchange_strong(on_its_way, Batch::none)) batch_.notify_all();
}

}  // namespace weir::net
