#include "session/hls/disk.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <latch>

#include "net/http/file.h"
#include "support/catch.h"
#include "support/soon.h"

namespace weir::test::disk_test {

namespace fs = std::filesystem;
using session::hls::Disk, session::hls::Unwritten;

namespace {

base::SharedBytes text(std::string_view words) { return base::SharedBytes::copy_of(base::as_bytes(words)); }

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

session::hls::FileOwner owner_of(const std::string& vhost, bool kept_back = false) {
  return session::hls::FileOwner::of({vhost, "live", "cam"}, kept_back);
}

// A worker, a pool whose one thread is held until release(), and a disk; the disk is touched on the worker.
struct Rig {
  explicit Rig(bool kept_back = false) {
    fs::remove_all(root);
    pool.post([this] { gate.wait(); });
    worker.start();
    on([&] {
      disk.emplace(worker, pool, Disk::Settings{.root = root.string(), .owner = owner_of("vhost", kept_back)},
                   unwritten, log::Context{logger.get(), {}, {}}, nullptr);
    });
  }
  ~Rig() {
    on([&] { disk.reset(); });
    worker.stop();
    fs::remove_all(root);
  }
  template <class F>
  void on(F work) {
    std::promise<void> done;
    worker.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  void release() { gate.count_down(); }
  void wait_written() {
    test::soon([this] { return unwritten == 0; });
    on([] {});
  }

  const fs::path root = fs::temp_directory_path() / "weir-hls-disk";
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  std::latch gate{1};
  Unwritten unwritten{0};
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  net::BlockingPool pool{1, 100};
  std::optional<Disk> disk;
};

}  // namespace

TEST_CASE("however slow the disk is, what was written is removed", "[hls]") {
  Rig rig;
  constexpr int files = 6000;  // more than may wait
  rig.on([&] {
    for (int i = 0; i < files; ++i) rig.disk->write("live/" + std::to_string(i) + ".ts", text("x"));
    CHECK(rig.unwritten < files);
    for (int i = 0; i < files; ++i) rig.disk->remove("live/" + std::to_string(i) + ".ts");
    CHECK(rig.unwritten < 2 * files);
  });
  rig.release();
  rig.wait_written();
  CHECK(fs::is_empty(rig.root / "live"));
}

TEST_CASE("a playlist that is replaced never comes before a segment that it names", "[hls]") {
  Rig rig;
  std::string at_b, at_c;
  rig.on([&] {
    rig.disk->write("live/a.ts", text("a"));
    rig.disk->replace("live/x.m3u8", text("a"));
    rig.disk->write("live/b.ts", text("b"), [&] { at_b = content(rig.root / "live/x.m3u8"); });
    rig.disk->replace("live/x.m3u8", text("a b"));
    rig.disk->write("live/c.ts", text("c"), [&] { at_c = content(rig.root / "live/x.m3u8"); });
    rig.disk->replace("live/x.m3u8", text("a b c"));
    rig.disk->replace("live/x.m3u8", text("a b c end"));  // nothing came between: the one before is not written
  });
  CHECK(rig.unwritten == 6);
  rig.release();
  rig.wait_written();
  CHECK(at_b == "a");
  CHECK(at_c == "a b");
  CHECK(content(rig.root / "live/x.m3u8") == "a b c end");
}

TEST_CASE("what waits for the disk is written although its stream and all sessions are gone", "[hls]") {
  Rig rig;
  rig.on([&] {
    for (int i = 0; i < 50; ++i) rig.disk->write("live/" + std::to_string(i) + ".ts", text("x"));
    rig.disk.reset();
    rig.worker.stop_sessions(net::Errc::stopped, false);
  });
  CHECK(rig.unwritten == 50);
  rig.release();
  rig.wait_written();
  CHECK(rig.unwritten == 0);
  CHECK(std::distance(fs::directory_iterator(rig.root / "live"), {}) == 50);
}

TEST_CASE("files that are kept back are no files to those who ask for files", "[hls]") {
  const bool kept_back = GENERATE(false, true);
  Rig rig(kept_back);
  rig.release();
  rig.on([&] {
    rig.disk->write("live/a.ts", text("a"));
    rig.disk->replace("live/a.m3u8", text("list"));
  });
  rig.wait_written();
  for (const char* name : {"live/a.ts", "live/a.m3u8"}) {
    const auto opened = http::File::open_beneath(rig.root.string(), name);
    CHECK(opened.status == (kept_back ? http::File::Status::forbidden : http::File::Status::ok));
    CHECK_FALSE(content(rig.root / name).empty());  // for whoever reads the folder itself
  }
}

// Two virtual hosts have one folder and one pattern of names.
TEST_CASE("a file of another stream is neither written over nor removed", "[hls]") {
  const bool kept_back = GENERATE(false, true);
  Rig rig(kept_back);
  rig.release();
  rig.on([&] { rig.disk->write("live/cam-1.ts", text("of the first")); });
  rig.wait_written();
  for (const auto& other : {owner_of("other", kept_back), owner_of("other", !kept_back)}) {
    CHECK_FALSE(other.has(rig.root / "live/cam-1.ts"));
    std::optional<Disk> second;
    rig.on([&] {
      second.emplace(rig.worker, rig.pool, Disk::Settings{.root = rig.root.string(), .owner = other}, rig.unwritten,
                     log::Context{rig.logger.get(), {}, {}}, nullptr);
      second->write("live/cam-1.ts", text("of the second"));
      second->remove("live/cam-1.ts");
      second->write("live/cam-2.ts", text("of the second"));
    });
    rig.wait_written();
    CHECK(content(rig.root / "live/cam-1.ts") == "of the first");
    CHECK(content(rig.root / "live/cam-2.ts") == "of the second");
    rig.on([&] {
      second->remove("live/cam-2.ts");
      second.reset();
    });
    rig.wait_written();
    CHECK_FALSE(fs::exists(rig.root / "live/cam-2.ts"));
  }
  CHECK(owner_of("vhost", kept_back).has(rig.root / "live/cam-1.ts"));
  rig.on([&] { rig.disk->write("live/cam-1.ts", text("of the first, later")); });
  rig.wait_written();
  CHECK(content(rig.root / "live/cam-1.ts") == "of the first, later");
}

}  // namespace weir::test::disk_test
