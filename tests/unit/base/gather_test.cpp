#include "base/gather.h"

#include <algorithm>
#include <string>

#include "support/catch.h"

namespace weir::test::gather_test {

using base::Gather;

namespace {

void add(Gather& gather, std::size_t bytes, char letter) { gather.append(base::as_bytes(std::string(bytes, letter))); }

}  // namespace

TEST_CASE("parts and segment are slices of the same memory", "[hls]") {
  Gather gather;
  gather.begin();
  add(gather, 100, 'a');
  const auto first = gather.since(0);
  add(gather, 50, 'b');
  const auto second = gather.since(100);
  const auto whole = gather.whole();
  CHECK(base::as_text(whole) == std::string(100, 'a') + std::string(50, 'b'));
  CHECK(first.data() == whole.data());
  CHECK(first.adjoins(second));
}

TEST_CASE("what was handed out stays when a segment outgrows its block, and when the next begins", "[hls]") {
  Gather gather;
  gather.begin();
  add(gather, 3000, 'a');
  const auto part = gather.since(0);
  add(gather, 300'000, 'b');
  const auto whole = gather.whole();
  CHECK(base::as_text(part) == std::string(3000, 'a'));
  CHECK(base::as_text(whole) == std::string(3000, 'a') + std::string(300'000, 'b'));
  gather.begin();
  CHECK(gather.size() == 0);
  CHECK(gather.whole().empty());
  add(gather, 300'000, 'c');
  CHECK(base::as_text(whole).ends_with('b'));
  CHECK(base::as_text(gather.whole()) == std::string(300'000, 'c'));
}

TEST_CASE("a segment that grows for long moves a little at a time, and stays what it is", "[hls]") {
  Gather gather;
  gather.begin();
  const std::size_t frame = GENERATE(as<std::size_t>{}, 188, 1'000, 100'000, 700'000);
  const std::size_t frames = 12'000'000 / frame;
  std::size_t most = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    const std::size_t before = gather.moved();
    add(gather, frame, static_cast<char>('a' + i % 26));
    most = std::max(most, gather.moved() - before);
  }
  CHECK(most <= Gather::most_at_once + 5 * frame);
  CHECK(gather.moved() <= 2 * frame * frames);
  const auto whole = gather.whole();
  REQUIRE(whole.size() == frame * frames);
  bool same = true;
  for (std::size_t i = 0; i < whole.size(); i += 37) same = same && whole.data()[i] == 'a' + i / frame % 26;
  CHECK(same);
}

TEST_CASE("a segment like the last one stays in the block that it began in", "[hls]") {
  Gather gather;
  gather.begin();
  for (int i = 0; i < 100; ++i) add(gather, 1000, 'a');
  gather.begin();
  add(gather, 1000, 'b');
  const auto first = gather.since(0);
  for (int i = 0; i < 109; ++i) add(gather, 1000, 'b');
  CHECK(gather.whole().data() == first.data());
  gather.release();
  gather.begin();
  CHECK(gather.size() == 0);
}

}  // namespace weir::test::gather_test
