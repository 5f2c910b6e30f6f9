#include "app/exec/pipe.h"

#include <signal.h>

#include <filesystem>
#include <fstream>

#include "net/notifier.h"
#include "net/worker.h"
#include "pack/formats.h"
#include "support/catch.h"
#include "support/media_files.h"
#include "support/soon.h"

namespace weir::test::pipe_test {

using namespace std::chrono_literals;
using exec::Pipe;
using Clock = Pipe::Clock;

namespace {

// A worker whose loop is polled by the test, a publisher of a stream on it, and programs that are real.
class Bench {
 public:
  Bench() {
    ::signal(SIGPIPE, SIG_IGN);  // as main does
    vhost_->min_latency = true;
    config_.vhosts.push_back(vhost_);
    hub_.emplace(worker_, directory_, formats_, peers_, std::make_shared<const config::Config>(config_));
    peers_[0] = &*hub_;
    worker_.spawn("publisher", [this](net::Life& life) { return publish(life); });
    settle();
    input_->set_tracks(film_.tracks);
    send();
  }
  ~Bench() {
    if (pipe) pipe->end(Clock::now());
    worker_.stop_sessions(net::Errc::stopped, false);
    settle();
    pipe.reset();
  }
  Bench(const Bench&) = delete;

  // The film once more, behind itself.
  void send() {
    for (const media::FrameRef& frame : film_.frames) {
      media::Frame later = *frame;
      later.dts += offset_;
      input_->append(std::make_shared<const media::Frame>(std::move(later)));
    }
    offset_ += film_.frames.back()->dts + base::Ticks(std::chrono::milliseconds(40));
    settle();
  }
  void begin(std::vector<std::string> words, Pipe::Form form = Pipe::Form::fitting, pack::Only only = pack::Only::all) {
    Pipe::Given given{.hub = *hub_,
                      .tls = tls_,
                      .name = "test",
                      .for_flv = {},
                      .for_ts = {},
                      .log_file = "/dev/null",
                      .reads = {},
                      .makes = {}};
    given.for_flv.words = given.for_ts.words = std::move(words);
    given.reads = std::make_shared<const hub::Request>(request("cam"));
    given.makes = request("copy");
    given.makes.origin = hub::Origin::pull;
    given.form = form;
    given.only = only;
    pipe = std::make_shared<Pipe>(std::move(given));
  }
  bool run_until(const std::function<bool()>& done) {
    return soon([&] {
      pipe->tick(Clock::now());
      settle();
      return done();
    });
  }
  hub::Source* made() const { return hub_->find_source({config::default_vhost_name, "live", "copy"}); }
  hub::Hub& hub() { return *hub_; }
  void cut_off() {
    gone_->notify();
    settle();
    hub_->tend_streams(Clock::now() + 1h);  // nobody waits for him
    settle();
  }
  void settle() {
    worker_.io().restart();
    worker_.io().poll();
  }

  std::shared_ptr<Pipe> pipe;

 private:
  hub::Request request(const std::string& name) const {
    hub::Request request;
    request.vhost = vhost_;
    request.app = "live";
    request.stream = name;
    return request;
  }
  net::Task<void> publish(net::Life& life) {
    auto input = co_await hub_->publish(life, request("cam"), nullptr);
    if (!input) co_return;
    net::Notifier gone(worker_.io());
    gone_ = &gone;
    input_.emplace(std::move(*input));
    (void)co_await gone.wait();
    input_.reset();
  }

  std::unique_ptr<log::Logger> logger_ = log::Logger::make_silent();
  const MediaFile film_ = read_flv("flv/h264_aac.flv");
  base::Ticks offset_{};
  std::shared_ptr<config::Vhost> vhost_ = std::make_shared<config::Vhost>();
  config::Config config_;
  net::Worker worker_{base::WorkerIndex(0), logger_.get()};
  hub::Directory directory_;
  hub::Formats formats_ = pack::all_formats();
  hub::Hub::Peers peers_{nullptr};
  session::upstream::TlsClients tls_;
  std::optional<hub::Hub> hub_;
  std::optional<hub::Input> input_;
  net::Notifier* gone_ = nullptr;
};

std::vector<media::Codec> codecs_of(const hub::Source& source) {
  std::vector<media::Codec> codecs;
  for (const media::Track& track : source.tracks()) {
    if (media::kind_of(track.parameters->codec) != media::Kind::data) codecs.push_back(track.parameters->codec);
  }
  return codecs;
}

std::vector<std::string> shell(const std::string& words) { return {"/bin/sh", "-c", words}; }

}  // namespace

TEST_CASE("what a program writes of what it reads is a stream", "[exec]") {
  using media::Codec;
  const auto [form, only, codecs] = GENERATE(table<Pipe::Form, pack::Only, std::vector<Codec>>(
      {{Pipe::Form::fitting, pack::Only::all, {Codec::h264, Codec::aac}},
       {Pipe::Form::flv, pack::Only::video, {Codec::h264}},
       {Pipe::Form::flv, pack::Only::audio, {Codec::aac}},
       {Pipe::Form::ts, pack::Only::all, {Codec::h264, Codec::aac}},
       {Pipe::Form::ts, pack::Only::video, {Codec::h264}},
       {Pipe::Form::ts, pack::Only::audio, {Codec::aac}}}));
  Bench bench;
  bench.begin({"/bin/cat"}, form, only);
  REQUIRE(bench.run_until([&] {
    bench.send();
    const hub::Source* made = bench.made();
    return made && codecs_of(*made).size() == codecs.size() && bench.pipe->figures().frames > 20;
  }));
  CHECK(codecs_of(*bench.made()) == codecs);
  const Pipe::Figures figures = bench.pipe->figures();
  CHECK(figures.format == (form == Pipe::Form::ts ? "ts" : "flv"));
  CHECK(figures.read_bytes >= figures.written_bytes);
  CHECK(figures.written_bytes > 1000);
  CHECK(bench.pipe->fault().empty());
  CHECK(bench.pipe->starts() == 1);
  // It reads to the end, and ends by itself.
  bench.cut_off();
  bench.pipe->finish(Clock::now());
  CHECK(bench.run_until([&] { return bench.pipe->over(); }));
  CHECK(bench.pipe->figures().written_bytes == bench.pipe->figures().read_bytes);
}

TEST_CASE("how a program in between ended is said, and it is started again", "[exec]") {
  Bench bench;
  const auto [words, told] = GENERATE(table<std::string, std::string>(
      {{"exit 3", "(exit status 3)"}, {"cat >/dev/null & exit 0", "(exit status 0)"}, {"echo no stream", "FLV"}}));
  bench.begin(shell(words));
  CHECK(bench.run_until([&] { return bench.pipe->starts() >= 2; }));
  INFO(bench.pipe->fault());
  CHECK(bench.pipe->fault().find(told) != std::string::npos);
  bench.begin({"/no/such/program"});
  CHECK(bench.run_until([&] { return !bench.pipe->fault().empty(); }));
  CHECK(bench.pipe->starts() == 0);
}

TEST_CASE("a program that reads and makes nothing is ended, unless there was nothing to read", "[exec]") {
  Bench bench;
  bench.begin(shell("cat >/dev/null"));
  REQUIRE(bench.run_until(
      [&] { return bench.pipe->figures().read_bytes > 0 && bench.pipe->figures().behind.count() == 0; }));
  const auto start = Clock::now();
  bench.pipe->tick(start);
  // Nobody sends: it is not its fault.
  bench.pipe->tick(start + 20s);
  bench.pipe->tick(start + 40s);
  bench.settle();
  CHECK(bench.pipe->running());
  CHECK(bench.pipe->fault().empty());
  const auto before = bench.pipe->figures().read_bytes;
  const auto feeds = [&] {
    const auto bytes = bench.pipe->figures().read_bytes;
    bench.send();
    return soon([&] {
      bench.settle();
      return bench.pipe->figures().read_bytes > bytes;
    });
  };
  REQUIRE(feeds());
  bench.pipe->tick(start + 42s);
  for (auto at = 44s; at < 74s; at += 4s) {
    REQUIRE(feeds());
    bench.pipe->tick(start + at);
    bench.settle();
  }
  CHECK(bench.pipe->figures().read_bytes > before);
  CHECK(bench.run_until([&] { return bench.pipe->fault().find("nothing comes of it") != std::string::npos; }));
}

TEST_CASE("a program that does not read holds nobody up, and goes on at a key frame", "[exec]") {
  Bench bench;
  const auto file = std::filesystem::temp_directory_path() / ("weir-pipe-" + std::to_string(::getpid()));
  std::filesystem::remove(file);
  bench.begin(shell("while [ ! -e " + file.string() + " ]; do sleep 0.05; done; exec cat"));
  REQUIRE(bench.run_until([&] { return bench.pipe->figures().read_bytes > 0; }));
  // Far more than the pipe holds, and longer than players may be behind.
  const auto longest = config::Vhost().play.queue_length;
  for (int i = 0; i < 400 && bench.pipe->figures().behind < 2 * longest; ++i) bench.send();
  CHECK(bench.pipe->figures().behind > longest);
  std::ofstream{file};
  CHECK(bench.run_until([&] {
    bench.send();
    return bench.pipe->figures().skips > 0 && bench.pipe->figures().frames > 20;
  }));
  CHECK(bench.pipe->starts() == 1);
  std::filesystem::remove(file);
}

TEST_CASE("a program in between that does not listen is killed with all that it started", "[exec]") {
  Bench bench;
  const auto file = std::filesystem::temp_directory_path() / ("weir-deaf-pipe-" + std::to_string(::getpid()));
  std::filesystem::remove(file);
  bench.begin(shell("trap '' TERM; sleep 1000 & echo $$ > " + file.string() + "; while :; do sleep 1; done"));
  const auto pid = [&] {
    int pid = 0;
    std::ifstream(file) >> pid;
    return pid;
  };
  REQUIRE(bench.run_until([&] { return pid() > 0; }));
  const auto now = Clock::now();
  SECTION("it is no longer wanted") { bench.pipe->end(now); }
  SECTION("its stream is over") {
    bench.cut_off();
    bench.pipe->finish(now);
    bench.pipe->tick(now + Pipe::last_words);
  }
  bench.settle();
  CHECK_FALSE(bench.pipe->over());
  bench.pipe->tick(now + Pipe::last_words + Pipe::term_grace + 1s);
  CHECK(bench.run_until([&] { return bench.pipe->over(); }));
  CHECK(soon([&] { return ::kill(-pid(), 0) != 0; }));
  std::filesystem::remove(file);
}

}  // namespace weir::test::pipe_test
