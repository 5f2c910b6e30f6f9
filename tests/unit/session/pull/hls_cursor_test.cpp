#include "session/pull/hls_cursor.h"

#include "support/catch.h"

namespace weir::test::hls_cursor_test {

using namespace std::chrono_literals;
using session::pull::HlsCursor;

namespace {

// Segments of two seconds, named by their number.
hls::MediaPlaylist playlist(std::uint64_t first, std::size_t count, bool ended = false) {
  hls::MediaPlaylist out{.target_duration = 2, .media_sequence = first, .ended = ended};
  for (std::size_t i = 0; i < count; ++i) out.segments.push_back({.uri = std::to_string(first + i), .duration = 2s});
  return out;
}

// "4 5 !6": with a mark for a discontinuity.
std::string rest(HlsCursor& cursor) {
  std::string out;
  while (const auto next = cursor.next()) {
    CHECK(std::to_string(next->sequence) == next->segment.uri);
    out += (out.empty() ? "" : " ") + std::string(next->discontinuity ? "!" : "") + next->segment.uri;
  }
  return out;
}

}  // namespace

TEST_CASE("a live playlist is begun three target durations before its end, and gone on with", "[pull][hls]") {
  HlsCursor cursor;
  cursor.loaded(playlist(10, 8));
  CHECK(rest(cursor) == "15 16 17");
  CHECK(cursor.reload_in() == 2s);
  cursor.loaded(playlist(10, 8));
  CHECK(rest(cursor).empty());
  CHECK(cursor.reload_in() == 1s);
  CHECK(cursor.idle_loads() == 1);
  cursor.loaded(playlist(12, 8));
  CHECK(rest(cursor) == "18 19");
  CHECK(cursor.reload_in() == 2s);
  CHECK_FALSE(cursor.at_end());
}

TEST_CASE("a stream that has just begun is played from its first segment", "[pull][hls]") {
  HlsCursor cursor;
  cursor.loaded(playlist(0, 0));
  CHECK(rest(cursor).empty());
  cursor.loaded(playlist(0, 1));
  CHECK(rest(cursor) == "0");
}

TEST_CASE("segments that are gone are missed, and the next one is behind a break", "[pull][hls]") {
  HlsCursor cursor;
  cursor.loaded(playlist(0, 3));
  CHECK(rest(cursor) == "0 1 2");
  cursor.loaded(playlist(7, 3));
  CHECK(rest(cursor) == "!7 8 9");
  CHECK(cursor.missed() == 4);
  auto with_gap = playlist(10, 3);
  with_gap.segments[1].gap = true;
  cursor.loaded(with_gap);
  CHECK(rest(cursor) == "10 !12");
  CHECK(cursor.missed() == 5);
  cursor.loaded(playlist(13, 2));
  REQUIRE(cursor.next());
  cursor.lost();
  CHECK(rest(cursor) == "!14");
}

TEST_CASE("a server that counts anew is followed", "[pull][hls]") {
  HlsCursor cursor;
  cursor.loaded(playlist(1000, 5));
  CHECK(rest(cursor) == "1002 1003 1004");
  cursor.loaded(playlist(0, 2));
  CHECK(rest(cursor) == "!0 1");
  cursor.loaded(playlist(0, 3));
  CHECK(rest(cursor) == "2");
}

TEST_CASE("a film is played from its beginning, and again", "[pull][hls]") {
  HlsCursor cursor;
  auto film = playlist(0, 3, true);
  film.segments[2].discontinuity = true;
  cursor.loaded(film);
  CHECK_FALSE(cursor.at_end());
  CHECK(rest(cursor) == "0 1 !2");
  CHECK(cursor.at_end());
  cursor.begin_again();
  CHECK(rest(cursor) == "!0 1 !2");
}

TEST_CASE("a live playlist that ends is played to its end", "[pull][hls]") {
  HlsCursor cursor;
  cursor.loaded(playlist(5, 4));
  CHECK(rest(cursor) == "6 7 8");
  cursor.loaded(playlist(5, 5, true));
  CHECK(rest(cursor) == "9");
  CHECK(cursor.at_end());
}

}  // namespace weir::test::hls_cursor_test
