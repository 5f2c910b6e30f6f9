#include "format/ps/demuxer.h"

#include <algorithm>
#include <utility>

#include "format/ps/g711.h"

namespace weir::ps {

using base::Bytes;
using base::Ticks;
using media::Codec;
using media::TrackId;

namespace {

constexpr unsigned clock_bits = 33;
constexpr std::size_t packet_head = 6;                     // start code, stream id, length
constexpr Ticks far_from_video = std::chrono::seconds(5);  // a time of audio that means something else
constexpr std::size_t most_map = 1024;                     // 2.5.4.2: 1,018 bytes behind its length
constexpr std::size_t start_code_rest = 3;                 // of one that may go on in the next piece

std::unique_ptr<ts::Elementary> make_elementary(Codec codec) {
  if (codec == Codec::pcma || codec == Codec::pcmu) return std::make_unique<G711>(codec);
  return ts::make_elementary({.codec = codec});
}

}  // namespace

Demuxer::Demuxer(Options options)
    : joiner_(options.largest_picture_bytes), clock_(clock_bits), pack_unwrap_(clock_bits) {}

void Demuxer::input(Bytes piece, std::optional<Ticks> sent) {
  if (at_ >= fresh_) sent_before_ = sent_;  // what is left began in the last piece, not before it
  buffer_.consume(at_);
  at_ = 0;
  fresh_ = buffer_.size();
  sent_ = sent;
  buffer_.append(piece);
  while (parse_one()) {
  }
}

// Of the packet that begins at the parser's place: the time of the piece it begins in.
std::optional<Ticks> Demuxer::sent() const {
  const auto& time = at_ < fresh_ ? sent_before_ : sent_;
  return time ? time : pack_clock_;
}

std::optional<Demuxer::Unit> Demuxer::poll() {
  if (ready_.empty()) return {};
  Unit unit = std::move(ready_.front());
  ready_.pop_front();
  return unit;
}

std::optional<std::string> Demuxer::poll_left_out() {
  if (left_out_.empty()) return {};
  std::string text = std::move(left_out_.front());
  left_out_.pop_front();
  return text;
}

// One step; false when more is needed.
bool Demuxer::parse_one() {
  const Bytes rest = buffer_.bytes().subspan(at_);
  if (place_ == Place::lost) {
    resynchronise(id_pack);
    return place_ != Place::lost;
  }
  if (place_ != Place::between) return parse_open_packet(rest);
  if (rest.size() < 4) return false;
  const bool is_code = rest[0] == 0 && rest[1] == 0 && rest[2] == 1 && rest[3] >= first_id;
  if (!is_code) {
    // Zeros may stand before a start code. All else: the packet before was longer than it said.
    if (rest[0] == 0 && rest[1] == 0 && rest[2] == 0) {
      ++at_;
      return true;
    }
    ++counts_.lying_lengths;
    place_ = behind_video_ ? Place::in_video : Place::in_other;
    return true;
  }
  const std::uint8_t id = rest[3];
  if (id == id_end) {
    at_ += 4;
    return true;
  }
  if (id == id_pack) {
    if (rest.size() < 14) return false;
    const auto header = parse_pack_header(rest);
    if (!header) {
      at_ += 4;
      place_ = Place::lost;
      ++counts_.damaged;
      return true;
    }
    if (rest.size() < header->bytes) return false;
    pack_clock_ = Ticks(pack_unwrap_.unwrap(header->clock));
    at_ += header->bytes;
    behind_pack_ = true;
    ++counts_.packs;
    return true;
  }
  if (rest.size() < packet_head) return false;
  return parse_packet(id, rest, static_cast<std::size_t>(rest[4] << 8 | rest[5]));
}

bool Demuxer::parse_packet(std::uint8_t id, Bytes rest, std::size_t length) {
  const bool media = is_audio(id) || is_video(id);
  if (media && length == 0) {  // to the next start code
    if (!ts::has_whole_pes_header(rest)) return false;
    const auto header = ts::parse_pes_header(rest);
    if (!header || (!is_video(id) && id != audio_.id.value_or(id))) {
      at_ += 4;
      place_ = Place::in_other;
      return true;
    }
    if (is_audio(id)) {
      // Whole or not at all: units are found in whole payloads.
      const std::size_t end = find_start_code(rest.subspan(header->header_bytes));
      if (header->header_bytes + end + start_code_rest >= rest.size() && rest.size() < 64 * 1024) return false;
      put_audio(*header, rest.subspan(header->header_bytes, end));
      at_ += header->header_bytes + end;
      return true;
    }
    put_video(*header, {});
    behind_video_ = true;
    at_ += header->header_bytes;
    place_ = Place::in_video;
    return true;
  }
  std::size_t size = packet_head + length;
  if (is_video(id)) {
    // A length that says too much takes start codes with it; looked for as the bytes come, each once.
    const std::size_t header = ts::has_whole_pes_header(rest) ? 9 + std::size_t{rest[8]} : rest.size();
    const std::size_t from = std::max(header, scanned_ - std::min(scanned_, start_code_rest));
    const std::size_t known = std::min(size, rest.size());
    if (from < known) {
      const std::size_t end = from + find_start_code(rest.subspan(from, known - from));
      scanned_ = known;
      if (end < known) {
        ++counts_.lying_lengths;
        size = end;
      }
    }
  }
  if (rest.size() < size) return false;
  scanned_ = 0;
  const Bytes packet = rest.first(size);
  behind_video_ = is_video(id);
  if (id == id_map && length <= most_map) {
    adopt_map(packet);
  } else if (media) {
    put_pes(packet);
  } else if (id != id_system_header) {
    ++counts_.other_packets;
  }
  at_ += packet.size();
  return true;
}

// Payload without a known end: all before the next start code, but for bytes that may be its begin.
bool Demuxer::parse_open_packet(Bytes rest) {
  const std::size_t end = find_start_code(rest);
  const std::size_t sure = end < rest.size() ? end : rest.size() - std::min(rest.size(), start_code_rest);
  if (place_ == Place::in_video) {
    joiner_.go_on(rest.first(sure));
  } else {
    counts_.skipped_bytes += sure;
  }
  at_ += sure;
  if (end == rest.size()) return false;
  place_ = Place::between;
  return true;
}

// Drops what stands before the next start code of that id.
void Demuxer::resynchronise(std::uint8_t id) {
  const Bytes rest = buffer_.bytes().subspan(at_);
  const std::size_t end = find_start_code(rest, id);
  const std::size_t skipped = end < rest.size() ? end : rest.size() - std::min(rest.size(), start_code_rest);
  counts_.skipped_bytes += skipped;
  at_ += skipped;
  if (end < rest.size()) place_ = Place::between;
}

void Demuxer::lose() {
  // A picture that a pack or a marker stands behind is whole.
  if (behind_pack_ || joiner_.ended()) give(joiner_.flush());
  const bool had_packet = buffer_.size() > at_ && place_ != Place::lost;
  if (joiner_.drop() || had_packet) ++counts_.damaged;
  if (audio_.elementary) audio_.elementary->lose(0);
  buffer_.clear();
  at_ = fresh_ = scanned_ = 0;
  place_ = Place::lost;
}

void Demuxer::mark() {
  if (place_ == Place::in_video) {
    // What was kept back is no start code that goes on.
    joiner_.go_on(buffer_.bytes().subspan(at_));
    at_ = buffer_.size();
    place_ = Place::between;
  }
  if (place_ == Place::between && at_ == buffer_.size()) give(joiner_.mark());
}

void Demuxer::finish() {
  const Bytes rest = buffer_.bytes().subspan(at_);
  if (place_ == Place::in_video) joiner_.go_on(rest);
  // A packet that says it is longer.
  if (place_ == Place::between && rest.size() > 4 && is_video(rest[3]) && ts::has_whole_pes_header(rest)) put_pes(rest);
  buffer_.clear();
  at_ = fresh_ = scanned_ = 0;
  place_ = Place::lost;
  give(joiner_.flush());
}

void Demuxer::leave_out(std::uint8_t type) {
  constexpr std::size_t most_told = 8;
  if (told_.size() == most_told || std::find(told_.begin(), told_.end(), type) != told_.end()) return;
  told_.push_back(type);
  left_out_.push_back(name_of_type(type));
}

// 2.5.4. It says what a stream is until the stream itself does.
void Demuxer::adopt_map(Bytes packet) {
  std::vector<MapEntry> map = parse_map(packet);
  if (map.empty() || map == map_) return;
  map_ = std::move(map);
  for (const bool video : {true, false}) {
    Stream& stream = video ? video_ : audio_;
    const MapEntry* chosen = nullptr;
    for (const MapEntry& entry : map_) {
      if (video ? !is_video(entry.id) : !is_audio(entry.id)) continue;
      if (!chosen || entry.id == stream.id) chosen = &entry;
    }
    if (!chosen) continue;
    stream.id = chosen->id;
    const bool news = stream.announced != chosen->type;
    stream.announced = chosen->type;
    const Codec codec = codec_of_type(chosen->type);
    if (codec == Codec::none) leave_out(chosen->type);
    // Of video its parameter sets decide; of audio nothing says more than the map, unless it says what is no audio.
    const bool fits = media::kind_of(codec) == (video ? media::Kind::video : media::Kind::audio);
    if (news && (codec == Codec::none || fits) && (!video || stream.codec == Codec::none)) choose(stream, codec);
  }
}

void Demuxer::choose(Stream& stream, Codec codec) {
  if (stream.codec == codec) return;
  stream.codec = codec;
  stream.elementary = codec == Codec::none ? nullptr : make_elementary(codec);
  if (std::exchange(stream.parameters, nullptr)) rebuild_tracks();
}

void Demuxer::put_pes(Bytes packet) {
  const auto header = ts::parse_pes_header(packet);
  if (!header) {
    ++counts_.damaged;
    return;
  }
  const Bytes payload = packet.subspan(header->header_bytes);
  if (is_video(header->stream_id)) {
    put_video(*header, payload);
  } else {
    put_audio(*header, payload);
  }
}

void Demuxer::put_video(const ts::PesHeader& header, Bytes payload) {
  if (!video_.id) video_.id = header.stream_id;
  if (header.stream_id != *video_.id) {
    ++counts_.other_packets;
    return;
  }
  if (video_.codec == Codec::none) {
    if (const Codec told = video_of_sets(payload); told != Codec::none) choose(video_, told);
  }
  VideoPes pes{
      .payload = payload, .pts = {}, .dts = {}, .sent = sent(), .behind_pack = std::exchange(behind_pack_, false)};
  if (header.pts) {
    const Ticks dts(clock_.unwrap(header.dts.value_or(*header.pts)));
    base::ClockUnwrap beside = clock_;  // the pts may be far from the next dts, and must not move it
    pes.pts = Ticks(beside.unwrap(*header.pts));
    if (header.dts) pes.dts = dts;
  }
  give(joiner_.put(pes, video_.codec));
}

void Demuxer::give(std::optional<PictureJoiner::Picture> picture) {
  if (!picture) return;
  const Codec told = video_of_sets(picture->bytes);
  if (told != Codec::none && told != video_.codec) choose(video_, told);
  newest_video_ = picture->dts;
  if (!video_.elementary) {
    ++counts_.unknown_codec;
    return;
  }
  found_.clear();
  const std::uint64_t before = video_.elementary->counts().before_header;
  video_.elementary->input(picture->bytes, {.known = true, .pts = picture->pts, .dts = picture->dts}, found_);
  counts_.before_key += video_.elementary->counts().before_header - before;
  for (ts::AccessUnit& unit : found_) yield(video_, TrackId::video, std::move(unit));
}

// Where audio counts from another beginning than video, it is placed beside it.
Ticks Demuxer::near_video(Ticks time) {
  if (!newest_video_) return time;
  const Ticks off = time + audio_shift_ - *newest_video_;
  if (off > far_from_video || off < -far_from_video) audio_shift_ = *newest_video_ - time;
  return time + audio_shift_;
}

void Demuxer::put_audio(const ts::PesHeader& header, Bytes payload) {
  if (!audio_.id) audio_.id = header.stream_id;
  if (header.stream_id != *audio_.id) {
    ++counts_.other_packets;
    return;
  }
  if (!audio_.announced && audio_.codec == Codec::none) {
    if (const Codec guessed = guess_.look(payload); guessed != Codec::none) choose(audio_, guessed);
  }
  if (!audio_.elementary) {
    ++counts_.unknown_codec;
    return;
  }
  ts::Elementary::Time time;
  if (header.pts) {
    base::ClockUnwrap& own = clock_;
    base::ClockUnwrap beside = clock_;
    time.known = true;
    time.pts = near_video(Ticks((newest_video_ ? beside : own).unwrap(*header.pts)));
  } else if (audio_.elementary->counts().units == 0) {
    const std::optional<Ticks> stand_in = newest_video_ ? newest_video_ : sent();
    time.known = stand_in.has_value();
    time.pts = stand_in.value_or(Ticks{});
  }
  time.dts = time.pts;
  found_.clear();
  audio_.elementary->input(payload, time, found_);
  for (ts::AccessUnit& unit : found_) yield(audio_, TrackId::audio, std::move(unit));
}

void Demuxer::yield(Stream& stream, TrackId track, ts::AccessUnit unit) {
  if (unit.parameters != stream.parameters) {
    stream.generation = next_generation_++;
    stream.parameters = unit.parameters;
    rebuild_tracks();
  }
  ++counts_.frames;
  if (track == TrackId::video && unit.key) ++counts_.key_frames;
  Unit out{.tracks = nullptr,
           .frame = {.track = track,
                     .codec = stream.parameters->codec,
                     .dts = unit.dts,
                     .composition = unit.composition,
                     .key = unit.key,
                     .generation = stream.generation,
                     .payload = std::move(unit.payload)}};
  if (std::exchange(tracks_changed_, false)) out.tracks = std::make_shared<const media::Tracks>(tracks_);
  ready_.push_back(std::move(out));
}

void Demuxer::rebuild_tracks() {
  tracks_.clear();
  for (const auto& [stream, track] : {std::pair(&video_, TrackId::video), std::pair(&audio_, TrackId::audio)}) {
    if (stream->parameters)
      tracks_.push_back({.id = track, .generation = stream->generation, .parameters = stream->parameters});
  }
  tracks_changed_ = true;
}

}  // namespace weir::ps
