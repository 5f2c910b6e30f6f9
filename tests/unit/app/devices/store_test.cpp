#include "app/devices/store.h"

#include <filesystem>
#include <fstream>

#include "app/devices/memory.h"
#include "support/catch.h"
#include "support/gb_site.h"
#include "support/soon.h"

namespace weir::test::store_test {

using namespace std::chrono_literals;
using session::gb28181::DeviceMemory;
using test::GbDevice;
using test::GbSite;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/weir-devices-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file() const { return path + "/gb.json"; }
  std::string text() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& what) const { std::ofstream(file(), std::ios::binary) << what; }
  std::string path;
};

struct Kept {
  explicit Kept(const Folder& folder) : store(folder.file(), files, {logger.get(), {}, {}}) {}
  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::BlockingPool files{1, 4};
  devices::Store store;
};

}  // namespace

TEST_CASE("what is known of devices is read as it was written", "[gb28181]") {
  DeviceMemory memory{.id = "34020000001110000001", .name = "g\"ate\n1", .model = "M", .version = "3.0"};
  memory.seen_at = session::gb28181::WallTime(std::chrono::hours(500'000));
  memory.channels.push_back({.id = "34020000001320000001", .name = "\xe9\x97\xa8", .parent = memory.id});
  const std::string text = std::string(devices::head) + devices::line_of(memory) + ",\n" +
                           devices::line_of({.id = "cam7"}) + std::string(devices::tail);
  const auto read = devices::parse(text);
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  CHECK(read->front().name == memory.name);
  CHECK(read->front().version == "3.0");
  CHECK(read->front().seen_at == memory.seen_at);
  CHECK(read->front().channels == memory.channels);
  CHECK(read->back().id == "cam7");
  // No part of it is taken for the whole.
  for (std::size_t size = 0; size + 2 < text.size(); ++size)
    CHECK_FALSE(devices::parse(text.substr(0, size)).has_value());
}

TEST_CASE("what is wrong with one device is not believed, and costs no other", "[gb28181]") {
  const auto read = devices::parse(
      R"({"devices":[7,{"id":"../x"},{"name":"nobody"},{"id":5},{"id":"a","name":["x"],"seen":-4,"channels":[1,{"id":""}]},)"
      R"({"id":"b","seen":1e99,"channels":{}}]})");
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 2);
  CHECK(read->front().channels.empty());
  for (const char* none : {"", "{}", "[]", "{\"devices\":5}", "\xff\xfe"})
    CHECK_FALSE(devices::parse(none).has_value());
}

TEST_CASE("devices are there after a restart, offline until they speak", "[gb28181]") {
  const Folder folder;
  GbDevice device;
  device.channels = {"34020000001320000001", "34020000001320000002"};
  {
    GbSite site;
    Kept kept(folder);
    kept.store.restore(*site.platform);  // there is no file yet
    site.joins(device);
    REQUIRE(test::soon([&] {
      kept.store.tick(*site.platform, site.now());
      return folder.text().find("34020000001320000002") != std::string::npos;
    }));
    kept.store.finish(*site.platform);
  }
  GbSite site;
  Kept kept(folder);
  kept.store.restore(*site.platform);
  const auto row = site.platform->device(device.id);
  REQUIRE(row.has_value());
  CHECK_FALSE(row->device.online);
  CHECK(row->why == "it has not been heard of since this server started");
  CHECK(row->device.model == "M1");
  CHECK(row->channel_count == 2);
  CHECK(site.platform->totals().online == 0);
  CHECK(site.platform->totals().channels == 2);
  CHECK(site.told.empty());
  site.joins(device);
  CHECK(site.platform->device(device.id)->device.online);
  CHECK(site.platform->totals().channels == 2);
}

TEST_CASE("a file that holds no devices is set aside, and the next is good", "[gb28181]") {
  const Folder folder;
  folder.write("{\"devices\":[{\"id\":\"34020");
  GbSite site;
  {
    Kept kept(folder);
    kept.store.restore(*site.platform);
    CHECK(site.platform->totals().devices == 0);
    CHECK(std::filesystem::exists(folder.file() + ".broken"));
    CHECK_FALSE(std::filesystem::exists(folder.file()));
    GbDevice device;
    site.joins(device);
    kept.store.finish(*site.platform);
  }
  CHECK(devices::parse(folder.text())->size() == 1);
  CHECK_FALSE(std::filesystem::exists(folder.file() + ".tmp"));
}

TEST_CASE("a place where nothing can be written stops nothing", "[gb28181]") {
  const Folder folder;
  GbSite site;
  const auto logger = log::Logger::make_silent();
  net::BlockingPool files{1, 4};
  devices::Store store(folder.path + "/none/gb.json", files, {logger.get(), {}, {}});
  store.restore(*site.platform);
  GbDevice device;
  site.joins(device);
  for (int i = 0; i < 10; ++i) store.tick(*site.platform, site.now() + i * devices::Store::pause);
  store.finish(*site.platform);
  CHECK(site.platform->totals().online == 1);
}

}  // namespace weir::test::store_test
