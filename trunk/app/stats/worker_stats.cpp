#include "app/stats/worker_stats.h"

#include <algorithm>

#include "app/stats/tcp_info.h"

namespace weir::stats {

namespace {

constexpr unsigned ticks_of_a_round = 12;  // three seconds

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

}  // namespace

bool Filter::admits_type(const std::string& of_type) const {
  if (type.empty() || type == of_type) return true;
  const std::string protocol = of_type.substr(0, of_type.find('-'));
  // Encoders of RTMP go by names of their own.
  if (type == "rtmp") return protocol == "rtmp" || protocol == "fmle" || protocol == "flash" || protocol == "haivision";
  return type == protocol;
}

void Meter::add(std::uint64_t sent, std::uint64_t received) {
  sent_ += sent;
  received_ += received;
}

void Meter::sample() {
  sent_rate_.sample(sent_);
  received_rate_.sample(received_);
}

Traffic Meter::traffic() const { return {sent_, received_, sent_rate_.kbps_30s(), received_rate_.kbps_30s()}; }

WorkerStats::WorkerStats(hub::Hub& hub, Announce announce) : hub_(hub), announce_(std::move(announce)) {
  hub_.events().observe([this](const hub::Event& event) { on_event(event); });
  hub_.worker().every_tick([this] { tick(); });
}

void WorkerStats::on_event(const hub::Event& event) {
  switch (event.kind) {
    case hub::Event::Kind::publish:
    case hub::Event::Kind::play:
      return enter(event);
    case hub::Event::Kind::unpublish:
    case hub::Event::Kind::stop:
      return leave(event);
    case hub::Event::Kind::connect:
    case hub::Event::Kind::close:
      return;
  }
}

void WorkerStats::enter(const hub::Event& event) {
  const auto [place, is_new] = seats_.try_emplace(event.id);
  if (!is_new) return;
  sorted_.insert(std::lower_bound(sorted_.begin(), sorted_.end(), event.id), event.id);

  const hub::Request& request = event.request;
  const auto [found, first] = streams_.try_emplace(request.key());
  StreamCount& stream = found->second;
  if (first) {
    stream.id = hub_.directory().stream_id(found->first);
    stream.tc_url = request.tc_url;
    stream.vhost = &vhosts_[request.vhost->name];
    announce_.came({stream.id, found->first, request.vhost->name, request.app, request.stream, request.url()});
  }
  ++stream.clients;
  ++stream.vhost->clients;
  if (event.kind == hub::Event::Kind::publish) {
    stream.publisher = event.id;
    stream.frames_before = 0;
    stream.frames_per_second = 0;
    ++stream.vhost->streams;
    ++publishers_;
  }
  place->second.key = &found->first;
  place->second.stream = &stream;
}

void WorkerStats::leave(const hub::Event& event) {
  const auto place = seats_.find(event.id);
  if (place == seats_.end()) return;
  Seat& seat = place->second;
  count(seat, event.sent_bytes, event.received_bytes);
  const hub::Record* record = hub_.registry().find(event.id);
  const base::ErrorCode why = record && record->life ? record->life->stop_reason() : base::ErrorCode();
  if (why && why != net::Errc::stopped) ++errors_;

  StreamCount& stream = *seat.stream;
  --stream.vhost->clients;
  if (stream.publisher == event.id) {
    stream.publisher = {};
    --stream.vhost->streams;
    --publishers_;
  }
  if (--stream.clients == 0) {
    announce_.left(*seat.key);
    streams_.erase(base::StreamKey(*seat.key));
  }
  seats_.erase(place);
  const auto sorted = std::lower_bound(sorted_.begin(), sorted_.end(), event.id);
  sorted_.erase(sorted);
}

void WorkerStats::count(Seat& seat, std::uint64_t sent, std::uint64_t received) {
  const std::uint64_t more_sent = sent > seat.sent ? sent - seat.sent : 0;
  const std::uint64_t more_received = received > seat.received ? received - seat.received : 0;
  seat.sent += more_sent;
  seat.received += more_received;
  seat.stream->meter.add(more_sent, more_received);
  seat.stream->vhost->meter.add(more_sent, more_received);
  meter_.add(more_sent, more_received);
}

void WorkerStats::tick() {
  sample_sessions();
  if (++ticks_ % ticks_of_a_round == 0) sample_rates();
}

void WorkerStats::sample_sessions() {
  // Few sessions are all looked at, so that rates by the second are of that second.
  std::size_t left = std::min(sorted_.size(), std::max<std::size_t>(sorted_.size() / ticks_of_a_round + 1, 32));
  auto at = std::upper_bound(sorted_.begin(), sorted_.end(), sampled_to_);
  if (at == sorted_.end()) at = sorted_.begin();
  for (; at != sorted_.end() && left > 0; ++at, --left) {
    sampled_to_ = *at;
    if (const hub::Record* record = hub_.registry().find(*at)) {
      count(seats_.find(*at)->second, record->sent_bytes(), record->received_bytes());
    }
  }
}

void WorkerStats::sample_rates() {
  meter_.sample();
  for (auto& [name, vhost] : vhosts_) vhost.meter.sample();
  for (auto& [key, stream] : streams_) {
    stream.meter.sample();
    const hub::Source* source = stream.publisher ? hub_.find_source(key) : nullptr;
    if (!source) continue;
    constexpr double round_seconds = std::chrono::duration<double>(net::Worker::tick_length).count() * ticks_of_a_round;
    const std::uint64_t frames = source->statistics().video_frames;
    stream.frames_per_second = static_cast<double>(frames - stream.frames_before) / round_seconds;
    stream.frames_before = frames;
  }
}

bool WorkerStats::admits(const Filter& filter, const hub::Record& record) const {
  const hub::Request& request = record.request;
  return filter.admits_stream(request.vhost->name, request.app, request.stream) && filter.admits_type(request.type);
}

std::size_t WorkerStats::client_count(const Filter& filter) const {
  if (!filter.any()) return sorted_.size();
  std::size_t count = 0;
  hub_.registry().each([&](const hub::Record& record) { count += admits(filter, record) ? 1 : 0; });
  return count;
}

std::vector<ClientRow> WorkerStats::clients(const Filter& filter, std::size_t start, std::size_t count) const {
  std::vector<ClientRow> rows;
  const bool all = !filter.any();
  std::size_t skip = all ? 0 : start;
  for (std::size_t i = all ? start : 0; i < sorted_.size() && rows.size() < count; ++i) {
    const hub::Record* record = hub_.registry().find(sorted_[i]);
    if (!record || (!all && !admits(filter, *record))) continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    rows.push_back(row_of(*record));
  }
  return rows;
}

std::optional<ClientRow> WorkerStats::client(const base::SessionId& id) const {
  const hub::Record* record = hub_.registry().find(id);
  if (!record) return std::nullopt;
  return row_of(*record);
}

ClientRow WorkerStats::row_of(const hub::Record& record) const {
  const hub::Request& request = record.request;
  ClientRow row;
  row.id = record.id.view();
  row.vhost = request.vhost->name;
  if (const auto seat = seats_.find(record.id); seat != seats_.end()) row.stream_id = seat->second.stream->id;
  row.stream = request.stream;
  row.url = request.url();
  row.tc_url = request.tc_url;
  row.page_url = request.page_url;
  row.swf_url = request.swf_url;
  row.ip = request.peer.address;
  row.port = request.peer.port;
  row.type = request.type;
  row.worker = static_cast<std::uint32_t>(hub_.worker().index());
  row.publishing = record.publishing;
  row.alive_seconds = seconds_since(record.since);
  row.traffic = {record.sent_bytes(), record.received_bytes(), record.sent.kbps_30s(), record.received.kbps_30s()};
  if (record.behind) row.behind_ms = base::to_millis(record.behind());
  if (record.stream) row.tcp = tcp_figures(record.stream->native_handle());
  return row;
}

PublishRow WorkerStats::publish_row(const hub::Record& record, const hub::Source& source,
                                    double frames_per_second) const {
  const hub::Source::Statistics& statistics = source.statistics();
  PublishRow row;
  row.client_id = record.id.view();
  row.video_frames = statistics.video_frames;
  row.audio_frames = statistics.audio_frames;
  row.media_bytes = statistics.bytes;
  row.frames_per_second = frames_per_second;
  row.gop_ms = base::to_millis(statistics.gop_length);
  if (statistics.last_key_at != std::chrono::steady_clock::time_point{}) {
    row.key_age_ms = static_cast<std::int64_t>(seconds_since(statistics.last_key_at) * 1000);
  }
  for (const media::Track& track : source.tracks()) {
    const media::CodecParameters& parameters = *track.parameters;
    const std::string codec(media::name_of(parameters.codec));
    const media::Kind kind = media::kind_of(parameters.codec);
    if (kind == media::Kind::video && !row.video) {
      row.video = VideoRow{codec, parameters.profile, parameters.level, parameters.width, parameters.height};
    } else if (kind == media::Kind::audio && !row.audio) {
      row.audio = AudioRow{codec, parameters.profile, parameters.sample_rate, parameters.channels};
    }
  }
  return row;
}

StreamRow WorkerStats::stream(const Listing& listing) const {
  StreamRow row{listing.id, listing.vhost, listing.app, listing.name, {}, listing.url, 0, {}, std::nullopt};
  const auto found = streams_.find(listing.key);
  if (found == streams_.end()) return row;
  const StreamCount& stream = found->second;
  row.tc_url = stream.tc_url;
  row.clients = stream.clients;
  row.traffic = stream.meter.traffic();
  const hub::Record* record = stream.publisher ? hub_.registry().find(stream.publisher) : nullptr;
  const hub::Source* source = record ? hub_.find_source(listing.key) : nullptr;
  if (!source) return row;
  // The publisher's bytes as of now; those of players are up to three seconds old.
  const Seat& seat = seats_.find(record->id)->second;
  row.traffic.received_bytes += record->received_bytes() - seat.received;
  row.traffic.sent_bytes += record->sent_bytes() - seat.sent;
  row.publish = publish_row(*record, *source, stream.frames_per_second);
  return row;
}

std::vector<VhostRow> WorkerStats::vhosts() const {
  std::vector<VhostRow> rows;
  rows.reserve(vhosts_.size());
  for (const auto& [name, vhost] : vhosts_) rows.push_back({name, vhost.clients, vhost.streams, vhost.meter.traffic()});
  return rows;
}

WorkerRow WorkerStats::totals(Skips skips) const {
  WorkerRow row;
  row.clients = static_cast<std::uint32_t>(hub_.registry().size());
  row.publishers = publishers_;
  row.clients_total = hub_.registry().entered();
  row.clients_errors = errors_;
  if (skips == Skips::counted) row.skips = hub_.player_skips();
  row.busy = hub_.worker().busy();
  row.lag_us = hub_.worker().lag().count();
  row.traffic = meter_.traffic();
  return row;
}

WorkerStats::Kick WorkerStats::kick(const base::SessionId& id, base::ErrorCode why) {
  const hub::Record* record = hub_.registry().find(id);
  if (!record) return Kick::unknown;
  if (!record->life) return Kick::no_connection;
  record->life->stop(why);
  return Kick::stopped;
}

std::size_t WorkerStats::kick_stream(const base::StreamKey& key, base::ErrorCode why) {
  // Stopping may run the session to its end at once, so the ids are taken down first.
  std::vector<base::SessionId> ids;
  for (const auto& [id, seat] : seats_) {
    if (*seat.key == key) ids.push_back(id);
  }
  return static_cast<std::size_t>(
      std::count_if(ids.begin(), ids.end(), [&](const auto& id) { return kick(id, why) == Kick::stopped; }));
}

}  // namespace weir::stats
