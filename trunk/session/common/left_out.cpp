#include "session/common/left_out.h"

#include "format/mp4/sample_entry.h"
#include "format/ts/content.h"

namespace weir::session {

namespace {

enum class Container : std::uint8_t { flv, ts, mp4 };

struct Output {
  std::string_view name;
  Container container;
};

std::vector<Output> outputs_of(const config::Vhost& vhost) {
  std::vector<Output> out{{"rtmp", Container::flv}};
  if (vhost.http_remux.enabled) {
    const std::string& mount = vhost.http_remux.mount;
    const bool all = mount.ends_with(".flv");
    if (all) out.push_back({"flv", Container::flv});
    if (all || mount.ends_with(".ts")) out.push_back({"ts", Container::ts});
    if (all || mount.ends_with(".mp4")) out.push_back({"mp4", Container::mp4});
  }
  if (vhost.hls.enabled) {
    const bool fmp4 = vhost.hls.use_fmp4;
    out.push_back({"hls", fmp4 ? Container::mp4 : Container::ts});
  }
  if (vhost.dash.enabled) out.push_back({"dash", Container::mp4});
  if (vhost.dvr.enabled) {
    const std::string& path = vhost.dvr.path;
    const Container container = path.ends_with(".mp4")  ? Container::mp4
                                : path.ends_with(".ts") ? Container::ts
                                                        : Container::flv;
    out.push_back({"dvr", container});
  }
  return out;
}

bool has_place(const Output& output, const media::Track& track) {
  switch (output.container) {
    case Container::flv:
      return track.id < media::TrackId::further;  // its messages name no track
    case Container::ts:
      return output.name == "hls" ? ts::can_carry_in_hls(track.parameters->codec)
                                  : ts::can_carry(track.parameters->codec);
    case Container::mp4:
      return mp4::can_carry(track.parameters->codec);
  }
  return true;
}

}  // namespace

std::vector<LeftOut> left_out(const media::Tracks& tracks, const config::Vhost& vhost) {
  std::vector<LeftOut> out;
  const auto outputs = outputs_of(vhost);
  for (const media::Track& track : tracks) {
    const media::Kind kind = media::kind_of(track.parameters->codec);
    if (kind == media::Kind::data) continue;
    LeftOut one{track, {}};
    for (const Output& output : outputs) {
      const bool meant =
          output.name == "hls" && (kind == media::Kind::audio ? vhost.hls.acodec == config::Hls::AudioCodec::none
                                                              : vhost.hls.vcodec == config::Hls::VideoCodec::none);
      if (!meant && !has_place(output, track)) one.outputs.push_back(output.name);
    }
    if (!one.outputs.empty()) out.push_back(std::move(one));
  }
  return out;
}

std::string describe(const std::vector<LeftOut>& left_out) {
  std::string text;
  for (const LeftOut& one : left_out) {
    text += text.empty() ? "" : "; ";
    text += media::name_of(one.track.parameters->codec);
    if (one.track.id >= media::TrackId::further) text += " of track " + std::to_string(static_cast<int>(one.track.id));
    text += " is not in";
    for (const std::string_view& output : one.outputs) {
      text += &output == &one.outputs.front() ? " " : ", ";
      text += output;
    }
  }
  return text;
}

}  // namespace weir::session
