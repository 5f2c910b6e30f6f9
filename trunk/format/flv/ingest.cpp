#include "format/flv/ingest.h"

#include <algorithm>
#include <utility>

#include "codec/aac.h"
#include "codec/av1.h"
#include "format/amf0/reader.h"
#include "format/audio_timing.h"
#include "format/flv/colour.h"
#include "format/flv/mend.h"
#include "format/flv/script_data.h"
#include "media/describe.h"

namespace weir::flv {

namespace {

using media::Codec;
using media::Kind;
using media::TrackId;

bool same_bytes(base::Bytes a, base::Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

// Codecs whose frames say what a decoder must know, so that no sequence header is waited for.
bool describes_itself(Codec codec) {
  switch (codec) {
    case Codec::mp3:
    case Codec::ac3:
    case Codec::eac3:
    case Codec::opus:
    case Codec::pcma:
    case Codec::pcmu:
    case Codec::speex:
    case Codec::vp8:
    case Codec::vp9:
      return true;
    default:
      return false;
  }
}

// Whether this frame may say something new although the track is known.
bool may_change(Codec codec, bool key) {
  switch (codec) {
    case Codec::mp3:
    case Codec::ac3:
    case Codec::eac3:
      return true;
    case Codec::vp8:
    case Codec::vp9:
      return key;
    default:
      return false;
  }
}

bool has_units(Codec codec) { return codec == Codec::h264 || codec == Codec::hevc; }

std::uint64_t format_of(const media::CodecParameters& p) {
  return media::kind_of(p.codec) == Kind::video ? std::uint64_t{p.width} << 32 | p.height
                                                : std::uint64_t{p.sample_rate} << 8 | p.channels;
}

bool begins_with_temporal_delimiter(base::Bytes unit) { return unit.size() >= 2 && (unit[0] >> 3 & 0x0f) == 2; }

base::SharedBytes part_of(const base::SharedBytes& body, base::Bytes part) {
  return body.slice(static_cast<std::size_t>(part.data() - body.data()), part.size());
}

}  // namespace

base::Result<void> Ingest::input(TagType type, base::Millis time, const base::SharedBytes& body, Yield& out) {
  out.tracks_changed = false;
  out.unknown_parameters = out.left_out = {};
  out.frames.clear();
  const auto result = [&]() -> base::Result<void> {
    switch (type) {
      case TagType::video:
        return take_media(Kind::video, time, body, out);
      case TagType::audio:
        return take_media(Kind::audio, time, body, out);
      case TagType::script:
        return take_script(time, body, out);
    }
    return Errc::bad_tag_type;
  }();
  if (!result) ++(result.error() == Errc::unsupported_codec ? counts_.unsupported : counts_.malformed);
  return result;
}

base::Result<void> Ingest::take_media(Kind kind, base::Millis time, const base::SharedBytes& body, Yield& out) {
  const auto parsed = kind == Kind::video ? parse_video(body, parts_) : parse_audio(body, parts_);
  // What was read before a fault in a multitrack message is good.
  base::Result<void> result = parsed;
  for (const MediaPart& part : parts_.all()) {
    const auto taken = take_part(part, kind, time, body, out);
    if (!taken && result) result = taken;
  }
  return result;
}

base::Result<void> Ingest::take_part(const MediaPart& part, Kind kind, base::Millis time, const base::SharedBytes& body,
                                     Yield& out) {
  const bool colour = part.kind == PacketKind::metadata && kind == Kind::video;
  if (part.kind != PacketKind::frame && part.kind != PacketKind::sequence_header && !colour) {
    ++counts_.ignored;
    return {};
  }
  TRY(Slot* const slot, slot_of(kind, part.track));
  if (colour) return take_colour(*slot, part, out);
  return part.kind == PacketKind::frame ? take_frame(*slot, part, time, body, out) : take_header(*slot, part, out);
}

base::Result<void> Ingest::take_frame(Slot& slot, const MediaPart& part, base::Millis time,
                                      const base::SharedBytes& body, Yield& out) {
  if (part.payload.empty()) {
    ++counts_.ignored;
    return {};
  }
  if (part.payload.size() > largest_frame_bytes) return Errc::tag_too_large;
  const std::vector<base::Bytes> adts =
      part.codec == Codec::aac ? units_in_adts(part.payload) : std::vector<base::Bytes>{};
  learn_header(slot, part, out);
  const bool known = slot.ready && slot.codec == part.codec;
  if (!known && !describes_itself(part.codec)) {
    ++counts_.before_header;
    out.left_out = Errc::no_sequence_header;
    return {};
  }
  if (!known || may_change(part.codec, part.key)) {
    const auto learnt = learn_from_frame(slot, part, out);
    if (!learnt && !known) {
      if (part.key) return learnt;
      ++counts_.before_header;  // VP8 and VP9 begin with a key frame
      return {};
    }
  }
  if (!adts.empty()) {
    take_adts(slot, adts, time, body, out);
    return {};
  }
  base::Bytes payload = part.payload;
  if (part.codec == Codec::av1 && begins_with_temporal_delimiter(payload)) payload = payload.subspan(2);
  media::Frame frame{.composition = part.composition, .key = part.key, .payload = part_of(body, payload)};
  if (has_units(part.codec)) {
    const unsigned length_bytes = parameters_of(slot)->nal_length_bytes;
    frame.payload = mend_units(frame.payload, length_bytes);
    frame.key = is_entry(part.codec, frame.payload, length_bytes, part.key);
  } else if (part.codec == Codec::av1) {
    frame.key |= codec::av1::is_key(payload);
  }
  emit(slot, std::move(frame), time, out);
  return {};
}

// Several frames of a message follow one another by their samples.
void Ingest::take_adts(Slot& slot, std::span<const base::Bytes> units, base::Millis time, const base::SharedBytes& body,
                       Yield& out) {
  const format::AudioTiming timing(*parameters_of(slot));
  base::Ticks at = time;
  for (const base::Bytes unit : units) {
    emit(slot, {.key = true, .payload = part_of(body, unit)}, at, out);
    at += timing.duration(unit);
  }
}

// Where an encoder sent no sequence header, or as good as none, what it would have said may stand in the frames.
void Ingest::learn_header(Slot& slot, const MediaPart& part, Yield& out) {
  const bool known = slot.ready && slot.codec == part.codec;
  if (known && !slot.learnt) return;
  base::Buffer header;
  if (part.codec == Codec::aac && begins_with_adts(part.payload))
    header = codec::aac::configuration_of_adts(part.payload);
  if (has_units(part.codec) && (!known || part.key)) header = configuration_in(part.codec, part.payload);
  if (header.empty() || (known && same_bytes(slot.header, header))) return;
  set_header(slot, part.codec, header, out);
  slot.learnt = true;
}

void Ingest::emit(const Slot& slot, media::Frame frame, base::Ticks time, Yield& out) {
  frame.track = slot.id;
  frame.codec = slot.codec;
  frame.generation = slot.generation;
  frame.dts = time;
  out.frames.push_back(std::move(frame));
  ++counts_.frames;
}

// Becomes a part of the configuration, so that all outputs and players have it; said again it changes nothing.
base::Result<void> Ingest::take_colour(Slot& slot, const MediaPart& part, Yield& out) {
  TRY(const media::Colour colour, parse_colour(part.payload));
  if (colour == slot.colour) return {};
  slot.colour = colour;
  if (!slot.ready || slot.codec != part.codec) return {};
  const media::CodecParameters* const before = parameters_of(slot);
  if (!slot.header.empty()) {
    set_header(slot, slot.codec, slot.header, out);
  } else if (before) {
    set_parameters(slot, *before, out);
  }
  return {};
}

base::Result<void> Ingest::take_header(Slot& slot, const MediaPart& part, Yield& out) {
  if (part.payload.empty()) return Errc::empty_sequence_header;
  if (part.payload.size() > largest_header_bytes) return Errc::tag_too_large;
  base::Buffer mended;
  if (has_units(part.codec) && has_start_code(part.payload)) mended = configuration_in(part.codec, part.payload);
  if (part.codec == Codec::aac && begins_with_adts(part.payload)) {
    mended = codec::aac::configuration_of_adts(part.payload);
  }
  const base::Bytes header = mended.empty() ? part.payload : mended.bytes();
  slot.learnt = false;
  if (slot.ready && slot.codec == part.codec && same_bytes(slot.header, header)) return {};
  set_header(slot, part.codec, header, out);
  return {};
}

void Ingest::set_header(Slot& slot, Codec codec, base::Bytes header, Yield& out) {
  slot.header = base::SharedBytes::copy_of(header);  // it outlives its message, which may lie in a large block
  const base::SharedBytes told = with_colour(codec, slot.header, slot.colour);
  auto described = media::describe(codec, told);
  if (!described) out.unknown_parameters = described.error();
  set_parameters(slot, described ? *std::move(described) : media::without_description(codec, told), out);
}

base::Result<void> Ingest::learn_from_frame(Slot& slot, const MediaPart& part, Yield& out) {
  TRY(auto parameters, media::describe_by_frame(part.codec, part.payload));
  // G.711 says nothing of itself; its channels stand in the header before it.
  if ((part.codec == Codec::pcma || part.codec == Codec::pcmu) && part.channels != 0)
    parameters.channels = part.channels;
  const std::uint64_t format = format_of(parameters);
  const bool same_codec = slot.ready && slot.codec == part.codec;
  if (same_codec && format == slot.frame_format) return {};
  if (!same_codec) slot.header = {};
  const media::CodecParameters* before = parameters_of(slot);
  if (same_codec && before) {
    parameters.extradata = before->extradata;
    parameters.level = before->level;
  }
  set_parameters(slot, std::move(parameters), out);
  return {};
}

base::Result<void> Ingest::take_script(base::Millis time, const base::SharedBytes& body, Yield& out) {
  constexpr std::string_view set_data_frame = "@setDataFrame";
  base::SharedBytes message = body;
  std::string_view name = script_data_name(message);
  if (name == set_data_frame) {
    message = message.slice(amf0::leading_text(message)->bytes);
    name = script_data_name(message);
  }
  if (name.empty()) return Errc::bad_script_data;
  if (name == "onMetaData") return take_metadata(message, out);
  // "|RtmpSampleAccess" and "@clearDataFrame" speak of a connection, not of the stream.
  if (!name.starts_with("on")) {
    ++counts_.ignored;
    return {};
  }
  TRY(Slot* const slot, slot_of(Kind::data, 0));
  if (!slot->ready) set_parameters(*slot, media::without_description(Codec::script_data, {}), out);
  emit(*slot, {.payload = message}, time, out);
  return {};
}

base::Result<void> Ingest::take_metadata(base::Bytes message, Yield& out) {
  if (message.size() > largest_metadata_bytes) return Errc::tag_too_large;
  auto data = parse_script_data(message);
  if (!data) return Errc::bad_script_data;
  if (!data->value.has_properties()) {
    ++counts_.ignored;
    return {};
  }
  data->value.erase("duration");  // of a file, and this is a live stream
  const base::Buffer kept = write_script_data(*data);
  TRY(Slot* const slot, slot_of(Kind::data, 0));
  if (slot->ready && same_bytes(slot->header, kept)) return {};
  slot->header = base::SharedBytes::copy_of(kept);
  set_parameters(*slot, media::without_description(Codec::script_data, slot->header), out);
  return {};
}

base::Result<Ingest::Slot*> Ingest::slot_of(Kind kind, std::uint8_t index) {
  const auto at =
      std::find_if(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.kind == kind && s.index == index; });
  if (at != slots_.end()) return &*at;
  if (slots_.size() == largest_slots) return Errc::too_many_tracks;
  Slot slot{.kind = kind, .index = index};
  if (index == 0) {
    slot.id = kind == Kind::video ? TrackId::video : kind == Kind::audio ? TrackId::audio : TrackId::data;
  } else {
    const auto further = std::count_if(slots_.begin(), slots_.end(), [](const Slot& s) { return s.index != 0; });
    slot.id = static_cast<TrackId>(static_cast<std::ptrdiff_t>(TrackId::further) + further);
  }
  return &slots_.emplace_back(std::move(slot));
}

const media::CodecParameters* Ingest::parameters_of(const Slot& slot) const {
  const auto at = std::find_if(tracks_.begin(), tracks_.end(), [&](const media::Track& t) { return t.id == slot.id; });
  return at == tracks_.end() ? nullptr : at->parameters.get();
}

void Ingest::set_parameters(Slot& slot, media::CodecParameters parameters, Yield& out) {
  if (slot.ready) ++slot.generation;
  slot.ready = true;
  slot.codec = parameters.codec;
  slot.frame_format = format_of(parameters);
  parameters.colour = slot.colour.told() ? std::make_shared<const media::Colour>(slot.colour) : nullptr;
  media::Track track{.id = slot.id,
                     .generation = slot.generation,
                     .parameters = std::make_shared<const media::CodecParameters>(std::move(parameters))};
  const auto at = std::lower_bound(tracks_.begin(), tracks_.end(), slot.id,
                                   [](const media::Track& t, TrackId id) { return t.id < id; });
  if (at != tracks_.end() && at->id == slot.id) {
    *at = std::move(track);
  } else {
    tracks_.insert(at, std::move(track));
  }
  out.tracks_changed = true;
}

}  // namespace weir::flv
