#include "pack/message_packager.h"

#include <algorithm>
#include <array>

#include "base/version.h"
#include "format/flv/fourcc.h"
#include "format/flv/script_data.h"

namespace weir::pack {

using base::Bytes;
using base::SharedBytes;
using media::Kind;
using media::TrackId;

namespace {

// Metadata first, then audio, then video: the order that players of SRS know.
int rank(const media::Track& track) {
  switch (media::kind_of(track.parameters->codec)) {
    case Kind::data:
      return 0;
    case Kind::audio:
      return 1;
    case Kind::video:
      return 2;
  }
  return 3;
}

// Metadata is stamped zero wherever it stands: ffmpeg takes any other for the first cue of a text track.
base::Ticks stamp(flv::TagType type, base::Ticks time) { return type == flv::TagType::script ? base::Ticks{} : time; }

}  // namespace

// A plain message of FLV or RTMP names no track, so only the main ones are carried; others where the peer knows those
// of Enhanced RTMP, which name it and the codec by FourCC.
bool MessagePackager::carries(const media::Track& track) const {
  if (!flv::BodyWriter::can_carry(track.parameters->codec)) return false;
  if (track.id >= TrackId::further && (further_ == Further::left_out || flv::fourcc_of(track.parameters->codec) == 0)) {
    return false;
  }
  const Kind kind = media::kind_of(track.parameters->codec);
  return !(kind == Kind::audio && drop_.audio) && !(kind == Kind::video && drop_.video);
}

bool MessagePackager::carries_media() const {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.track.id != TrackId::data; });
}

// The main track of a kind has index 0 and is sent plainly; further ones are counted from 1.
flv::WireOptions MessagePackager::options_of(const media::Track& track) const {
  if (track.id < TrackId::further) return {};
  const Kind kind = media::kind_of(track.parameters->codec);
  const auto before = std::count_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
    return lane.track.id >= TrackId::further && media::kind_of(lane.track.parameters->codec) == kind;
  });
  return {.multitrack_index = static_cast<std::uint8_t>(before + 1)};
}

const MessagePackager::Lane* MessagePackager::lane(TrackId id) const {
  for (const Lane& lane : lanes_) {
    if (lane.track.id == id) return &lane;
  }
  return nullptr;
}

void MessagePackager::set_tracks(const media::Tracks& tracks, std::vector<hub::Wire>& out) {
  const std::vector<Lane> before = std::exchange(lanes_, {});
  tracks_ = tracks;
  std::sort(tracks_.begin(), tracks_.end(),
            [](const auto& a, const auto& b) { return std::pair(rank(a), a.id) < std::pair(rank(b), b.id); });
  for (const media::Track& track : tracks_) {
    if (carries(track)) lanes_.push_back({track, flv::BodyWriter(track, options_of(track))});
  }
  sound_entries_.set_tracks(tracks_, [this](TrackId id) { return id != TrackId::data && lane(id) != nullptr; });
  metadata_.clear();
  if (!started_) return;
  for (const Lane& lane : lanes_) {
    const bool same = std::any_of(before.begin(), before.end(), [&](const Lane& old) {
      return old.track.id == lane.track.id && old.track.generation == lane.track.generation;
    });
    if (same) continue;
    const bool script = lane.track.id == TrackId::data;
    const base::Buffer header = script ? base::Buffer() : lane.writer.sequence_header();
    const Bytes body = script ? metadata() : header.bytes();
    if (body.empty()) continue;
    out.push_back({.bytes = frame_body(lane.writer.type(), stamp(lane.writer.type(), last_dts_), body, {}),
                   .dts = last_dts_,
                   .kind = media::kind_of(lane.track.parameters->codec)});
  }
}

void MessagePackager::package(const media::Frame& frame, bool entry, std::vector<hub::Wire>& out) {
  const Lane* found = lane(frame.track);
  if (!found) return;
  if (drop_.video) entry = sound_entries_.begins(frame, entry);
  std::array<std::uint8_t, flv::BodyWriter::largest_head> head;
  const std::size_t head_bytes = found->writer.write_head(head, frame);
  hub::Wire wire;
  if (entry) wire.setup = setup(frame.dts);
  wire.bytes = frame_body(found->writer.type(), frame.dts, Bytes(head).first(head_bytes), frame.payload);
  wire.dts = frame.dts;
  wire.kind = media::kind_of(frame.codec);
  wire.entry = entry;
  started_ = true;
  last_dts_ = frame.dts;
  out.push_back(std::move(wire));
}

SharedBytes MessagePackager::frame_body(flv::TagType type, base::Ticks time, Bytes head, Bytes payload) {
  const std::size_t size = framed_bytes(type, time, head.size() + payload.size());
  write_framed(slab_.reserve(size), type, time, head, payload);
  return slab_.commit(size);
}

// The publisher's metadata with this server's name in it; made from the tracks if the publisher sent none.
Bytes MessagePackager::metadata() {
  if (!metadata_.empty()) return metadata_;
  flv::ScriptData data{"onMetaData", {}};
  if (const Lane* script = lane(TrackId::data)) {
    if (auto parsed = flv::parse_script_data(script->track.parameters->extradata)) data = std::move(*parsed);
  }
  if (!data.value.has_properties()) data.value = flv::metadata_of(tracks_);
  data.value.set("server", base::server_name);
  data.value.set("server_version", base::version);
  metadata_ = flv::write_script_data(data);
  return metadata_;
}

SharedBytes MessagePackager::setup(base::Ticks time) {
  std::vector<std::pair<flv::TagType, base::Buffer>> bodies;
  base::Buffer script;
  script.append(metadata());
  bodies.emplace_back(flv::TagType::script, std::move(script));
  for (const Lane& lane : lanes_) {
    if (lane.track.id == TrackId::data) continue;
    base::Buffer header = lane.writer.sequence_header();
    if (!header.empty()) bodies.emplace_back(lane.writer.type(), std::move(header));
  }
  std::size_t total = preamble().size();
  for (const auto& [type, body] : bodies) total += framed_bytes(type, stamp(type, time), body.size());
  // Not in the slab: it goes to newcomers alone and would tear the neighbours apart.
  base::Block block = base::Block::allocate(total);
  std::size_t at = preamble().size();
  if (at > 0) std::memcpy(block.data(), preamble().data(), at);
  for (const auto& [type, body] : bodies) {
    const std::size_t size = framed_bytes(type, stamp(type, time), body.size());
    write_framed({block.data() + at, size}, type, stamp(type, time), body, {});
    at += size;
  }
  const std::uint8_t* data = block.data();
  return {std::move(block), data, total};
}

}  // namespace weir::pack
