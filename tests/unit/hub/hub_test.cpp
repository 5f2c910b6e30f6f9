#include "hub/hub.h"

#include "hub/input_box.h"
#include "support/catch.h"
#include "support/soon.h"
#include "unit/hub/two_workers.h"

namespace weir::test::hub_test {

using namespace std::chrono_literals;
using hub::Pump;
using hub::Stream;
using test::picture;
using test::TwoWorkers;

TEST_CASE("a publisher that comes back on another worker interrupts nobody", "[hub]") {
  TwoWorkers server;
  const auto first = server.publish(0);
  const auto near = server.play(0), far = server.play(1);
  first->send(0, 2);
  server.settle();
  CHECK(near->stream.taken == "v0k0 v40.0 ");
  CHECK(far->stream.taken == near->stream.taken);

  server.cut_off(*first);
  CHECK(near->pump->state() == Pump::State::flowing);
  CHECK(server.directory.live(TwoWorkers::key));

  const auto second = server.publish(1);
  REQUIRE(second->input);
  second->send(5'000, 2);
  server.settle();
  CHECK(near->stream.taken == "v0k0 v40.0 T1 v80k1 v120.1 ");
  CHECK(far->stream.taken == near->stream.taken);
  CHECK(server.directory.home(TwoWorkers::key) == base::WorkerIndex{0});
  CHECK(server.hub(0).counts().interruptions == 1);
  CHECK(server.hub(0).counts().resumptions == 1);
  CHECK(server.hub(1).find_input(second->life->id())->video_frames == 2);
}

TEST_CASE("behind the grace readers hear of the end, and the name is free", "[hub]") {
  TwoWorkers server;
  const auto first = server.publish(0);
  const auto near = server.play(0), far = server.play(1);
  first->send(0, 1);
  server.settle();
  server.cut_off(*first);
  server.hub(0).tend_streams(std::chrono::steady_clock::now() + 16s);
  server.settle();
  CHECK(near->pump->state() == Pump::State::ended);
  CHECK(far->pump->state() == Pump::State::ended);
  CHECK_FALSE(server.directory.home(TwoWorkers::key));
  CHECK(server.hub(0).find_stream(TwoWorkers::key) == nullptr);

  // Whoever comes now is at home on its own worker, behind what the readers have seen.
  const auto second = server.publish(1);
  second->send(0, 1);
  server.settle();
  CHECK(near->stream.taken == "v0k0 v20k1 ");
  CHECK(far->stream.taken == near->stream.taken);
}

TEST_CASE("a publisher that was told to go is not waited for", "[hub]") {
  TwoWorkers server;
  const auto publisher = server.publish(1);
  const auto player = server.play(0);
  publisher->send(0, 1);
  server.settle();
  publisher->life->stop(net::Errc::stopped);
  server.settle();
  CHECK(publisher->ended);
  CHECK(player->pump->state() == Pump::State::ended);
  CHECK(server.directory.size() == 1);  // the reader's want
}

TEST_CASE("with takeover the second publisher goes on with the stream, across workers", "[hub]") {
  TwoWorkers server;
  server.vhost->publish.takeover = true;
  const auto first = server.publish(0);
  const auto player = server.play(1);
  first->send(0, 1);
  server.settle();
  const auto second = server.publish(1);
  REQUIRE(test::soon([&] {
    server.settle();
    return second->input.has_value();
  }));
  CHECK(first->ended);
  second->input->set_tracks(test::picture_and_sound());
  second->send(0, 1);
  server.settle();
  CHECK(player->stream.taken == "v0k0 T1 v20k1 ");
}

TEST_CASE("without takeover or standby a second publisher is refused", "[hub]") {
  TwoWorkers server;
  const auto first = server.publish(0), second = server.publish(1);
  CHECK(second->refused == hub::Errc::busy);
}

TEST_CASE("an input may stand by on another worker than the stream's", "[hub]") {
  TwoWorkers server;
  server.vhost->publish.standby = true;
  const auto main = server.publish(0, "?priority=10"), backup = server.publish(1, "?priority=5");
  const auto player = server.play(1);
  main->send(0, 1);
  backup->send(7'000, 2);
  server.settle();
  CHECK(player->stream.taken == "v0k0 ");
  server.cut_off(*main);
  CHECK(player->stream.taken == "v0k0 T1 v20k1 v60.1 ");
  CHECK(server.hub(0).find_stream(TwoWorkers::key)->origin().priority == 5);
  CHECK(server.hub(0).counts().switches == 1);
}

TEST_CASE("a stream that is held stays at home, and the next publisher goes on with it there", "[hub]") {
  TwoWorkers server;
  const auto first = server.publish(0);
  auto hold = server.hub(0).hold(TwoWorkers::key);
  first->send(0, 1);
  first->input->finish();
  server.cut_off(*first);
  CHECK_FALSE(server.directory.live(TwoWorkers::key));
  CHECK(server.directory.home(TwoWorkers::key) == base::WorkerIndex{0});
  const auto second = server.publish(1);
  CHECK(server.directory.live(TwoWorkers::key));
  second->send(0, 1);
  server.settle();
  REQUIRE(server.hub(0).find_stream(TwoWorkers::key));
  CHECK(server.hub(0).find_stream(TwoWorkers::key)->state() == Stream::State::live);
  second->input->finish();
  server.cut_off(*second);
  hold = {};
  server.settle();
  CHECK(server.directory.size() == 0);
}

TEST_CASE("a virtual host that a reload removes goes on with what it had", "[hub]") {
  TwoWorkers server;
  const auto own = server.add_vhost("own.example");
  own->play.queue_length = 7s;
  server.reload();
  const auto publisher = server.publish(0, "", own);
  const auto player = server.play(1, own);
  const base::StreamKey key{"own.example", "live", "cam"};
  server.config.vhosts.pop_back();
  server.reload();
  CHECK(player->subscription->feed().vhost().name == "own.example");
  CHECK(server.hub(0).find_stream(key)->vhost().name == "own.example");
  // It comes back with other settings.
  auto again = std::make_shared<config::Vhost>(*own);
  again->play.queue_length = 9s;
  server.config.vhosts.push_back(again);
  server.reload();
  CHECK(player->subscription->feed().vhost().play.queue_length == 9s);
}

TEST_CASE("the server's stop does not wait for a publisher that was cut off", "[hub]") {
  TwoWorkers server;
  const auto publisher = server.publish(0);
  const auto player = server.play(0);
  publisher->send(0, 1);
  server.cut_off(*publisher);
  server.hub(0).drain();
  server.settle();
  CHECK(player->pump->state() == Pump::State::ended);
}

TEST_CASE("what a home does not fetch is bounded, and goes on with a key frame", "[hub]") {
  hub::InputBox box;
  const auto frame = [](bool key) {
    auto made = std::make_shared<media::Frame>(*picture(0, key));
    made->payload = base::SharedBytes::copy_of(std::vector<std::uint8_t>(1 << 20));
    return hub::InputLetter{.kind = hub::InputLetter::Kind::frame, .frame = std::move(made)};
  };
  const auto frames_in = [](hub::InputBox& from) {
    std::size_t count = 0;
    net::Turn turn;
    while (from.take(turn, [&](hub::InputLetter&& letter) { count += letter.frame != nullptr; })) turn.renew();
    return count;
  };
  box.put({.kind = hub::InputLetter::Kind::tracks, .tracks = test::picture_and_sound()});
  for (int i = 0; i < 40; ++i) box.put(frame(i == 0));
  CHECK(box.dropped_frames() == 9);
  CHECK(frames_in(box) == 31);
  box.put(frame(false));
  CHECK(box.dropped_frames() == 10);
  box.put(frame(true));
  box.put(frame(false));
  CHECK(frames_in(box) == 2);
}

TEST_CASE("what the server fetches itself is asked of nobody", "[hub]") {
  TwoWorkers server;
  server.hub(0).admission().add([](net::Life&, const hub::Request&, hub::Action,
                                   hub::Permit&) -> net::Task<base::Result<void>> { co_return hub::Errc::refused; });
  CHECK(server.publish(0)->refused == hub::Errc::refused);
  server.origin = hub::Origin::pull;
  CHECK(server.publish(0)->input.has_value());
}

}  // namespace weir::test::hub_test
