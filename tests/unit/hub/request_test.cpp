#include "hub/request.h"

#include <unordered_set>

#include "hub/directory.h"
#include "support/catch.h"

namespace weir::test::request_test {

namespace {

hub::Request request(const std::string& vhost, const std::string& app, const std::string& stream) {
  auto host = std::make_shared<config::Vhost>();
  host->name = vhost;
  hub::Request made;
  made.vhost = std::move(host);
  made.app = app;
  made.stream = stream;
  return made;
}

}  // namespace

TEST_CASE("streams whose names join to one text are different streams", "[hub]") {
  const std::string usual = config::default_vhost_name;
  const hub::Request all[] = {
      request("secure.example.com", "live", "cam"),
      request(usual, "secure.example.com/live", "cam"),
      request(usual, "secure.example.com", "live/cam"),
      request(usual, usual + "/live", "cam"),
      request(usual, "live", "cam"),
  };
  const hub::Directory directory;
  std::unordered_set<base::StreamKey> keys;
  std::unordered_set<std::string> ids;
  for (const hub::Request& one : all) {
    keys.insert(one.key());
    ids.insert(directory.stream_id(one.key()));
    CHECK(directory.stream_id(one.key()) == directory.stream_id(one.key()));
  }
  CHECK(keys.size() == std::size(all));
  CHECK(ids.size() == std::size(all));
  CHECK(all[0].key().display() == "secure.example.com/live/cam");
}

}  // namespace weir::test::request_test
