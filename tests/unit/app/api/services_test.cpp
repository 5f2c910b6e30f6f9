#include "app/api/services.h"

#include "support/catch.h"

namespace weir::test::services_test {

namespace {

struct PlacedRow {
  std::string vhost, app, stream, target, name;
};
struct SourceLikeRow {
  std::string vhost, app, stream;
  int number;
};

}  // namespace

TEST_CASE("rows of all workers are told by their streams, and places of one by what they are", "[api]") {
  const std::vector<PlacedRow> rows{{"b", "live", "a", "rtmp://x/a", ""},
                                    {"a", "live", "b", "rtmp://y/b", "2"},
                                    {"a", "live", "b", "rtmp://x/b", ""},
                                    {"a", "live", "b", "rtmp://y/b", "1"},
                                    {"a", "app", "z", "rtmp://z/z", ""}};
  std::string order;
  for (const PlacedRow* row : api::in_order(rows)) order += std::to_string(row - rows.data());
  CHECK(order == "42310");
}

TEST_CASE("sources of one stream stay as they are configured", "[api]") {
  std::vector<SourceLikeRow> rows;
  for (int i = 0; i < 40; ++i) rows.push_back({"a", "live", i % 2 == 0 ? "x" : "b", i});
  const auto order = api::in_order(rows);
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(order[i]->number == static_cast<int>(2 * i + 1));
    CHECK(order[20 + i]->number == static_cast<int>(2 * i));
  }
}

}  // namespace weir::test::services_test
