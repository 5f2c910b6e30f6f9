#include "app/record/file_writer.h"

#include <algorithm>
#include <optional>

#include "app/record/flv_numbers.h"
#include "base/version.h"
#include "format/flv/body_writer.h"
#include "format/flv/muxer.h"
#include "format/flv/script_data.h"
#include "format/mp4/fragmenter.h"
#include "format/mp4/sample_entry.h"
#include "format/ts/muxer.h"

namespace weir::record {

using base::Buffer;
using base::Result;
using base::Ticks;
using media::Frame;
using media::Kind;
using media::Tracks;

namespace {

// What an MP4 file has a place for.
std::vector<std::pair<media::TrackId, std::uint32_t>> media_of(const Tracks& tracks) {
  std::vector<std::pair<media::TrackId, std::uint32_t>> out;
  for (const media::Track& track : tracks) {
    if (mp4::can_carry(track.parameters->codec)) out.emplace_back(track.id, track.generation);
  }
  std::sort(out.begin(), out.end());
  return out;
}

class FlvFile final : public FileWriter {
 public:
  bool takes(const Tracks&) const override { return true; }

  void set_tracks(const Tracks& tracks, Buffer& out) override {
    const bool first = lanes_.empty() && !begun_;
    const auto before = std::exchange(lanes_, {});
    for (const media::Track& track : tracks) {
      if (track.id >= media::TrackId::further || !flv::BodyWriter::can_carry(track.parameters->codec)) continue;
      lanes_.push_back({track, flv::BodyWriter(track)});
    }
    if (first) begin(tracks, out);
    for (const Lane& lane : lanes_) {
      const bool known = std::any_of(before.begin(), before.end(), [&](const Lane& old) {
        return old.track.id == lane.track.id && old.track.generation == lane.track.generation;
      });
      if (known || lane.track.id == media::TrackId::data) continue;
      const Buffer header = lane.writer.sequence_header();
      if (!header.empty()) flv::append_tag(out, lane.writer.type(), last_, header);
    }
  }

  bool carries_media() const override {
    return std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& l) { return l.track.id != media::TrackId::data; });
  }

  Result<void> write(const Frame& frame, bool, Buffer& out) override {
    for (const Lane& lane : lanes_) {
      if (lane.track.id != frame.track) continue;
      const std::size_t at = out.size();
      out.resize(at + flv::tag_bytes(lane.writer, frame));
      flv::write_tag({out.data() + at, out.size() - at}, lane.writer, frame);
      last_ = std::max(last_, frame.dts);
    }
    return {};
  }

  Result<void> finish(Buffer&) override { return {}; }

  std::vector<DiskFile::Patch> patches(std::uint64_t file_bytes) const override {
    std::vector<DiskFile::Patch> out;
    const auto add = [&](std::size_t at, double value) {
      if (at != 0) out.push_back({at, number_bytes(value)});
    };
    add(duration_at_, static_cast<double>(base::to_millis(last_)) / 1000);
    add(size_at_, static_cast<double>(file_bytes));
    return out;
  }

 private:
  struct Lane {
    media::Track track;
    flv::BodyWriter writer;
  };

  // The file header, and metadata with places for the length and size.
  void begin(const Tracks& tracks, Buffer& out) {
    begun_ = true;
    out.resize(flv::prologue_bytes);
    flv::write_prologue({out.data(), out.size()}, flv::file_header_of(tracks));
    flv::ScriptData data{"onMetaData", {}};
    for (const media::Track& track : tracks) {
      if (track.id != media::TrackId::data) continue;
      if (auto parsed = flv::parse_script_data(track.parameters->extradata)) data = std::move(*parsed);
    }
    if (data.name != "onMetaData" || !data.value.has_properties()) data = {"onMetaData", flv::metadata_of(tracks)};
    data.value.set("duration", 0.0);
    data.value.set("filesize", 0.0);
    data.value.set("server", base::server_name);
    data.value.set("server_version", base::version);
    const std::size_t tag = out.size();
    flv::append_tag(out, flv::TagType::script, Ticks{}, flv::write_script_data(data));
    const auto place = [&](std::string_view property) {
      const std::size_t at = open_number_at(out.bytes().subspan(tag), property);
      return at == 0 ? 0 : tag + at;
    };
    duration_at_ = place("duration");
    size_at_ = place("filesize");
  }

  std::vector<Lane> lanes_;
  bool begun_ = false;
  Ticks last_{};
  std::size_t duration_at_ = 0, size_at_ = 0;
};

class TsFile final : public FileWriter {
 public:
  bool takes(const Tracks&) const override { return true; }
  void set_tracks(const Tracks& tracks, Buffer& out) override {
    muxer_.append_flush(out);
    muxer_.set_tracks(tracks);
    carries_ = std::any_of(tracks.begin(), tracks.end(), [&](const auto& track) { return muxer_.carries(track.id); });
  }
  bool carries_media() const override { return carries_; }
  Result<void> write(const Frame& frame, bool, Buffer& out) override {
    if (frame.codec == media::Codec::scte35) muxer_.append_cue(frame.dts + frame.composition, frame.payload, out);
    if (frame.codec == media::Codec::ts_data) muxer_.append_data(frame, out);
    if (muxer_.carries(frame.track)) muxer_.append(frame, out);
    return {};
  }
  Result<void> finish(Buffer& out) override {
    muxer_.append_flush(out);
    return {};
  }
  std::vector<DiskFile::Patch> patches(std::uint64_t) const override { return {}; }

 private:
  ts::Muxer muxer_;
  bool carries_ = false;
};

// Fragmented while it grows: a second of media each, so much is lost in a crash.
class Mp4File final : public FileWriter {
 public:
  bool takes(const Tracks& tracks) const override { return !fragmenter_ || media_of(tracks) == media_; }
  bool runs_on(const Tracks& tracks) const override {
    const auto now = media_of(tracks);
    return std::all_of(media_.begin(), media_.end(), [&](const auto& before) {
      return std::none_of(now.begin(), now.end(), [&](const auto& track) {
        return track.first == before.first && track.second != before.second;
      });
    });
  }
  void set_tracks(const Tracks& tracks, Buffer&) override {
    if (fragmenter_) return;  // the same media: see takes()
    media_ = media_of(tracks);
    fragmenter_.emplace(tracks);
  }
  bool carries_media() const override { return fragmenter_ && fragmenter_->has_tracks(); }

  Result<void> write(const Frame& frame, bool entry, Buffer& out) override {
    if (!fragmenter_->carries(frame.track)) return {};
    if (!fragmenter_->empty()) {
      const Ticks held = frame.dts - fragmenter_->begin();
      const bool large = fragmenter_->bytes() + frame.payload.size() > largest_fragment;
      if (large || held >= longest_fragment || (entry && held >= longest_fragment / 2)) TRY_VOID(cut(&frame, out));
    }
    fragmenter_->add(frame);
    return {};
  }

  Result<void> finish(Buffer& out) override { return fragmenter_ ? cut(nullptr, out) : Result<void>(); }
  std::vector<DiskFile::Patch> patches(std::uint64_t) const override { return {}; }

 private:
  static constexpr Ticks longest_fragment = std::chrono::seconds(1);
  static constexpr std::size_t largest_fragment = 8 * 1024 * 1024;

  Result<void> cut(const Frame* next, Buffer& out) {
    if (fragmenter_->empty()) return {};
    const base::SharedBytes fragment = fragmenter_->cut(next, false);
    if (!std::exchange(begun_, true)) {
      TRY(const base::SharedBytes init, fragmenter_->init());
      out.append(init);
    }
    out.append(fragment);
    return {};
  }

  std::optional<mp4::Fragmenter> fragmenter_;
  std::vector<std::pair<media::TrackId, std::uint32_t>> media_;
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<FileWriter> make_file_writer(Container container) {
  switch (container) {
    case Container::flv:
      return std::make_unique<FlvFile>();
    case Container::mp4:
      return std::make_unique<Mp4File>();
    case Container::ts:
      break;
  }
  return std::make_unique<TsFile>();
}

}  // namespace weir::record
