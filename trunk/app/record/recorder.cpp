#include "app/record/recorder.h"

#include <algorithm>

#include "app/record/error.h"
#include "app/record/owner.h"
#include "base/log_flood.h"

namespace weir::record {

using base::Result;

namespace {

constexpr std::size_t most_files = 100;  // that are remembered
constexpr unsigned ticks_per_flush = 4;  // a second
constexpr unsigned ticks_per_retention = 240;
constexpr unsigned ticks_per_room = 40;  // a full disk asks for retention this often at most

bool applies(const std::vector<std::string>& apply, const hub::Request& request) {
  const std::string name = request.app + "/" + request.stream;
  return std::any_of(apply.begin(), apply.end(), [&](const std::string& one) { return one == "all" || one == name; });
}

std::string_view name_of(Recording::State state) {
  switch (state) {
    case Recording::State::waiting:
      return "waiting";
    case Recording::State::writing:
      return "recording";
    case Recording::State::failed:
      break;
  }
  return "failed";
}

double seconds(base::Ticks time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

Recorder::Recorder(hub::Hub& hub, const DiskFile::Pools& pools) : hub_(hub), pools_(pools) {
  hub_.events().observe_streams([this](const hub::StreamEvent& event) { observe(event); });
  hub_.worker().every_tick([this] { tick(); });
}

Recorder::~Recorder() = default;

bool Recorder::wanted(const Entry& entry, const config::Dvr& settings) const {
  return settings.enabled && applies(settings.apply, *entry.origin.request);
}

void Recorder::observe(const hub::StreamEvent& event) {
  using Kind = hub::StreamEvent::Kind;
  hub::Stream& stream = event.stream;
  if (event.kind == Kind::began) {
    Entry& entry = entries_[stream.key()];
    entry = Entry{.origin = {stream.origin().id, stream.origin().request}};
    entry.settings = stream.origin().request->vhost->dvr;
    if (wanted(entry, entry.settings)) begin(entry, *stream.source());
    return;
  }
  const auto found = entries_.find(stream.key());
  if (found == entries_.end()) return;
  if (event.kind == Kind::ended) {
    end(found->second);
    entries_.erase(found);
  } else {
    follow(found->second, event);
  }
}

// A publisher that comes back begins a new file, unless dvr_continue says that it is the same recording.
void Recorder::follow(Entry& entry, const hub::StreamEvent& event) {
  if (event.kind == hub::StreamEvent::Kind::interrupted) {
    if (!entry.recording || (entry.settings.goes_on && entry.settings.plan == config::Dvr::Plan::session)) return;
    end(entry);
    entry.interrupted = true;
    return;
  }
  entry.origin = {event.stream.origin().id, event.stream.origin().request};
  // What the source remembers is in the file before.
  if (std::exchange(entry.interrupted, false) && !entry.recording) begin(entry, *event.stream.source(), false);
}

void Recorder::begin(Entry& entry, hub::Source& source, bool with_past) {
  const hub::Request& request = *entry.origin.request;
  entry.settings.path = complete_template(entry.settings.path);
  Recording::Given given{
      .pools = pools_,
      .settings = entry.settings,
      .names = {request.vhost->name, request.app, request.stream, {}},
      .url = request.url(),
      .log = {hub_.worker().logger(), entry.origin.publisher, {}, log::origin_of(request.peer.address)},
      .unfinished = unfinished_,
      .retries = retries_,
      .kept_back = is_guarded(*request.vhost)};
  auto done = [this, key = request.key(), origin = entry.origin](const std::shared_ptr<const Recording::File>& file,
                                                                 const DiskFile::Outcome& outcome) {
    hub_.worker().post([this, key, origin, file, outcome] { file_done(key, origin, file, outcome); });
  };
  entry.recording = std::make_unique<Recording>(std::move(given), std::move(done));
  source.add_sink(*entry.recording, with_past);
}

void Recorder::end(Entry& entry) {
  if (!entry.recording) return;
  if (hub::Source* source = hub_.find_source(entry.origin.request->key())) source->remove_sink(*entry.recording);
  entry.recording.reset();
}

void Recorder::file_done(const base::StreamKey& key, const Origin& origin,
                         const std::shared_ptr<const Recording::File>& file, const DiskFile::Outcome& outcome) {
  --*unfinished_;
  const log::Context who{hub_.worker().logger(), origin.publisher, {}, log::origin_of(origin.request->peer.address)};
  if (outcome.error) {
    ++totals_.failures;
    if (outcome.error == boost::system::errc::no_space_on_device) make_room();
    const auto found = entries_.find(key);
    if (found != entries_.end() && found->second.recording && found->second.recording->file() == file) {
      found->second.recording->fail(outcome.error, outcome.error_path);
    } else {
      log::error(who, "recording of {}: {}: {}", origin.request->url(), outcome.error_path, outcome.error.message());
    }
  }
  if (outcome.unordered) {
    log::warn(who, "recording {} stays as it was written, without tables or index in front: {}", outcome.path,
              outcome.unordered.message());
  }
  if (outcome.path.empty()) return;
  ++totals_.files;
  totals_.bytes += outcome.bytes;
  log::info(who, "recorded {} to {}: {:.3f} s, {} bytes", origin.request->url(), outcome.path, seconds(file->duration),
            outcome.bytes);
  remember({.vhost = origin.request->vhost->name,
            .app = origin.request->app,
            .stream = origin.request->stream,
            .path = outcome.path,
            .error = outcome.error ? outcome.error.message() : std::string(),
            .since = file->since,
            .until = std::chrono::system_clock::now(),
            .duration_seconds = seconds(file->duration),
            .bytes = outcome.bytes});
  hub_.events().emit(hub::DvrFile{origin.publisher, *origin.request, outcome.path});
}

void Recorder::remember(FileRow row) {
  files_.push_front(std::move(row));
  if (files_.size() > most_files) files_.pop_back();
}

void Recorder::settings_changed() {
  for (auto& [key, entry] : entries_) {
    hub::Source* source = hub_.find_source(key);
    const auto vhost = hub_.config()->match_vhost(entry.origin.request->vhost->name);
    if (!source || !vhost) continue;
    config::Dvr settings = vhost->dvr;
    settings.path = complete_template(settings.path);
    const bool was_wanted = wanted(entry, entry.settings), is_wanted = wanted(entry, settings);
    const bool same = settings == entry.settings;
    entry.settings = settings;
    if (was_wanted != is_wanted) entry.stopped_by_api = false;
    if (entry.recording && !is_wanted && !entry.by_api) {
      end(entry);
    } else if (entry.recording ? !same : is_wanted && !entry.stopped_by_api) {
      end(entry);
      begin(entry, *source);
    }
  }
}

Result<void> Recorder::start(const base::StreamKey& key) {
  const auto found = entries_.find(key);
  hub::Source* source = hub_.find_source(key);
  if (found == entries_.end() || !source) return Errc::no_stream;
  Entry& entry = found->second;
  if (entry.recording && entry.recording->state() != Recording::State::failed) return Errc::already_recorded;
  end(entry);
  entry.by_api = true;
  entry.stopped_by_api = false;
  begin(entry, *source);
  return {};
}

Result<void> Recorder::stop(const base::StreamKey& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return Errc::no_stream;
  if (!found->second.recording) return Errc::not_recorded;
  end(found->second);
  found->second.by_api = false;
  found->second.stopped_by_api = true;
  return {};
}

Result<void> Recorder::split(const base::StreamKey& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return Errc::no_stream;
  if (!found->second.recording || found->second.recording->state() == Recording::State::failed) {
    return Errc::not_recorded;
  }
  found->second.recording->split();
  return {};
}

void Recorder::end_all() {
  for (auto& [key, entry] : entries_) end(entry);
}

Totals Recorder::totals() const {
  Totals totals = totals_;
  totals.retries = retries_->load();
  for (const auto& [key, entry] : entries_) {
    if (entry.recording && entry.recording->state() == Recording::State::writing) ++totals.recordings;
  }
  return totals;
}

std::vector<RecordingRow> Recorder::recordings() const {
  std::vector<RecordingRow> rows;
  for (const auto& [key, entry] : entries_) {
    if (!entry.recording) continue;
    const Recording& recording = *entry.recording;
    const hub::Request& request = *entry.origin.request;
    RecordingRow row{.vhost = request.vhost->name,
                     .app = request.app,
                     .stream = request.stream,
                     .url = request.url(),
                     .state = std::string(name_of(recording.state())),
                     .error = recording.error(),
                     .path = {},
                     .plan = entry.settings.plan == config::Dvr::Plan::segment ? "segment" : "session",
                     .bytes = recording.bytes(),
                     .backlog_bytes = recording.backlog(),
                     .frames = recording.frames(),
                     .retries = recording.retries(),
                     .by_api = entry.by_api};
    if (recording.file()) {
      row.path = recording.file()->path;
      row.since = recording.file()->since;
      row.duration_seconds = seconds(recording.file()->duration);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// The rules of all virtual hosts, one after the other, on one thread of the pool.
void Recorder::retain() {
  std::vector<RetentionRule> rules;
  for (const auto& vhost : hub_.config()->vhosts) {
    const config::Dvr& dvr = vhost->dvr;
    if (!vhost->enabled || !dvr.enabled || (dvr.retain_time.count() == 0 && dvr.retain_bytes == 0)) continue;
    const RetentionRule rule{complete_template(dvr.path), dvr.retain_time, dvr.retain_bytes};
    if (std::find(rules.begin(), rules.end(), rule) == rules.end()) rules.push_back(rule);
  }
  const log::Context who{hub_.worker().logger(), {}, {}};
  const bool steady = clock_.steady(std::chrono::system_clock::now(), std::chrono::steady_clock::now());
  if (rules.empty()) return;
  if (!steady) {
    log::warn(who, "recordings are not removed for an hour: the clock of this machine has jumped");
    return;
  }
  if (retaining_->exchange(true)) return;  // a slow disk: the last turn is not over
  const bool queued = pools_.finishers.post([rules, who, busy = retaining_] {
    for (const RetentionRule& rule : rules) {
      const Removal done = remove_expired(rule);
      if (done.files > 0) {
        log::info(who, "removed {} recordings of {} bytes: {}", done.files, done.bytes, rule.path_template);
      }
      for (const std::string& fault : done.faults) log::warn(who, "cannot remove a recording: {}", fault);
    }
    *busy = false;
  });
  if (!queued) *retaining_ = false;
}

// A disk is full: what may be removed is removed now, not at the next minute.
void Recorder::make_room() {
  if (room_made_at_ != 0 && ticks_ - room_made_at_ < ticks_per_room) return;
  room_made_at_ = std::max(ticks_, 1U);
  retain();
}

void Recorder::adopt() {
  std::vector<std::pair<std::string, std::shared_ptr<const config::Vhost>>> templates;
  for (const auto& vhost : hub_.config()->vhosts) {
    std::string path = complete_template(vhost->dvr.path);
    const bool known = std::any_of(templates.begin(), templates.end(), [&](const auto& t) { return t.first == path; });
    if (vhost->enabled && !known) templates.emplace_back(std::move(path), vhost);
  }
  (void)pools_.finishers.post([this, templates] {
    for (const auto& [path, owner] : templates) {
      for (Adopted& file : adopt_leftovers(path)) {
        hub_.worker().post([this, vhost = owner, file = std::move(file)] { adopted(vhost, file); });
      }
    }
  });
}

// Told as any other that is complete: whoever fetches recordings waits for that.
void Recorder::adopted(const std::shared_ptr<const config::Vhost>& vhost, const Adopted& file) {
  log::warn({hub_.worker().logger(), {}, {}}, "{}", file.line);
  if (file.path.empty()) {
    ++totals_.failures;
    return;
  }
  ++totals_.files;
  ++totals_.completed;
  totals_.bytes += file.bytes;
  hub::Request request;
  const auto named = hub_.config()->match_vhost(file.names.vhost);
  request.vhost = !file.names.vhost.empty() && named ? named : vhost;
  request.app = file.names.app;
  request.stream = file.names.stream;
  remember({.vhost = request.vhost->name,
            .app = request.app,
            .stream = request.stream,
            .path = file.path,
            .error = "it was cut off, and completed at the next start",
            .since = file.names.time - std::chrono::duration_cast<std::chrono::milliseconds>(file.duration),
            .until = file.names.time,
            .duration_seconds = seconds(file.duration),
            .bytes = file.bytes});
  hub_.events().emit(hub::DvrFile{{}, request, file.path});
}

void Recorder::tick() {
  if (keeps_retention_ && ticks_ == 0) adopt();
  if (keeps_retention_ && ticks_ % ticks_per_retention == 0) retain();
  if (++ticks_ % ticks_per_flush != 0) return;
  for (auto& [key, entry] : entries_) {
    if (entry.recording) entry.recording->flush();
  }
}

}  // namespace weir::record
