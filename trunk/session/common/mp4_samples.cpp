#include "session/common/mp4_samples.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "format/mp4/sample_entry.h"
#include "media/describe.h"

namespace weir::session {

namespace {

base::Ticks ticks(std::int64_t time, std::uint32_t timescale) {
  constexpr std::int64_t rate = base::Ticks::period::den;
  const auto scale = static_cast<std::int64_t>(timescale);
  return base::Ticks(time / scale * rate + time % scale * rate / scale);
}

std::optional<media::Track> track_of(const mp4::MovieTrack& track, media::TrackId id) {
  auto entry = mp4::parse_sample_entry(track.sample_entry);
  if (!entry || entry->codec == media::Codec::none || track.head.timescale == 0) return {};
  const base::SharedBytes extradata = base::SharedBytes::copy_of(entry->extradata);
  auto parameters = media::describe(entry->codec, extradata);
  if (!parameters) parameters = media::without_description(entry->codec, extradata);
  return media::Track{.id = id, .parameters = std::make_shared<const media::CodecParameters>(*std::move(parameters))};
}

}  // namespace

media::Frame Mp4Samples::frame(const Item& item, base::SharedBytes bytes) const {
  const mp4::Sample& of = sample(item);
  const std::uint32_t scale = movie[item.track].head.timescale;
  media::Frame frame;
  frame.track = tracks[item.track].id;
  frame.codec = tracks[item.track].parameters->codec;
  frame.generation = tracks[item.track].generation;
  frame.dts = ticks(of.dts, scale);
  frame.composition = ticks(of.composition, scale);
  frame.key = of.key;
  frame.payload = std::move(bytes);
  return frame;
}

Mp4Samples samples_of(mp4::Movie movie) {
  Mp4Samples out;
  bool video = false, audio = false;
  for (mp4::MovieTrack& track : movie.tracks) {
    // One of each kind is played, the first.
    bool& taken = track.head.kind == media::Kind::video ? video : audio;
    if (taken) continue;
    const bool is_video = track.head.kind == media::Kind::video;
    const auto made = track_of(track, is_video ? media::TrackId::video : media::TrackId::audio);
    if (!made || media::kind_of(made->parameters->codec) != track.head.kind) continue;
    taken = true;
    const auto index = static_cast<std::uint32_t>(out.tracks.size());
    for (std::uint32_t i = 0; i < track.samples.size(); ++i) {
      const std::uint32_t size = track.samples[i].size;
      if (size > 0 && size <= Mp4Samples::largest_sample_bytes) out.order.push_back({index, i});
    }
    out.tracks.push_back(*made);
    out.movie.push_back(std::move(track));
  }
  const auto place = [&out](const Mp4Samples::Item& item) {
    return std::tuple(ticks(out.sample(item).dts, out.movie[item.track].head.timescale), item.track, item.sample);
  };
  std::sort(out.order.begin(), out.order.end(),
            [&](const auto& one, const auto& other) { return place(one) < place(other); });
  return out;
}

}  // namespace weir::session
