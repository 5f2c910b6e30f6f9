// Our client and our server talk to one another, in pieces of any size.
#include <algorithm>

#include "proto/rtmp/chunk_writer.h"
#include "proto/rtmp/client.h"
#include "support/catch.h"
#include "unit/proto/rtmp/talk.h"

namespace weir::test::pair_test {

using rtmp::Client;
using rtmp::ClientOptions;
using rtmp::MessageType;
using rtmp::Role;
using test::bytes;
using test::ByteVector;
using test::repeat;
using test::operator+;

namespace {

struct Pair {
  explicit Pair(ClientOptions options, std::size_t piece_bytes) : client(std::move(options)), piece(piece_bytes) {}

  Client client;
  rtmp::Server server = rtmp::Server();
  std::size_t piece;
  base::Buffer up = {}, down = {};
  std::vector<rtmp::ClientEvent> client_events = {};
  std::vector<rtmp::ServerEvent> server_events = {};
  bool refuse = false;

  // Until nobody has anything to say.
  void run() {
    for (int i = 0; i < 100'000; ++i) {
      up.append(client.take_output());
      down.append(server.take_output());
      if (up.empty() && down.empty()) return;
      REQUIRE(server.input(front(up)));
      while (auto event = server.poll()) {
        answer(*event);
        server_events.push_back(std::move(*event));
      }
      REQUIRE(client.input(front(down)));
      while (auto event = client.poll()) client_events.push_back(std::move(*event));
    }
    FAIL("the two never fall silent");
  }
  ByteVector front(base::Buffer& from) const {
    const std::size_t size = std::min(piece, from.size());
    const ByteVector out(from.data(), from.data() + size);
    from.consume(size);
    return out;
  }
  void answer(const rtmp::ServerEvent& event) {
    if (std::holds_alternative<rtmp::ConnectRequested>(event)) REQUIRE(server.accept_connect({}));
    if (std::holds_alternative<rtmp::PublishRequested>(event)) {
      REQUIRE((refuse ? server.reject_publish("NetStream.Publish.BadName", "busy") : server.accept_publish()));
    }
    if (std::holds_alternative<rtmp::PlayRequested>(event)) REQUIRE(server.accept_play());
  }
};

ClientOptions options(Role role, rtmp::ClientHandshake::Form form) {
  return {.role = role, .tc_url = "rtmp://h/live", .stream = "s", .handshake = form};
}

template <class Event, class Events>
const Event* last(const Events& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (const auto* found = std::get_if<Event>(&*event)) return found;
  }
  return nullptr;
}

constexpr std::size_t pieces[] = {1, 7, 1000, 100'000};
// Small pieces, small messages: a test is not to take minutes.
std::size_t size_for(std::size_t piece) { return piece < 1000 ? 700 : 70'000; }

}  // namespace

TEST_CASE("a client publishes to our server", "[rtmp]") {
  for (const auto form : {rtmp::ClientHandshake::Form::plain, rtmp::ClientHandshake::Form::digest}) {
    for (const std::size_t piece : pieces) {
      Pair pair(options(Role::publish, form), piece);
      pair.run();
      REQUIRE(pair.client.publishing());
      REQUIRE(pair.server.publishing());
      const auto* request = last<rtmp::PublishRequested>(pair.server_events);
      REQUIRE(request);
      CHECK(request->name == "s");
      CHECK(request->dialect == rtmp::Dialect::fmle);

      pair.server_events.clear();
      pair.client.send(MessageType::data, 0, bytes("02000a 6f6e4d65746144617461 05"));
      std::uint32_t time = 0xffffff - 200;
      for (int i = 0; i < 20; ++i) {
        pair.client.send(MessageType::video, time += 40, repeat(static_cast<std::uint8_t>(i), size_for(piece)));
        pair.client.send(MessageType::audio, time + 3, repeat(static_cast<std::uint8_t>(i), 300));
      }
      pair.run();
      REQUIRE(pair.server_events.size() == 41);
      CHECK(test::hex(std::get<rtmp::MediaReceived>(pair.server_events[0]).payload) == "02000a6f6e4d6574614461746105");
      for (std::size_t i = 0; i < 20; ++i) {
        const auto& video = std::get<rtmp::MediaReceived>(pair.server_events[1 + 2 * i]);
        const auto& audio = std::get<rtmp::MediaReceived>(pair.server_events[2 + 2 * i]);
        CHECK(video.time_ms == 0xffffff - 160 + 40 * static_cast<int>(i));
        CHECK(video.payload.size() == size_for(piece));
        CHECK(video.payload.bytes().back() == i);
        CHECK(audio.time_ms == video.time_ms + 3);
      }
      pair.client.close();
      pair.run();
      CHECK(last<rtmp::Unpublished>(pair.server_events));
      CHECK_FALSE(pair.server.publishing());
    }
  }
}

TEST_CASE("a client plays from our server what the packager writes", "[rtmp]") {
  for (const bool drain : {false, true}) {
    for (const std::size_t piece : pieces) {
      auto with = options(Role::play, rtmp::ClientHandshake::Form::plain);
      with.drain = drain;
      Pair pair(with, piece);
      pair.run();
      REQUIRE(pair.client.playing());
      REQUIRE(last<rtmp::BufferLengthSet>(pair.server_events));
      pair.client_events.clear();
      const std::size_t step = size_for(piece) / 17;
      for (std::uint32_t i = 0; i < 50; ++i) {
        const auto body = repeat(0x17, 5 + i * step);
        rtmp::append_message(pair.down, {MessageType::video, rtmp::chunk_streams::video, 1, i * 40}, body, 60'000);
      }
      pair.run();
      REQUIRE(pair.client_events.size() == 50);
      for (std::size_t i = 0; i < 50; ++i) {
        if (drain) {
          const auto& event = std::get<rtmp::MediaDrained>(pair.client_events[i]);
          CHECK(event.time_ms == 40 * static_cast<int>(i));
          CHECK(event.size_bytes == 5 + i * step);
        } else {
          const auto& event = std::get<rtmp::MediaReceived>(pair.client_events[i]);
          CHECK(event.time_ms == 40 * static_cast<int>(i));
          CHECK(event.payload.size() == 5 + i * step);
        }
      }
      // 5 MB in large pieces, with a window of 2.5 MB
      CHECK((last<rtmp::Acknowledged>(pair.server_events) != nullptr) == (piece >= 1000));
      pair.server.notify_stopped();
      pair.run();
      CHECK(last<rtmp::Ended>(pair.client_events));
    }
  }
}

TEST_CASE("a client learns why it may not publish", "[rtmp]") {
  Pair pair(options(Role::publish, rtmp::ClientHandshake::Form::plain), 100);
  pair.refuse = true;
  pair.run();
  const auto* refused = last<rtmp::Refused>(pair.client_events);
  REQUIRE(refused);
  CHECK(refused->code == "NetStream.Publish.BadName");
  CHECK(refused->description == "busy");
}

TEST_CASE("a client reads the server's own words in the answer to connect", "[rtmp]") {
  Pair pair(options(Role::play, rtmp::ClientHandshake::Form::plain), 1000);
  pair.run();
  const auto* connected = last<rtmp::Connected>(pair.client_events);
  REQUIRE(connected);
  CHECK(connected->data.text_at("srs_sig") == "Weir");
}

}  // namespace weir::test::pair_test
