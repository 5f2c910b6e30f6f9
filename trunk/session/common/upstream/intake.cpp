#include "session/common/upstream/intake.h"

#include <boost/asio/steady_timer.hpp>

#include "net/coroutine.h"
#include "net/worker.h"
#include "session/common/error.h"
#include "session/common/protocol.h"

namespace weir::session::upstream {

using base::Bytes;
using base::Result;
using net::Task;

namespace {

constexpr std::string_view flv_signature = "FLV";

// What is read at once, in its order, until its time has come: at most what a piece brings.
class Waiting final : public MediaSink {
 public:
  struct Step {
    std::optional<media::Tracks> tracks;
    std::optional<media::Frame> frame;
  };
  std::vector<Step> steps;
  std::optional<media::TrackProbe::Expected> expected;

  Result<void> set_tracks(media::Tracks tracks) override {
    steps.push_back({std::move(tracks), {}});
    return {};
  }
  void expect(media::TrackProbe::Expected all) override { expected = all; }
  void put(std::span<media::Frame> frames) override {
    for (media::Frame& frame : frames) steps.push_back({{}, std::move(frame)});
  }
  void complain(const std::string&) override {}
};

}  // namespace

Intake::~Intake() {
  if (const auto* ts = std::get_if<std::unique_ptr<TsReceiver>>(&reader_); ts && publisher_) {
    log::info(attempt_.life().log(), "{}", (*ts)->condition());
  }
}

Task<Result<void>> Intake::take(Bytes piece) {
  if (std::holds_alternative<std::monostate>(reader_)) {
    head_.append(piece);
    if (head_.size() < BareAudio::head_bytes) co_return Result<void>();
    piece = head_;
    if (base::as_text(piece).starts_with(flv_signature)) {
      reader_ = std::make_unique<Flv>();
    } else if (BareAudio::is(piece)) {
      reader_ = std::make_unique<BareAudio>();
    } else {
      const bool live = !pace_;
      reader_ =
          live ? std::make_unique<TsReceiver>(program_, attempt_.vhost()) : std::make_unique<TsReceiver>(program_);
    }
  }
  if (auto* flv = std::get_if<std::unique_ptr<Flv>>(&reader_)) {
    CO_TRY_VOID(co_await take_flv(**flv, piece));
  } else if (auto* ts = std::get_if<std::unique_ptr<TsReceiver>>(&reader_)) {
    if (!(*ts)->input(piece)) co_return Errc::no_known_format;
    CO_TRY_VOID(co_await drain(**ts, protocols::ts.id));
    if (publisher_) (*ts)->pass_on(*publisher_);
  } else if (auto* audio = std::get_if<std::unique_ptr<BareAudio>>(&reader_)) {
    if (!(*audio)->input(piece)) co_return Errc::no_known_format;
    const bool is_aac = (*audio)->codec() == media::Codec::aac;
    CO_TRY_VOID(co_await drain(**audio, is_aac ? protocols::aac.id : protocols::mp3.id));
  }
  head_.release_memory();
  co_return Result<void>();
}

Task<Result<void>> Intake::take_flv(Flv& flv, Bytes piece) {
  const auto taken = flv.demuxer.input(piece);
  while (auto tag = flv.demuxer.poll()) CO_TRY_VOID(co_await put(flv, *std::move(tag)));
  if (taken) co_return Result<void>();
  attempt_.why = "FLV: " + flv.demuxer.fault_text();
  co_return taken.error();
}

Task<Result<void>> Intake::put(Flv& flv, flv::Tag tag) {
  base::Millis time(flv.clock.unwrap(tag.timestamp_ms));
  if (pace_) {
    CO_TRY(const base::Ticks at, co_await wait_until_due(attempt_, *pace_, time));
    time = base::Millis(base::to_millis(at));
  }
  if (!begun()) {
    if (flv.ahead.keep(tag.type, time, tag.body)) co_return Result<void>();
    CO_TRY_VOID(co_await begin_flv(flv));
  }
  attempt_.alive();
  CO_TRY_VOID(give(flv, tag.type, time, tag.body));
  if (stream_ && !stream_->turn().spend()) CO_TRY_VOID(co_await stream_->yield());
  co_return Result<void>();
}

Task<Result<void>> Intake::begin_flv(Flv& flv) {
  if (chain_) {
    CO_TRY_VOID(co_await chain_->open(protocols::flv.id));
    began_ = true;
  } else {
    CO_TRY(hub::Input* const input, co_await attempt_.publish(protocols::flv.id));
    flv_publisher_ = std::make_unique<FlvPublisher>(attempt_.life(), *input);
  }
  for (auto& [type, at, body] : flv.ahead.take()) CO_TRY_VOID(give(flv, type, at, body));
  co_return Result<void>();
}

Result<void> Intake::give(Flv& flv, flv::TagType type, base::Millis time, const base::SharedBytes& body) {
  if (!chain_) return flv_publisher_->input(type, time, body);
  if (const auto taken = flv.ingest.input(type, time, body, flv.yield); !taken) {
    chain_->complain("message dropped: " + taken.error().message());
    return {};
  }
  if (flv.yield.tracks_changed) TRY_VOID(chain_->set_tracks(flv.ingest.tracks()));
  chain_->put(flv.yield.frames);
  return {};
}

template <class Reader>
Task<Result<void>> Intake::drain(Reader& reader, hub::ProtocolId protocol) {
  if (!reader.has_media()) co_return Result<void>();
  if (chain_) {
    CO_TRY_VOID(co_await chain_->open(protocol));
    began_ = true;
  } else if (!publisher_) {
    if constexpr (requires { reader.measured(); }) attempt_.measured(reader.measured());
    CO_TRY(hub::Input* const input, co_await attempt_.publish(protocol));
    publisher_ = std::make_unique<FramePublisher>(attempt_.life(), *input);
  }
  MediaSink& sink = chain_ ? static_cast<MediaSink&>(*chain_) : *publisher_;
  attempt_.alive();
  if (!pace_) co_return reader.drain(sink);
  Waiting waiting;
  CO_TRY_VOID(reader.drain(waiting));
  if (waiting.expected) sink.expect(*waiting.expected);
  for (Waiting::Step& step : waiting.steps) {
    if (step.tracks) CO_TRY_VOID(sink.set_tracks(*std::move(step.tracks)));
    if (!step.frame) continue;
    CO_TRY(step.frame->dts, co_await wait_until_due(attempt_, *pace_, step.frame->dts));
    attempt_.alive();
    sink.put(*std::move(step.frame));
  }
  co_return Result<void>();
}

Task<Result<void>> Intake::finish() {
  if (auto* ts = std::get_if<std::unique_ptr<TsReceiver>>(&reader_)) {
    (*ts)->finish();
    CO_TRY_VOID(co_await drain(**ts, protocols::ts.id));
  }
  if (!begun()) co_return Errc::no_known_format;
  co_return Result<void>();
}

// A transport stream is read on: its tables are the same, and a reader made anew would count the tracks' generations
// from the beginning.
void Intake::begin_again() {
  if (auto* flv = std::get_if<std::unique_ptr<Flv>>(&reader_)) *flv = std::make_unique<Flv>();
  if (pace_) pace_->begin_again();
}

base::Ticks Intake::tail() const {
  const auto* audio = std::get_if<std::unique_ptr<BareAudio>>(&reader_);
  return audio ? (*audio)->tail() : Pace::step;
}

Task<Result<base::Ticks>> wait_until_due(Attempt& attempt, Pace& pace, base::Ticks time) {
  const Pace::Step step = pace.next(time, Pace::Clock::now());
  if (step.wait == Pace::Clock::duration::zero()) co_return step.time;
  attempt.alive_in(std::chrono::ceil<std::chrono::milliseconds>(step.wait));
  if (co_await net::stop_requested()) co_return net::Errc::stopped;
  boost::asio::steady_timer timer(attempt.worker().io(), step.wait);
  const auto [error] = co_await timer.async_wait(net::use_ec);
  if (error) co_return net::house_error(error);
  co_return step.time;
}

}  // namespace weir::session::upstream
