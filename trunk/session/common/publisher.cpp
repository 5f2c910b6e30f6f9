#include "session/common/publisher.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/flv/script_data.h"
#include "net/worker.h"
#include "session/common/error.h"

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
      atc_auto_(settings_of(input).atc_auto),
      ingest_(timeline_options(settings_of(input))) {
  const config::Play& play = settings_of(input);
  if (play.atc || play.time_jitter == config::TimeJitter::off) input_.keep_clock();
  if (play.mix_correct) interleaver_.emplace();
  const double most = input.record().request.vhost->publish.max_track_changes;
  if (most > 0) changes_.emplace(most * changes_at_once, most);
}

FlvPublisher::~FlvPublisher() {
  if (interleaver_) {
    while (auto frame = interleaver_->flush()) input_.append(std::move(frame));
  }
  const flv::Ingest::Counts& counts = ingest_.counts();
  log::info(life_.log(),
            "published {} frames; left out: {} malformed, {} of unknown codecs, {} before their header; {} jumps of "
            "the clock",
            counts.frames, counts.malformed, counts.unsupported, counts.before_header, ingest_.timeline().jumps());
}

base::Result<void> FlvPublisher::input(flv::TagType type, base::Millis time, const base::SharedBytes& body) {
  if (const auto taken = ingest_.input(type, time, body, yield_); !taken) {
    complain(taken.error().message());
    if (++bad_in_a_row_ > most_bad_in_a_row) return taken.error();
    return {};
  }
  bad_in_a_row_ = 0;
  if (yield_.unknown_parameters) complain("sequence header: " + yield_.unknown_parameters.message());
  if (yield_.tracks_changed) TRY_VOID(take_tracks());
  for (media::FrameRef& frame : yield_.frames) pass_on(std::move(frame));
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

base::Result<void> FlvPublisher::take_tracks() {
  const auto now = std::chrono::steady_clock::now();
  if (changes_ && changes_tracks() && !changes_->take(now)) return Errc::tracks_change_too_often;
  tracks_ = ingest_.tracks();
  std::string text;
  for (const media::Track& track : ingest_.tracks()) {
    if (track.id == media::TrackId::data) continue;
    text += (text.empty() ? "" : ", ") + describe_track(track);
  }
  if (!text.empty()) {
    if (const auto times = told_.hit(now)) {
      log::info(life_.log(), "tracks: {}{}", text, times > 1 ? fmt::format(" ({} changes)", times) : std::string());
    }
  }
  if (atc_auto_ && claims_absolute_time(ingest_.tracks()) && ingest_.keep_time()) {
    log::info(life_.log(), "the metadata has bravo_atc: time stamps are kept");
    input_.keep_clock();
    atc_auto_ = false;
  }
  input_.set_tracks(ingest_.tracks());
  return {};
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
