#include "base/byte_writer.h"
#include "proto/srtp/session.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::vectors_test {

using test::bytes;
using test::hex;

namespace {

std::string derived(std::string_view key, std::string_view salt, std::uint8_t label, std::size_t size) {
  const srtp::Algorithms algorithms;
  test::ByteVector out(size);
  srtp::derive(algorithms, bytes(key), bytes(salt), label, out);
  return hex(out);
}

}  // namespace

TEST_CASE("session keys are those of RFC 3711 B.3", "[srtp]") {
  const std::string_view key = "E1F97A0D3E018BE0D64FA32C06DE4139", salt = "0EC675AD498AFEEBB6960B3AABE6";
  CHECK(derived(key, salt, 0, 16) == "c61e7a93744f39ee10734afe3ff7a087");
  CHECK(derived(key, salt, 2, 14) == "30cbbc08863d8c85d49db34a9ae1");
  CHECK(derived(key, salt, 1, 20) == "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

TEST_CASE("the replay window follows RFC 3711 3.3.2", "[srtp]") {
  srtp::ReplayWindow window;
  using Verdict = srtp::ReplayWindow::Verdict;
  CHECK(window.judge(5) == Verdict::fresh);
  window.note(65534);
  CHECK(window.judge(65534) == Verdict::replayed);
  CHECK(window.guess(1) == 65537);      // over the edge: the rollover counter grows
  CHECK(window.guess(65533) == 65533);  // a late one
  window.note(65537);
  CHECK(window.judge(65536) == Verdict::fresh);
  CHECK(window.guess(65535) == 65535);  // late, of the cycle before
  window.note(65537 + 3 * srtp::ReplayWindow::size);
  CHECK(window.judge(65537) == Verdict::too_old);
  CHECK(window.judge(65537 + 3 * srtp::ReplayWindow::size - 1) == Verdict::fresh);
}

TEST_CASE("the first sequence numbers of a source do not go below zero", "[srtp]") {
  srtp::ReplayWindow window;
  window.note(3);
  CHECK(window.guess(65535) == 65535);  // there is no cycle before the first
}

}  // namespace weir::test::vectors_test
