#include "session/hls/recovery.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "session/hls/file_owner.h"
#include "unit/session/hls/output_rig.h"

namespace weir::test::recovery_test {

using namespace std::chrono_literals;
using Rig = test::OutputRig;
using test::vhost_of;
namespace fs = std::filesystem;

namespace {

// What a killed server leaves on its disk.
struct Disk {
  fs::path root = fs::temp_directory_path() / "weir-hls-recovery";
  Disk() { fs::remove_all(root); }
  ~Disk() { fs::remove_all(root); }

  void write(const std::string& path, base::Bytes bytes) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path, std::ios::binary) << base::as_text(bytes);
  }
  void take(const Rig& rig) const {
    for (const auto& [place, item] : rig.items) write(place.substr(place.find('/') + 1), item->bytes);
    write("live/a.m3u8", base::as_bytes(rig.texts.back()));
  }
  config::Vhost vhost(bool fmp4 = false) const {
    config::Vhost made = vhost_of(2s, false, fmp4);
    made.hls.path = root.string();
    return made;
  }
};

}  // namespace

TEST_CASE("after a crash a stream goes on in the playlist that is on the disk", "[hls]") {
  const bool fmp4 = GENERATE(false, true), prefix = GENERATE(false, true);
  const Disk disk;
  config::Vhost vhost = disk.vhost(fmp4);
  if (prefix) vhost.hls.entry_prefix = "http://cdn/x";
  Rig killed(vhost);
  killed.run(0, 19'000);
  disk.take(killed);
  const auto window = session::hls::read_window(vhost, "live", "a");
  REQUIRE(window);
  CHECK(window->segments.size() == killed.newest().segments.size());
  CHECK(window->next_number == 9);

  Rig next(vhost, window);
  REQUIRE(next.texts.size() == 1);  // at once, before a new segment
  CHECK(next.texts.front() == killed.texts.back());
  if (prefix) return;
  next.check_all();
  next.run(0, 9'000);
  next.check_all();
  const auto playlist = next.newest();
  CHECK(playlist.media_sequence > killed.newest().media_sequence);
  CHECK(playlist.segments.back().uri == (fmp4 ? "a-12.m4s" : "a-12.ts"));
  const auto first_new = static_cast<std::size_t>(9 - playlist.media_sequence);
  CHECK(playlist.segments.at(first_new).discontinuity);
  next.output->remove(true);
  CHECK(next.items.empty());
  CHECK(next.budget.used() == 0);
}

// As another virtual host with the same hls_path has it.
TEST_CASE("what another stream left under the same names is not gone on with", "[hls]") {
  const Disk disk;
  const config::Vhost vhost = disk.vhost();
  Rig killed(vhost);
  killed.run(0, 19'000);
  disk.take(killed);
  const auto mark = [&disk](const std::string& path, const std::string& host) {
    const int file = ::open((disk.root / path).c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(file >= 0);
    CHECK_FALSE(http::write_mark(file, session::hls::FileOwner::of({host, "live", "a"}, false).mark()));
    ::close(file);
  };
  mark("live/a.m3u8", "secure.example.com");
  CHECK_FALSE(session::hls::read_window(vhost, "live", "a"));
  mark("live/a.m3u8", vhost.name);
  REQUIRE(session::hls::read_window(vhost, "live", "a"));
  const auto all = session::hls::read_window(vhost, "live", "a")->segments.size();
  mark("live/a-5.ts", "secure.example.com");
  const auto window = session::hls::read_window(vhost, "live", "a");
  REQUIRE(window);
  CHECK(window->segments.size() < all);
  for (const auto& segment : window->segments) CHECK(segment.number > 5);
  // Kept back, and without an owner: of a host that asks its players.
  std::error_code failed;
  fs::copy_file(disk.root / "live/a.m3u8", disk.root / "live/b.m3u8", failed);
  REQUIRE_FALSE(failed);
  CHECK(::chmod((disk.root / "live/b.m3u8").c_str(), 0644 | http::kept_back_mode) == 0);
  CHECK_FALSE(session::hls::read_window(vhost, "live", "b"));
}

TEST_CASE("segments that are gone, encrypted or outside the folder are not taken over; the numbers go on", "[hls]") {
  const Disk disk;
  Rig killed(disk.vhost());
  killed.run(0, 19'000);
  disk.take(killed);
  fs::remove(disk.root / "live/a-6.ts");
  auto window = session::hls::read_window(disk.vhost(), "live", "a");
  REQUIRE(window);
  REQUIRE(window->segments.size() == 2);
  CHECK(window->segments.front().number == 7);
  CHECK(window->next_number == 9);

  std::string text = killed.texts.back();
  text.insert(text.find("#EXTINF"), "#EXT-X-KEY:METHOD=AES-128,URI=\"a.key\"\n");
  disk.write("live/a.m3u8", base::as_bytes(text));
  window = session::hls::read_window(disk.vhost(), "live", "a");
  REQUIRE(window);
  CHECK(window->segments.empty());
  CHECK(window->next_number == 9);

  disk.write("secret.ts", base::as_bytes("x"));
  disk.write("live/a.m3u8",
             base::as_bytes("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:4\n#EXTINF:2,\n../../weir-hls-recovery/secret.ts\n"
                            "#EXTINF:2,\n/etc/passwd\n#EXTINF:1e99,\n..%2f..%2fetc/passwd\n"));
  window = session::hls::read_window(disk.vhost(), "live", "a");
  REQUIRE(window);
  CHECK(window->segments.empty());
  CHECK(window->next_number == 7);
}

TEST_CASE("what is no playlist is nothing", "[hls]") {
  const Disk disk;
  CHECK_FALSE(session::hls::read_window(disk.vhost(), "live", "a"));
  disk.write("live/a.m3u8", base::as_bytes("rubbish"));
  CHECK_FALSE(session::hls::read_window(disk.vhost(), "live", "a"));
  disk.write("live/a.m3u8", base::as_bytes("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:99999999999999999999\n#EXTINF:x,\n"));
  CHECK_FALSE(session::hls::read_window(disk.vhost(), "live", "a"));
  CHECK_FALSE(session::hls::read_window(disk.vhost(), "..", "a"));
}

}  // namespace weir::test::recovery_test
