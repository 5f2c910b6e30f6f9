#include "session/common/publisher.h"

#include <algorithm>

#include "format/flv/script_data.h"

namespace weir::session {

namespace {

constexpr unsigned most_bad_in_a_row = 100;

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
bool claims_absolute_time(const media::Track& metadata) {
  const auto script = flv::parse_script_data(metadata.parameters->extradata);
  return script && script->value.find("bravo_atc") != nullptr;
}

}  // namespace

FlvPublisher::FlvPublisher(net::Life& life, hub::Input& input)
    : life_(life), atc_auto_(input.record().request.vhost->play.atc_auto), publisher_(life, input) {}

FlvPublisher::~FlvPublisher() {
  publisher_.finish();
  const flv::Ingest::Counts& counts = ingest_.counts();
  log::info(life_.log(),
            "published {} frames; left out: {} malformed, {} of unknown codecs, {} before their header; {} jumps of "
            "the clock, {} stray times",
            counts.frames, counts.malformed, counts.unsupported, counts.before_header, publisher_.timeline().jumps(),
            publisher_.timeline().strays());
}

base::Result<void> FlvPublisher::input(flv::TagType type, base::Millis time, const base::SharedBytes& body) {
  if (const auto taken = ingest_.input(type, time, body, yield_); !taken) {
    complain(taken.error());
    if (++bad_in_a_row_ > most_bad_in_a_row) return taken.error();
    return {};
  }
  bad_in_a_row_ = 0;
  if (yield_.left_out) complain(yield_.left_out);
  if (yield_.unknown_parameters) complain(yield_.unknown_parameters, "sequence header: ");
  if (yield_.tracks_changed) TRY_VOID(take_tracks());
  publisher_.put(yield_.frames);
  return {};
}

base::Result<void> FlvPublisher::take_tracks() {
  TRY_VOID(publisher_.set_tracks(ingest_.tracks()));
  for (const media::Track& track : ingest_.tracks()) {
    if (track.id != media::TrackId::data) continue;
    publisher_.expect(expected_of(track));
    if (!atc_auto_ || !claims_absolute_time(track) || !publisher_.keep_time()) continue;
    log::info(life_.log(), "the metadata has bravo_atc: time stamps are kept");
    atc_auto_ = false;
  }
  return {};
}

void FlvPublisher::complain(const base::ErrorCode& why, const char* where) {
  publisher_.complain(std::string("message dropped: ") + where + why.message());
}

}  // namespace weir::session
