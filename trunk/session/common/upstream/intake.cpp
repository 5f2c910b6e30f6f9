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

  Result<void> set_tracks(media::Tracks tracks) override {
    steps.push_back({std::move(tracks), {}});
    return {};
  }
  void expect(media::TrackProbe::Expected) override {}
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
    if (head_.size() < flv_signature.size()) co_return Result<void>();
    piece = head_;
    if (base::as_text(piece).starts_with(flv_signature)) {
      reader_ = std::make_unique<Flv>();
    } else {
      reader_ = std::make_unique<TsReceiver>(program_, !pace_ && attempt_.vhost().publish.ts_analysis);
    }
  }
  if (auto* flv = std::get_if<std::unique_ptr<Flv>>(&reader_)) {
    CO_TRY_VOID(co_await take_flv(**flv, piece));
  } else if (auto* ts = std::get_if<std::unique_ptr<TsReceiver>>(&reader_)) {
    if (!(*ts)->input(piece)) co_return Errc::no_known_format;
    CO_TRY_VOID(co_await drain(**ts));
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
  if (!flv_publisher_) {
    if (flv.ahead.keep(tag.type, time, tag.body)) co_return Result<void>();
    CO_TRY(hub::Input* const input, co_await attempt_.publish(protocols::flv.id));
    flv_publisher_ = std::make_unique<FlvPublisher>(attempt_.life(), *input);
    for (auto& [type, at, body] : flv.ahead.take()) CO_TRY_VOID(flv_publisher_->input(type, at, std::move(body)));
  }
  attempt_.alive();
  CO_TRY_VOID(flv_publisher_->input(tag.type, time, tag.body));
  if (stream_ && !stream_->turn().spend()) CO_TRY_VOID(co_await stream_->yield());
  co_return Result<void>();
}

Task<Result<void>> Intake::drain(TsReceiver& ts) {
  if (!ts.has_media()) co_return Result<void>();
  if (!publisher_) {
    attempt_.measured(ts.measured());
    CO_TRY(hub::Input* const input, co_await attempt_.publish(protocols::ts.id));
    publisher_ = std::make_unique<FramePublisher>(attempt_.life(), *input);
  }
  attempt_.alive();
  if (!pace_) {
    co_return ts.drain(*publisher_);
  }
  Waiting waiting;
  CO_TRY_VOID(ts.drain(waiting));
  for (Waiting::Step& step : waiting.steps) {
    if (step.tracks) CO_TRY_VOID(publisher_->set_tracks(*std::move(step.tracks)));
    if (!step.frame) continue;
    CO_TRY(step.frame->dts, co_await wait_until_due(attempt_, *pace_, step.frame->dts));
    attempt_.alive();
    publisher_->put(*std::move(step.frame));
  }
  co_return Result<void>();
}

Task<Result<void>> Intake::finish() {
  if (auto* ts = std::get_if<std::unique_ptr<TsReceiver>>(&reader_)) {
    (*ts)->finish();
    CO_TRY_VOID(co_await drain(**ts));
  }
  if (!flv_publisher_ && !publisher_) co_return Errc::no_known_format;
  co_return Result<void>();
}

// A transport stream is read on: its tables are the same, and a reader made anew would count the tracks' generations
// from the beginning.
void Intake::begin_again() {
  if (auto* flv = std::get_if<std::unique_ptr<Flv>>(&reader_)) *flv = std::make_unique<Flv>();
  if (pace_) pace_->begin_again();
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
