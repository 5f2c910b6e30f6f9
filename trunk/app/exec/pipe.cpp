#include "app/exec/pipe.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>

#include "app/exec/bounded_logs.h"
#include "base/scope_exit.h"
#include "format/ts/content.h"
#include "net/coroutine.h"
#include "net/pipe_stream.h"
#include "net/worker.h"
#include "pack/formats.h"
#include "session/common/player.h"
#include "session/common/protocol.h"
#include "session/common/upstream/intake.h"
#include "session/common/upstream/local_error.h"

namespace weir::exec {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Result;
using session::upstream::LocalErrc;

namespace {

constexpr std::uintmax_t largest_pipe_log = 16 << 20;
constexpr auto look_for_tracks = 100ms;
constexpr auto patience_with_its_end = 500ms;  // between the end of its output and its own
constexpr auto starving = 5s;                  // nothing was there to read: what it makes is not missed
constexpr auto patience_with_output = 2s;      // of one that has ended

// Two pipes; what is not released is closed.
class Pipes4 {
 public:
  enum Which { its_input, our_output, our_input, its_output };
  Pipes4() = default;
  Pipes4(const Pipes4&) = delete;
  ~Pipes4() {
    for (const int one : ends_) {
      if (one >= 0) ::close(one);
    }
  }
  ErrorCode open() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0 || ::pipe2(ends_.data() + 2, O_CLOEXEC) != 0) {
      return ErrorCode(errno, boost::system::system_category());
    }
    ::fcntl(ends_[our_output], F_SETFL, O_NONBLOCK);
    ::fcntl(ends_[our_input], F_SETFL, O_NONBLOCK);
    return {};
  }
  int get(Which which) const { return ends_[which]; }
  int release(Which which) { return std::exchange(ends_[which], -1); }
  void close(Which which) { ::close(release(which)); }

 private:
  std::array<int, 4> ends_{-1, -1, -1, -1};
};

// What programs have read in FLV for long; newer codecs want an FFmpeg of 2023 or later.
bool is_usual_in_flv(media::Codec codec) {
  using media::Codec;
  return codec == Codec::h264 || codec == Codec::aac || codec == Codec::mp3 || codec == Codec::pcma ||
         codec == Codec::pcmu || codec == Codec::speex;
}

bool fits_ts_better(const media::Tracks& tracks, pack::Only only) {
  const auto is_read = [only](const media::Track& track) {
    const media::Kind kind = media::kind_of(track.parameters->codec);
    return track.id < media::TrackId::further && ((kind == media::Kind::video && only != pack::Only::audio) ||
                                                  (kind == media::Kind::audio && only != pack::Only::video));
  };
  bool usual = true, all_in_ts = true;
  for (const media::Track& track : tracks) {
    if (!is_read(track)) continue;
    usual = usual && is_usual_in_flv(track.parameters->codec);
    all_in_ts = all_in_ts && ts::carriage_of(*track.parameters).has_value();
  }
  return !usual && all_in_ts;
}

// A program says nothing to the stream that it reads.
class Listener final : public session::PlayerDialogue {
  Result<void> heard(base::Bytes) override { return {}; }
  bool publication_ended() override { return false; }
  void farewell() override {}
};

}  // namespace

// What it is given to read, in a session of its own.
struct Pipe::Feeding {
  std::unique_ptr<net::ByteStream> stream;
  net::Life* life = nullptr;
  const hub::Pump* pump = nullptr;
  std::uint64_t skips = 0;  // when the pump was over
  bool over = false;
  bool unpublished = false;  // what is read is over

  std::uint64_t skip_count() const { return pump ? pump->skips() : skips; }
};

Pipe::Pipe(Given given)
    : given_(std::move(given)), retry_(static_cast<std::uint32_t>(std::hash<std::string>{}(given_.name))) {}

log::Context Pipe::who() const {
  return {given_.hub.worker().logger(), given_.publisher, {}, log::origin_of(given_.reads->peer.address)};
}

void Pipe::tick(Clock::time_point now) {
  if (child_) look_at_child(now);
  if (drop_at_ && now >= *drop_at_ && life_) life_->stop(LocalErrc::program_ended);
  if (life_) look_at_media(now);
  if (child_ || running_ || leaving_ || now < next_ || given_.hub.draining()) return;
  running_ = true;
  next_ = now + session::upstream::Retry::first;
  std::shared_ptr<void> seat(nullptr, [self = shared_from_this()](std::nullptr_t) { self->running_ = false; });
  given_.hub.worker().spawn(
      "pipe", [self = shared_from_this(), seat = std::move(seat)](net::Life& life) { return self->attempt(life); });
}

void Pipe::finish(Clock::time_point now) {
  if (std::exchange(leaving_, true)) return;
  term_at_ = now + last_words;
  if (life_ && !child_) life_->stop(hub::Errc::unpublished);
}

void Pipe::end(Clock::time_point now) {
  leaving_ = true;
  if (life_) life_->stop(net::Errc::stopped);
  ask_to_end(now);
}

void Pipe::ask_to_end(Clock::time_point now) {
  term_at_.reset();
  if (!child_ || kill_at_) return;
  child_->ask_to_end();
  kill_at_ = now + term_grace;
}

void Pipe::look_at_child(Clock::time_point now) {
  if (const auto how = child_->ended()) return child_ended(*how);
  if (kill_at_ && now >= *kill_at_) {
    child_.reset();  // which kills it
    return child_ended("signal 9");
  }
  if (term_at_ && now >= *term_at_) ask_to_end(now);
  if (++ticks_ % ticks_per_look_at_logs == 0) {
    bound_logs({.words = {}, .redirects = {{.descriptor = 2, .path = given_.log_file, .append = true}}},
               largest_pipe_log);
  }
}

void Pipe::child_ended(std::string how) {
  child_.reset();
  kill_at_.reset();
  how_ = std::move(how);
  drop_at_ = Clock::now() + patience_with_output;
}

void Pipe::count_frames() {
  const hub::InputFigures* input = given_.hub.find_input(life_->id());
  if (input) frames_ = input->video_frames + input->audio_frames;
}

// Frames are what it is there for: bytes that are none do not count, nor does a time in which there was nothing to
// read.
void Pipe::look_at_media(Clock::time_point now) {
  count_frames();
  if (!child_ || leaving_ || !feeding_) return;
  const std::uint64_t fed = feeding_->stream->sent_bytes();
  if (std::exchange(seen_bytes_, fed) != fed || (feeding_->pump && feeding_->pump->behind().count() > 0)) fed_at_ = now;
  if (std::exchange(seen_frames_, frames_) != frames_ || now - fed_at_ > starving) media_at_ = now;
  if (now - media_at_ > silence_limit) life_->stop(Errc::silent);
}

net::Task<void> Pipe::attempt(net::Life& life) {
  life_ = &life;
  life.comes_from(given_.reads->peer.address);
  how_.clear();
  drop_at_.reset();
  received_at_.reset();
  frames_ = seen_frames_ = seen_bytes_ = 0;
  ErrorCode why = net::Errc::stopped;
  std::string said;
  {
    session::upstream::Attempt attempt(
        {.life = life, .hub = given_.hub, .tls = given_.tls, .trust = {}, .request = given_.makes, .way = {}});
    attempt.on_publish = [this] {
      received_at_ = Clock::now();
      fault_.clear();
      log::info(who(), "{}: it makes {}", given_.name, given_.makes.url());
    };
    attempt_ = &attempt;
    const base::ScopeExit left([&] {
      done_.written_bytes += attempt.received_bytes();
      life_ = nullptr;
      attempt_ = nullptr;
      end_attempt();
    });
    if (!leaving_) why = co_await run(attempt);
    said = std::move(attempt.why);
    why = net::why_ended(life, why);
  }
  attempted(why, said);
}

void Pipe::end_attempt() {
  done_.frames += std::exchange(frames_, 0);
  if (feeding_) {
    done_.read_bytes += feeding_->stream->sent_bytes();
    done_.skips += feeding_->skip_count();
    feeding_->over = true;
    if (feeding_->life) {
      feeding_->life->stop(net::Errc::stopped);
    } else {
      feeding_->stream->close();
    }
    feeding_.reset();
  }
  ask_to_end(Clock::now());
}

// Which form fits is known once the stream's tracks are, and the header that comes first is right then.
net::Task<Result<Pipe::Form>> Pipe::form_for(net::Life& life) const {
  boost::asio::steady_timer timer(life.worker().io());
  for (;;) {
    const hub::Source* source = given_.hub.find_source(given_.reads->key());
    if (!source) co_return hub::Errc::unpublished;
    if (source->frames().entry_point()) {
      if (given_.form != Form::fitting) co_return given_.form;
      co_return fits_ts_better(source->tracks(), given_.only) ? Form::ts : Form::flv;
    }
    if (co_await net::stop_requested()) co_return net::Errc::stopped;
    timer.expires_after(look_for_tracks);
    const auto [error] = co_await timer.async_wait(net::use_ec);
    if (error) co_return net::house_error(error);
  }
}

net::Task<ErrorCode> Pipe::run(session::upstream::Attempt& attempt) {
  net::Life& life = attempt.life();
  const auto form = co_await form_for(life);
  if (!form) co_return form.error();
  const bool ts = *form == Form::ts;
  Pipes4 pipes;
  if (const ErrorCode fault = pipes.open()) co_return fault;
  if (const auto started = start(ts, pipes.get(Pipes4::its_input), pipes.get(Pipes4::its_output)); !started) {
    co_return started.error();
  }
  pipes.close(Pipes4::its_input);
  pipes.close(Pipes4::its_output);
  feed(net::make_pipe_writer(life.worker(), pipes.release(Pipes4::our_output)), ts);
  const auto output = net::make_pipe_reader(life.worker(), pipes.release(Pipes4::our_input));
  const auto done = co_await receive(attempt, *output);
  if (done || done.error() == session::upstream::Errc::no_known_format) co_await wait_for_its_end(life);
  co_return done ? ErrorCode(LocalErrc::program_ended) : done.error();
}

Result<void> Pipe::start(bool ts, int input, int output) {
  Command command = ts ? given_.for_ts : given_.for_flv;
  // The pipes by their names: the child opens them anew, before all that is not for it is closed.
  const Command::Redirect from_us{
      .descriptor = 0, .path = fmt::format("/proc/self/fd/{}", input), .append = false, .input = true};
  const Command::Redirect to_us{.descriptor = 1, .path = fmt::format("/proc/self/fd/{}", output), .append = true};
  const Command::Redirect to_log{.descriptor = 2, .path = given_.log_file, .append = true};
  bound_logs({.words = {}, .redirects = {to_log}}, largest_pipe_log);
  command.redirects.insert(command.redirects.begin(), {from_us, to_us, to_log});
  TRY(Child child, Child::start(command));
  child_.emplace(std::move(child));
  kill_at_.reset();
  ++starts_;
  format_ = ts ? "ts" : "flv";
  media_at_ = fed_at_ = Clock::now();
  log::info(who(), "{}: started as process {}, reads {}", given_.name, child_->pid(), ts ? "MPEG-TS" : "FLV");
  return {};
}

void Pipe::feed(std::unique_ptr<net::ByteStream> stream, bool ts) {
  feeding_ = std::make_shared<Feeding>();
  feeding_->stream = std::move(stream);
  given_.hub.worker().spawn("pipe input", [self = shared_from_this(), feeding = feeding_, ts](net::Life& life) {
    return self->feed(life, feeding, ts);
  });
}

net::Task<void> Pipe::feed(net::Life& life, std::shared_ptr<Feeding> feeding, bool ts) {
  feeding->life = &life;
  const base::ScopeExit left([&] {
    feeding->life = nullptr;
    feeding->stream->close();  // the end, for the program
  });
  if (feeding->over) co_return;
  hub::Request request = *given_.reads;
  request.origin = hub::Origin::pull;  // nobody is asked
  request.protocol = ts ? session::protocols::ts.id : session::protocols::flv.id;
  request.facts = {};
  request.peer = {};
  ErrorCode why;
  auto subscription = co_await given_.hub.subscribe(life, std::move(request), pack::piped_format(ts, given_.only),
                                                    feeding->stream.get());
  if (subscription) {
    Listener listener;
    session::Player player(life, *feeding->stream, *subscription, listener);
    const base::ScopeExit counted([&] {
      feeding->skips = player.pump().skips();
      feeding->pump = nullptr;
    });
    feeding->pump = &player.pump();
    why = co_await player.run();
  } else {
    why = subscription.error().why;
  }
  feeding->unpublished = why == hub::Errc::unpublished;
  // It may go on writing though it reads no more; but not if it was to read, and could not.
  const bool in_order = why == hub::Errc::unpublished || why == net::Errc::end_of_stream || life.stopping();
  if (!in_order && feeding == feeding_ && life_) life_->stop(why);
}

net::Task<Result<void>> Pipe::receive(session::upstream::Attempt& attempt, net::ByteStream& stream) {
  std::optional<session::upstream::Attempt::Agreed> agreed;
  session::upstream::Intake intake(attempt, &stream);
  base::Buffer room(64 * 1024);
  for (;;) {
    const auto count = co_await stream.read_some({room.data(), room.size()});
    if (!count && count.error() == net::Errc::end_of_stream) {
      const auto finished = co_await intake.finish();
      count_frames();
      // What it reads is over: what it makes is, too, and nobody waits for it to come again.
      if (leaving_ || (feeding_ && feeding_->unpublished)) attempt.life().stop(session::upstream::Errc::not_wanted);
      co_return finished;
    }
    if (!count) co_return count.error();
    if (!agreed) agreed.emplace(attempt.agreed(&stream));
    const auto taken = co_await intake.take(room.bytes().first(*count));
    attempt.life().watchdog.disarm();  // look_at_media() looks after it
    count_frames();
    if (!taken) co_return taken.error();
  }
}

// Its output is at its end; it is about to end itself, most often.
net::Task<void> Pipe::wait_for_its_end(net::Life& life) {
  boost::asio::steady_timer timer(life.worker().io());
  for (auto waited = 0ms; child_ && waited < patience_with_its_end; waited += 20ms) {
    look_at_child(Clock::now());
    if (!child_ || co_await net::stop_requested()) co_return;
    timer.expires_after(20ms);
    (void)co_await timer.async_wait(net::use_ec);
  }
}

void Pipe::attempted(ErrorCode why, const std::string& said) {
  const auto now = Clock::now();
  const auto lasted = received_at_ ? now - *received_at_ : Clock::duration(0);
  std::string text = why.message();
  if (!said.empty()) text += " (" + said + ")";
  if (!how_.empty()) text += " (" + how_ + ")";
  if (leaving_ || given_.hub.draining()) {
    log::info(who(), "{}: ended: {}", given_.name, text);
    return;
  }
  const auto pause = retry_.failed(std::chrono::duration_cast<std::chrono::milliseconds>(lasted));
  next_ = now + pause;
  const std::uint32_t failures = retry_.failures();
  if (text != fault_ || (failures & (failures - 1)) == 0) {
    log::warn(who(), "{}: {}; started again in {} ms, {} failures in a row", given_.name, text, pause.count(),
              failures);
  }
  fault_ = std::move(text);
}

Pipe::Figures Pipe::figures() const {
  Figures all = done_;
  all.format = format_;
  all.frames += frames_;
  if (attempt_) all.written_bytes += attempt_->received_bytes();
  if (feeding_) {
    all.read_bytes += feeding_->stream->sent_bytes();
    all.skips += feeding_->skip_count();
    if (feeding_->pump) all.behind = feeding_->pump->behind();
  }
  return all;
}

}  // namespace weir::exec
