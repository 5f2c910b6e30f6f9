#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "hub/hub.h"
#include "session/hls/dash_output.h"
#include "session/hls/disk.h"
#include "session/hls/hls_output.h"
#include "session/hls/segmenter.h"
#include "session/hls/with_text.h"

namespace weir::session::hls {

class Service;

// A stream that is packaged on its home worker: its segmenters see every frame. Stays for hls_dispose after the stream
// ended, and holds it at home meanwhile, so that players drain and the next publisher goes on. Owned by the Service.
class Stream final : public hub::FrameSink {
 public:
  // With `waits` it holds its frames until go_on().
  Stream(Service& service, net::BlockingPool& files, const hub::Stream& stream, bool waits);
  ~Stream() override;

  void on_tracks(const media::Tracks& tracks) override;
  void on_frame(const media::FrameRef& frame, bool entry) override;

  // Begins to listen, with what the source still has of its newest group of pictures.
  void attach(hub::Source& source);
  // The disk was looked at: what it has of a server that was killed, null for nothing.
  void go_on(std::shared_ptr<const Window> recovered);
  // The publisher was cut off: players get what there is, and wait.
  void pause();
  // Another publisher goes on with it.
  void follow(const hub::InputOrigin& origin);
  // Nobody publishes it any more, or the settings changed.
  void leave();
  // False when nothing is left to be done for it. Each second.
  bool tend(std::chrono::steady_clock::time_point now);
  void remove();
  // The server stops: the files go at once, by the calling thread.
  void erase_files();
  // Another one goes on with what this one has.
  void hand_over(const Stream& next);

  bool live() const { return source_ != nullptr; }
  // Without hls_recover a playlist ends with its publisher.
  bool waits_for_publishers() const { return vhost_->hls.recover; }
  bool has_place(std::string_view place) const;
  bool settings_equal(const config::Vhost& vhost) const;

 private:
  std::unique_ptr<Disk> disk(const std::string& root);
  Outlet outlet(Disk* disk);
  struct Held {  // one of both
    media::Tracks tracks;
    media::FrameRef frame;
  };

  void begin(std::shared_ptr<const Window> recovered);
  void finish();
  void dispose_hls();
  void dispose_dash();
  void begin_hls(std::shared_ptr<const Window> recovered);
  void begin_dash();
  Outlet hls_outlet();
  void take_hls(std::unique_ptr<Output> output, const Segmenter::Rules& rules, std::unique_ptr<Packer> packer);
  std::shared_ptr<const Window> left_at(const std::string& place) const;
  bool part_tracks(const media::Tracks& tracks);
  void keep_first(const media::FrameRef& frame);
  void take_event(const media::Frame& frame);
  void take_cue(base::Ticks at, const base::SharedBytes& section);
  bool is_of_another(const ListingRef& listing) const;
  void ask_for_keys(Segmenter& segmenter) const;
  void on_fault();
  void tell_left_out();

  // given
  Service& service_;
  net::BlockingPool& files_;
  std::shared_ptr<const config::Vhost> vhost_;
  hub::Request request_;
  base::SessionId publisher_;
  hub::Source* source_ = nullptr;
  log::Context log_;
  hub::StreamHold hold_;

  // owned
  std::unique_ptr<Disk> hls_disk_;
  std::unique_ptr<Output> hls_;
  WithText* words_ = nullptr;  // the same
  std::unique_ptr<Segmenter> hls_segmenter_;
  std::unique_ptr<Disk> keys_disk_;
  std::unique_ptr<Disk> dash_disk_;
  std::unique_ptr<DashOutput> dash_;
  std::unique_ptr<Segmenter> dash_segmenter_;

  // state
  std::chrono::steady_clock::time_point left_at_{};
  std::uint64_t frames_ = 0, frames_seen_ = 0;  // taken; as tend() saw it last
  std::uint64_t left_out_ = 0;                  // segments, as it was told last
  std::chrono::steady_clock::time_point heard_at_ = std::chrono::steady_clock::now();
  bool leaves_out_ = false;
  bool paused_ = false;
  bool hls_ended_ = false, dash_ended_ = false;  // players were told so
  bool waits_ = false;
  bool apart_ = false;      // the tracks have playlists of their own
  bool cleared_ = false;    // what an earlier publisher with such playlists left
  std::vector<Held> held_;  // meanwhile
  std::vector<media::FrameRef> first_;
  log::Limit bad_events_;
};

}  // namespace weir::session::hls
