#include "session/webrtc/frame_maker.h"

#include <algorithm>
#include <utility>

#include "base/bit_reader.h"
#include "base/text.h"
#include "codec/av1.h"
#include "codec/avc.h"
#include "codec/hevc.h"
#include "codec/nal.h"
#include "codec/opus.h"
#include "codec/vpx.h"
#include "media/describe.h"
#include "proto/sdp/parameter_sets.h"

namespace weir::session::webrtc {

namespace {

using base::Bytes;
using media::Codec;

constexpr unsigned nal_length_bytes = 4;  // as rtp::Unpacker writes them
constexpr std::uint8_t vpx_level = 31;    // frames do not say theirs

bool same(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

bool has_sets(Codec codec) { return codec == Codec::h264 || codec == Codec::hevc; }

unsigned type_of(Codec codec, Bytes nal) { return codec == Codec::h264 ? nal[0] & 0x1fU : nal[0] >> 1 & 0x3fU; }

constexpr unsigned avc_sps = 7, avc_pps = 8, hevc_vps = 32, hevc_sps = 33, hevc_pps = 34;

bool is_set(Codec codec, unsigned type) {
  if (codec == Codec::h264) return type == avc_sps || type == avc_pps;
  return type >= hevc_vps && type <= hevc_pps;
}
bool is_sps(unsigned type) { return type == avc_sps || type == hevc_sps; }

// Picture parameter sets alone have ids that matter here; others are replaced as a whole.
std::uint32_t id_of(unsigned type, Bytes nal) {
  if (type != avc_pps && type != hevc_pps) return 0;
  const std::size_t header = type == avc_pps ? 1 : 2;
  base::BitReader r{nal.subspan(std::min(header, nal.size()))};
  return r.ue();
}

bool says_stereo(std::string_view fmtp) {
  const sdp::Payload payload{.parameters = std::string(fmtp)};
  return payload.parameter("sprop-stereo") == "1" || payload.parameter("stereo") == "1";
}

}  // namespace

FrameMaker::FrameMaker(const sdp::AgreedCodec& codec, media::TrackId track, std::uint32_t generation)
    : codec_(codec),
      track_{.id = track, .generation = generation, .parameters = nullptr},
      needs_key_(media::kind_of(codec.codec) == media::Kind::video) {
  if (!has_sets(codec_.codec)) return;
  std::vector<Set> told;
  for (base::SharedBytes& nal : sdp::parameter_sets(codec_.parameters)) {
    const unsigned type = type_of(codec_.codec, nal);
    if (is_set(codec_.codec, type) && nal.size() <= most_set_bytes) told.push_back({type, id_of(type, nal), nal});
  }
  merge(std::move(told));
}

void FrameMaker::begin_anew() {
  needs_key_ = media::kind_of(codec_.codec) == media::Kind::video;
  order_.reset();
}

std::optional<FrameMaker::Made> FrameMaker::make(const Unit& unit) {
  learn(unit);
  if (!unit.picture || (needs_key_ && !unit.key) || !track_.parameters) return std::nullopt;
  needs_key_ = false;
  Made made;
  made.track_changed = std::exchange(changed_, false);
  made.frame.track = track_.id;
  made.frame.codec = codec_.codec;
  made.frame.generation = track_.generation;
  made.frame.key = unit.key;
  made.frame.dts = order_.dts(unit.time);
  made.frame.composition = unit.time - made.frame.dts;
  made.frame.payload = base::SharedBytes::copy_of(
      codec_.codec == Codec::av1 ? codec::av1::without_temporal_delimiter(unit.bytes) : unit.bytes);
  return made;
}

void FrameMaker::learn(const Unit& unit) {
  switch (codec_.codec) {
    case Codec::h264:
    case Codec::hevc:
      return learn_sets(unit.bytes);
    case Codec::av1:
      return unit.key ? learn_av1(unit.bytes) : void();
    case Codec::vp8:
    case Codec::vp9:
      return unit.key ? learn_vpx(unit.bytes) : void();
    default:
      return learn_audio(unit.bytes);
  }
}

std::vector<FrameMaker::Set> FrameMaker::sets_in(Bytes unit) const {
  std::vector<Set> found;
  codec::nal::LengthPrefixed nals(unit, nal_length_bytes);
  while (const auto nal = nals.next()) {
    const unsigned type = type_of(codec_.codec, *nal);
    if (!is_set(codec_.codec, type) || nal->size() > most_set_bytes || found.size() == most_sets) continue;
    found.push_back({type, id_of(type, *nal), base::SharedBytes::copy_of(*nal)});
  }
  return found;
}

bool FrameMaker::knows(const Set& set) const {
  return std::any_of(sets_.begin(), sets_.end(),
                     [&](const Set& known) { return known.type == set.type && same(known.nal, set.nal); });
}

// Sets of a unit with an SPS are the whole truth of their kinds; a PPS that comes alone takes the place of its like.
void FrameMaker::merge(std::vector<Set> found) {
  const bool whole = std::any_of(found.begin(), found.end(), [](const Set& set) { return is_sps(set.type); });
  std::erase_if(sets_, [&](const Set& known) {
    return std::any_of(found.begin(), found.end(),
                       [&](const Set& set) { return set.type == known.type && (whole || set.id == known.id); });
  });
  for (Set& set : found) {
    if (sets_.size() < most_sets) sets_.push_back(std::move(set));
  }
}

void FrameMaker::learn_sets(Bytes unit) {
  std::vector<Set> found = sets_in(unit);
  const bool news = std::any_of(found.begin(), found.end(), [this](const Set& set) { return !knows(set); });
  if (news) merge(std::move(found));
  if (!news && track_.parameters) return;
  std::vector<Bytes> vps, sps, pps;
  for (const Set& set : sets_) {
    (is_sps(set.type) ? sps : set.type == hevc_vps ? vps : pps).push_back(set.nal);
  }
  if (sps.empty() || pps.empty() || (codec_.codec == Codec::hevc && vps.empty())) return;
  if (codec_.codec == Codec::h264) {
    const auto read = codec::avc::parse_sps(sps[0]);
    if (!read) return;
    if (read->reorder) order_.set_reorder(*read->reorder);
    set_configuration(codec::avc::build_configuration(sps, pps));
  } else {
    const auto read = codec::hevc::parse_sps(sps[0]);
    if (!read) return;
    order_.set_reorder(read->reorder);
    set_configuration(codec::hevc::build_configuration(vps, sps, pps));
  }
}

void FrameMaker::set_configuration(base::Buffer extradata) {
  if (extradata.empty() || (track_.parameters && same(track_.parameters->extradata, extradata))) return;
  const auto shared = base::SharedBytes::copy_of(extradata);
  auto described = media::describe(codec_.codec, shared);
  set_parameters(described ? *std::move(described) : media::without_description(codec_.codec, shared));
}

void FrameMaker::learn_av1(Bytes unit) {
  codec::av1::Obus obus(unit);
  while (const auto obu = obus.next()) {
    if (obu->type == codec::av1::ObuType::sequence_header)
      set_configuration(codec::av1::build_configuration(obu->whole));
  }
}

void FrameMaker::learn_vpx(Bytes unit) {
  auto described = media::describe_by_frame(codec_.codec, unit);
  if (!described) return;
  const media::CodecParameters* const before = track_.parameters.get();
  if (before && before->width == described->width && before->height == described->height &&
      before->profile == described->profile) {
    return;
  }
  const auto header =
      codec_.codec == Codec::vp8 ? codec::vpx::parse_vp8_frame(unit) : codec::vpx::parse_vp9_frame(unit);
  codec::vpx::Configuration configuration;
  configuration.level = vpx_level;
  if (header) {
    configuration.profile = header->profile;
    configuration.bits = header->bits;
  }
  described->extradata = base::SharedBytes::copy_of(codec::vpx::build_configuration(configuration));
  set_parameters(*std::move(described));
}

// Opus says in each packet how many channels it has (RFC 6716 3.1); a track that was stereo once stays so, since
// encoders of pauses and speech go over to one.
void FrameMaker::learn_audio(Bytes packet) {
  auto described = media::describe_by_frame(codec_.codec, packet);
  if (!described) return;
  if (codec_.codec == Codec::opus && says_stereo(codec_.parameters)) described->channels = 2;
  if (track_.parameters && track_.parameters->channels >= described->channels) return;
  if (codec_.codec == Codec::opus) {
    codec::opus::Head head;
    head.channels = described->channels;
    head.input_sample_rate = described->sample_rate;
    described->extradata = base::SharedBytes::copy_of(codec::opus::build_head(head));
  }
  set_parameters(*std::move(described));
}

void FrameMaker::set_parameters(media::CodecParameters parameters) {
  if (track_.parameters) ++track_.generation;
  track_.parameters = std::make_shared<const media::CodecParameters>(std::move(parameters));
  changed_ = true;
}

}  // namespace weir::session::webrtc
