#include "session/webrtc/codec_choice.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/http/url.h"
#include "pack/formats.h"

namespace weir::session::webrtc {

using media::Codec;

namespace {

bool is_named(Codec codec, std::string_view name) {
  if (base::iequals(name, media::name_of(codec))) return true;
  constexpr std::pair<std::string_view, Codec> others[] = {{"avc", Codec::h264},  {"h265", Codec::hevc},
                                                           {"av1x", Codec::av1},  {"pcma", Codec::pcma},
                                                           {"pcmu", Codec::pcmu}, {"g711", Codec::pcma}};
  return std::any_of(std::begin(others), std::end(others),
                     [&](const auto& other) { return other.second == codec && base::iequals(other.first, name); });
}

void choose(std::vector<Codec>& codecs, std::string_view name) {
  if (base::iequals(name, "none")) return codecs.clear();
  const auto fits = [name](Codec codec) { return is_named(codec, name); };
  if (std::none_of(codecs.begin(), codecs.end(), fits)) return;
  std::erase_if(codecs, [&](Codec codec) { return !fits(codec); });
}

}  // namespace

void choose_codecs(std::string_view param, std::vector<Codec>& video, std::vector<Codec>& audio) {
  if (param.starts_with('?')) param.remove_prefix(1);
  if (const auto name = http::query_value(param, "codec"); name && *name != "none") choose(video, *name);
  if (const auto name = http::query_value(param, "video")) choose(video, *name);
  if (const auto name = http::query_value(param, "audio")) choose(audio, *name);
}

std::optional<TrackChoice> choose_tracks(std::string_view param) {
  if (param.starts_with('?')) param.remove_prefix(1);
  TrackChoice out;
  for (const auto& [name, place] : {std::pair("video", &out.video), std::pair("audio", &out.audio)}) {
    const std::string text = http::query_value(param, name).value_or("");
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    const auto number = base::parse_number(text);
    if (!number || *number < 1 || *number > pack::most_choices) return std::nullopt;
    *place = static_cast<unsigned>(*number);
  }
  return out;
}

}  // namespace weir::session::webrtc
