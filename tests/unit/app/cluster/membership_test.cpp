#include "app/cluster/membership.h"

#include "support/catch.h"
#include "support/registry_store.h"

namespace weir::test::membership_test {

using namespace std::chrono_literals;
using cluster::Ask;
using cluster::Holder;
using cluster::Membership;
using test::RegistryStore;

namespace {

// One node and the registry, in one step.
struct Site {
  explicit Site(RegistryStore& store, std::string name = "a:1935", bool open = true, bool takeover = false)
      : registry(store),
        node(std::move(name)),
        member({.node = node, .instance = node + "-1", .open = open, .takeover = takeover}, 7) {
    member.describe("{" + node + "}", now);
  }
  void talk() {
    while (auto ask = member.poll_ask()) {
      RegistryStore::Said said;
      member.hear(registry.answer(node, node + "-1", *ask, said), now);
    }
  }
  void connect() {
    member.connected(now);
    talk();
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    member.tick(now);
  }
  template <class T>
  std::vector<T> take() {
    std::vector<T> out;
    while (auto event = member.poll_event()) {
      if (const auto* one = std::get_if<T>(&*event)) out.push_back(*one);
    }
    return out;
  }

  RegistryStore& registry;
  std::string node;
  base::Instant now{1h};
  Membership member;
};

}  // namespace

TEST_CASE("who claims a name first has it, until he gives it back", "[cluster]") {
  RegistryStore store;
  Site a(store), b(store, "b:1935");
  a.connect();
  b.connect();
  a.member.claim("live/cam", a.now);
  a.talk();
  const auto granted = a.take<Membership::Granted>();
  REQUIRE(granted.size() == 1);
  CHECK(granted[0].epoch == 1);
  CHECK(granted[0].sure);
  b.member.claim("live/cam", b.now);
  b.talk();
  const auto denied = b.take<Membership::Denied>();
  REQUIRE(denied.size() == 1);
  CHECK(denied[0].holder == Holder{"a:1935", "a:1935-1", 1});
  CHECK(b.member.claims() == 0);
  // A second publisher of the same node has it too, and each gives it back.
  a.member.claim("live/cam", a.now);
  a.member.release("live/cam", 1);
  a.talk();
  CHECK(store.holder_of("live/cam"));
  a.member.release("live/cam", 1);
  a.talk();
  CHECK_FALSE(store.holder_of("live/cam"));
  b.member.claim("live/cam", b.now);
  b.talk();
  CHECK(b.take<Membership::Granted>()[0].epoch == 2);
}

TEST_CASE("what a dead node held is free, and it gives way when it wakes up", "[cluster]") {
  RegistryStore store;
  Site a(store), b(store, "b:1935");
  a.connect();
  b.connect();
  a.member.claim("live/cam", a.now);
  a.talk();
  // Stopped for longer than its record lives.
  store.now += 11s;
  b.pass(11s);
  b.talk();
  b.member.claim("live/cam", b.now);
  b.talk();
  CHECK(b.take<Membership::Granted>().size() == 1);
  (void)a.take<Membership::Granted>();
  a.pass(11s);
  a.talk();
  const auto evicted = a.take<Membership::Evicted>();
  REQUIRE(evicted.size() == 1);
  CHECK(evicted[0].by->node == "b:1935");
  CHECK_FALSE(a.member.holds("live/cam"));
  // What the evicted publisher gives back is nothing of a later one's.
  a.member.release("live/cam", 1);
  a.talk();
  CHECK(store.holder_of("live/cam")->node == "b:1935");
}

TEST_CASE("a process of the same name that is begun anew has what it held before at once", "[cluster]") {
  RegistryStore store;
  Site old(store);
  old.connect();
  old.member.claim("live/cam", old.now);
  old.talk();
  RegistryStore::Said said;
  store.answer("a:1935", "a:1935-2", {.id = 1, .kind = Ask::Kind::keep_node}, said);
  CHECK_FALSE(store.holder_of("live/cam"));
  const auto won = store.answer("a:1935", "a:1935-2", {.id = 2, .kind = Ask::Kind::claim, .key = "live/cam"}, said);
  CHECK(won.won);
  CHECK(won.epoch == 2);
}

TEST_CASE("takeover gives a name to who came last", "[cluster]") {
  RegistryStore store;
  Site a(store), b(store, "b:1935", true, true);
  a.connect();
  b.connect();
  a.member.claim("live/cam", a.now);
  a.talk();
  b.member.claim("live/cam", b.now);
  b.talk();
  CHECK(b.take<Membership::Granted>()[0].epoch == 2);
  // It is announced, and looked at.
  a.member.hear(cluster::Announcement{"live/cam", Holder{"b:1935", "b:1935-1", 2}}, a.now);
  a.talk();
  CHECK(a.take<Membership::Evicted>().size() == 1);
}

TEST_CASE("without a registry what runs goes on, and new claims are as configured", "[cluster]") {
  RegistryStore store;
  Site open(store), closed(store, "c:1935", false);
  for (Site* site : {&open, &closed}) {
    site->connect();
    site->member.claim("live/" + site->node, site->now);
    site->talk();
    site->member.claim("live/asked", site->now);  // and no answer comes
    site->member.lost(site->now);
    site->member.claim("live/new", site->now);
    CHECK(site->member.holds("live/" + site->node));
  }
  const auto granted = open.take<Membership::Granted>();
  REQUIRE(granted.size() == 3);
  CHECK_FALSE(granted[1].sure);
  CHECK(granted[2].key == "live/new");
  const auto denied = closed.take<Membership::Denied>();
  REQUIRE(denied.size() == 2);
  CHECK_FALSE(denied[0].holder);
  // The registry is back, and has forgotten all.
  store.flush();
  open.connect();
  closed.connect();
  CHECK(store.holder_of("live/a:1935"));
  CHECK(store.holder_of("live/c:1935"));
  CHECK(store.holder_of("live/new")->node == "a:1935");
}

TEST_CASE("two that were let in while the registry was gone are one when it is back", "[cluster]") {
  RegistryStore store;
  Site a(store), b(store, "b:1935");
  for (Site* site : {&a, &b}) site->member.claim("live/cam", site->now);
  a.connect();
  b.connect();
  a.member.hear(cluster::Announcement{"live/cam", store.holder_of("live/cam")}, a.now);
  a.talk();
  b.talk();
  CHECK(a.member.holds("live/cam") != b.member.holds("live/cam"));
  CHECK(store.holder_of("live/cam")->node == (a.member.holds("live/cam") ? "a:1935" : "b:1935"));
}

TEST_CASE("a registry that was flushed is told again", "[cluster]") {
  RegistryStore store;
  Site a(store);
  a.connect();
  a.member.claim("live/cam", a.now);
  a.talk();
  store.flush();
  a.pass(4s);
  a.talk();
  a.talk();
  CHECK(store.holder_of("live/cam"));
}

TEST_CASE("what is looked for is asked once a second, and what is followed without end", "[cluster]") {
  RegistryStore store;
  Site a(store), b(store, "b:1935");
  a.connect();
  b.connect();
  const auto questions = [&] {
    std::size_t count = 0;
    while (auto ask = b.member.poll_ask()) {
      count += ask->kind == Ask::Kind::find;
      RegistryStore::Said said;
      b.member.hear(store.answer(b.node, b.node + "-1", *ask, said), b.now);
    }
    return count;
  };
  for (int i = 0; i < 10; ++i) b.member.find("live/cam", b.now);
  CHECK(questions() == 1);
  b.member.find("live/cam", b.now);
  CHECK(questions() == 0);
  CHECK_FALSE(b.take<Membership::Found>().back().holder);
  b.member.follow("live/cam", b.now);
  b.pass(1s);
  CHECK(questions() == 0);
  b.pass(1s);
  CHECK(questions() == 1);
  a.member.claim("live/cam", a.now);
  a.talk();
  b.member.hear(cluster::Announcement{"live/cam", store.holder_of("live/cam")}, b.now);
  CHECK(questions() == 1);
  const auto found = b.take<Membership::Found>();
  REQUIRE_FALSE(found.empty());
  CHECK(found.back().holder->node == "a:1935");
  CHECK(found.back().record == "{a:1935}");
  // What was known last is told while there is nobody to ask.
  b.member.lost(b.now);
  b.now += 1min;
  b.member.find("live/cam", b.now);
  const auto last = b.take<Membership::Found>();
  REQUIRE(last.size() == 1);
  CHECK_FALSE(last[0].sure);
  CHECK(last[0].holder->node == "a:1935");
  b.member.unfollow("live/cam");
  CHECK(b.member.followed() == 0);
}

TEST_CASE("two servers of one name are told of", "[cluster]") {
  RegistryStore store;
  Site a(store);
  a.connect();
  RegistryStore::Said said;
  store.answer("a:1935", "other", {.id = 1, .kind = Ask::Kind::keep_node}, said);
  a.pass(4s);
  a.talk();
  CHECK(a.take<Membership::Rival>().size() == 1);
}

}  // namespace weir::test::membership_test
