#include "hub/source.h"

#include <algorithm>

namespace weir::hub {

namespace {

constexpr base::Ticks audio_entry_distance = std::chrono::seconds(1);
constexpr base::Ticks video_silence = std::chrono::seconds(3);    // then newcomers begin on audio
constexpr base::Ticks key_patience = std::chrono::seconds(10);    // for the first key frame of all, likewise
constexpr base::Ticks derived_linger = std::chrono::seconds(10);  // of sound that nobody wants any more
constexpr base::Ticks settling_time = std::chrono::seconds(2);    // in which a second track may still come

LogLimits gop_limits(const config::Play& play) {
  return {play.gop_cache_max_bytes, play.gop_cache_max_time, play.gop_cache_max_frames};
}

}  // namespace

Source::Source(std::shared_ptr<const config::Vhost> vhost, const Formats& formats, Notice notice, MemoryBudget* memory,
               SoundMakers sound)
    : vhost_(std::move(vhost)),
      formats_(formats),
      notice_(std::move(notice)),
      memory_(memory),
      sound_(sound),
      frames_(gop_limits(vhost_->play), gop_limits(vhost_->play), memory, Cache::frames),
      packets_(gop_limits(vhost_->play), gop_limits(vhost_->play), memory, Cache::frames) {}

Source::~Source() { end(); }

void Source::set_vhost(std::shared_ptr<const config::Vhost> vhost) {
  vhost_ = std::move(vhost);
  frames_.set_limits(gop_limits(vhost_->play), gop_limits(vhost_->play));
  packets_.set_limits(gop_limits(vhost_->play), gop_limits(vhost_->play));
  if (reconsider()) tell_tracks();
}

void Source::set_tracks(media::Tracks tracks) {
  thread_.check();
  go_on();
  tracks_ = std::move(tracks);
  const bool had_video = has_video_;
  has_video_ = std::any_of(tracks_.begin(), tracks_.end(), [](const media::Track& track) {
    return media::kind_of(track.parameters->codec) == media::Kind::video;
  });
  if (!had_video) last_video_.reset();
  release_all();
  (void)reconsider();
  tell_tracks();
}

// A newcomer may start on a key frame of the main video; where none comes, on any audio frame, of which one a second is
// marked.
bool Source::is_entry(const media::Frame& frame) {
  const auto kind = media::kind_of(frame.codec);
  if (kind == media::Kind::video) {
    last_video_ = frame.dts;
    any_key_ = any_key_ || frame.key;
    return frame.key && frame.track == media::TrackId::video;
  }
  if (kind != media::Kind::audio || (has_video_ && video_comes(frame.dts))) return false;
  return !any_entry_ || frame.dts - last_entry_ >= audio_entry_distance;
}

// A camera that was switched off leaves its track behind, and one may never send a key frame: its sound is heard.
bool Source::video_comes(base::Ticks now) {
  if (!last_video_) last_video_ = now;
  if (now - *last_video_ > video_silence) return false;
  return any_key_ || now - first_dts_.value_or(now) < key_patience;
}

void Source::append(media::FrameRef frame) {
  thread_.check();
  go_on();
  if (frame->codec == media::Codec::ts_packets) return append_packets(frame);
  const bool entry = is_entry(*frame);
  newest_ = frame->dts;
  if (entry) {
    any_entry_ = true;
    last_entry_ = frame->dts;
    if (reconsider()) tell_tracks();
  }
  if (derivation_) {
    if (frame->track == media::TrackId::audio) {
      derivation_->put(frame);
    } else {
      derivation_->advance(frame->dts);
    }
  }
  pass_on(frame, entry);
  if (!settled_) settle(frame->dts);
  if (unwanted_since_ && newest_ - *unwanted_since_ >= derived_linger && stop_deriving()) tell_tracks();
}

void Source::settle(base::Ticks now) {
  if (!first_dts_) first_dts_ = now;
  if (now - *first_dts_ < settling_time) return;
  settled_ = true;
  for (const auto& line : lines_) judge(*line);
}

// Readers of a format in which nothing of the stream fits are told, once it is certain.
void Source::judge(Line& line) {
  if (!settled_ || line.packager->carries_media()) return;
  for (Outlet& outlet : line.outlets) tell(outlet, {Letter::Kind::barren, {}, {}});
}

void Source::hand_out(Line& line, std::span<const Wire> wires) {
  if (wires.empty()) return;
  for (const Wire& wire : wires) line.backlog.append(wire, wire.bytes.size(), wire.dts, wire.entry, wire.lead);
  line.backlog.trim(line.backlog.head());
  for (Outlet& outlet : line.outlets) {
    if (outlet.local) {
      outlet.local->accept(wires);
    } else {
      tell(outlet, {Letter::Kind::wires, {}, {wires.begin(), wires.end()}});
    }
  }
}

void Source::tell(Outlet& outlet, Letter letter) {
  if (!outlet.local) {
    if (outlet.box->put(std::move(letter))) notice_(outlet.want, outlet.box);
    return;
  }
  switch (letter.kind) {
    case Letter::Kind::begin:
      outlet.local->begin(std::move(letter.header));
      break;
    case Letter::Kind::begin_barren:
      outlet.local->begin(std::move(letter.header));
      outlet.local->set_barren();
      break;
    case Letter::Kind::header:
      outlet.local->set_header(std::move(letter.header));
      break;
    case Letter::Kind::wires:
      outlet.local->accept(letter.wires);
      break;
    case Letter::Kind::gap:
      outlet.local->gap();
      break;
    case Letter::Kind::barren:
      outlet.local->set_barren();
      break;
    case Letter::Kind::end:
      outlet.local->end();
      break;
  }
}

Source::Line* Source::line(FormatId format) {
  for (const auto& line : lines_) {
    if (line->format == format) return line.get();
  }
  return nullptr;
}

// Made at the first reader: what is kept of the frames is packaged, so that the reader has its GOP at once.
Source::Line& Source::build_line(FormatId format, const PackagerFactory& factory) {
  const LogLimits limits = gop_limits(vhost_->play);
  release_all();  // what is kept back lies in the log too
  lines_.push_back(std::make_unique<Line>(
      Line{format, factory(*vhost_), Log<Wire>(limits, limits, memory_, Cache::formats), {}, {}}));
  Line& made = *lines_.back();
  if (reconsider()) {
    tell_tracks();
  } else {
    scratch_.clear();
    made.packager->set_tracks(chosen_for(made), scratch_);
  }
  replay(made, made.packager->takes_packets() && packets_flow() ? packets_ : frames_);
  if (paused_) {
    scratch_.clear();
    made.packager->end(scratch_);
    hand_out(made, scratch_);
  }
  return made;
}

void Source::add_outlet(const Want& want, Feed* local) {
  thread_.check();
  const auto factory = formats_.find(want.format);
  if (factory == formats_.end()) return;
  Line* found = line(want.format);
  Line& target = found ? *found : build_line(want.format, factory->second);
  for (const Outlet& outlet : target.outlets) {
    if (outlet.want == want) return;
  }
  target.outlets.push_back({want, local, local ? nullptr : std::make_shared<MirrorBox>(memory_)});
  Outlet& outlet = target.outlets.back();
  // In one letter, so that nobody on another worker begins before it hears that there is nothing to come.
  const bool barren = settled_ && !target.packager->carries_media();
  tell(outlet, {barren ? Letter::Kind::begin_barren : Letter::Kind::begin, target.packager->header(), {}});
  Letter replay{Letter::Kind::wires, {}, {}};
  if (const auto start = target.backlog.entry_point()) {
    for (auto position = *start; position < target.backlog.head(); ++position) {
      replay.wires.push_back(target.backlog.at(position));
    }
  }
  if (!replay.wires.empty()) tell(outlet, std::move(replay));
}

void Source::remove_outlet(const Want& want) {
  for (auto it = lines_.begin(); it != lines_.end(); ++it) {
    if ((*it)->format != want.format) continue;
    std::erase_if((*it)->outlets, [&](const Outlet& outlet) { return outlet.want == want; });
    if ((*it)->outlets.empty()) {
      lines_.erase(it);
      if (reconsider()) tell_tracks();
    }
    return;
  }
}

void Source::add_sink(FrameSink& sink, bool past) {
  if (past) release_all();
  sinks_.push_back({&sink});
  const auto seat = sinks_.size() - 1;
  if (reconsider()) {
    tell_tracks();
  } else if (!tracks_.empty()) {
    sink.on_tracks(chosen_for(sinks_[seat]));
  }
  const auto start = past ? frames_.entry_point() : std::nullopt;
  for (auto at = start.value_or(frames_.head()); at < frames_.head(); ++at) {
    pass_to(sinks_[seat], frames_.at(at), at == *start);
  }
}

void Source::remove_sink(FrameSink& sink) {
  std::erase_if(sinks_, [&](const Seat& seat) { return seat.sink == &sink; });
  if (reconsider()) tell_tracks();
}

void Source::pause() {
  if (derivation_) derivation_->flush();
  release_all();
  for (const auto& line : lines_) {
    scratch_.clear();
    line->packager->end(scratch_);
    hand_out(*line, scratch_);
  }
  packets_at_.reset();
  packets_.forget_entry();
  paused_ = true;
  settled_ = false;
  first_dts_.reset();
}

// Something comes again. Who reads a format first from now on would have what was kept packaged for tracks that are not
// its own; until now it was the last picture of a stream that is interrupted.
void Source::go_on() {
  if (std::exchange(paused_, false)) frames_.forget_entry();
}

void Source::end() {
  release_all();
  for (const auto& line : lines_) {
    scratch_.clear();
    line->packager->end(scratch_);
    hand_out(*line, scratch_);
    for (Outlet& outlet : line->outlets) tell(outlet, {Letter::Kind::end, {}, {}});
  }
  lines_.clear();
}

}  // namespace weir::hub
