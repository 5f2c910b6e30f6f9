#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include "media/timeline.h"
#include "support/playlist_attributes.h"
#include "unit/session/hls/output_rig.h"

namespace weir::test::two_hours_test {

// Two hours of low latency on a clock that the test turns, from a publisher that stalls, jumps and comes again at
// random from a seed: his frames through the repair of times, the segmenter and the output, as a server has them.
using namespace std::chrono_literals;
using test::ParsedPlaylist;
namespace sh = session::hls;

namespace {

constexpr auto frame_time = 40ms;

class Publisher {
 public:
  Publisher(std::uint32_t seed, bool fmp4) : random_(seed), vhost_(vhost_of(fmp4)) { connect(false); }

  void run(std::chrono::milliseconds length) {
    const sh::WallTime until = wall_ + length;
    while (wall_ < until) {
      play(std::chrono::milliseconds(2'000 + below(40'000)));
      const auto what = below(6);
      happened(what);
      switch (what) {
        case 0:  // a stall, and what was held comes at once
          wall_ += std::chrono::milliseconds(500 + below(4'000));
          break;
        case 1: {  // a stall, and what was held is lost
          const auto gap = std::chrono::milliseconds(100 + below(6'000));
          wall_ += gap;
          due_ += gap;
          own_ += gap.count();
          break;
        }
        case 2:  // his clock jumps
          own_ = std::max<std::int64_t>(own_ + static_cast<std::int64_t>(below(20'000'000)) - 10'000'000, 0);
          break;
        case 3:  // one picture is stamped wrong
          stray_ = static_cast<std::int64_t>(below(2'000'000)) - 1'000'000;
          break;
        case 4:  // he comes again at once
          wall_ += std::chrono::milliseconds(200 + below(1'000));
          own_ = below(100'000);
          due_ = wall_;
          again();
          break;
        default:  // he comes again when the stream was over, without its end being told
          connect(true);
          break;
      }
    }
    CHECK(texts_ > static_cast<std::size_t>(length / 2s));
    CHECK(told_.count() > length.count() * 90 * 8 / 10);
    CHECK(ends_ >= static_cast<std::size_t>(length / 10min));
  }

 private:
  static config::Vhost vhost_of(bool fmp4) {
    config::Vhost vhost = test::vhost_of(4s, true, fmp4);
    vhost.hls.part_duration = 1s;
    vhost.hls.window = 20s;  // short texts: each is parsed
    return vhost;
  }
  std::uint32_t below(std::uint32_t limit) {
    random_ = random_ * 1'664'525 + 1'013'904'223;
    return static_cast<std::uint32_t>((std::uint64_t{random_} * limit) >> 32);
  }

  // Another publisher of the stream: it goes on with what is left of it.
  void connect(bool again) {
    std::shared_ptr<const sh::Window> left;
    if (again) {
      flush();
      segmenter_->end();
      output_->leave(false);
      left = listing_->window;
      wall_ += std::chrono::milliseconds(1'000 + below(30'000));
      ++ends_;
    }
    sh::Outlet outlet{.vhost = shared_, .app = "live", .stream = "a", .budget = budget_};
    outlet.broadcast = [this](const std::shared_ptr<const sh::Update>& update) { take(*update); };
    outlet.on_file = [](const sh::SegmentFile&) {};
    if (output_) output_->abandon();
    output_ = std::make_unique<sh::HlsOutput>(std::move(outlet), std::move(left));
    segmenter_ = std::make_unique<sh::Segmenter>(output_->rules(), sh::HlsOutput::make_packer(vhost_.hls), *output_,
                                                 [this] { return wall_; });
    output_->follow(*segmenter_);
    segmenter_->on_tracks({h264_track(), aac_track()});
    timeline_ = media::Timeline();
    own_ = below(1'000'000);
    due_ = wall_;
    key_in_ = 0;
  }
  // The same, within the grace: the stream has never ended.
  void again() {
    flush();
    media::Timeline::Options options;
    options.begin = timeline_.newest() + base::Ticks(frame_time);
    timeline_ = media::Timeline(options);
    key_in_ = 0;
  }

  // The last of what befell him, for who reads that something is wrong.
  void happened(std::uint32_t what) {
    static constexpr std::array names{"a stall", "a gap", "a jump", "a stray", "again at once", "again when over"};
    last_.push_back(std::string(names.at(what)) + " after " + std::to_string(texts_) + " playlists, " +
                    std::to_string((wall_ - due_).count()) + " ms late");
    if (last_.size() > 8) last_.pop_front();
  }

  // Frames as they are due; those that are late come at once.
  void play(std::chrono::milliseconds length) {
    for (const sh::WallTime until = due_ + length; due_ < until; due_ += frame_time, own_ += frame_time.count()) {
      wall_ = std::max(wall_, due_);
      const bool key = key_in_ == 0;
      key_in_ = key ? 24 + below(30) : key_in_ - 1;
      put(video_frame(own_ + std::exchange(stray_, 0), key, 60));
      put(audio_frame(own_ + 3));
      put(audio_frame(own_ + 23));
    }
  }
  void put(media::Frame frame) {
    if (frame.dts < base::Ticks{}) frame.dts = {};
    timeline_.put(std::move(frame), ready_);
    pass();
  }
  void flush() {
    timeline_.flush(ready_);
    pass();
  }
  void pass() {
    for (const media::Frame& frame : ready_) segmenter_->on_frame(frame);
    ready_.clear();
  }

  void take(const sh::Update& update) {
    for (const auto& place : update.removed) items_.erase(place);
    for (const auto& item : update.added) items_.insert(item->place);
    if (!update.listing || update.place.ends_with("~iframes.m3u8")) return;
    listing_ = update.listing;
    ++texts_;
    const std::string text(base::as_text(listing_->full.plain));
    const auto checked = validate_playlist(text);
    const auto faults = before_ ? validate_update(*before_, checked.playlist) : std::vector<std::string>();
    if (checked.faults.empty() && faults.empty() && in_time(checked.playlist) && all_there(checked.playlist)) {
      count(checked.playlist);
      before_ = checked.playlist;
      return;
    }
    for (const auto& fault : checked.faults) UNSCOPED_INFO(fault);
    for (const auto& fault : faults) UNSCOPED_INFO(fault);
    UNSCOPED_INFO(text);
    for (const std::string& one : last_) UNSCOPED_INFO(one);
    FAIL("after " << texts_ << " playlists");
  }
  // 4.4.4.6. The end of what is told is that of a frame that has just come, or of the sound with it: never in the
  // future by more than a frame.
  bool in_time(const ParsedPlaylist& list) {
    double at = -1;
    for (const auto& segment : list.segments) {
      if (!segment.date_time.empty()) at = static_cast<double>(parse_date_time(segment.date_time));
      if (at >= 0) at += segment.duration * 1000;
    }
    for (const auto& part : list.open_parts) at += at >= 0 ? part.duration * 1000 : 0;
    const auto limit = static_cast<double>((wall_ + 3 * frame_time).time_since_epoch().count());
    if (at <= limit) return true;
    UNSCOPED_INFO("the end is " << at - limit << " ms in the future");
    return false;
  }
  bool all_there(const ParsedPlaylist& list) {
    const auto there = [this](const std::string& uri) {
      if (items_.contains("__defaultVhost__/live/" + uri)) return true;
      UNSCOPED_INFO(uri << " is not there");
      return false;
    };
    for (const auto& segment : list.segments) {
      if (!segment.gap && !there(segment.uri)) return false;
      for (const auto& part : segment.parts) {
        if (!there(part.uri)) return false;
      }
    }
    return std::all_of(list.open_parts.begin(), list.open_parts.end(),
                       [&](const auto& part) { return there(part.uri); });
  }
  void count(const ParsedPlaylist& list) {
    const long next = list.media_sequence + static_cast<long>(list.segments.size());
    if (next == next_) return;
    next_ = next;
    told_ += base::Ticks(static_cast<std::int64_t>(list.segments.back().duration * 90'000));
  }

  std::uint32_t random_;
  config::Vhost vhost_;
  std::shared_ptr<const config::Vhost> shared_ = std::make_shared<const config::Vhost>(vhost_);
  sh::Budget budget_;
  std::unique_ptr<sh::HlsOutput> output_;
  std::unique_ptr<sh::Segmenter> segmenter_;
  media::Timeline timeline_;
  std::vector<media::Frame> ready_;
  std::set<std::string> items_;
  sh::ListingRef listing_;
  std::optional<ParsedPlaylist> before_;

  sh::WallTime wall_{1'700'000'000'000ms}, due_ = wall_;
  std::int64_t own_ = 0, stray_ = 0;  // ms, of the publisher's clock
  std::uint32_t key_in_ = 0;
  std::size_t texts_ = 0, ends_ = 0;
  std::deque<std::string> last_;
  base::Ticks told_{};
  long next_ = 0;
};

}  // namespace

TEST_CASE("two hours of a publisher that stalls, jumps and comes again", "[hls][hours]") {
  const auto seed = GENERATE(1U, 2U);
  INFO("seed " << seed);
  Publisher(seed, seed == 1).run(seed == 1 ? 2h : 10min);  // with MPEG-TS it is the same but for the bytes
}

}  // namespace weir::test::two_hours_test
