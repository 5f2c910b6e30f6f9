#include "session/hls/service.h"

#include <fmt/format.h>

#include "config/hls_origins.h"
#include "session/hls/recovery.h"
#include "session/hls/stream.h"

namespace weir::session::hls {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Service::Service(hub::Hub& hub, net::BlockingPool& files, net::BlockingPool& readers, Shared& shared)
    : hub_(hub),
      files_(files),
      readers_(readers),
      shared_(shared),
      relay_(hub, shared.budget, shared.relay),
      visitors_(hub, shared.visitors, shared.gate),
      config_(hub.config()) {
  if (!shared_.disposal) shared_.disposal = std::make_shared<Disposal>(files);
  shared_.services.push_back(this);
  shared_.visitors.push_back(&visitors_);
  hub_.events().observe_streams([this](const hub::StreamEvent& event) { on_event(event); });
  hub_.when_absent([this](const base::StreamKey& key, base::ErrorCode why) { coming_.cannot_come(key, why); });
  worker().every_tick([this] { tick(); });
}

Service::~Service() {
  shared_.disposal->close();
  for (const auto& [key, stream] : streams_) stream->erase_files();
}

void Service::on_event(const hub::StreamEvent& event) {
  using Kind = hub::StreamEvent::Kind;
  const base::StreamKey& key = event.stream.key();
  if (event.kind == Kind::began) return start(key);
  const auto found = streams_.find(key);
  if (found == streams_.end()) return;
  Stream& stream = *found->second;
  switch (event.kind) {
    case Kind::began:
      break;
    case Kind::interrupted:
      if (event.stream.stands_still()) return;  // frames go on coming
      return stream.waits_for_publishers() ? stream.pause() : stream.leave();
    case Kind::resumed:
    case Kind::switched:
      return stream.live() ? stream.follow(event.stream.origin()) : start(key);
    case Kind::ended:
      return stream.leave();
  }
}

void Service::start(const base::StreamKey& key) {
  hub::Stream* stream = hub_.find_stream(key);
  if (!stream || !stream->source()) return;
  const hub::Request& request = *stream->origin().request;
  const auto vhost = hub_.config()->match_vhost(request.vhost->name);
  if (!vhost || (!config::makes_hls(*vhost) && !vhost->dash.enabled)) return;
  auto& place = streams_[key];
  if (place && place->live()) return;
  const bool looks = !place && recover(key, vhost, request);
  auto made = std::make_unique<Stream>(*this, files_, *stream, looks);
  // It goes on with what was there; but a reload may have moved the playlist or changed the format.
  if (place) place->hand_over(*made);
  place = std::move(made);
  place->attach(*stream->source());
}

// A stream that is new to this process: its files may be there of one that was killed. True if they are looked at.
bool Service::recover(const base::StreamKey& key, const std::shared_ptr<const config::Vhost>& vhost,
                      const hub::Request& request) {
  if (!config::makes_hls(*vhost) || !vhost->hls.to_disk || !vhost->hls.recover) return false;
  if (shelf_.listing(vhost->name + "/" + HlsOutput::playlist_path(*vhost, request.app, request.stream))) return false;
  // The pool ends before the workers do, and what is posted to a worker that stopped is not run.
  return files_.post([this, &on = worker(), key, vhost, app = request.app, stream = request.stream] {
    on.post([this, key, window = read_window(*vhost, app, stream)] {
      if (const auto found = streams_.find(key); found != streams_.end()) found->second->go_on(window);
    });
  });
}

void Service::broadcast(const std::shared_ptr<const Update>& update) {
  if (!mail_.has_peers()) {
    for (Service* service : shared_.services) {
      if (service != this) mail_.add_peer(service->mail_);
    }
  }
  accept(*update);
  mail_.send(update);
}

void Service::accept(const Update& update) {
  shelf_.apply(update);
  if (update.listing) coming_.came(update.listing->key);
}

void Service::log_refusal(const log::Context& who, const Listing& listing, base::ErrorCode why) {
  if (const auto times = refusals_.hit(Clock::now())) {
    log::warn(who, "{} of {}/{} refused: {}{}", listing.dash ? "DASH" : "HLS", listing.app, listing.stream,
              why.message(), times > 1 ? fmt::format(" (the last of {})", times) : std::string());
  }
}

void Service::tick() {
  visitors_.tick();
  relay_.tick();
  tend_streams();
  if (++ticks_ % 4 != 0) return;
  if (config_ != hub_.config()) apply_config();
  report();
}

// A quarter of them: each is looked at once a second.
void Service::tend_streams() {
  const auto now = Clock::now();
  const std::size_t buckets = streams_.bucket_count();
  std::vector<base::StreamKey> over;
  for (std::size_t left = buckets / 4 + 1; left > 0; --left) {
    tended_to_ = tended_to_ + 1 < buckets ? tended_to_ + 1 : 0;
    for (auto it = streams_.begin(tended_to_); it != streams_.end(tended_to_); ++it) {
      if (!it->second->tend(now)) over.push_back(it->first);
    }
  }
  for (const base::StreamKey& key : over) streams_.erase(key);
}

void Service::report() {
  const auto add = [this](std::atomic<std::uint64_t>& total, std::uint64_t Counts::* member) {
    total.fetch_add(counts_.*member - reported_.*member, std::memory_order_relaxed);
  };
  add(shared_.totals.streams, &Counts::streams);
  add(shared_.totals.segments, &Counts::segments);
  add(shared_.totals.pages, &Counts::pages);
  add(shared_.totals.items, &Counts::items);
  add(shared_.totals.sent_bytes, &Counts::sent_bytes);
  add(shared_.totals.waits, &Counts::waits);
  add(shared_.totals.left_out, &Counts::left_out);
  reported_ = counts_;
}

void Service::apply_config() {
  config_ = hub_.config();
  struct Change {
    base::StreamKey key;
    bool wanted;
  };
  std::vector<Change> changes;
  hub_.each_stream([&](const hub::Stream& stream) {
    if (!stream.source()) return;
    const auto vhost = config_->match_vhost(stream.vhost().name);
    const auto found = streams_.find(stream.key());
    const bool runs = found != streams_.end() && found->second->live();
    const bool wanted = vhost && (config::makes_hls(*vhost) || vhost->dash.enabled);
    if (runs != wanted || (runs && !found->second->settings_equal(*vhost))) changes.push_back({stream.key(), wanted});
  });
  for (const Change& change : changes) {
    if (const auto found = streams_.find(change.key); found != streams_.end()) {
      found->second->leave();
      if (!change.wanted) found->second->remove();
    }
    if (change.wanted) start(change.key);
  }
}

}  // namespace weir::session::hls
