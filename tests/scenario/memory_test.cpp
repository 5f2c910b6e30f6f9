#include <malloc.h>

#include <array>
#include <fstream>

#include "main/memory.h"
#include "scenario/support/hls_client.h"
#include "scenario/support/live_server.h"
#include "scenario/support/rtmp_peer.h"
#include "support/bytes.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::memory_test {

// The budget of all caches together: publishers that never send a key frame again, slow players, too little memory.
using namespace std::chrono_literals;
using rtmp::Role;
using test::LiveServer;
using test::RtmpPeer;
using test::operator+;

namespace {

constexpr std::uint64_t megabyte = 1 << 20;
constexpr const char* small_budget = "workers 2; memory_budget 16m; http_api { enabled on; listen 127.0.0.1:{HTTP}; }";

std::uint64_t figure(const LiveServer& server, const std::string& name) {
  const std::string body = "\n" + test::get(server.http_port(), "/metrics").body;
  const auto at = body.find("\n" + name + " ");
  return at == std::string::npos ? ~0ULL : std::stoull(body.substr(at + name.size() + 2));
}

std::uint64_t cached(const LiveServer& server) {
  std::uint64_t sum = 0;
  for (const auto name : hub::cache_names) {
    sum += figure(server, "weir_memory_cache_bytes{cache=\"" + std::string(name) + "\"}");
  }
  return sum;
}

// One key frame, and then frames without end.
struct EndlessGroup {
  EndlessGroup(LiveServer& server, const std::string& name) : peer(server.rtmp_port(), Role::publish, name) {
    accepted =
        peer.run_until([this] { return peer.client.publishing() || !peer.codes.empty(); }) && peer.client.publishing();
    if (!accepted) return;
    peer.send_headers();
    begin();
  }
  // A cache that was emptied holds nothing before the next key frame.
  void begin() { peer.send_frame(time += 40, true); }
  void send(int frames) {
    for (int i = 0; i < frames; ++i) peer.send_frame(time += 40, false, 100'000);
    peer.run_until([] { return true; }, 1ms);
  }
  RtmpPeer peer;
  bool accepted = false;
  std::uint32_t time = 0;
};

}  // namespace

TEST_CASE("groups of pictures without end stay within the budget, and newcomers are told why not",
          "[scenario][memory]") {
  LiveServer server("min_latency on; publish { grace 0; }", small_budget);
  std::vector<std::unique_ptr<EndlessGroup>> publishers;
  for (int i = 0; i < 6; ++i) {
    publishers.push_back(std::make_unique<EndlessGroup>(server, "endless" + std::to_string(i)));
    REQUIRE(publishers.back()->accepted);
  }
  std::uint64_t most = 0;
  bool refused = false;
  for (int round = 0; round < 40; ++round) {
    for (const auto& publisher : publishers) publisher->send(4);
    most = std::max(most, cached(server));
    refused = refused || figure(server, "weir_memory_pressure") >= 2;
  }
  CHECK(most <= 17 * megabyte);  // and what is under way to be told
  CHECK(refused);
  const auto pressed = [&] { return figure(server, "weir_memory_pressure") >= 2; };
  REQUIRE(test::soon([&] {  // what is under way may be what is too much
    if (pressed()) return true;
    for (const auto& publisher : publishers) publisher->begin();
    for (int step = 0; step < 60 && !pressed(); ++step) {
      for (const auto& publisher : publishers) publisher->send(1);
    }
    return false;
  }));
  RtmpPeer late(server.rtmp_port(), Role::publish, "late");
  CHECK(late.wait_status("NetStream.Publish.Denied"));
  CHECK(figure(server, "weir_memory_refused_total") > 0);
  publishers.clear();
  test::soon([&] { return figure(server, "weir_memory_pressure") == 0; });
  EndlessGroup again(server, "again");
  CHECK(again.accepted);
}

TEST_CASE("messages that never end stay within the budget too", "[scenario][memory]") {
  LiveServer server("min_latency on;", small_budget);
  std::vector<std::unique_ptr<EndlessGroup>> publishers;
  const test::ByteVector whole = test::bytes("27 01 000000") + test::repeat(0x41, 6'000'000);
  int ended = 0;
  for (int i = 0; i < 6; ++i) {
    publishers.push_back(std::make_unique<EndlessGroup>(server, "unfinished" + std::to_string(i)));
    if (!publishers.back()->accepted) continue;
    rtmp::Client& client = publishers.back()->peer.client;
    client.send(rtmp::MessageType::video, 40, whole);
    const base::Buffer output = client.take_output();
    publishers.back()->peer.socket.send(output.bytes().first(output.size() - 1000));
    CHECK(cached(server) <= 17 * megabyte);
  }
  for (const auto& publisher : publishers) {
    ended += !publisher->accepted || publisher->peer.run_until([&] { return publisher->peer.closed; }, 300ms);
    ended += publisher->peer.closed;
  }
  CHECK(ended > 0);
}

TEST_CASE("a slow player does not keep more than the budget has", "[scenario][memory]") {
  LiveServer server("min_latency on; play { queue_length 60; queue_bytes 60m; gop_cache_max_bytes 1m; }", small_budget);
  EndlessGroup publisher(server, "slow");
  REQUIRE(publisher.accepted);
  RtmpPeer slow(server.rtmp_port(), Role::play, "slow");
  slow.socket.set_receive_buffer(4096);
  REQUIRE(slow.wait_playing());
  std::uint64_t most = 0;
  for (int round = 0; round < 40; ++round) {
    publisher.send(8);
    most = std::max(most, cached(server));
  }
  CHECK(most > 8 * megabyte);
  CHECK(most <= 17 * megabyte);
}

TEST_CASE("a budget that is written counts, else a part of what the process may have", "[scenario][memory]") {
  CHECK(figure(LiveServer("", small_budget), "weir_memory_budget_bytes") == 16 * megabyte);
  LiveServer server("", "workers 1; http_api { enabled on; listen 127.0.0.1:{HTTP}; }");
  const std::uint64_t limit = process::memory_limit();
  const std::uint64_t budget = figure(server, "weir_memory_budget_bytes");
  CHECK(budget > limit / 2);
  CHECK(budget < limit);
  REQUIRE(server.reload("", small_budget));
  CHECK(figure(server, "weir_memory_budget_bytes") == 16 * megabyte);
}

TEST_CASE("after a peak the heap is trimmed, once, and only then", "[scenario][memory]") {
  process::HeapTrimmer trimmer;
  const process::HeapTrimmer::Clock::time_point start = process::HeapTrimmer::Clock::now();
  CHECK_FALSE(trimmer.look(100 * megabyte, start));
  CHECK_FALSE(trimmer.look(90 * megabyte, start + 1min));  // little is gone
  std::vector<std::unique_ptr<std::array<char, 4096>>> blocks;
  for (int i = 0; i < 16'000; ++i) {
    blocks.push_back(std::make_unique<std::array<char, 4096>>());
    blocks.back()->fill(1);
  }
  const auto keeps_the_top = std::make_unique<std::array<char, 4096>>();
  const std::uint64_t peak = process::resident_bytes();
  blocks.clear();
  CHECK(trimmer.look(40 * megabyte, start + 2min));
  CHECK_FALSE(trimmer.look(40 * megabyte, start + 3min));
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
  CHECK(process::resident_bytes() + 40 * megabyte < peak);
#else
  (void)peak;
#endif
}

}  // namespace weir::test::memory_test
