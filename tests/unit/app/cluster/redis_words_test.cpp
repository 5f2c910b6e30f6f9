#include "app/cluster/redis_words.h"

#include "support/catch.h"

namespace weir::test::redis_words_test {

using namespace std::chrono_literals;
using cluster::Ask;
using cluster::Holder;
using cluster::RedisWords;
using redis::Value;

namespace {

Value text(std::string said) { return {.kind = Value::Kind::text, .text = std::move(said), .integer = 0, .items = {}}; }
Value number(std::int64_t value) { return {.kind = Value::Kind::integer, .text = {}, .integer = value, .items = {}}; }
Value list(std::vector<Value> items) {
  return {.kind = Value::Kind::list, .text = {}, .integer = 0, .items = std::move(items)};
}
const Value refusal{.kind = Value::Kind::error, .text = "READONLY", .integer = 0, .items = {}};

const RedisWords words({.cluster = "weir", .node = "a:1935", .instance = "x1", .ttl = 10s, .stream_ttl = 60s});

}  // namespace

TEST_CASE("each question is one script of Redis, on keys of one slot", "[cluster]") {
  const auto claim = words.command_of({.kind = Ask::Kind::claim, .key = "v/live/cam", .epoch = 7, .newest = 9});
  REQUIRE(claim.size() == 12);
  CHECK(claim[0] == "EVAL");
  CHECK(std::vector<std::string>(claim.begin() + 2, claim.end()) ==
        std::vector<std::string>{"2", "weir:{weir}:stream:v/live/cam", "weir:{weir}:epoch", "a:1935", "x1", "7", "9",
                                 "weir:{weir}:node:", "0", "60000"});
  const auto keep = words.command_of({.kind = Ask::Kind::keep_node, .record = "{}"});
  CHECK(std::vector<std::string>(keep.begin() + 2, keep.end()) ==
        std::vector<std::string>{"2", "weir:{weir}:node:a:1935", "weir:{weir}:nodes", "x1 {}", "10000", "a:1935"});
  CHECK(words.command_of({.kind = Ask::Kind::release, .key = "k"}).back() == "a:1935 x1 ");
}

TEST_CASE("answers of Redis are read, and what is none is a failure", "[cluster]") {
  const auto of = [](Ask::Kind kind, const Value& value) {
    return RedisWords::answer_of({.id = 3, .kind = kind}, value);
  };
  auto answer = of(Ask::Kind::claim, list({number(1), text("a:1935 x1 8")}));
  CHECK(answer.id == 3);
  CHECK(answer.won);
  CHECK(answer.epoch == 8);
  answer = of(Ask::Kind::claim, list({number(0), text("b:1935 y 9")}));
  CHECK_FALSE(answer.won);
  CHECK(answer.holder == Holder{"b:1935", "y", 9});
  CHECK(of(Ask::Kind::claim, list({number(1), text("b 9")})).failed);
  CHECK(of(Ask::Kind::claim, refusal).failed);
  answer = of(Ask::Kind::find, list({text("b:1935 y 9"), text("y {\"name\":1}")}));
  CHECK(answer.holder == Holder{"b:1935", "y", 9});
  CHECK(answer.record == "{\"name\":1}");
  answer = of(Ask::Kind::find, list({}));
  CHECK_FALSE(answer.failed);
  CHECK_FALSE(answer.holder);
  CHECK(of(Ask::Kind::find, refusal).failed);
  CHECK(of(Ask::Kind::keep_node, text("y {}")).before == "y");
  CHECK(of(Ask::Kind::keep_node, text("")).before.empty());
  CHECK(of(Ask::Kind::keep_node, refusal).failed);
  CHECK(of(Ask::Kind::list, list({text("y {1}"), text("x {2}")})).records == std::vector<std::string>{"{1}", "{2}"});
}

TEST_CASE("announcements are of streams", "[cluster]") {
  const auto said = words.announcement_of("weir:{weir}:stream:v/live/cam", "b:1935 y 9");
  REQUIRE(said);
  CHECK(said->key == "v/live/cam");
  CHECK(said->holder == Holder{"b:1935", "y", 9});
  CHECK_FALSE(words.announcement_of("weir:{weir}:stream:v/live/cam", "")->holder);
  CHECK_FALSE(words.announcement_of("weir:{other}:stream:v/live/cam", ""));
}

}  // namespace weir::test::redis_words_test
