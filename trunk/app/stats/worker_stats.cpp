#include "app/stats/worker_stats.h"

#include <algorithm>

#include "app/stats/client_type.h"
#include "app/stats/tcp_info.h"
#include "session/common/left_out.h"

namespace weir::stats {

namespace {

constexpr unsigned ticks_of_a_round = 12;  // three seconds

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

std::uint8_t protocol_index(const hub::Request& request) {
  const std::string_view name = session::protocol_of(request).name;
  const auto* found = std::find(protocol_names.begin(), protocol_names.end() - 1, name);
  return static_cast<std::uint8_t>(found - protocol_names.begin());
}

void insert(std::vector<base::SessionId>& sorted, const base::SessionId& id) {
  sorted.insert(std::lower_bound(sorted.begin(), sorted.end(), id), id);
}

void erase(std::vector<base::SessionId>& sorted, const base::SessionId& id) {
  const auto place = std::lower_bound(sorted.begin(), sorted.end(), id);
  if (place != sorted.end() && *place == id) sorted.erase(place);
}

}  // namespace

ProtocolRow& ProtocolRow::operator+=(const ProtocolRow& other) {
  publishers += other.publishers;
  players += other.players;
  sessions_total += other.sessions_total;
  errors += other.errors;
  skips += other.skips;
  sent_bytes += other.sent_bytes;
  received_bytes += other.received_bytes;
  transport.add(other.transport);
  first_media += other.first_media;
  return *this;
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
    case hub::Event::Kind::arrive:
      return enter(event);
    case hub::Event::Kind::publish:
    case hub::Event::Kind::play:
      return begin(event);
    case hub::Event::Kind::refuse:
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
  insert(sorted_, event.id);

  const hub::Request& request = event.request;
  const auto [found, first] = streams_.try_emplace(request.key());
  StreamCount& stream = found->second;
  if (first) {
    const std::string id = hub_.directory().stream_id(found->first);
    stream.listing = {id, found->first, request.vhost->name, request.app, request.stream, request.url()};
    stream.tc_url = request.facts.find(session::facts::tc_url);
    stream.vhost = &vhosts_[request.vhost->name];
    by_name_[request.stream].push_back(&stream);
    announce_.came(stream.listing);
  }
  insert(stream.clients, event.id);
  ++stream.vhost->clients;
  Seat& seat = place->second;
  seat.stream = &stream;
  seat.protocol = protocol_index(request);
  ++protocols_[seat.protocol].sessions_total;
}

void WorkerStats::begin(const hub::Event& event) {
  const auto place = seats_.find(event.id);
  if (place == seats_.end()) return;
  Seat& seat = place->second;
  StreamCount& stream = *seat.stream;
  ProtocolRow& protocol = protocols_[seat.protocol];
  if (event.kind == hub::Event::Kind::play) {
    seat.role = Role::player;
    ++protocol.players;
    ++stream.players[seat.protocol];
    return;
  }
  seat.role = Role::publisher;
  stream.publisher = event.id;
  stream.intake = {};
  ++stream.vhost->streams;
  ++protocol.publishers;
  ++publishers_;
}

void WorkerStats::leave(const hub::Event& event) {
  const auto place = seats_.find(event.id);
  if (place == seats_.end()) return;
  Seat& seat = place->second;
  StreamCount& stream = *seat.stream;
  ProtocolRow& protocol = protocols_[seat.protocol];
  const hub::Record* record = hub_.registry().find(event.id);
  count(seat, event.sent_bytes, event.received_bytes, record ? record->skip_count() : 0);
  if (record) note_first(seat, *record);
  if (record && record->link.figures) protocol.transport.add(record->link.figures());
  const base::ErrorCode why = record ? record->kick_reason() : base::ErrorCode();
  const bool refused = event.kind == hub::Event::Kind::refuse && !why;
  if (refused || (why && why != net::Errc::stopped)) {
    ++errors_;
    ++stream.errors;
    ++protocol.errors;
  }

  --stream.vhost->clients;
  if (seat.role == Role::player) {
    --protocol.players;
    --stream.players[seat.protocol];
  } else if (seat.role == Role::publisher) {
    --protocol.publishers;
    --stream.vhost->streams;
    --publishers_;
  }
  if (stream.publisher == event.id) stream.publisher = {};
  erase(stream.clients, event.id);
  seats_.erase(place);
  erase(sorted_, event.id);
  if (stream.clients.empty()) forget(stream);
}

void WorkerStats::forget(const StreamCount& stream) {
  const auto named = by_name_.find(stream.listing.name);
  std::erase(named->second, &stream);
  if (named->second.empty()) by_name_.erase(named);
  announce_.left(stream.listing.key);
  streams_.erase(base::StreamKey(stream.listing.key));
}

void WorkerStats::count(Seat& seat, std::uint64_t sent, std::uint64_t received, std::uint64_t skips) {
  const auto more = [](std::uint64_t& before, std::uint64_t now) {
    const std::uint64_t difference = now > before ? now - before : 0;
    before += difference;
    return difference;
  };
  const std::uint64_t more_sent = more(seat.sent, sent), more_received = more(seat.received, received);
  seat.stream->meter.add(more_sent, more_received);
  seat.stream->vhost->meter.add(more_sent, more_received);
  meter_.add(more_sent, more_received);
  ProtocolRow& protocol = protocols_[seat.protocol];
  protocol.sent_bytes += more_sent;
  protocol.received_bytes += more_received;
  const std::uint64_t more_skips = more(seat.skips, skips);
  protocol.skips += more_skips;
  seat.stream->skips += more_skips;
}

// What we send on by ourselves waits for nobody's picture.
void WorkerStats::note_first(Seat& seat, const hub::Record& record) {
  if (seat.has_media || seat.role != Role::player || record.first_media == decltype(record.first_media)()) return;
  seat.has_media = true;
  if (record.request.origin == hub::Origin::client) {
    protocols_[seat.protocol].first_media.note(record.first_media - record.since);
  }
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
      Seat& seat = seats_.find(*at)->second;
      count(seat, record->sent_bytes(), record->received_bytes(), record->skip_count());
      note_first(seat, *record);
    }
  }
}

void WorkerStats::sample_rates() {
  meter_.sample();
  for (auto& [name, vhost] : vhosts_) vhost.meter.sample();
  for (auto& [key, stream] : streams_) {
    stream.meter.sample();
    const hub::InputFigures* input = stream.publisher ? hub_.find_input(stream.publisher) : nullptr;
    if (!input) continue;
    constexpr double round_seconds = std::chrono::duration<double>(net::Worker::tick_length).count() * ticks_of_a_round;
    const auto kbps = [](std::uint64_t now, std::uint64_t& before) {
      const std::uint64_t bytes = now - std::exchange(before, now);
      return static_cast<std::uint32_t>(static_cast<double>(bytes) * 8 / 1000 / round_seconds);
    };
    const hub::InputFigures& statistics = *input;
    Intake& intake = stream.intake;
    const std::uint64_t frames = statistics.video_frames - std::exchange(intake.frames_before, statistics.video_frames);
    intake.frames_per_second = static_cast<double>(frames) / round_seconds;
    intake.video_kbps = kbps(statistics.video_bytes, intake.video_before);
    intake.audio_kbps = kbps(statistics.audio_bytes, intake.audio_before);
  }
}

const std::vector<base::SessionId>& WorkerStats::candidates(const Filter& filter,
                                                            std::vector<base::SessionId>& room) const {
  if (filter.stream.empty()) return sorted_;
  const auto named = by_name_.find(filter.stream);
  if (named == by_name_.end()) return room;
  for (const StreamCount* stream : named->second) {
    if (!filter.admits_stream(stream->listing.vhost, stream->listing.app, stream->listing.name)) continue;
    if (named->second.size() == 1) return stream->clients;
    room.insert(room.end(), stream->clients.begin(), stream->clients.end());
  }
  std::sort(room.begin(), room.end());
  return room;
}

bool WorkerStats::admits(const Filter& filter, const hub::Record& record) const {
  const hub::Request& request = record.request;
  const auto is_named = [&] {
    return filter.is_part_of(request.app + "/" + request.stream) || filter.is_part_of(request.peer.address) ||
           filter.is_part_of(record.id.view());
  };
  return filter.admits_stream(request.vhost->name, request.app, request.stream) &&
         (filter.contains.empty() || is_named()) &&
         (filter.type.empty() || filter.admits_type(type_of(request), session::protocol_of(request).name));
}

std::size_t WorkerStats::client_count(const Filter& filter) const {
  std::vector<base::SessionId> room;
  const auto& ids = candidates(filter, room);
  if (!filter.any() || (!filter.stream.empty() && filter.only_names())) return ids.size();
  return static_cast<std::size_t>(std::count_if(ids.begin(), ids.end(), [&](const base::SessionId& id) {
    const hub::Record* record = hub_.registry().find(id);
    return record && admits(filter, *record);
  }));
}

std::vector<ClientRow> WorkerStats::clients(const Filter& filter, std::size_t start, std::size_t count) const {
  std::vector<ClientRow> rows;
  std::vector<base::SessionId> room;
  const auto& ids = candidates(filter, room);
  const bool all = !filter.any();
  std::size_t skip = all ? 0 : start;
  for (std::size_t i = all ? start : 0; i < ids.size() && rows.size() < count; ++i) {
    const hub::Record* record = hub_.registry().find(ids[i]);
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
  if (const auto seat = seats_.find(record.id); seat != seats_.end()) row.stream_id = seat->second.stream->listing.id;
  row.stream = request.stream;
  row.url = request.url();
  row.tc_url = request.facts.find(session::facts::tc_url);
  row.page_url = request.facts.find(session::facts::page_url);
  row.swf_url = request.facts.find(session::facts::swf_url);
  row.ip = request.peer.address;
  row.port = request.peer.port;
  row.type = type_of(request);
  row.worker = static_cast<std::uint32_t>(hub_.worker().index());
  row.publishing = record.publishing;
  row.alive_seconds = seconds_since(record.since);
  row.traffic = {record.sent_bytes(), record.received_bytes(), record.sent.kbps_30s(), record.received.kbps_30s()};
  if (record.behind) row.behind_ms = base::to_millis(record.behind());
  row.skips = record.skip_count();
  if (record.link.descriptor >= 0) row.tcp = tcp_figures(record.link.descriptor);
  if (record.link.figures) row.transport = record.link.figures();
  if (describe_rtc_) row.webrtc = describe_rtc_(record.id);
  if (record.link.turn) row.cut_turns = record.link.turn->cut_short();
  return row;
}

PublishRow WorkerStats::publish_row(const hub::Record& record, const hub::InputFigures& statistics,
                                    const Intake& intake) const {
  PublishRow row;
  row.client_id = record.id.view();
  row.type = type_of(record.request);
  row.protocol = session::protocol_of(record.request).name;
  row.video_frames = statistics.video_frames;
  row.audio_frames = statistics.audio_frames;
  row.media_bytes = statistics.bytes;
  row.frames_per_second = intake.frames_per_second;
  row.video_kbps = intake.video_kbps;
  row.audio_kbps = intake.audio_kbps;
  row.gop_ms = base::to_millis(statistics.gop_length);
  if (statistics.last_key_at != std::chrono::steady_clock::time_point{}) {
    row.key_age_ms = static_cast<std::int64_t>(seconds_since(statistics.last_key_at) * 1000);
  }
  for (const media::Track& track : statistics.tracks) {
    const media::CodecParameters& parameters = *track.parameters;
    const std::string codec(media::name_of(parameters.codec));
    const media::Kind kind = media::kind_of(parameters.codec);
    if (kind == media::Kind::video && !row.video) {
      row.video = VideoRow{codec, parameters.profile, parameters.level, parameters.width, parameters.height};
    } else if (kind == media::Kind::audio && !row.audio) {
      row.audio = AudioRow{codec, parameters.profile, parameters.sample_rate, parameters.channels};
    }
  }
  if (record.link.transport_stream) row.transport_stream = *record.link.transport_stream;
  for (const session::LeftOut& one : session::left_out(statistics.tracks, *record.request.vhost)) {
    row.left_out.push_back({static_cast<std::uint32_t>(one.track.id),
                            std::string(media::name_of(one.track.parameters->codec)),
                            {one.outputs.begin(), one.outputs.end()}});
  }
  return row;
}

std::optional<HomeRow> WorkerStats::home_row(const base::StreamKey& key) const {
  const hub::Stream* stream = hub_.find_stream(key);
  if (!stream || stream->state() == hub::Stream::State::over) return std::nullopt;
  std::optional<DerivedRow> derived;
  if (const hub::Source* source = stream->source()) {
    if (const auto sound = source->derived()) {
      derived = DerivedRow{.from = std::string(media::name_of(sound->from)),
                           .to = std::string(media::name_of(sound->to)),
                           .state = sound->running  ? "running"
                                    : sound->failed ? "failed"
                                                    : "missing",
                           .why = hub::name_of(sound->lack),
                           .frames = sound->frames,
                           .dropped = sound->dropped};
    }
  }
  return HomeRow{.interrupted = stream->state() == hub::Stream::State::interrupted,
                 .slate = stream->stands_still(),
                 .active = std::string(stream->origin().id.view()),
                 .inputs = static_cast<std::uint32_t>(stream->input_count()),
                 .switches = stream->switches(),
                 .derived = std::move(derived)};
}

StreamRow WorkerStats::stream(const Listing& listing) const {
  StreamRow row{.id = listing.id,
                .vhost = listing.vhost,
                .app = listing.app,
                .name = listing.name,
                .tc_url = {},
                .url = listing.url,
                .traffic = {},
                .publish = {},
                .home = home_row(listing.key)};
  const auto found = streams_.find(listing.key);
  if (found == streams_.end()) return row;
  const StreamCount& stream = found->second;
  row.tc_url = stream.tc_url;
  row.clients = static_cast<std::uint32_t>(stream.clients.size());
  row.players = stream.players;
  row.skips = stream.skips;
  row.errors = stream.errors;
  row.traffic = stream.meter.traffic();
  const hub::Record* record = stream.publisher ? hub_.registry().find(stream.publisher) : nullptr;
  const hub::InputFigures* input = record ? hub_.find_input(record->id) : nullptr;
  if (!input) return row;
  // The publisher's bytes as of now; those of players are up to three seconds old.
  const Seat& seat = seats_.find(record->id)->second;
  row.traffic.received_bytes += record->received_bytes() - seat.received;
  row.traffic.sent_bytes += record->sent_bytes() - seat.sent;
  row.publish = publish_row(*record, *input, stream.intake);
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
  row.out_of_memory = hub_.worker().out_of_memory_count();
  row.cut_turns = hub_.worker().cut_turn_count();
  row.batches = hub_.cadence().rounds();
  row.deliveries = hub_.cadence().deliveries();
  row.writing = hub_.cadence().writing();
  row.merge_us = hub_.cadence().load_delay().count();
  row.interruptions = hub_.counts().interruptions;
  row.resumptions = hub_.counts().resumptions;
  row.switches = hub_.counts().switches;
  row.slates = hub_.counts().slates;
  row.awaited = hub_.counts().awaited;
  row.refused_awaited = hub_.counts().refused_awaited;
  row.protocols = protocols_;
  if (skips == Skips::counted) add_transports(row);
  row.traffic = meter_.traffic();
  return row;
}

// Of the connections that live; the others' are counted already.
void WorkerStats::add_transports(WorkerRow& row) const {
  hub_.registry().each([&](const hub::Record& record) {
    if (!record.link.figures) return;
    row.protocols[protocol_index(record.request)].transport.add(record.link.figures());
  });
}

WorkerStats::Kick WorkerStats::kick(const base::SessionId& id, base::ErrorCode why) {
  const hub::Record* record = hub_.registry().find(id);
  if (!record) return Kick::unknown;
  if (!record->session) return Kick::no_connection;
  record->session->kick(why);
  return Kick::stopped;
}

std::size_t WorkerStats::kick_stream(const base::StreamKey& key, base::ErrorCode why) {
  // Stopping may run the session to its end at once, so the ids are taken down first.
  const auto found = streams_.find(key);
  if (found == streams_.end()) return 0;
  const std::vector<base::SessionId> ids = found->second.clients;
  return static_cast<std::size_t>(
      std::count_if(ids.begin(), ids.end(), [&](const auto& id) { return kick(id, why) == Kick::stopped; }));
}

}  // namespace weir::stats
