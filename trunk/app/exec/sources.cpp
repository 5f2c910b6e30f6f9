#include "app/exec/sources.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/steady_timer.hpp>

#include "app/exec/bounded_logs.h"
#include "base/redact.h"
#include "config/source_rules.h"
#include "net/coroutine.h"
#include "net/pipe_stream.h"
#include "net/worker.h"
#include "session/common/path_pattern.h"
#include "session/common/upstream/intake.h"
#include "session/common/upstream/local_error.h"

namespace weir::exec {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Result;
using session::upstream::Attempt;
using Upstream = session::upstream::Errc;

namespace {

constexpr auto term_grace = 3s;
constexpr std::uintmax_t largest_log_bytes = 16 << 20;
constexpr auto exit_patience = 500ms;  // between the end of its output and its own

std::string log_path(const config::Config& config, const hub::Request& request) {
  const std::string& folder = config.process.ff_log_dir;
  if (folder == "/dev/null") return folder;
  const auto safe = [](std::string_view text) { return session::safe_value("stream", text); };
  return fmt::format("{}/exec-source-{}-{}-{}.log", folder, safe(request.vhost->name), safe(request.app),
                     safe(request.stream));
}

}  // namespace

class Sources::Fetcher final : public session::upstream::Fetcher {
 public:
  Fetcher(Sources& sources, std::vector<std::string> words) : sources_(sources), words_(std::move(words)) {}

  net::Task<ErrorCode> fetch(Attempt& attempt) const override {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) co_return ErrorCode(errno, boost::system::system_category());
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    const auto stream = net::make_pipe_reader(attempt.worker(), ends[0]);
    const auto running = sources_.start(words_, attempt, ends[1]);
    ::close(ends[1]);
    if (!running) co_return running.error();
    const Hold hold(**running);
    const auto done = co_await receive(attempt, *stream);
    if (done || done.error() == Upstream::no_known_format) co_await say_how_it_ended(attempt, *hold);
    co_return done ? ErrorCode(session::upstream::LocalErrc::program_ended) : done.error();
  }

 private:
  static net::Task<Result<void>> receive(Attempt& attempt, net::ByteStream& stream) {
    attempt.life().watchdog.arm(attempt.vhost().publish.firstpkt_timeout);
    std::optional<Attempt::Agreed> agreed;
    session::upstream::Intake intake(attempt, &stream);
    base::Buffer room(32 * 1024);
    for (;;) {
      const auto count = co_await stream.read_some({room.data(), room.size()});
      if (!count && count.error() == net::Errc::end_of_stream) co_return co_await intake.finish();
      if (!count) co_return count.error();
      if (!agreed) agreed.emplace(attempt.agreed(&stream));
      CO_TRY_VOID(co_await intake.take(room.bytes().first(*count)));
    }
  }

  // Its output is at its end; it is about to end itself, most often.
  static net::Task<void> say_how_it_ended(Attempt& attempt, Running& running) {
    boost::asio::steady_timer timer(attempt.worker().io());
    for (auto waited = 0ms; !running.how && waited < exit_patience; waited += 20ms) {
      running.how = running.child.ended();
      if (running.how || co_await net::stop_requested()) break;
      timer.expires_after(20ms);
      (void)co_await timer.async_wait(net::use_ec);
    }
    if (running.how && attempt.why.empty()) attempt.why = *running.how;
  }

  // given
  Sources& sources_;
  std::vector<std::string> words_;
};

Sources::Hold::~Hold() {
  running_.leaving = true;
  running_.kill_at = Clock::now() + term_grace;
  if (!running_.how) running_.child.ask_to_end();
}

Sources::Sources(hub::Hub& hub) : hub_(hub) {
  hub_.worker().every_tick([this] { tick(); });
}

Result<session::upstream::Place> Sources::place_of(const std::string& url) {
  auto parted = config::words_of_command(std::string_view(url).substr(url.find(':') + 1));
  if (!parted || parted->empty()) return Errc::no_program;
  std::vector<std::string> words = *std::move(parted);
  session::upstream::Place place{.fetcher = {}, .shown = "exec:" + base::shown(words), .secrets = {}};
  place.fetcher = std::make_shared<Fetcher>(*this, std::move(words));
  return place;
}

Result<Sources::Running*> Sources::start(const std::vector<std::string>& words, Attempt& attempt, int output) {
  if (programs_.size() >= most_programs) return session::upstream::LocalErrc::too_busy;
  const auto& config = hub_.config();
  const auto& listens = config->rtmp.listen;
  const Facts facts{attempt.request(), listens.empty() ? std::uint16_t{1935} : listens.front().port,
                    std::chrono::system_clock::now()};
  std::string at_fault;
  auto filled = command_of(words, facts, &at_fault);
  if (!at_fault.empty()) attempt.why = "variable [" + at_fault + "]";
  TRY(Command command, std::move(filled));
  // The pipe by its name: the child opens it anew, before all that is not for it is closed.
  const Command::Redirect to_us{.descriptor = 1, .path = fmt::format("/proc/self/fd/{}", output)};
  const Command::Redirect to_log{.descriptor = 2, .path = log_path(*config, attempt.request()), .append = true};
  command.redirects.insert(command.redirects.begin(), {to_us, to_log});
  bound_logs(command, largest_log_bytes);
  TRY(Child child, Child::start(command));
  programs_.push_back({.child = std::move(child), .command = std::move(command)});
  return &programs_.back();
}

void Sources::tick() {
  const auto now = Clock::now();
  const bool looks = ++ticks_ % ticks_per_look_at_logs == 0;
  programs_.remove_if([&](Running& one) {
    if (!one.how) one.how = one.child.ended();
    if (looks) bound_logs(one.command, largest_log_bytes);
    return one.leaving && (one.how || now >= one.kill_at);  // which kills it
  });
}

}  // namespace weir::exec
