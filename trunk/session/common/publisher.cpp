#include "session/common/publisher.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "format/flv/script_data.h"
#include "net/worker.h"
#include "session/common/error.h"
#include "session/common/left_out.h"

namespace weir::session {

using namespace std::chrono_literals;

namespace {

constexpr unsigned most_bad_in_a_row = 100;
constexpr double changes_at_once = 4;  // times those of a second: many tracks may change together

std::string describe_track(const media::Track& track) {
  const media::CodecParameters& codec = *track.parameters;
  std::string text(media::name_of(codec.codec));
  if (!codec.profile.empty()) text += " " + codec.profile;
  if (!codec.level.empty()) text += " " + codec.level;
  if (codec.width > 0) text += fmt::format(" {}x{}", codec.width, codec.height);
  if (codec.sample_rate > 0) text += fmt::format(" {} Hz", codec.sample_rate);
  if (codec.channels > 0) text += fmt::format(" {} ch", codec.channels);
  return text;
}

media::Timeline::Options timeline_options(const config::Play& play) {
  using enum media::Timeline::Repair;
  media::Timeline::Options options;
  if (play.time_jitter == config::TimeJitter::zero) options.repair = origin;
  if (play.atc || play.time_jitter == config::TimeJitter::off) options.repair = none;
  return options;
}

const config::Play& settings_of(const hub::Input& input) { return input.record().request.vhost->play; }

media::TrackProbe::Options probe_options(const config::Vhost& vhost) {
  media::TrackProbe::Options options;
  options.wait = std::chrono::duration_cast<base::Ticks>(vhost.publish.track_wait);
  options.most_bytes = static_cast<std::size_t>(vhost.play.gop_cache_max_bytes);
  return options;
}

// What metadata says of the kinds that will come; of encoders that say nothing, both are to be expected.
media::TrackProbe::Expected expected_of(const media::Track& metadata) {
  media::TrackProbe::Expected expected;
  const auto script = flv::parse_script_data(metadata.parameters->extradata);
  if (!script) return expected;
  const auto has = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(),
                       [&](const char* name) { return script->value.find(name) != nullptr; });
  };
  const bool video = has({"videocodecid", "width", "videodatarate", "videoTrackIdInfoMap"});
  const bool audio = has({"audiocodecid", "audiosamplerate", "audiodatarate", "audioTrackIdInfoMap"});
  if (video != audio) expected = {.video = video, .audio = audio};
  return expected;
}

// Encoders of the maker who named it say so in their metadata that their clock is absolute.
bool claims_absolute_time(const media::Tracks& tracks) {
  for (const media::Track& track : tracks) {
    if (track.id != media::TrackId::data) continue;
    const auto script = flv::parse_script_data(track.parameters->extradata);
    return script && script->value.find("bravo_atc") != nullptr;
  }
  return false;
}

}  // namespace

FlvPublisher::FlvPublisher(net::Life& life, hub::Input& input)
    : life_(life),
      input_(input),
      vhost_(*input.record().request.vhost),
      atc_auto_(settings_of(input).atc_auto),
      track_wait_(vhost_.publish.track_wait),
      ingest_(timeline_options(settings_of(input))),
      probe_(probe_options(vhost_)),
      wait_over_([this] { begin_stream(); }) {
  const config::Play& play = settings_of(input);
  if (play.atc || play.time_jitter == config::TimeJitter::off) input_.keep_clock();
  if (track_wait_.count() == 0) probe_.release();
  if (play.mix_correct) interleaver_.emplace();
  const double most = vhost_.publish.max_track_changes;
  if (most > 0) changes_.emplace(most * changes_at_once, most);
}

FlvPublisher::~FlvPublisher() {
  ingest_.finish(yield_);
  for (media::FrameRef& frame : yield_.frames) probe_.put(std::move(frame));
  probe_.release();
  drain_probe();
  if (interleaver_) {
    while (auto frame = interleaver_->flush()) input_.append(std::move(frame));
  }
  const flv::Ingest::Counts& counts = ingest_.counts();
  log::info(life_.log(),
            "published {} frames; left out: {} malformed, {} of unknown codecs, {} before their header; {} jumps of "
            "the clock, {} stray times",
            counts.frames, counts.malformed, counts.unsupported, counts.before_header, ingest_.timeline().jumps(),
            ingest_.timeline().strays());
}

base::Result<void> FlvPublisher::input(flv::TagType type, base::Millis time, const base::SharedBytes& body) {
  if (const auto taken = ingest_.input(type, time, body, yield_); !taken) {
    complain(taken.error().message());
    if (++bad_in_a_row_ > most_bad_in_a_row) return taken.error();
    return {};
  }
  bad_in_a_row_ = 0;
  if (yield_.left_out) complain(yield_.left_out.message());
  if (yield_.unknown_parameters) complain("sequence header: " + yield_.unknown_parameters.message());
  if (yield_.tracks_changed) TRY_VOID(take_tracks());
  for (media::FrameRef& frame : yield_.frames) probe_.put(std::move(frame));
  drain_probe();
  if (probe_.holding() && !yield_.frames.empty() && !std::exchange(waiting_, true)) {
    life_.worker().wheel().arm(wait_over_, track_wait_);
  }
  return {};
}

// Whether one that players know already is another now. Each such change costs every output: a segment, a file, headers
// for all players.
bool FlvPublisher::changes_tracks() const {
  return std::any_of(ingest_.tracks().begin(), ingest_.tracks().end(), [this](const media::Track& track) {
    const auto before =
        std::find_if(tracks_.begin(), tracks_.end(), [&](const media::Track& one) { return one.id == track.id; });
    return track.id != media::TrackId::data && before != tracks_.end() && before->generation != track.generation;
  });
}

void FlvPublisher::begin_stream() {
  if (!probe_.holding()) return;
  probe_.release();
  drain_probe();
}

void FlvPublisher::drain_probe() {
  media::TrackProbe::Step step;
  while (probe_.poll(step)) {
    if (step.tracks_changed) tell_tracks();
    if (step.frame) pass_on(std::move(step.frame));
  }
}

base::Result<void> FlvPublisher::take_tracks() {
  if (changes_ && changes_tracks() && !changes_->take(std::chrono::steady_clock::now())) {
    return Errc::tracks_change_too_often;
  }
  tracks_ = ingest_.tracks();
  if (probe_.holding()) {
    if (probe_.replaces(ingest_.tracks())) begin_stream();
    for (const media::Track& track : ingest_.tracks()) {
      if (track.id == media::TrackId::data) probe_.expect(expected_of(track));
    }
  }
  probe_.set_tracks(ingest_.tracks());
  if (atc_auto_ && claims_absolute_time(ingest_.tracks()) && ingest_.keep_time()) {
    log::info(life_.log(), "the metadata has bravo_atc: time stamps are kept");
    input_.keep_clock();
    atc_auto_ = false;
  }
  return {};
}

// The tracks that are there; those that were announced and are silent are said once.
void FlvPublisher::tell_tracks() {
  const auto list = [](const media::Tracks& tracks) {
    std::string text;
    for (const media::Track& track : tracks) {
      if (track.id == media::TrackId::data) continue;
      text += (text.empty() ? "" : ", ") + describe_track(track);
    }
    return text;
  };
  if (const std::string text = list(probe_.tracks()); !text.empty()) {
    if (const auto times = told_.hit(std::chrono::steady_clock::now())) {
      log::info(life_.log(), "tracks: {}{}", text, times > 1 ? fmt::format(" ({} changes)", times) : std::string());
    }
    const std::string silent = list(probe_.silent());
    if (!silent.empty() && !std::exchange(told_of_silent_, true)) {
      log::warn(life_.log(), "announced, but nothing came of it: {}; the stream begins without", silent);
    }
  }
  const std::string without = describe(left_out(probe_.tracks(), vhost_));
  if (!without.empty() && without != told_left_out_) log::warn(life_.log(), "{}", without);
  told_left_out_ = without;
  input_.set_tracks(probe_.tracks());
}

void FlvPublisher::pass_on(media::FrameRef frame) {
  if (!interleaver_) {
    input_.append(std::move(frame));
    return;
  }
  interleaver_->put(std::move(frame));
  while (auto next = interleaver_->take()) input_.append(std::move(next));
}

void FlvPublisher::complain(const std::string& what) {
  ++complaints_;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_complaint_ < 1s) return;
  last_complaint_ = now;
  log::warn(life_.log(), "message dropped: {} ({} so far)", what, complaints_);
}

}  // namespace weir::session
