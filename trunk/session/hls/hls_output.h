#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_limit.h"
#include "session/hls/cipher.h"
#include "session/hls/outlet.h"
#include "session/hls/output.h"
#include "session/hls/sums.h"
#include "session/hls/window.h"

namespace weir::session::hls {

// One track of a stream whose tracks have playlists of their own.
struct Rendition {
  media::TrackId track = media::TrackId::video;
  bool sound = false;
  bool text = false;   // WebVTT, in whole segments alone
  std::string suffix;  // behind the stream's name in the names of its files: "~audio2"
  std::string main;    // place of the playlist that names it
};

// One playlist of a stream, of all its tracks or of one: keeps the window of segments, names them, and says the
// playlist anew after each segment and part. Lives on the stream's home worker.
class HlsOutput final : public Output {
 public:
  // `resume` is what a publisher before left, null for none. A `rendition` takes the pieces of its track alone; where
  // others have one and it has none, its playlist says that something is missing.
  HlsOutput(Outlet outlet, const std::shared_ptr<const Window>& resume, std::optional<Rendition> rendition = {});
  ~HlsOutput() override;

  // Names of streams whose playlist would be that of another one's tracks or pictures: "cam~iframes", "cam~audio2".
  static bool is_of_a_part(std::string_view stream);
  // False if the stream's name cannot be that of a file.
  bool usable() const { return usable_; }
  Segmenter::Rules rules() const;
  // Below the root.
  static std::string playlist_path(const config::Vhost& vhost, std::string_view app, std::string_view stream);
  static std::unique_ptr<Packer> make_packer(const config::Hls& settings);
  const std::string& place() const override { return place_; }
  // Below the root.
  const std::string& path() const { return path_; }
  // Bits a second of its segments: the most of one, and all of them together.
  struct Rates {
    std::uint64_t most = 0, average = 0;
  };
  Rates rates() const;
  bool independent() const;  // every segment in the window is
  // Of other renditions, below the root: the playlist tells how far those are (4.4.5.4), which is as far as this one.
  // The playlist of its key frames alone, as a variant names it; empty while it has none.
  const ::weir::hls::Pictures& pictures_told() const { return pictures_; }
  void set_beside(std::vector<std::string> paths) { beside_ = std::move(paths); }

  void on_begin(const media::Tracks& tracks, const Begin& begin) override;
  void on_part(CutPart part) override;
  void on_segment(CutSegment segment) override;
  void on_cue(const CutCue& cue) override;

  void follow(const Segmenter& segmenter) override { segmenter_ = &segmenter; }
  void leave(bool end) override;
  std::vector<std::string> files() const override;
  void abandon() override;
  void remove(bool files) override;
  bool empty() const override { return window_.segments.empty() && lingering_.empty(); }
  std::uint64_t segments() const override { return window_.next_number; }
  void tell_texts(std::vector<::weir::hls::Text> texts) override { texts_ = std::move(texts); }

 private:
  const Piece* mine(const Pieces& pieces) const;
  std::string name_segment(std::chrono::milliseconds duration);
  std::string part_path(std::size_t index) const;
  void add_init();
  void share_parts(Kept& kept);
  void drop(std::deque<Kept>& from);
  void drop(const Init& init);
  void drop_unused_init();
  static std::size_t range_bytes(const std::vector<::weir::hls::DateRange>& ranges);
  void retire_oldest();
  bool put_away();
  bool make_room(std::uint64_t bytes);
  void rebuild();
  void settle();
  void unsettle();
  void keep_ranges(const Kept& kept);
  void forget_ranges(const Kept& gone);
  std::vector<std::string> removed_ranges() const;
  ::weir::hls::MediaPlaylist::Between between() const;
  void tell_short_window();
  std::size_t most_segments() const;
  std::chrono::milliseconds length() const;
  void expire();
  void write_lines(Kept& kept, const ::weir::hls::Segment* before) const;
  void make_key();
  std::string key_uri(const std::string& path) const;
  void tell(Kept& kept, const std::string& path);
  void publish(bool live, bool ended);
  Page page(const ::weir::hls::MediaPlaylist& list, const ::weir::hls::WriteOptions& options, bool compress) const;
  ::weir::hls::MediaPlaylist playlist(bool ended, bool own) const;
  std::string pictures_path() const;
  void write_picture_lines(Kept& kept, const Kept* before) const;
  ::weir::hls::MediaPlaylist pictures(bool ended, bool own) const;
  void count_pictures();
  void publish_pictures(bool live, bool ended);
  void remove_pictures();
  // Of playlists that carry the id of their session; such are made when has_own().
  ::weir::hls::WriteOptions own_options() const;
  bool has_own() const { return outlet_.guarded || (settings().ctx && settings().ts_ctx); }
  ::weir::hls::Variant variant() const;
  const config::Hls& settings() const { return outlet_.vhost->hls; }
  bool fmp4() const { return settings().use_fmp4 && !is_text(); }
  bool is_text() const { return rendition_ && rendition_->text; }
  bool is_sound() const { return rendition_ && rendition_->sound; }
  // Of a picture that another one leads.
  bool is_beside() const { return rendition_ && !rendition_->sound && rendition_->track != segmenter_->leader(); }
  bool encrypts() const { return settings().keys && !is_text(); }

  struct Secret {
    KeyBytes bytes{}, vector{};
    ::weir::hls::Key told;
    ItemRef item;
  };

  // given
  Outlet outlet_;
  std::optional<Rendition> rendition_;
  const Segmenter* segmenter_ = nullptr;

  // owned
  Window window_;
  std::deque<Kept> lingering_;  // out of the playlist, but a player may still ask for them
  base::Ticks lingering_length_{};
  std::uint64_t lingering_held_ = 0;  // bytes of them in memory
  Sums sums_;                         // of the window
  std::uint64_t put_away_ = 0;        // segments before this number are on the disk alone, or there was none

  // state
  bool usable_ = true;
  std::string name_;  // of the stream in the names of its files
  std::string path_;  // of the playlist, below the root
  std::string place_;
  std::vector<std::string> beside_;
  std::vector<::weir::hls::Text> texts_;
  std::optional<::weir::hls::Map> map_;
  std::optional<Secret> key_;
  Begin open_;  // what the open segment begins with
  std::vector<::weir::hls::Part> open_told_;
  std::vector<::weir::hls::DateRange> open_ranges_;
  std::size_t range_bytes_ = 0;                                          // of the segments in the window
  std::deque<std::pair<std::uint64_t, ::weir::hls::DateRange>> ranges_;  // and they, with the numbers of those
  std::map<std::string, unsigned, std::less<>> range_ids_;               // how many of them have it
  std::deque<std::pair<base::Ticks, std::string>> removed_;              // ids of those that left, and when
  base::Ticks told_time_{};                                              // of all segments that were told
  struct Break {
    std::uint32_t event = 0, crc = 0;
    ::weir::hls::DateRange told;
    bool over = false;
  };
  std::deque<Break> breaks_;  // of late
  std::vector<ItemRef> open_parts_;
  std::int64_t floor_timestamp_ = -1;
  ::weir::hls::Pictures pictures_;
  bool has_pictures_ = false;  // their playlist is on the shelf
  media::Tracks tracks_;
  Update pending_;  // what goes with the next announcement
  log::Limit full_, short_;
};

// How the variant of these tracks is described, but for its address and rates.
::weir::hls::Variant describe_variant(const media::Tracks& tracks, const Segmenter& segmenter, bool fmp4);
// The address of a playlist in the multivariant one beside it.
std::string listed_uri(const config::Hls& settings, const std::string& path);
// What is behind it where each player has a session of its own.
inline constexpr std::string_view own_query = "hls_ctx=\x01";
static_assert(own_query.ends_with(session_mark));

// A segment or initialisation as a file that is served.
ItemRef media_item(const config::Vhost& vhost, const std::string& path, base::SharedBytes bytes,
                   std::shared_ptr<Disposal> disposal = nullptr);

}  // namespace weir::session::hls
