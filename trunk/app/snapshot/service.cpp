#include "app/snapshot/service.h"

#include <algorithm>

#include "app/snapshot/error.h"
#include "app/snapshot/still.h"
#include "net/worker.h"

namespace weir::snapshot {

using base::Result;
using base::SharedBytes;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds shortest_failure = 1s;  // is not tried again for so long

std::size_t size_of(const Result<SharedBytes>& picture) { return picture ? picture->size() : 0; }

}  // namespace

void Service::want(const base::StreamKey& key, Then then) {
  const auto now = Clock::now();
  if (const auto kept = kept_.find(key); kept != kept_.end() && now < kept->second.until) {
    ++figures_.from_cache;
    return then(kept->second.picture);
  }
  const auto same = std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.key == key; });
  if (same != jobs_.end() ? same->waiters.size() >= most_waiters : jobs_.size() >= most_jobs) {
    ++figures_.refused;
    return then(Errc::busy);
  }
  if (same != jobs_.end()) {
    same->waiters.push_back(std::move(then));
    return;
  }
  const hub::Stream* stream = hub_.find_stream(key);
  auto film = still_of(stream);
  auto vhost = hub_.config()->match_vhost(key.vhost);
  if (!film || !vhost) return then(film ? Errc::no_stream : film.error());
  Job& job = jobs_.emplace_back();
  job.key = key;
  job.vhost = std::move(vhost);
  job.film = *std::move(film);
  job.waiters.push_back(std::move(then));
  if (jobs_.size() > 1) return;
  hub_.worker().spawn("snapshot", [this](net::Life& life) { return run(life); });
}

net::Task<void> Service::run(net::Life& life) {
  while (!jobs_.empty()) {
    Job& job = jobs_.front();
    std::string why;
    const auto picture = co_await jpeg_of(life, job.vhost->snapshot, job.film, why);
    ++(picture ? figures_.made : figures_.failed);
    if (!picture) {
      if (const auto times = failures_.hit(Clock::now())) {
        log::warn(life.log(), "no snapshot of {}: {}{} ({} times)", job.key.display(), picture.error().message(),
                  why.empty() ? "" : " (" + why + ")", times);
      }
    }
    keep(job, picture);
    const std::vector<Then> waiters = std::move(job.waiters);
    jobs_.pop_front();
    for (const Then& then : waiters) then(picture ? picture : Result<SharedBytes>(Errc::no_picture));
  }
}

void Service::keep(const Job& job, const Result<SharedBytes>& picture) {
  const auto now = Clock::now();
  const auto forget = [this](auto which) {
    kept_bytes_ -= size_of(which->second.picture);
    return kept_.erase(which);
  };
  for (auto it = kept_.begin(); it != kept_.end();) {
    it = now >= it->second.until || it->first == job.key ? forget(it) : std::next(it);
  }
  while (!kept_.empty() && (kept_.size() >= most_kept || kept_bytes_ + size_of(picture) > most_kept_bytes)) {
    forget(std::min_element(kept_.begin(), kept_.end(),
                            [](const auto& one, const auto& other) { return one.second.until < other.second.until; }));
  }
  const auto cache = job.vhost->snapshot.cache;
  const auto time = picture ? cache : std::max(cache, shortest_failure);
  if (time.count() == 0) return;
  kept_bytes_ += size_of(picture);
  kept_.insert_or_assign(job.key, Kept{picture ? picture : Result<SharedBytes>(Errc::no_picture), now + time});
}

}  // namespace weir::snapshot
