#include "session/webrtc/live_tracks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hub/track_view.h"
#include "pack/rtp.h"

namespace weir::session::webrtc {

using media::Codec;
using media::Kind;

namespace {

constexpr std::size_t most_names = 16;

void add(std::vector<std::string>& names, std::string name) {
  const bool known = std::any_of(names.begin(), names.end(), [&](const auto& one) { return base::iequals(one, name); });
  if (!known && names.size() < most_names) names.push_back(std::move(name));
}

// "A", "A and B", "A, B and C".
std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return out.empty() ? "nothing" : out;
}

std::string names_of(const media::Tracks& tracks) {
  std::vector<std::string> names;
  for (const media::Track& track : tracks) {
    const Codec codec = track.parameters->codec;
    if (media::kind_of(codec) != Kind::data) add(names, std::string(media::name_of(codec)));
  }
  return listed(names);
}

// What carries media, as the peer wrote it.
std::string names_of(const sdp::Description& offer) {
  constexpr std::string_view helpers[] = {"rtx", "red", "ulpfec", "flexfec-03", "CN", "telephone-event"};
  std::vector<std::string> names;
  for (const sdp::Media& line : offer.media) {
    for (const sdp::Payload& payload : line.payloads) {
      const bool helps = std::any_of(std::begin(helpers), std::end(helpers),
                                     [&](std::string_view name) { return base::iequals(payload.codec, name); });
      if (!helps && !payload.codec.empty()) add(names, base::printable(payload.codec, 30));
    }
  }
  return listed(names);
}

bool takes(const sdp::Answer& answer, Codec codec) {
  return std::any_of(answer.media.begin(), answer.media.end(),
                     [codec](const sdp::AgreedMedia& media) { return media.accepted && media.find(codec); });
}

}  // namespace

std::string why_unplayable(const LiveTracks& live, const TrackChoice& choice, const sdp::Description& offer,
                           const sdp::Answer& answer, const config::Rtc& settings, const Lacks& lacks) {
  const auto has = [&](Kind kind) {
    return std::any_of(live.tracks.begin(), live.tracks.end(),
                       [kind](const auto& track) { return media::kind_of(track.parameters->codec) == kind; });
  };
  if (live.tracks.empty() || (!live.settled && !(has(Kind::video) && has(Kind::audio)))) return {};
  for (const auto& [kind, number] : {std::pair(Kind::video, choice.video), std::pair(Kind::audio, choice.audio)}) {
    const auto track = pack::rtp_track(live.tracks, kind, number);
    if (track && takes(answer, track->parameters->codec)) return {};
  }
  std::string more;
  const media::Track* const sound = hub::main_sound(live.tracks);
  if (sound && choice.audio == 1 && !pack::rtp_carries(sound->parameters->codec) && takes(answer, Codec::opus)) {
    using Lack = hub::AudioBridge::Lack;
    const Codec from = sound->parameters->codec;
    const bool wanted = hub::AudioBridge::wanted(settings, from, Codec::opus) != Codec::none;
    const Lack lack = wanted ? lacks({.from = *sound->parameters, .to = Codec::opus}) : Lack::codec;
    if (wanted && (lack == Lack::none || lack == Lack::loading)) return {};
    more = fmt::format("; {} is not made Opus: {}", media::name_of(from),
                       wanted ? hub::name_of(lack) : std::string_view("rtmp_to_rtc is off"));
  }
  std::string which;
  for (const auto& [name, number] : {std::pair("video", choice.video), std::pair("audio", choice.audio)}) {
    if (number > 1) which += fmt::format("{}{} {}", which.empty() ? "; asked for: " : ", ", name, number);
  }
  return fmt::format("the stream has {}{}; the offer has {}{}", names_of(live.tracks), which, names_of(offer), more);
}

}  // namespace weir::session::webrtc
