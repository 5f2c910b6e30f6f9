#include "hub/demand.h"

#include "support/catch.h"
#include "unit/hub/two_workers.h"

namespace weir::test::demand_test {

using namespace std::chrono_literals;
using hub::Pump;
using test::TwoWorkers;

namespace {

// Writes down what it is told; takes what it is to take.
struct FakeStarter final : hub::Starter {
  explicit FakeStarter(hub::Hub& of) : hub(of) { hub.demand().add(*this); }
  bool start(const hub::Request& wanted) override {
    told += "start " + wanted.key().stream + " ";
    if (fails_at_once) hub.cannot_start(wanted.key(), net::Errc::end_of_stream);
    return takes;
  }
  bool can_start(const hub::Request&) const override { return takes; }
  void stop(const base::StreamKey& key) override { told += "stop " + key.stream + " "; }

  hub::Hub& hub;
  bool takes = true, fails_at_once = false;
  std::string told;
};

auto later(std::chrono::seconds time) { return std::chrono::steady_clock::now() + time; }

hub::Request wanted(const TwoWorkers& server, const std::string& name) {
  hub::Request request;
  request.vhost = server.vhost;
  request.app = "live";
  request.stream = name;
  return request;
}

}  // namespace

TEST_CASE("of several workers that want a stream one has it started", "[hub]") {
  TwoWorkers server;
  FakeStarter near(server.hub(0)), far(server.hub(1));
  const auto first = server.play(0), second = server.play(1), third = server.play(0);
  CHECK(near.told == "start cam ");
  CHECK(far.told.empty());
  server.origin = hub::Origin::pull;
  const auto pull = server.publish(0);
  pull->send(0, 1);
  server.settle();
  CHECK(first->stream.taken == "v0k0 ");
  CHECK(second->stream.taken == "v0k0 ");

  // The last one to leave is on another worker than the starter.
  server.leave(*first);
  server.leave(*third);
  server.hub(0).tend_feeds(later(11s));
  server.settle();
  CHECK(near.told == "start cam ");
  server.leave(*second);
  server.hub(1).tend_feeds(later(11s));
  server.settle();
  CHECK(near.told == "start cam stop cam ");
}

TEST_CASE("nobody is asked to start what is published", "[hub]") {
  TwoWorkers server;
  FakeStarter starter(server.hub(1));
  const auto publisher = server.publish(0);
  const auto player = server.play(1);
  CHECK(starter.told.empty());
}

TEST_CASE("those who wait are told why it cannot be started, and it is tried again for the next", "[hub]") {
  TwoWorkers server;
  FakeStarter starter(server.hub(0));
  const auto near = server.play(0), far = server.play(1);
  server.hub(0).cannot_start(TwoWorkers::key, net::Errc::timed_out);
  server.settle();
  CHECK(near->pump->state() == Pump::State::failed);
  CHECK(near->pump->error() == net::Errc::timed_out);
  CHECK(far->pump->error() == net::Errc::timed_out);
  CHECK(near->subscription->feed().absence() == net::Errc::timed_out);
  starter.told.clear();
  const auto next = server.play(0);
  CHECK(starter.told == "start cam ");
  CHECK(next->pump->state() == Pump::State::waiting);
  starter.fails_at_once = true;
  server.hub(0).cannot_start(TwoWorkers::key, net::Errc::timed_out);
  const auto last = server.play(0);
  CHECK(last->subscription->feed().absence() == net::Errc::end_of_stream);
}

TEST_CASE("a starter that does not know the name leaves it to the next one", "[hub]") {
  TwoWorkers server;
  FakeStarter first(server.hub(0)), second(server.hub(0));
  first.takes = second.takes = false;
  {
    const auto player = server.play(0);
    CHECK(first.told == second.told);
    CHECK(second.told == "start cam ");
    CHECK_FALSE(server.directory.starting(TwoWorkers::key));
    server.leave(*player);
  }
  server.hub(0).tend_feeds(later(0s));
  CHECK(server.directory.size() == 0);
}

TEST_CASE("a stream that players only ask for is wanted for a while", "[hub]") {
  TwoWorkers server;
  FakeStarter starter(server.hub(1));
  const hub::Request request = wanted(server, "cam");
  for (int i = 0; i < 3; ++i) server.hub(1).ask_for(request);
  CHECK(starter.told == "start cam ");
  server.hub(1).tend_feeds(later(2s));
  server.settle();
  CHECK(starter.told == "start cam ");
  server.hub(1).tend_feeds(later(11s));
  server.settle();
  CHECK(starter.told == "start cam stop cam ");
  CHECK(server.directory.size() == 0);
}

TEST_CASE("a visit wants its stream as long as it lasts, and a while longer", "[hub]") {
  TwoWorkers server;
  FakeStarter starter(server.hub(1));
  const hub::Request request = wanted(server, "cam");
  std::optional<hub::Visit> visit;
  server.run(1, [&](net::Life& life) -> net::Task<void> {
    auto admitted = co_await server.hub(1).visit(life, request, life.id());
    REQUIRE(admitted.has_value());
    visit.emplace(std::move(*admitted));
  });
  server.settle();
  CHECK(starter.told == "start cam ");
  server.hub(1).tend_feeds(later(60s));
  server.settle();
  CHECK(starter.told == "start cam ");
  visit.reset();
  server.hub(1).tend_feeds(later(2s));
  server.settle();
  CHECK(starter.told == "start cam ");
  server.hub(1).tend_feeds(later(11s));
  server.settle();
  CHECK(starter.told == "start cam stop cam ");
  CHECK(server.directory.size() == 0);
}

TEST_CASE("who asked for a stream without reading it is told why it cannot be brought", "[hub]") {
  TwoWorkers server;
  FakeStarter starter(server.hub(0));
  std::string told;
  for (std::size_t i = 0; i < 2; ++i) {
    server.hub(i).when_absent([&told, i](const base::StreamKey& key, base::ErrorCode why) {
      told += std::to_string(i) + " " + key.stream + (why == net::Errc::timed_out ? " timed out, " : "?");
    });
  }
  const hub::Request request = wanted(server, "cam");
  CHECK(server.hub(0).ask_for(request));
  CHECK(server.hub(1).ask_for(request));
  server.hub(0).cannot_start(TwoWorkers::key, net::Errc::timed_out);
  server.settle();
  CHECK(told == "0 cam timed out, 1 cam timed out, ");
  CHECK(server.hub(0).ask_for(request));  // anew
  CHECK(starter.told == "start cam start cam ");
}

TEST_CASE("whether a stream can be brought is known before it is asked for", "[hub]") {
  TwoWorkers server;
  const hub::Request request = wanted(server, "cam");
  CHECK_FALSE(server.hub(0).demand().can_start(request));
  FakeStarter first(server.hub(0)), second(server.hub(0));
  first.takes = false;
  CHECK(server.hub(0).demand().can_start(request));
  second.takes = false;
  CHECK_FALSE(server.hub(0).demand().can_start(request));
}

TEST_CASE("a server that ends sends newcomers to another one, if there is one", "[hub]") {
  TwoWorkers server;
  server.hub(0).admission().set_locator(
      [](net::Life&, const hub::Request& wanted, hub::Action) -> net::Task<base::Result<std::string>> {
        co_return wanted.param.empty() ? "" : "rtmp://b/live/cam";
      });
  server.hub(0).drain();
  const auto refused = server.publish(0), away = server.publish(0, "?there");
  CHECK(refused->refused == hub::Errc::draining);
  CHECK(away->refused == hub::Errc::elsewhere);
}

TEST_CASE("names that nobody publishes are bounded, counted and forgotten", "[hub]") {
  TwoWorkers server;
  for (std::size_t i = 0; i < hub::Hub::most_awaited + 5; ++i) {
    server.hub(0).ask_for(wanted(server, "s" + std::to_string(i)));
  }
  CHECK(server.hub(0).counts().refused_awaited == 5);
  CHECK(server.directory.size() == hub::Hub::most_awaited);
  server.hub(0).tend_feeds(later(11s));
  CHECK(server.directory.size() == 0);
  // A reader's name goes as soon as the reader does.
  const auto player = server.play(0);
  server.hub(0).tend_feeds(later(0s));
  CHECK(server.hub(0).counts().awaited == 1);
  server.leave(*player);
  server.hub(0).tend_feeds(later(0s));
  CHECK(server.directory.size() == 0);
}

TEST_CASE("a publisher is asked for key frames across workers, and not too often", "[hub]") {
  TwoWorkers server;
  const auto first = server.publish(0);
  first->send(0, 1);
  server.cut_off(*first);
  const auto publisher = server.publish(1);  // the stream's home is the other one
  int asked = 0;
  publisher->input->when_key_wanted([&] { ++asked; });
  for (int i = 0; i < 10; ++i) server.hub(static_cast<std::size_t>(i % 2)).want_key_frame(TwoWorkers::key);
  server.settle();
  CHECK(asked == 1);
}

TEST_CASE("a newcomer that must wait for a key frame has it asked for, unless one is new", "[hub]") {
  for (const bool cached : {false, true}) {
    TwoWorkers server;
    server.vhost->play.gop_cache = cached;
    const auto publisher = server.publish(0);
    int asked = 0;
    publisher->input->when_key_wanted([&] { ++asked; });
    const auto first = server.play(1);
    CHECK(asked == 1);  // there is none yet
    publisher->send();
    server.settle();
    const auto second = server.play(1);
    CHECK(asked == 1);  // it came this moment
    server.hub(0).find_stream(TwoWorkers::key)->want_key_frame(std::chrono::steady_clock::now() + 1900ms, 2s);
    server.settle();
    CHECK(asked == 1);
    server.hub(0).find_stream(TwoWorkers::key)->want_key_frame(std::chrono::steady_clock::now() + 2100ms, 2s);
    server.settle();
    CHECK(asked == 2);
  }
}

TEST_CASE("whoever waits for word of a feed is woken by its beginning, its absence, or the time", "[hub]") {
  TwoWorkers server;
  const auto player = server.play(0);
  hub::Feed& feed = player->subscription->feed();
  std::string told;
  const auto wait = [&](std::chrono::milliseconds limit) {
    server.run(0, [&feed, &told, limit](net::Life& life) -> net::Task<void> {
      hub::FeedWaiter waiter(life.worker(), limit);
      co_await waiter.wait(feed);
      told += feed.live() ? "live " : feed.absence() ? "absent " : "nothing ";
    });
    server.settle();
  };
  wait(60s);
  feed.set_absent(net::Errc::timed_out);
  server.settle();
  CHECK(told == "absent ");
  feed.forget_absence();
  wait(60s);
  const auto publisher = server.publish(1);
  CHECK(told == "absent live ");
  wait(60s);
  CHECK(told == "absent live live ");
}

}  // namespace weir::test::demand_test
