#include "session/common/publisher.h"

#include "net/worker.h"

namespace weir::session {

using namespace std::chrono_literals;

namespace {

constexpr unsigned most_bad_in_a_row = 100;

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

media::Timeline::Options timeline_options(base::Ticks begin) {
  media::Timeline::Options options;
  options.begin = begin;
  return options;
}

}  // namespace

FlvPublisher::FlvPublisher(net::Life& life, hub::Publication& publication)
    : life_(life), source_(publication.source()), ingest_(timeline_options(publication.resume_at())) {}

FlvPublisher::~FlvPublisher() {
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
  if (yield_.tracks_changed) {
    std::string text;
    for (const media::Track& track : ingest_.tracks()) {
      if (track.id == media::TrackId::data) continue;
      text += (text.empty() ? "" : ", ") + describe_track(track);
    }
    if (!text.empty()) log::info(life_.log(), "tracks: {}", text);
    source_.set_tracks(ingest_.tracks());
  }
  for (media::FrameRef& frame : yield_.frames) source_.append(std::move(frame));
  return {};
}

void FlvPublisher::complain(const std::string& what) {
  ++complaints_;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_complaint_ < 1s) return;
  last_complaint_ = now;
  log::warn(life_.log(), "message dropped: {} ({} so far)", what, complaints_);
}

}  // namespace weir::session
