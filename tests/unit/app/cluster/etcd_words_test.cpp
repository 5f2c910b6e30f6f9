#include "app/cluster/etcd_words.h"

#include "support/catch.h"
#include "support/etcd_store.h"

namespace weir::test::etcd_words_test {

using namespace std::chrono_literals;
using cluster::Answer;
using cluster::Ask;
using cluster::EtcdQuestion;
using cluster::EtcdWords;
using cluster::Holder;
using test::EtcdStore;
using Kind = Ask::Kind;

namespace {

struct Node {
  Node(EtcdStore& in, const std::string& name, const std::string& instance)
      : store(in), words({.cluster = "weir", .node = name, .instance = instance, .ttl = 10s}), lease(in.grant()) {
    keep();
  }
  Answer keep() {
    return store.ask(words, lease, {.kind = Kind::keep_node, .record = "{\"of\":\"" + words.node() + "\"}"});
  }
  Answer claim(std::uint64_t epoch = 0, bool takeover = false, std::uint64_t newest = 0) {
    return store.ask(
        words, lease,
        {.id = 7, .kind = Kind::claim, .key = "v/live/cam", .epoch = epoch, .newest = newest, .takeover = takeover});
  }
  Answer find() { return store.ask(words, lease, {.kind = Kind::find, .key = "v/live/cam"}); }
  Answer release() { return store.ask(words, lease, {.kind = Kind::release, .key = "v/live/cam"}); }

  EtcdStore& store;
  EtcdWords words;
  std::string lease;
};

}  // namespace

TEST_CASE("a stream in etcd is whose claim came first, until he gives it back", "[cluster][etcd]") {
  EtcdStore store;
  Node a(store, "a:1935", "x"), b(store, "b:1935", "y");
  const std::uint64_t before = store.revision;
  const Answer won = a.claim();
  CHECK(won.id == 7);
  CHECK(won.won);
  CHECK(won.epoch > before);
  const Answer lost = b.claim();
  CHECK_FALSE(lost.won);
  CHECK(lost.holder == Holder{"a:1935", "x", won.epoch});
  CHECK(b.find().holder == lost.holder);
  CHECK(b.find().record == "{\"of\":\"a:1935\"}");
  b.release();  // what is not his
  CHECK(b.find().holder);
  // An assertion of what is so already writes nothing.
  const std::uint64_t revision = store.revision;
  CHECK(a.claim(won.epoch).won);
  CHECK(store.revision == revision);
  a.release();
  CHECK_FALSE(b.find().holder);
  CHECK(b.claim().epoch > won.epoch);
  CHECK(store.ask(a.words, a.lease, {.kind = Kind::list}).records.size() == 2);
}

TEST_CASE("of two who believe to have a stream in etcd the higher epoch has it", "[cluster][etcd]") {
  EtcdStore store;
  Node a(store, "a:1935", "x"), b(store, "b:1935", "y");
  const std::uint64_t epoch = a.claim().epoch;
  CHECK_FALSE(b.claim(epoch - 1).won);
  CHECK(b.claim(epoch).won);  // the later name
  CHECK_FALSE(a.claim(epoch).won);
  CHECK(a.claim(epoch + 5).won);
  CHECK(b.claim(0, true).epoch == epoch + 6);
  CHECK(a.claim(0, true, epoch + 100).epoch == epoch + 101);
  CHECK(a.claim().won);  // its own: the process has it
}

TEST_CASE("what a dead server, or an earlier process of it, had in etcd is free", "[cluster][etcd]") {
  EtcdStore store;
  auto a = std::make_unique<Node>(store, "a:1935", "x");
  Node b(store, "b:1935", "y");
  CHECK(a->claim().won);
  Node again(store, "a:1935", "z");  // while the old lease lives
  CHECK_FALSE(b.find().holder);
  CHECK(b.claim().won);
  store.expire(b.lease);
  CHECK_FALSE(a->find().holder);
  CHECK(again.claim().won);
  CHECK(again.keep().before == "z");
}

TEST_CASE("a server that slept for longer than its lease lives hears of it", "[cluster][etcd]") {
  EtcdStore store;
  Node a(store, "a:1935", "x");
  CHECK(a.claim().won);
  store.expire(a.lease);
  for (const Ask& one : {Ask{.kind = Kind::keep_node, .record = "{}"}, Ask{.kind = Kind::claim, .key = "v/live/cam"}}) {
    EtcdQuestion question(a.words, one, a.lease);
    std::optional<Answer> answer;
    while (!answer) {
      const auto reply = store.post(question.next());
      answer = question.hear(reply.status, reply.body);
    }
    CHECK(answer->failed);
    CHECK_FALSE(answer->won);
    CHECK(question.lease_gone());
    CHECK_FALSE(question.fault().empty());
  }
}

TEST_CASE("a claim in etcd that was overtaken looks again, and not for ever", "[cluster][etcd]") {
  EtcdStore store;
  Node a(store, "a:1935", "x"), b(store, "b:1935", "y");
  EtcdQuestion question(a.words, {.kind = Kind::claim, .key = "v/live/cam"}, a.lease);
  auto step = [&] {
    const auto reply = store.post(question.next());
    return question.hear(reply.status, reply.body);
  };
  CHECK_FALSE(step());   // nobody has it
  CHECK(b.claim().won);  // meanwhile
  CHECK_FALSE(step());   // so it is not written
  CHECK_FALSE(step());   // whose is it now?
  const auto answer = step();
  REQUIRE(answer);
  CHECK_FALSE(answer->won);
  CHECK(answer->holder->node == "b:1935");

  b.release();
  EtcdQuestion endless(a.words, {.kind = Kind::claim, .key = "v/live/cam"}, a.lease);
  std::optional<Answer> over;
  int calls = 0;
  while (!over && ++calls < 100) {
    const auto call = endless.next();
    if (call.path == "/v3/kv/txn") {
      over = endless.hear(200, R"({"header":{"revision":"9"}})");
    } else {
      const auto reply = store.post(call);
      over = endless.hear(reply.status, reply.body);
    }
  }
  REQUIRE(over);
  CHECK(over->failed);
  CHECK(calls < 40);
}

TEST_CASE("what etcd should not say is a failure at every step, and nothing worse", "[cluster][etcd]") {
  const std::vector<std::pair<int, std::string>> bad{
      {200, ""},
      {200, "[]"},
      {200, "{"},
      {200, "null"},
      {500, "oops"},
      {401, R"({"code":16,"message":"etcdserver: invalid auth token"})"},
      {200, R"({"kvs":7,"result":[],"prev_kv":1,"header":"x"})"},
      {200, R"({"kvs":[7],"header":{"revision":-1}})"},
      {200, R"({"header":{"revision":"5"},"kvs":[{"key":"!!","value":{},"mod_revision":"x"}]})"},
      {200, std::string(100'000, '[')},
  };
  for (const Kind kind : {Kind::keep_node, Kind::drop_node, Kind::claim, Kind::release, Kind::find, Kind::list}) {
    for (const auto& [status, body] : bad) {
      INFO(static_cast<int>(kind) << " " << status << " " << body.substr(0, 100));
      for (int good = 0; good < 4; ++good) {
        EtcdStore store;
        Node a(store, "a:1935", "x"), b(store, "b:1935", "y");
        CHECK(b.claim().won);
        EtcdQuestion question(a.words, {.kind = kind, .key = "v/live/cam", .record = "{}", .takeover = true}, a.lease);
        std::optional<Answer> answer;
        for (int i = 0; i < good && !answer; ++i) {
          const auto reply = store.post(question.next());
          answer = question.hear(reply.status, reply.body);
        }
        for (int i = 0; i < 40 && !answer; ++i) {
          (void)question.next();
          answer = question.hear(status, body);
          if (answer) CHECK_FALSE(answer->won);
        }
        CHECK(answer);
      }
    }
  }
}

TEST_CASE("changes in etcd are announced, and a watch that is over is told of", "[cluster][etcd]") {
  const EtcdWords words({.cluster = "x", .node = "a", .instance = "i", .ttl = 10s});
  CHECK(words.watch().body.find("d2Vpci94L3N0cmVhbS8=") != std::string::npos);  // weir/x/stream/
  CHECK(words.announcements_in(R"({"result":{"header":{"revision":"1"},"created":true}})")->empty());
  // As etcd 3.4.23 said it.
  const auto put = words.announcements_in(
      R"({"result":{"header":{"revision":"2"},"events":[{"kv":{"key":"d2Vpci94L3N0cmVhbS9r","create_revision":"2","mod_revision":"2","version":"1","value":"biBpIDU=","lease":"1418812188866192391"}}]}})");
  REQUIRE(put);
  REQUIRE(put->size() == 1);
  CHECK(put->front().key == "k");
  CHECK(put->front().holder == Holder{"n", "i", 5});
  const auto gone = words.announcements_in(
      R"({"result":{"header":{"revision":"3"},"events":[{"type":"DELETE","kv":{"key":"d2Vpci94L3N0cmVhbS9r","mod_revision":"3"}}]}})");
  REQUIRE(gone);
  CHECK_FALSE(gone->front().holder);
  for (const char* bad : {"", "{}", "[]", R"({"error":{"code":5}})", R"({"result":{"canceled":true}})",
                          R"({"result":{"events":7}})", R"({"result":{"events":[7]}})"}) {
    INFO(bad);
    CHECK_FALSE(words.announcements_in(bad));
  }
  CHECK(EtcdWords::lease_in(R"({"ID":"7587862094794240005","TTL":"10"})") == "7587862094794240005");
  CHECK_FALSE(EtcdWords::lease_in(R"({"ID":"x"})"));
  CHECK_FALSE(EtcdWords::lease_in("{}"));
  CHECK(EtcdWords::token_in(R"({"token":"abc.1"})") == "abc.1");
  CHECK_FALSE(EtcdWords::token_in(R"({"token":""})"));
  CHECK(EtcdWords::fault_in(400, R"({"message":"etcdserver: authentication failed"})") ==
        "etcd says: etcdserver: authentication failed");
  CHECK(EtcdWords::fault_in(502, "<html>") == "etcd answers with HTTP status 502");
}

}  // namespace weir::test::etcd_words_test
