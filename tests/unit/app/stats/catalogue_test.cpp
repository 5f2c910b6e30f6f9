#include "app/stats/catalogue.h"

#include "app/stats/client_type.h"
#include "support/catch.h"
#include "unit/app/typed_request.h"

namespace weir::test::catalogue_test {

using stats::Catalogue;
using stats::Listing;

namespace {

constexpr base::WorkerIndex first{0}, second{1};

Listing listing(const std::string& id, const std::string& name) {
  return {id, base::StreamKey{"__defaultVhost__", "live", name}, "__defaultVhost__", "live", name, "/live/" + name};
}
std::string names(const Catalogue& catalogue, std::size_t start = 0, std::size_t count = 100) {
  std::string text;
  for (const Listing& one : catalogue.page({}, start, count).rows) text += one.name;
  return text;
}

}  // namespace

TEST_CASE("streams are in order of their ids and leave with their last worker", "[stats]") {
  Catalogue catalogue;
  catalogue.add(listing("vid-3", "c"), first);
  catalogue.add(listing("vid-1", "a"), second);
  catalogue.add(listing("vid-2", "b"), second);
  catalogue.add(listing("vid-2", "b"), first);
  CHECK(names(catalogue) == "abc");
  CHECK(names(catalogue, 1, 1) == "b");
  CHECK(names(catalogue, 9, 1).empty());
  catalogue.remove({"__defaultVhost__", "live", "b"}, second);
  CHECK(names(catalogue) == "abc");
  catalogue.remove({"__defaultVhost__", "live", "b"}, first);
  catalogue.remove({"__defaultVhost__", "live", "b"}, first);
  CHECK(names(catalogue) == "ac");
  CHECK(catalogue.find("vid-3")->name == "c");
  CHECK(catalogue.find("vid-2") == nullptr);
}

TEST_CASE("a stream that came back under another id before its end was told", "[stats]") {
  Catalogue catalogue;
  catalogue.add(listing("vid-5", "a"), first);
  catalogue.add(listing("vid-9", "a"), second);
  CHECK(catalogue.size() == 1);
  CHECK(catalogue.find("vid-5") == nullptr);
  catalogue.remove({"__defaultVhost__", "live", "a"}, first);
  REQUIRE(catalogue.find("vid-9") != nullptr);
  catalogue.remove({"__defaultVhost__", "live", "a"}, second);
  CHECK(catalogue.size() == 0);
}

TEST_CASE("types are filtered by name or protocol", "[stats]") {
  const auto admits = [](const char* filter, const char* type) {
    hub::Request request;
    test::set_type(request, type);
    return stats::Filter{.type = filter}.admits_type(stats::type_of(request), session::protocol_of(request).name);
  };
  CHECK(admits("", "flv-play"));
  CHECK(admits("flv-play", "flv-play"));
  CHECK(admits("flv", "flv-play"));
  CHECK(admits("rtmp", "fmle-publish"));
  CHECK(admits("rtmp", "rtmp-play"));
  CHECK_FALSE(admits("rtmp", "flv-play"));
  CHECK_FALSE(admits("fl", "flv-play"));
}

}  // namespace weir::test::catalogue_test
