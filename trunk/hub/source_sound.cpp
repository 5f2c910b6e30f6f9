#include <algorithm>

#include "hub/source.h"

// The sound of a stream in the codecs that its outputs want: which output sees what, and when another one is made.
namespace weir::hub {

using media::Codec;

namespace {

// What an output would rather have than `from`; none if that suits it, or nothing better is made here.
Codec better(const std::function<Fit(Codec)>& fit, Codec from, const config::Rtc& rtc) {
  if (fit(from) == Fit::good) return Codec::none;
  for (const Codec to : {Codec::opus, Codec::aac}) {
    if (fit(to) == Fit::good && AudioBridge::wanted(rtc, from, to) != Codec::none) return to;
  }
  return Codec::none;
}

std::function<Fit(Codec)> fit_of(const Packager& packager) {
  return [&packager](Codec codec) { return packager.fit(codec); };
}
std::function<Fit(Codec)> fit_of(const FrameSink& sink) {
  return [&sink](Codec codec) { return sink.fit(codec); };
}

}  // namespace

media::Tracks Source::chosen_for(Line& line) const {
  return line.view.choose(tracks_, derived_, fit_of(*line.packager));
}

media::Tracks Source::chosen_for(Seat& seat) const { return seat.view.choose(tracks_, derived_, fit_of(*seat.sink)); }

void Source::tell_tracks(Line& line) {
  scratch_.clear();
  line.packager->set_tracks(chosen_for(line), scratch_);
  for (Outlet& outlet : line.outlets) tell(outlet, {Letter::Kind::header, line.packager->header(), {}});
  hand_out(line, scratch_);
  judge(line);
}

void Source::tell_tracks() {
  for (const auto& line : lines_) tell_tracks(*line);
  for (std::size_t i = 0; i < sinks_.size(); ++i) sinks_[i].sink->on_tracks(chosen_for(sinks_[i]));
}

void Source::pass_to(Line& line, const media::FrameRef& frame, bool entry_of_stream) {
  const bool entry = line.view.entry(*frame, entry_of_stream);
  if (line.view.hides(*frame)) return;
  scratch_.clear();
  line.packager->package(*line.view.show(frame), entry, scratch_);
  hand_out(line, scratch_);
}

void Source::pass_to(Seat& seat, const media::FrameRef& frame, bool entry_of_stream) {
  const bool entry = seat.view.entry(*frame, entry_of_stream);
  if (!seat.view.hides(*frame)) seat.sink->on_frame(seat.view.show(frame), entry);
}

// To all who take it as it comes at once, to the others in the order of time.
void Source::pass_on(const media::FrameRef& frame, bool entry) {
  for (const auto& line : lines_) {
    if (!line->view.derived() || !line->packager->in_step()) pass_to(*line, frame, entry);
  }
  for (std::size_t i = 0; i < sinks_.size(); ++i) {
    if (!sinks_[i].view.derived()) pass_to(sinks_[i], frame, entry);
  }
  if (derived_) {
    in_step_.put(frame, entry, frame->track == derived_track,
                 [this](const media::FrameRef& one, bool starts) { release(one, starts); });
  }
  const std::size_t size = frame->payload.size();
  frames_.append(frame, size, frame->dts, entry);
  frames_.trim(frames_.head());
}

void Source::release(const media::FrameRef& frame, bool entry) {
  for (const auto& line : lines_) {
    if (line->view.derived() && line->packager->in_step()) pass_to(*line, frame, entry);
  }
  for (std::size_t i = 0; i < sinks_.size(); ++i) {
    if (sinks_[i].view.derived()) pass_to(sinks_[i], frame, entry);
  }
}

void Source::release_all() {
  in_step_.flush([this](const media::FrameRef& frame, bool entry) { release(frame, entry); });
}

Codec Source::wanted_sound() const {
  const media::Track* main = main_sound(tracks_);
  if (!main || !sound_.bridge) return Codec::none;
  const Codec from = main->parameters->codec;
  for (const auto& line : lines_) {
    if (const Codec to = better(fit_of(*line->packager), from, vhost_->rtc); to != Codec::none) return to;
  }
  for (const Seat& seat : sinks_) {
    if (const Codec to = better(fit_of(*seat.sink), from, vhost_->rtc); to != Codec::none) return to;
  }
  return Codec::none;
}

// Called when outputs come and go, when the tracks or the settings change, and at each entry: a plug-in may have been
// loaded meanwhile.
bool Source::reconsider() {
  if (!sound_.bridge) return false;
  const media::Track* main = main_sound(tracks_);
  const Codec to = wanted_sound();
  lack_ = AudioBridge::Lack::none;
  if (to != Codec::none) {
    unwanted_since_.reset();
    return derive(to, *main);
  }
  if (!derivation_) return false;
  // Of a codec of which nothing is made there is nothing to wait for.
  if (!main || main->parameters->codec != derivation_->recipe().from.codec) return stop_deriving();
  if (!unwanted_since_) unwanted_since_ = newest_;
  return false;
}

bool Source::derive(Codec to, const media::Track& from) {
  const config::Rtc& rtc = vhost_->rtc;
  sound::Recipe recipe{.from = *from.parameters,
                       .to = to,
                       .bitrate_bps = to == Codec::opus ? rtc.opus_bitrate : rtc.aac_bitrate,
                       .fill_gaps = to == Codec::aac};
  if (derivation_ && derivation_->recipe() == recipe) {
    // Codecs that refused leave their outputs with the original.
    if (!derivation_->failed() || !derived_) return false;
    release_all();
    derived_.reset();
    return true;
  }
  lack_ = sound_.bridge->lacks(recipe);
  if (lack_ != AudioBridge::Lack::none) return derivation_ && stop_deriving();
  if (!derivation_) {
    derivation_ = std::make_unique<DerivedAudio>(*sound_.bridge, *sound_.home,
                                                 [this](media::FrameRef frame) { take_derived(std::move(frame)); });
  }
  auto outcome = std::make_shared<const media::CodecParameters>(sound::outcome_of(recipe));
  derivation_->set_recipe(std::move(recipe));
  if (derived_ && derived_->parameters->codec == outcome->codec &&
      derived_->parameters->channels == outcome->channels) {
    return false;
  }
  release_all();
  derived_ = media::Track{derived_track, derived_generation_++, std::move(outcome)};
  return true;
}

bool Source::stop_deriving() {
  release_all();
  derivation_.reset();
  unwanted_since_.reset();
  return std::exchange(derived_, std::nullopt).has_value();
}

void Source::take_derived(media::FrameRef frame) {
  if (derived_) pass_on(frame, false);
}

std::optional<DerivedState> Source::derived() const {
  const Codec to = derivation_ ? derivation_->recipe().to : wanted_sound();
  const media::Track* main = main_sound(tracks_);
  if (to == Codec::none || !main) return std::nullopt;
  DerivedState state{.from = main->parameters->codec, .to = to, .lack = lack_};
  if (!derivation_) return state;
  state.failed = derivation_->failed();
  state.running = !state.failed;
  state.frames = derivation_->frames_out();
  state.dropped = derivation_->dropped();
  return state;
}

}  // namespace weir::hub
