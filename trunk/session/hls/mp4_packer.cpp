#include "base/gather.h"
#include "format/mp4/fragmenter.h"
#include "format/mp4/sample_entry.h"
#include "session/hls/packer.h"

namespace weir::session::hls {
namespace {

// One file of fragments, of one or more tracks.
class File {
 public:
  File(const media::Tracks& tracks, bool dated)
      : tracks_(tracks),
        dated_(dated),
        fragmenter_(tracks),
        first_(tracks.front().id),
        video_alone_(tracks.size() == 1 && media::is_video(tracks.front())) {}

  media::TrackId track() const { return first_; }
  bool carries(media::TrackId id) const { return fragmenter_.carries(id); }
  bool has_tracks() const { return fragmenter_.has_tracks(); }
  std::uint32_t timescale() const { return fragmenter_.timescale(first_); }
  std::size_t bytes() const { return done_bytes_ + fragmenter_.bytes(); }
  base::SharedBytes init() const {
    if (!fragmenter_.described()) return {};
    auto made = fragmenter_.init();
    return made ? *std::move(made) : base::SharedBytes();
  }

  void begin_segment(bool discontinuity) {
    // Times may be any: a fragmenter's only grow.
    if (discontinuity) fragmenter_ = mp4::Fragmenter(tracks_);
    parts_together_.begin();
    first_part_ = {};
    parts_ = done_bytes_ = picture_bytes_ = 0;
    begun_ = false;
  }
  void add(const media::Frame& frame) { fragmenter_.add(frame); }
  void add_event(const id3::Event& event) { fragmenter_.add_event(event); }
  bool video_alone() const { return video_alone_; }
  // What came since the last part; nothing if `filled` is false and nothing did.
  Piece end_part(const Ending& ending, bool filled) {
    // A segment's type comes before its first fragment (23000-19 7.3.2).
    Piece piece{.track = first_, .bytes = fragmenter_.cut(rule_of(ending))};
    if (!piece.bytes.empty()) {
      if (parts_ == 0) picture_bytes_ = fragmenter_.picture_bytes();
      const auto span = fragmenter_.span(first_);
      if (!begun_) begin_ = span.begin;
      begun_ = true;
      end_ = span.end;
    } else if (filled) {
      piece.bytes = fragmenter_.nothing(ending.at, parts_ == 0);
    } else {
      return piece;
    }
    keep(piece);
    return piece;
  }
  Piece end_segment(const Ending& ending) {
    Ending last = ending;
    last.last = true;
    end_part(last, false);
    Piece whole{.track = first_, .bytes = parts_ == 1 ? first_part_ : parts_together_.whole()};
    whole.picture_bytes = picture_bytes_;
    // Whoever has the segment lets go of it, and not who begins the next one.
    first_part_ = {};
    parts_together_.begin();
    if (!ending.next) parts_together_.release();
    if (!begun_) return whole;
    whole.start = static_cast<std::uint64_t>(begin_);
    whole.duration = static_cast<std::uint64_t>(end_ - begin_);
    return whole;
  }

 private:
  // A part that stays alone is the segment; of several the segment is made as they come, and they are slices of it.
  void keep(Piece& part) {
    done_bytes_ += part.bytes.size();
    if (++parts_ == 1) {
      first_part_ = part.bytes;
      return;
    }
    if (parts_ == 2) parts_together_.append(first_part_);
    const std::size_t begin = parts_together_.size();
    parts_together_.append(part.bytes);
    part.bytes = parts_together_.since(begin);
  }
  mp4::Fragmenter::Cut rule_of(const Ending& ending) const {
    // Where another video leads, the next frame of this one may be any moment later, but at the end of a segment.
    const bool other_leads = video_alone_ && !ending.last && ending.next && ending.next->track != first_;
    mp4::Fragmenter::Cut rule{.next = ending.next, .segment_type = parts_ == 0, .hold = ending.open || other_leads};
    if (ending.next && !rule.hold) rule.at = ending.at;
    if (dated_) rule.reference = {.at = ending.begin, .unix_ms = ending.date.time_since_epoch().count()};
    return rule;
  }

  media::Tracks tracks_;
  bool dated_;
  mp4::Fragmenter fragmenter_;
  media::TrackId first_;
  bool video_alone_;
  base::SharedBytes first_part_;
  base::Gather parts_together_;  // from the second part on
  std::size_t parts_ = 0, done_bytes_ = 0, picture_bytes_ = 0;
  bool begun_ = false;
  std::int64_t begin_ = 0, end_ = 0;  // of the first track, in its time scale
};

class Mp4Packer final : public Packer {
 public:
  explicit Mp4Packer(bool apart, bool dated) : apart_(apart), dated_(dated) {}

  void set_tracks(const media::Tracks& tracks) override {
    files_.clear();
    media::Tracks together;
    for (const media::Track& track : tracks) {
      if (!mp4::Fragmenter({track}).has_tracks()) continue;
      if (apart_) {
        files_.emplace_back(media::Tracks{track}, dated_);
      } else {
        together.push_back(track);
      }
    }
    if (!together.empty()) files_.emplace_back(together, dated_);
  }
  bool carries(media::TrackId id) const override { return find(id) != nullptr; }
  bool can_carry(const media::Track& track) const override { return mp4::can_carry(track.parameters->codec); }
  void begin_segment(bool discontinuity) override {
    for (File& file : files_) file.begin_segment(discontinuity);
  }
  void add(const media::Frame& frame) override {
    for (File& file : files_) {
      if (file.carries(frame.track)) return file.add(frame);
    }
  }
  // With each video, as players take one of them; without, with the first track of sound.
  void add_event(const id3::Event& event) override {
    for (File& file : files_) {
      if (&file == &files_.front() || file.video_alone()) file.add_event(event);
    }
  }
  std::size_t bytes() const override {
    std::size_t sum = 0;
    for (const File& file : files_) sum += file.bytes();
    return sum;
  }
  Pieces end_part(const Ending& ending) override {
    Pieces out;
    for (File& file : files_) {
      if (Piece piece = file.end_part(ending, !apart_); !piece.bytes.empty()) out.push_back(std::move(piece));
    }
    return out;
  }
  Pieces end_segment(const Ending& ending) override {
    Pieces out;
    for (File& file : files_) {
      if (Piece piece = file.end_segment(ending); !piece.bytes.empty()) out.push_back(std::move(piece));
    }
    return out;
  }
  bool holds_back() const override { return true; }
  Pieces init() const override {
    Pieces out;
    for (const File& file : files_) {
      if (auto bytes = file.init(); !bytes.empty()) out.push_back({.track = file.track(), .bytes = std::move(bytes)});
    }
    return out;
  }
  std::uint32_t timescale(media::TrackId id) const override {
    const File* const file = find(id);
    return file && apart_ ? file->timescale() : 0;
  }

 private:
  const File* find(media::TrackId id) const {
    for (const File& file : files_) {
      if (file.carries(id)) return &file;
    }
    return nullptr;
  }

  bool apart_, dated_;
  std::vector<File> files_;
};

}  // namespace

std::unique_ptr<Packer> make_fmp4_packer() { return std::make_unique<Mp4Packer>(false, false); }
std::unique_ptr<Packer> make_cmaf_packer(bool dated) { return std::make_unique<Mp4Packer>(true, dated); }

}  // namespace weir::session::hls
