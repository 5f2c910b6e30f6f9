#include "app/cluster/balance.h"

#include "support/catch.h"

namespace weir::test::balance_test {

using cluster::Balance;
using cluster::Node;

namespace {

Node node(const std::string& name, double cpu = 0, double sent = 0) {
  return {.name = name,
          .instance = name,
          .at = {.host = name, .rtmp_port = 1935},
          .report = 1,
          .cpu = cpu,
          .sent_mbps = sent,
          .capacity_mbps = 100};
}

std::string chosen(Balance& balance, const Balance::Wish& wish = {}) {
  const Node* const one = balance.choose(wish);
  return one ? one->name : "none";
}

}  // namespace

TEST_CASE("a viewer goes to the node that has the least to do", "[cluster]") {
  Balance balance;
  CHECK(chosen(balance) == "none");
  balance.report({node("a", 0.9), node("b", 0.1), node("c", 0.1, 80)});
  CHECK(chosen(balance) == "b");
  // The stream being there counts for a little, and the region for much.
  CHECK(chosen(balance, {.has_stream = "a"}) == "b");
  auto far = node("d", 0.9, 50);
  far.region = "eu";
  balance.report({node("a", 0.1), node("b", 0.11), far});
  CHECK(chosen(balance, {.has_stream = "b"}) == "b");
  CHECK(chosen(balance, {.region = "eu"}) == "d");
  CHECK(chosen(balance, {.region = "us"}) == "a");
}

TEST_CASE("viewers that were sent somewhere count until that node reports again", "[cluster]") {
  Balance balance;
  balance.report({node("a"), node("b")});
  std::string all;
  for (int i = 0; i < 6; ++i) all += chosen(balance);
  CHECK(all == "ababab");
  CHECK(balance.all({})[0].assumed_mbps == Approx(6));
  balance.report({node("a"), node("b")});  // nothing new
  CHECK(balance.all({})[0].assumed_mbps == Approx(6));
  auto again = node("a");
  again.report = 2;
  balance.report({again, node("b")});
  CHECK(balance.all({})[0].assumed_mbps == 0);
  CHECK(balance.all({})[1].assumed_mbps == Approx(6));
}

TEST_CASE("nobody is sent to a node that drains, and to a full one only where all are full", "[cluster]") {
  Balance balance;
  auto draining = node("a");
  draining.draining = true;
  balance.report({draining, node("b", 1, 99), node("c", 0.2, 100)});
  CHECK(chosen(balance) == "b");
  CHECK(chosen(balance) == "c");  // b is full by now
  CHECK(chosen(balance, {.without = "c"}) == "b");
  balance.report({draining});
  CHECK(chosen(balance) == "none");
}

}  // namespace weir::test::balance_test
