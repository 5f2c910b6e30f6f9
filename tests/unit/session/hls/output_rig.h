#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "session/hls/hls_output.h"
#include "support/catch.h"
#include "support/playlist_validator.h"
#include "unit/session/hls/frames.h"

namespace weir::test {

namespace sh = session::hls;
using namespace std::chrono_literals;

// One stream whose updates are taken as a worker takes them.
struct OutputRig {
  explicit OutputRig(config::Vhost given, std::shared_ptr<const sh::Window> resume = nullptr,
                     std::string stream = "a") {
    vhost = std::make_shared<const config::Vhost>(std::move(given));
    sh::Outlet outlet{.vhost = vhost, .app = "live", .stream = std::move(stream), .budget = budget};
    outlet.broadcast = [this](const std::shared_ptr<const sh::Update>& update) { take(*update); };
    outlet.on_file = [this](const sh::SegmentFile& file) { files.push_back(file); };
    output = std::make_unique<sh::HlsOutput>(std::move(outlet), std::move(resume));
    segmenter = std::make_unique<sh::Segmenter>(output->rules(), sh::HlsOutput::make_packer(vhost->hls), *output,
                                                [this] { return wall; });
    output->follow(*segmenter);
    segmenter->on_tracks({h264_track(), aac_track()});
  }
  ParsedPlaylist newest() const { return validate_playlist(texts.back()).playlist; }
  void feed(const Pattern& pattern) {
    test::feed(pattern, [this](const media::Frame& frame) { take(frame); });
  }

  // A frame when it is due: the wall clock goes on as the stream does.
  void take(const media::Frame& frame) {
    wall += std::clamp(std::chrono::milliseconds(base::to_millis(frame.dts - last)), 0ms, 1000ms);
    last = frame.dts;
    segmenter->on_frame(frame);
  }
  void take(const sh::Update& update) {
    for (const auto& place : update.removed) items.erase(place);
    for (const auto& item : update.added) items[item->place] = item;
    if (update.place.ends_with("~iframes.m3u8")) {
      pictures = update.listing;  // null: gone
      if (pictures) picture_texts.emplace_back(base::as_text(pictures->full.plain));
      return;
    }
    if (update.gone) listing = nullptr;
    if (!update.listing) return;
    listing = update.listing;
    texts.emplace_back(base::as_text(listing->full.plain));
  }
  void run(std::int64_t from_ms, std::int64_t to_ms) { feed({.from_ms = from_ms, .to_ms = to_ms}); }
  // Every playlist by the rules, each against the one before it, and all that it names is there.
  void check_all() const {
    std::optional<ParsedPlaylist> before;
    for (const std::string& text : texts) {
      const auto checked = validate_playlist(text);
      INFO(text);
      CHECK(checked.faults.empty());
      for (const auto& fault : checked.faults) UNSCOPED_INFO(fault);
      if (before) {
        for (const auto& fault : validate_update(*before, checked.playlist)) FAIL_CHECK(fault);
      }
      before = checked.playlist;
    }
    REQUIRE(before);
    for (const auto& segment : before->segments) {
      INFO(texts.back() << segment.uri);
      CHECK(items.contains("__defaultVhost__/live/" + segment.uri));
      for (const auto& part : segment.parts) CHECK(items.contains("__defaultVhost__/live/" + part.uri));
    }
    for (const auto& part : before->open_parts) CHECK(items.contains("__defaultVhost__/live/" + part.uri));
  }

  std::shared_ptr<const config::Vhost> vhost;
  sh::Budget budget;
  sh::WallTime wall{1'700'000'000'000ms};
  base::Ticks last{};
  std::unique_ptr<sh::HlsOutput> output;
  std::unique_ptr<sh::Segmenter> segmenter;
  std::map<std::string, sh::ItemRef> items;
  std::vector<sh::SegmentFile> files;
  sh::ListingRef listing, pictures;
  std::vector<std::string> texts, picture_texts;
};

inline config::Vhost vhost_of(std::chrono::milliseconds fragment, bool low_latency = false, bool fmp4 = false) {
  config::Vhost vhost;
  vhost.hls.enabled = true;
  vhost.hls.fragment = fragment;
  vhost.hls.window = 10s;
  vhost.hls.low_latency = low_latency;
  vhost.hls.use_fmp4 = fmp4;
  return vhost;
}

}  // namespace weir::test
