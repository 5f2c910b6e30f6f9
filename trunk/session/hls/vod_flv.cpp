#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "format/flv/demuxer.h"
#include "format/flv/ingest.h"
#include "format/flv/script_data.h"
#include "format/mp4/fragmenter.h"
#include "session/hls/vod_file.h"
#include "session/hls/vod_writer.h"

namespace weir::session::hls {

using base::Result;
using base::Ticks;

namespace {

constexpr std::uint64_t head_bytes = 2 * 1024 * 1024;           // where metadata and headers are
constexpr std::uint64_t largest_unindexed = 256 * 1024 * 1024;  // that is looked through
constexpr std::size_t most_heads = 64;                          // tags before the first frame
constexpr unsigned most_metadata_values = 16'384;
constexpr std::size_t flv_piece_bytes = 256 * 1024;

struct Mark {  // where a segment may begin
  std::uint64_t offset = 0;
  std::uint32_t ms = 0;
};

bool is_key_picture(base::Bytes body) {
  if (body.size() < 2) return false;
  if ((body[0] & 0x80) != 0) return (body[0] >> 4 & 7) == 1 && ((body[0] & 15) == 1 || (body[0] & 15) == 3);
  return body[0] >> 4 == 1 && body[1] == 1;
}

class FlvFilm final : public VodFile {
 public:
  Result<void> take(const http::File& file) {
    TRY_VOID(read_head(file));
    if (marks_.empty()) TRY_VOID(look_for_marks(file));
    TRY_VOID(cut(file.size()));
    flv::Ingest ingest;
    flv::Yield yield;
    for (const flv::Tag& tag : heads_) (void)ingest.input(tag.type, base::Millis(tag.timestamp_ms), tag.body, yield);
    mp4::Fragmenter fragmenter(ingest.tracks());
    if (!fragmenter.has_tracks()) return VodErrc::not_a_film;
    format_ = best_format(ingest.tracks());
    TRY(init_, fragmenter.init());
    return {};
  }

  std::size_t bytes() const override {
    std::size_t sum = segments_.capacity() * sizeof(Segment) + places_.capacity() * sizeof(Mark) + init_.size();
    for (const flv::Tag& tag : heads_) sum += tag.body.size();
    return sum;
  }

  Result<base::SharedBytes> segment(const http::File& file, std::size_t number, VodFormat format) const override {
    if (number >= segments_.size()) return VodErrc::damaged;
    if (segments_[number].bytes > largest_segment_bytes) return VodErrc::too_large;
    flv::Ingest ingest;
    flv::Yield yield;
    for (const flv::Tag& tag : heads_) (void)ingest.input(tag.type, base::Millis(tag.timestamp_ms), tag.body, yield);
    VodWriter writer(ingest.tracks(), format);
    flv::Demuxer demuxer;
    std::array<std::uint8_t, flv::prologue_bytes> prologue{};
    flv::write_prologue(prologue, flv::FileHeader{});
    TRY_VOID(demuxer.input(prologue));
    base::Buffer piece(flv_piece_bytes);
    std::uint64_t at = places_[number].offset;
    for (const std::uint64_t end = at + segments_[number].bytes; at < end;) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), end - at));
      const std::size_t count = file.read_at(at, {piece.data(), wanted});
      if (count == 0) break;
      if (!demuxer.input(piece.bytes().first(count))) return VodErrc::damaged;
      at += count;
      while (const auto tag = demuxer.poll()) {
        // One that cannot be read is one picture less.
        if (!ingest.input(tag->type, base::Millis(tag->timestamp_ms), tag->body, yield)) continue;
        for (const media::Frame& frame : yield.frames) writer.add(frame);
      }
    }
    if (number + 1 == places_.size() || ingest.tracks().empty()) return writer.end(nullptr);
    media::Frame next{.track = ingest.tracks().front().id, .dts = base::Millis(places_[number + 1].ms)};
    for (const media::Track& track : ingest.tracks()) {
      if (media::kind_of(track.parameters->codec) == media::Kind::video) next.track = track.id;
    }
    return writer.end(&next);
  }

 private:
  // Metadata, and the headers of the codecs: what stands before the first frame.
  Result<void> read_head(const http::File& file) {
    base::Buffer begin(static_cast<std::size_t>(std::min(file.size(), head_bytes)));
    begin.resize(file.read_at(0, {begin.data(), begin.size()}));
    flv::Demuxer demuxer;
    TRY_VOID(demuxer.input(begin));
    flv::Ingest ingest;
    flv::Yield yield;
    bool pictures = false, sound = false, media = false;
    for (std::size_t looked = 0; looked < most_heads; ++looked) {
      auto tag = demuxer.poll();
      if (!tag) break;
      const bool good = static_cast<bool>(ingest.input(tag->type, base::Millis(tag->timestamp_ms), tag->body, yield));
      const bool script = tag->type == flv::TagType::script;
      if (!media) first_media_ = tag->offset;
      media = media || (good && !script && !yield.frames.empty());
      if (script && heads_.empty()) read_index(tag->body, file.size());
      // Of a codec without a header its first frame tells: it is read before each segment, too.
      if (script ? heads_.empty() : good && yield.tracks_changed) heads_.push_back(*std::move(tag));
      for (const media::Track& track : ingest.tracks()) {
        const media::Kind kind = media::kind_of(track.parameters->codec);
        pictures = pictures || kind == media::Kind::video;
        sound = sound || kind == media::Kind::audio;
      }
      const auto promised = demuxer.file_header().value_or(flv::FileHeader{});
      if (media && (pictures || !promised.has_video) && (sound || !promised.has_audio)) break;
    }
    return ingest.tracks().empty() ? Result<void>(VodErrc::not_a_film) : Result<void>();
  }

  void read_index(base::Bytes body, std::uint64_t file_bytes) {
    const auto data = flv::parse_script_data(body, most_metadata_values);
    if (!data || data->name != "onMetaData" || !data->value.has_properties()) return;
    last_ms_ = static_cast<std::uint32_t>(std::clamp(data->value.number_at("duration"), 0.0, 4e6) * 1000);
    const amf0::Value* const frames = data->value.find("keyframes");
    const amf0::Value* const times = frames ? frames->find("times") : nullptr;
    const amf0::Value* const positions = frames ? frames->find("filepositions") : nullptr;
    if (!times || !positions || times->elements().size() != positions->elements().size()) return;
    for (std::size_t i = 0; i < times->elements().size(); ++i) {
      const double time = times->elements()[i].as_number(-1), position = positions->elements()[i].as_number(-1);
      const bool grows = marks_.empty() || (position > static_cast<double>(marks_.back().offset) &&
                                            time * 1000 >= static_cast<double>(marks_.back().ms));
      if (!grows || !(time >= 0 && time < 4e6) || !(position >= 0 && position < static_cast<double>(file_bytes))) {
        marks_.clear();
        return;
      }
      marks_.push_back({static_cast<std::uint64_t>(position), static_cast<std::uint32_t>(time * 1000 + 0.5)});
    }
  }

  // Heads of tags alone are read.
  Result<void> look_for_marks(const http::File& file) {
    if (file.size() > largest_unindexed) return VodErrc::no_index;
    std::vector<Mark> seconds;
    bool pictures = false;
    std::array<std::uint8_t, flv::tag_header_bytes + 2> room{};
    for (std::uint64_t at = first_media_; at + room.size() <= file.size();) {
      if (file.read_at(at, room) != room.size()) break;
      base::ByteReader r{base::Bytes(room)};
      const unsigned type = r.u8() & 0x1f;
      const std::uint32_t size = r.u24(), low = r.u24(), high = r.u8();
      r.skip(3);
      const std::uint32_t ms = high << 24 | low;
      if (type != 8 && type != 9 && type != 18) break;
      const std::uint64_t next = at + flv::tag_header_bytes + size + flv::back_pointer_bytes;
      if (next > file.size()) break;
      pictures = pictures || type == 9;
      last_ms_ = std::max(last_ms_, ms);
      if (type == 9 && size >= 2 && is_key_picture(r.rest())) marks_.push_back({at, ms});
      if (type == 8 && (seconds.empty() || ms >= seconds.back().ms + 1000)) seconds.push_back({at, ms});
      at = next;
    }
    if (!pictures) marks_ = std::move(seconds);
    return marks_.empty() ? Result<void>(VodErrc::not_a_film) : Result<void>();
  }

  // Each segment is what lies between two marks; the first has what stands before, too.
  Result<void> cut(std::uint64_t file_bytes) {
    constexpr auto target_ms = std::chrono::duration_cast<base::Millis>(target).count();
    marks_.front().offset = std::min(marks_.front().offset, first_media_);
    for (const Mark& mark : marks_) {
      if (!places_.empty() && mark.ms < places_.back().ms + target_ms) continue;
      places_.push_back(mark);
    }
    marks_ = {};
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const bool last = i + 1 == places_.size();
      const std::uint64_t end = last ? file_bytes : places_[i + 1].offset;
      const std::uint32_t end_ms = last ? std::max(last_ms_, places_[i].ms + 1) : places_[i + 1].ms;
      segments_.push_back({base::Millis(places_[i].ms), base::Millis(end_ms - places_[i].ms), end - places_[i].offset});
    }
    return {};
  }

  std::vector<flv::Tag> heads_;
  std::vector<Mark> marks_, places_;
  std::uint64_t first_media_ = flv::prologue_bytes;
  std::uint32_t last_ms_ = 0;
};

}  // namespace

Result<std::shared_ptr<const VodFile>> open_vod_flv(const http::File& file) {
  auto film = std::make_shared<FlvFilm>();
  TRY_VOID(film->take(file));
  return std::shared_ptr<const VodFile>(std::move(film));
}

const char* describe(VodErrc code) {
  switch (code) {
    case VodErrc::ok:
      return "ok";
    case VodErrc::not_a_film:
      return "the file is no MP4 or FLV with a track that can be played";
    case VodErrc::no_index:
      return "the FLV has no list of its key frames, and is too large to look for them";
    case VodErrc::damaged:
      return "the file does not have what its index says";
    case VodErrc::too_large:
      return "its key frames are too far apart for segments";
  }
  return "unknown";
}

Ticks VodFile::longest() const {
  Ticks longest{};
  for (const Segment& segment : segments_) longest = std::max(longest, segment.duration);
  return longest;
}

// By its first bytes, whatever its name says.
Result<std::shared_ptr<const VodFile>> open_vod(const http::File& file) {
  std::array<std::uint8_t, 8> room{};
  if (file.read_at(0, room) != room.size()) return VodErrc::not_a_film;
  const std::string_view begin = base::as_text(base::Bytes(room));
  if (begin.starts_with("FLV")) return open_vod_flv(file);
  const std::string_view type = begin.substr(4);
  return type == "ftyp" || type == "moov" || type == "styp" ? open_vod_mp4(file) : VodErrc::not_a_film;
}

}  // namespace weir::session::hls
