#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log_limit.h"
#include "session/hls/cipher.h"
#include "session/hls/outlet.h"
#include "session/hls/segmenter.h"
#include "session/hls/window.h"

namespace weir::session::hls {

// The HLS of one stream: keeps the window of segments, names them, and says the playlist anew after each segment and
// part. Lives on the stream's home worker.
class HlsOutput final : public SegmentSink {
 public:
  // `resume` is what a publisher before left, null for none.
  HlsOutput(Outlet outlet, const std::shared_ptr<const Window>& resume);
  ~HlsOutput() override;

  // False if the stream's name cannot be that of a file.
  bool usable() const { return usable_; }
  Segmenter::Rules rules() const;
  // Below the root.
  static std::string playlist_path(const config::Vhost& vhost, std::string_view app, std::string_view stream);
  static std::unique_ptr<Packer> make_packer(const config::Hls& settings);
  const std::string& place() const { return place_; }

  void on_begin(const media::Tracks& tracks, const Begin& begin) override;
  void on_part(CutPart part) override;
  void on_segment(CutSegment segment) override;

  void follow(const Segmenter& segmenter) { segmenter_ = &segmenter; }
  // The publisher left. Players stay for the next one, unless this is the `end`.
  void leave(bool end);
  // What it has on the disk, below its root; none if that is to stay.
  std::vector<std::string> files() const;
  // Another worker goes on with the window; what it does not know of goes off the shelf.
  void abandon();
  // Takes everything off the shelf, and off the disk if `files` and hls_cleanup say so.
  void remove(bool files);
  bool empty() const { return window_.segments.empty() && lingering_.empty(); }
  std::uint64_t segments() const { return window_.next_number; }

 private:
  std::string name_segment(std::chrono::milliseconds duration);
  std::string part_path(std::size_t index) const;
  void add_init();
  void share_parts(Kept& kept);
  void drop(std::deque<Kept>& from);
  void drop(const Init& init);
  void drop_unused_init();
  void retire_oldest();
  bool put_away();
  bool make_room(std::uint64_t bytes);
  void tell_short_window();
  std::size_t most_segments() const;
  void expire();
  void write_lines(Kept& kept, const ::weir::hls::Segment* before) const;
  void make_key();
  std::string key_uri(const std::string& path) const;
  void tell(Kept& kept, const std::string& path);
  void publish(bool live, bool ended);
  ::weir::hls::MediaPlaylist playlist(bool ended, bool own) const;
  // Of playlists that carry the id of their session; such are made when has_own().
  ::weir::hls::WriteOptions own_options() const;
  bool has_own() const { return outlet_.guarded || (settings().ctx && settings().ts_ctx); }
  ::weir::hls::Variant variant() const;
  const config::Hls& settings() const { return outlet_.vhost->hls; }
  bool fmp4() const { return settings().use_fmp4; }
  bool encrypts() const { return settings().keys; }

  struct Secret {
    KeyBytes bytes{}, vector{};
    ::weir::hls::Key told;
    ItemRef item;
  };

  // given
  Outlet outlet_;
  const Segmenter* segmenter_ = nullptr;

  // owned
  Window window_;
  std::deque<Kept> lingering_;  // out of the playlist, but a player may still ask for them

  // state
  bool usable_ = true;
  std::string path_;  // of the playlist, below the root
  std::string place_;
  std::optional<::weir::hls::Map> map_;
  std::optional<Secret> key_;
  Begin open_;  // what the open segment begins with
  std::vector<::weir::hls::Part> open_told_;
  std::vector<ItemRef> open_parts_;
  std::int64_t floor_timestamp_ = -1;
  media::Tracks tracks_;
  Update pending_;  // what goes with the next announcement
  log::Limit full_, short_;
};

// A segment or initialisation as a file that is served.
ItemRef media_item(const config::Vhost& vhost, const std::string& path, base::SharedBytes bytes);

}  // namespace weir::session::hls
