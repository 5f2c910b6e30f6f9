#include "base/random.h"
#include "hub/memory.h"
#include "hub/stream.h"
#include "support/catch.h"
#include "unit/hub/text_packager.h"

namespace weir::test::standby_memory_test {

// What an input that stands by keeps counts against the memory budget.

using hub::Cache;
using hub::MemoryBudget;
using hub::Stream;

namespace {

constexpr std::size_t half_megabyte = 512 * 1024;

media::FrameRef large_picture(int ms, bool key) {
  auto frame = std::make_shared<media::Frame>(*test::picture(ms, key));
  frame->payload = base::SharedBytes::copy_of(base::Buffer(half_megabyte).bytes());
  return frame;
}

struct StandbyBench {
  explicit StandbyBench(std::uint64_t limit) : budget(limit) {
    stream = std::make_unique<Stream>(Stream::Given{.key = {"__defaultVhost__", "live", "cam"},
                                                    .vhost = vhost,
                                                    .formats = formats,
                                                    .notice = {},
                                                    .memory = &budget,
                                                    .tell = [](hub::StreamEvent::Kind, Stream&) {}});
    (void)come();
    standby = &come();
  }
  Stream::Slot& come() {
    auto request = std::make_shared<hub::Request>();
    request->vhost = vhost;
    Stream::Slot& slot = stream->attach({.id = base::random_session_id(), .request = std::move(request)});
    stream->set_tracks(slot, test::picture_and_sound());
    return slot;
  }
  std::uint64_t kept() const { return budget.used(Cache::frames); }

  std::shared_ptr<config::Vhost> vhost = std::make_shared<config::Vhost>();
  hub::Formats formats = test::TextPackager::formats();
  MemoryBudget budget;
  std::unique_ptr<Stream> stream;
  Stream::Slot* standby = nullptr;
};

}  // namespace

TEST_CASE("the pictures that a standby keeps are counted, and given back", "[hub][memory]") {
  StandbyBench bench(0);
  for (int i = 0; i < 4; ++i) bench.stream->append(*bench.standby, large_picture(40 * i, i == 0));
  CHECK(bench.kept() >= 4 * half_megabyte);
  CHECK(bench.kept() < 5 * half_megabyte);
  // The next key frame lets go of those before.
  bench.stream->append(*bench.standby, large_picture(160, true));
  CHECK(bench.kept() >= half_megabyte);
  CHECK(bench.kept() < 2 * half_megabyte);
  SECTION("it leaves") { bench.stream->detach(*bench.standby, false, Stream::Clock::now()); }
  SECTION("its tracks change") { bench.stream->set_tracks(*bench.standby, test::picture_and_sound()); }
  SECTION("a group is longer than what is kept") {
    for (int i = 0; i < 40; ++i) bench.stream->append(*bench.standby, large_picture(200 + 40 * i, false));
  }
  CHECK(bench.kept() == 0);
}

TEST_CASE("in need a standby keeps nothing that is more than its share", "[hub][memory]") {
  StandbyBench bench(8 << 20);
  bench.budget.add(Cache::segments, 8 << 20);
  REQUIRE(bench.budget.pressure() == hub::Pressure::full);
  for (int i = 0; i < 8; ++i) bench.stream->append(*bench.standby, large_picture(40 * i, i == 0));
  CHECK(bench.kept() <= bench.budget.share() + half_megabyte);
  bench.budget.add(Cache::segments, -(8 << 20));
}

}  // namespace weir::test::standby_memory_test
