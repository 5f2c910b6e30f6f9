#include "session/hls/relay_cache.h"

#include "support/catch.h"

namespace weir::test::relay_cache_test {

using namespace std::chrono_literals;
using session::hls::RelayCache;
using session::hls::Relayed;
using session::hls::RelayedRef;

namespace {

RelayedRef answer(std::size_t bytes, std::chrono::milliseconds life) {
  auto one = std::make_shared<Relayed>();
  one->status = 200;
  one->life = life;
  one->page.plain = base::SharedBytes::copy_of(base::as_bytes(std::string(bytes, 'x')));
  return one;
}

}  // namespace

TEST_CASE("an answer is told again as long as it is good", "[hls][hls_relay]") {
  const base::Instant start(1h);
  RelayCache cache;
  const RelayedRef one = answer(100, 2s);
  cache.keep("a", "s", one, 10'000, start);
  cache.keep("b", "s", answer(100, 0s), 10'000, start);
  CHECK(cache.find("a", start + 1999ms) == one);
  CHECK(cache.find("b", start) == nullptr);
  CHECK(cache.find("a", start + 2s) == nullptr);
  CHECK(cache.size() == 0);
  CHECK(cache.bytes() == 0);
}

TEST_CASE("what was not asked for longest goes when there is no room", "[hls][hls_relay]") {
  const base::Instant now(1h);
  RelayCache cache;
  for (const char* name : {"a", "b", "c"}) cache.keep(name, name, answer(1000, 60s), 5'000, now);
  CHECK(cache.find("a", now));
  cache.keep("d", "d", answer(1000, 60s), 5'000, now);
  CHECK(cache.find("a", now));
  CHECK(cache.find("b", now) == nullptr);
  CHECK(cache.find("c", now));
  cache.keep("huge", "d", answer(6000, 60s), 5'000, now);
  CHECK(cache.find("huge", now) == nullptr);
  CHECK(cache.size() == 3);
  cache.keep("a", "a", answer(2000, 60s), 5'000, now);
  CHECK(cache.find("a", now)->page.plain.size() == 2000);
  CHECK(cache.bytes() <= 5'000);
}

TEST_CASE("a stream that began anew has nothing that is kept", "[hls][hls_relay]") {
  const base::Instant now(1h);
  RelayCache cache;
  cache.keep("a-1", "a", answer(10, 60s), 5'000, now);
  cache.keep("b-1", "b", answer(10, 60s), 5'000, now);
  cache.forget("a");
  CHECK(cache.find("a-1", now) == nullptr);
  CHECK(cache.find("b-1", now));
  cache.tidy(now + 61s);
  CHECK(cache.size() == 0);
  CHECK(cache.bytes() == 0);
}

}  // namespace weir::test::relay_cache_test
