#include "session/hls/stream.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/log_flood.h"
#include "config/hls_origins.h"
#include "session/hls/guard.h"
#include "session/hls/renditions.h"
#include "session/hls/service.h"

namespace weir::session::hls {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t most_held = 20'000;  // frames, while the disk is looked at
constexpr auto memory_dispose = 300s;      // hls_dispose 0 keeps the files for ever, not the memory

WallTime wall_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

}  // namespace

Stream::Stream(Service& service, net::BlockingPool& files, const hub::Stream& stream, bool waits)
    : service_(service),
      files_(files),
      vhost_(stream.origin().request->vhost),
      request_(*stream.origin().request),
      publisher_(stream.origin().id),
      log_{service.worker().logger(), stream.origin().id, {}, log::origin_of(request_.peer.address)},
      hold_(service.hub().hold(stream.key())),
      waits_(waits) {
  // The newest settings: a publisher keeps those that it came with.
  if (auto newest = service.hub().config()->match_vhost(vhost_->name)) vhost_ = std::move(newest);
  if (!waits_) begin(nullptr);
}

void Stream::begin(std::shared_ptr<const Window> recovered) {
  if (config::makes_hls(*vhost_)) begin_hls(std::move(recovered));
  if (vhost_->dash.enabled) begin_dash();
}

void Stream::go_on(std::shared_ptr<const Window> recovered) {
  if (!std::exchange(waits_, false)) return;
  if (recovered) {
    log::info(log_, "HLS of {} goes on behind segment {} of {} that are on the disk", request_.url(),
              recovered->next_number, recovered->segments.size());
  }
  begin(std::move(recovered));
  for (const Held& held : std::exchange(held_, {})) {
    if (held.frame) {
      on_frame(held.frame, false);
    } else {
      on_tracks(held.tracks);
    }
  }
  if (!source_) finish();
}

void Stream::begin_hls(std::shared_ptr<const Window> recovered) {
  if (vhost_->hls.to_disk) hls_disk_ = disk(vhost_->hls.path);
  if (vhost_->hls.keys && vhost_->hls.to_disk) keys_disk_ = disk(vhost_->hls.key_file_path);
  Outlet out = hls_outlet();
  const HlsOutput probe(out, nullptr);
  if (!probe.usable()) {
    log::error(log_, "HLS of {}: the name cannot be that of a file", request_.url());
    return;
  }
  if (HlsOutput::is_of_a_part(request_.stream)) {
    log::error(log_, "HLS of {}: a name that ends so is that of the tracks or pictures of another stream",
               request_.url());
    return;
  }
  const ListingRef before = service_.shelf().listing(probe.place());
  if (is_of_another(before)) return;
  auto output = std::make_unique<HlsOutput>(std::move(out), before ? before->window : std::move(recovered));
  const Segmenter::Rules rules = output->rules();
  take_hls(std::move(output), rules, HlsOutput::make_packer(vhost_->hls));
}

void Stream::take_hls(std::unique_ptr<Output> output, const Segmenter::Rules& rules, std::unique_ptr<Packer> packer) {
  auto with_text = std::make_unique<WithText>(hls_outlet(), std::move(output),
                                              [this](const std::string& place) { return left_at(place); });
  hls_segmenter_ = std::make_unique<Segmenter>(rules, std::move(packer), *with_text, wall_now);
  ask_for_keys(*hls_segmenter_);
  with_text->follow(*hls_segmenter_);
  words_ = with_text.get();
  hls_ = std::move(with_text);
}

std::shared_ptr<const Window> Stream::left_at(const std::string& place) const {
  const ListingRef listing = service_.shelf().listing(place);
  const bool ours = listing && listing->is_of(vhost_->name, request_.app, request_.stream);
  return ours ? listing->window : nullptr;
}

Outlet Stream::hls_outlet() {
  Outlet out = outlet(hls_disk_.get());
  out.keys_disk = keys_disk_.get();
  return out;
}

// Until the first segment is complete the tracks that come decide whether they share a playlist. A publisher that goes
// on with the playlist of another keeps to it.
bool Stream::part_tracks(const media::Tracks& tracks) {
  if (!hls_ || tracks.empty() || apart_ || !hls_->empty()) return false;
  const auto left = [this](const std::string& place) { return left_at(place); };
  if (!Renditions::wanted(vhost_->hls, tracks)) {
    if (vhost_->hls.use_fmp4 && !std::exchange(cleared_, true)) Renditions::clear(hls_outlet(), left);
    return false;
  }
  apart_ = true;
  auto output = std::make_unique<Renditions>(hls_outlet(), left);
  const Segmenter::Rules rules = output->rules(tracks);
  take_hls(std::move(output), rules, make_cmaf_packer());
  return true;
}

// Frames of the first segment, for the playlists of the tracks if there will be such.
void Stream::keep_first(const media::FrameRef& frame) {
  const bool undecided = vhost_->hls.use_fmp4 && !apart_ && hls_->empty() && first_.size() < most_held;
  if (undecided) {
    first_.push_back(frame);
  } else if (!first_.empty()) {
    first_ = {};
  }
}

// Of publishers that can be asked; from others they come when they come.
void Stream::ask_for_keys(Segmenter& segmenter) const {
  segmenter.when_key_wanted([&hub = service_.hub(), key = request_.key()] { hub.want_key_frame(key); });
}

void Stream::begin_dash() {
  if (vhost_->hls.to_disk) dash_disk_ = disk(vhost_->dash.path);
  Outlet out = outlet(dash_disk_.get());
  const DashOutput probe(out, nullptr);
  if (!probe.usable()) {
    log::error(log_, "DASH of {}: the name cannot be that of a file", request_.url());
    return;
  }
  const ListingRef before = service_.shelf().listing(probe.place());
  if (is_of_another(before)) return;
  dash_ = std::make_unique<DashOutput>(std::move(out), before ? before->dash_window : nullptr);
  dash_segmenter_ =
      std::make_unique<Segmenter>(dash_->rules(), DashOutput::make_packer(vhost_->dash), *dash_, wall_now);
  ask_for_keys(*dash_segmenter_);
  dash_->follow(*dash_segmenter_);
}

// "[app]-[stream].m3u8" is the same for a-b/c and a/b-c: the second one has no playlist, rather than the first one's.
bool Stream::is_of_another(const ListingRef& listing) const {
  if (!listing || listing->is_of(vhost_->name, request_.app, request_.stream)) return false;
  log::error(log_, "{} of {}: {} is the file of another stream, {}/{}", listing->dash ? "DASH" : "HLS", request_.url(),
             listing->place, listing->app, listing->stream);
  return true;
}

Stream::~Stream() {
  if (!source_) return;
  source_->remove_sink(*this);
  --service_.counts_.streams;
}

std::unique_ptr<Disk> Stream::disk(const std::string& root) {
  Disk::Settings settings{.root = root,
                          .most_bytes = vhost_->hls.memory_per_stream,
                          .owner = FileOwner::of(request_.key(), guarded(*vhost_))};
  return std::make_unique<Disk>(service_.worker(), files_, std::move(settings), service_.shared_.unwritten, log_,
                                [this] { on_fault(); });
}

Outlet Stream::outlet(Disk* disk) {
  return {
      .vhost = vhost_,
      .app = request_.app,
      .stream = request_.stream,
      .key = request_.key(),
      .home = static_cast<std::uint16_t>(service_.worker().index()),
      .guarded = guarded(*vhost_),
      .budget = service_.shared_.budget,
      .disposal = service_.shared_.disposal,
      .disk = disk,
      .broadcast = [this](const std::shared_ptr<const Update>& update) { service_.broadcast(update); },
      .on_file =
          [this](const SegmentFile& file) {
            const std::chrono::duration<double> length(file.duration);
            ++service_.counts_.segments;
            service_.hub().events().emit(hub::HlsSegment{publisher_, request_, file.path, file.uri, file.playlist_path,
                                                         file.playlist_url, file.number, length});
          },
      .log = log_};
}

// hls_on_error. The stream may be inside a call of ours, so what ends it waits for the next turn.
void Stream::on_fault() {
  if (vhost_->hls.on_error == config::Hls::OnError::continue_ || !source_) return;
  Service& service = service_;
  const base::StreamKey key = request_.key();
  if (vhost_->hls.on_error == config::Hls::OnError::disconnect) {
    service.worker().post(
        [&service, key] { service.hub().kick_publisher(key, make_error_code(boost::system::errc::io_error)); });
    return;
  }
  log::error(log_, "HLS of {} stops until it is published anew", request_.url());
  service.worker().post([&service, key] {
    const auto found = service.streams_.find(key);
    if (found != service.streams_.end()) found->second->leave();
  });
}

void Stream::attach(hub::Source& source) {
  source_ = &source;
  ++service_.counts_.streams;
  source.add_sink(*this, true);
}

void Stream::on_tracks(const media::Tracks& tracks) {
  if (waits_) held_.push_back({tracks, nullptr});
  const bool parted = part_tracks(tracks);
  if (hls_segmenter_) hls_segmenter_->on_tracks(tracks);
  if (parted) {
    for (const media::FrameRef& frame : std::exchange(first_, {})) hls_segmenter_->on_frame(*frame);
  }
  if (dash_) {
    dash_->expect_events(std::any_of(tracks.begin(), tracks.end(), [](const media::Track& track) {
      return track.parameters->codec == media::Codec::script_data;
    }));
  }
  if (dash_segmenter_) dash_segmenter_->on_tracks(tracks);
}

void Stream::on_frame(const media::FrameRef& frame, bool) {
  ++frames_;
  if (waits_ && held_.size() < most_held) held_.push_back({{}, frame});
  if (frame->codec == media::Codec::scte35) return take_cue(frame->dts + frame->composition, frame->payload);
  if (media::kind_of(frame->codec) == media::Kind::data) return take_event(*frame);
  if (hls_segmenter_) {
    hls_segmenter_->on_frame(*frame);
    keep_first(frame);
  }
  if (dash_segmenter_) dash_segmenter_->on_frame(*frame);
}

// What a publisher says beside pictures and sound (onTextData, onCuePoint), made once for both outputs.
void Stream::take_event(const media::Frame& frame) {
  if (frame.codec != media::Codec::script_data || (!hls_segmenter_ && !dash_segmenter_)) return;
  if (const base::Buffer section = scte35::of_message(frame.payload); !section.empty()) {
    take_cue(frame.dts, base::SharedBytes::copy_of(section));
  } else if (words_) {
    if (auto text = text_of_message(frame.payload)) words_->say(frame.dts, std::move(*text));
  }
  const id3::Event event{.at = frame.dts, .tag = id3::tag_of_message(frame.payload)};
  if (event.tag.empty()) {
    if (const auto times = bad_events_.hit(Clock::now())) {
      log::warn(log_, "HLS of {}: a data message of {} bytes is malformed or too large for players ({} times)",
                request_.url(), frame.payload.size(), times);
    }
    return;
  }
  if (hls_segmenter_) hls_segmenter_->on_event(event);
  if (dash_segmenter_) dash_segmenter_->on_event(event);
}

void Stream::take_cue(base::Ticks at, const base::SharedBytes& section) {
  const auto said = scte35::parse(section);
  if (!said || said->idle) return;
  if (hls_segmenter_) hls_segmenter_->on_cue(at, *said, section);
  if (!dash_) return;
  dash_->expect_cues();
  dash_segmenter_->on_event({.at = at,
                             .tag = section,
                             .scheme = scte35::emsg_scheme,
                             .duration = said->duration.value_or(base::Ticks{}),
                             .id = said->crc});
}

void Stream::pause() {
  if (!source_ || std::exchange(paused_, true)) return;
  left_at_ = Clock::now();
  if (hls_segmenter_) hls_segmenter_->end();
  if (dash_segmenter_) dash_segmenter_->end();
}

void Stream::follow(const hub::InputOrigin& origin) {
  paused_ = false;
  publisher_ = origin.id;
  request_ = *origin.request;
  log_.id = origin.id;
}

void Stream::leave() {
  if (!source_) return;
  source_->remove_sink(*this);
  source_ = nullptr;
  --service_.counts_.streams;
  if (!paused_) left_at_ = Clock::now();
  hls_ended_ = !vhost_->hls.recover || vhost_->hls.grace.count() == 0;
  dash_ended_ = !vhost_->hls.recover || vhost_->dash.grace.count() == 0;
  if (!waits_) finish();
}

void Stream::finish() {
  if (hls_) {
    hls_segmenter_->end();
    hls_->leave(hls_ended_);
  }
  if (dash_) {
    dash_segmenter_->end();
    dash_->leave(dash_ended_);
  }
}

// A line when it begins, and one after a second in which nothing was left out when it begins again.
void Stream::tell_left_out() {
  const std::uint64_t now =
      (hls_segmenter_ ? hls_segmenter_->left_out() : 0) + (dash_segmenter_ ? dash_segmenter_->left_out() : 0);
  const std::uint64_t more = now - std::min(now, std::exchange(left_out_, now));
  if (more > 0 && !leaves_out_) {
    log::warn(log_, "HLS and DASH of {} leave out what comes: its clock makes more segments than {} a second",
              request_.url(), Segmenter::Rules{}.most_a_second);
  }
  leaves_out_ = more > 0;
  service_.counts_.left_out += more;
}

bool Stream::tend(Clock::time_point now) {
  if (waits_) return true;
  tell_left_out();
  const auto dispose = [](std::chrono::milliseconds configured) {
    return configured.count() > 0 ? Clock::duration(configured) : memory_dispose;
  };
  if (source_) {
    if (std::exchange(frames_seen_, frames_) != frames_ || paused_) heard_at_ = now;
    // A publisher that says nothing: what it made goes, and comes again with its next frames.
    if (hls_ && !hls_->empty() && vhost_->hls.dispose.count() > 0 && now - heard_at_ > dispose(vhost_->hls.dispose)) {
      hls_segmenter_->end();
      hls_->remove(true);
    }
    if (dash_ && !dash_->empty() && vhost_->dash.dispose.count() > 0 &&
        now - heard_at_ > dispose(vhost_->dash.dispose)) {
      dash_segmenter_->end();
      dash_->remove(true);
    }
    return true;
  }
  const auto over = [&](bool& ended, std::chrono::milliseconds grace) {
    return !ended && now - left_at_ > grace ? ended = true : false;
  };
  if (over(hls_ended_, vhost_->hls.grace) && hls_) hls_->leave(true);
  if (over(dash_ended_, vhost_->dash.grace) && dash_) dash_->leave(true);
  if (now - left_at_ >= dispose(vhost_->hls.dispose)) dispose_hls();
  if (now - left_at_ >= dispose(vhost_->dash.dispose)) dispose_dash();
  return hls_ || dash_;
}

void Stream::remove() {
  dispose_hls();
  dispose_dash();
}

void Stream::dispose_hls() {
  if (hls_) hls_->remove(vhost_->hls.dispose.count() > 0);
  words_ = nullptr;
  hls_.reset();
}

void Stream::dispose_dash() {
  if (dash_) dash_->remove(vhost_->dash.dispose.count() > 0);
  dash_.reset();
}

void Stream::erase_files() {
  std::error_code ignored;  // somebody else removed it
  if (hls_) {
    for (const std::string& path : hls_->files()) std::filesystem::remove(vhost_->hls.path + "/" + path, ignored);
  }
  if (dash_) {
    for (const std::string& path : dash_->files()) std::filesystem::remove(vhost_->dash.path + "/" + path, ignored);
  }
}

void Stream::hand_over(const Stream& next) {
  if (hls_ && next.has_place(hls_->place())) {
    hls_->abandon();
  } else if (hls_) {
    hls_->remove(vhost_->hls.dispose.count() > 0);
  }
  if (dash_ && next.has_place(dash_->place())) {
    dash_->abandon();
  } else if (dash_) {
    dash_->remove(vhost_->dash.dispose.count() > 0);
  }
}

bool Stream::has_place(std::string_view place) const {
  return (hls_ && hls_->place() == place) || (dash_ && dash_->place() == place);
}

bool Stream::settings_equal(const config::Vhost& vhost) const {
  return vhost_->hls == vhost.hls && vhost_->dash == vhost.dash && guarded(*vhost_) == guarded(vhost) &&
         config::makes_hls(*vhost_) == config::makes_hls(vhost);
}

}  // namespace weir::session::hls
