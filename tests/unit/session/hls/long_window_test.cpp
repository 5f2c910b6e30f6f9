#include <algorithm>
#include <chrono>

#include "net/worker.h"
#include "session/hls/hls_output.h"
#include "support/catch.h"
#include "support/playlist_validator.h"
#include "unit/session/hls/output_rig.h"

namespace weir::test::long_window_test {

// Playlists of hours: what is told, and that a segment more costs the same however many there are.
using namespace std::chrono_literals;
namespace sh = session::hls;
using test::vhost_of;

namespace {

std::string text_of(const sh::Page& page, const std::string& session = {}) {
  std::string text = sh::with_session(page, session);
  for (const base::SharedBytes& block : page.rest) text += sh::with_session(block.bytes(), session);
  CHECK(text.size() == page.size(session.size()));
  return text;
}

// Segments of one packet, cut by hand: nothing is packed, and only the newest playlists are kept.
class Long {
 public:
  explicit Long(config::Vhost given, std::shared_ptr<const sh::Window> resume = nullptr, bool guarded = false)
      : vhost_(std::make_shared<const config::Vhost>(std::move(given))) {
    sh::Outlet outlet{.vhost = vhost_, .app = "live", .stream = "a", .budget = budget_};
    outlet.guarded = guarded;
    outlet.broadcast = [this](const std::shared_ptr<const sh::Update>& update) {
      if (!update->listing) return;
      (update->place.find("iframes") == std::string::npos ? listing : pictures) = update->listing;
    };
    outlet.on_file = [](const sh::SegmentFile&) {};
    output = std::make_unique<sh::HlsOutput>(std::move(outlet), std::move(resume));
    segmenter = std::make_unique<sh::Segmenter>(output->rules(), sh::HlsOutput::make_packer(vhost_->hls), *output,
                                                [this] { return wall_; });
    output->follow(*segmenter);
    segmenter->on_tracks({h264_track()});
  }
  void add(std::size_t segments) {
    for (std::size_t i = 0; i < segments; ++i) {
      segmenter->on_frame(video_frame(at_, true, 20));
      segmenter->on_frame(video_frame(at_ + 1'000, false, 20));
      at_ += 2'000;
      wall_ += 2s;
    }
  }
  // CPU time of a segment.
  double cost(std::size_t segments = 200) {
    const auto before = net::thread_cpu_time();
    add(segments);
    return std::chrono::duration<double, std::micro>(net::thread_cpu_time() - before).count() /
           static_cast<double>(segments);
  }

  sh::ListingRef listing, pictures;
  std::unique_ptr<sh::HlsOutput> output;
  std::unique_ptr<sh::Segmenter> segmenter;

 private:
  std::shared_ptr<const config::Vhost> vhost_;
  sh::Budget budget_;
  sh::WallTime wall_{1'700'000'000'000ms};
  std::int64_t at_ = 0;
};

config::Vhost event(bool low_latency = false) {
  config::Vhost vhost = vhost_of(2s, low_latency);
  vhost.hls.playlist_type = config::Hls::PlaylistType::event;
  vhost.hls.memory_per_stream = vhost.hls.memory_total = 4ULL << 30;
  return vhost;
}

void check(const sh::Page& page, std::size_t segments, std::uint64_t first) {
  const auto checked = validate_playlist(text_of(page));
  for (const auto& fault : checked.faults) UNSCOPED_INFO(fault);
  CHECK(checked.faults.empty());
  CHECK(checked.playlist.segments.size() == segments);
  CHECK(checked.playlist.media_sequence == static_cast<long>(first));
  std::uint64_t number = first;
  for (const auto& segment : checked.playlist.segments) {
    REQUIRE(segment.uri.find("a-" + std::to_string(number++) + ".ts") == 0);
  }
}

}  // namespace

TEST_CASE("a long playlist names each segment once and in order, and shares its text with the one before", "[hls]") {
  for (const bool low_latency : {false, true}) {
    INFO(low_latency);
    Long rig(event(low_latency));
    rig.add(2'501);  // the last one is open
    check(rig.listing->full, 2'500, 0);
    check(rig.pictures->full, 2'500, 0);
    REQUIRE(rig.listing->full.rest.size() > 3);
    const auto before = rig.listing;
    rig.add(1);
    const sh::Page &old = before->full, &now = rig.listing->full;
    REQUIRE(now.rest.size() >= old.rest.size());
    for (std::size_t i = 0; i + 1 < old.rest.size(); ++i) CHECK(now.rest[i].data() == old.rest[i].data());
    CHECK(now.plain.size() < 1'000);
    CHECK(now.rest.back().size() < 30'000);
    check(old, 2'500, 0);  // it stays as it was
    if (!low_latency) continue;
    const auto whole = validate_playlist(text_of(now)).playlist;
    for (const sh::Page* page : {&rig.listing->delta, &rig.listing->delta_v2}) {
      CHECK(page->size() < 10'000);
      const auto delta = validate_playlist(text_of(*page));
      CHECK(delta.faults.empty());
      const auto joined = apply_delta(whole, delta.playlist);
      REQUIRE(joined);
      CHECK(joined->segments.size() == whole.segments.size());
    }
  }
}

TEST_CASE("a long window that moves on loses its oldest lines", "[hls]") {
  config::Vhost vhost = vhost_of(2s);
  vhost.hls.window = 1h;
  vhost.hls.memory_per_stream = vhost.hls.memory_total = 4ULL << 30;
  Long rig(vhost);
  for (int i = 0; i < 5; ++i) {
    rig.add(800);
    const auto told = validate_playlist(text_of(rig.listing->full)).playlist;
    check(rig.listing->full, told.segments.size(), static_cast<std::uint64_t>(told.media_sequence));
    check(rig.pictures->full, told.segments.size(), static_cast<std::uint64_t>(told.media_sequence));
    CHECK(told.segments.size() <= 1'802);
    CHECK(told.media_sequence + static_cast<long>(told.segments.size()) == 800 * (i + 1) - 1);
  }
}

TEST_CASE("the next publisher goes on with a long playlist, with and without sessions in its addresses", "[hls]") {
  for (const bool guarded : {false, true}) {
    INFO(guarded);
    Long first(event(), nullptr, guarded);
    first.add(1'700);
    first.segmenter->end();
    first.output->leave(false);
    const sh::Page before = first.listing->full;
    Long second(event(), first.listing->window, true);
    second.add(201);
    const auto plain = validate_playlist(text_of(second.listing->full));
    const auto own = validate_playlist(text_of(second.listing->full_own, "abcd1234"));
    CHECK(plain.faults.empty());
    CHECK(own.faults.empty());
    REQUIRE(plain.playlist.segments.size() == 1'900);
    REQUIRE(own.playlist.segments.size() == 1'900);
    for (std::size_t i = 0; i < 1'900; ++i) {
      REQUIRE(own.playlist.segments[i].uri == plain.playlist.segments[i].uri + "?hls_ctx=abcd1234");
    }
    CHECK(validate_playlist(text_of(before)).playlist.segments.size() == 1'700);  // what was handed out stays
  }
}

// In time of the processor that this thread has used.
TEST_CASE("a segment of a playlist of hours costs as much as of one of minutes", "[hls][cost]") {
  Long rig(event());
  rig.add(400);
  double few = rig.cost();
  for (int i = 0; i < 4; ++i) few = std::min(few, rig.cost());
  rig.add(4'500);
  // Whatever else the machine does adds to it: the least of several is what it costs.
  double many = rig.cost();
  for (int i = 0; i < 12 && many > few * 1.5; ++i) many = std::min(many, rig.cost());
  INFO(few << " us among few, " << many << " us among many");
  CHECK(many <= few * 1.5);
}

}  // namespace weir::test::long_window_test
