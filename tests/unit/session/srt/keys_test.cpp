#include "session/srt/keys.h"

#include <vector>

#include "support/catch.h"

namespace weir::test::keys_test {

using namespace std::chrono_literals;
using session::srt::KeyAnswer;
using session::srt::KeyQuestion;
using session::srt::Keys;
using State = session::srt::Keys::State;

namespace {

// The table, a clock that the test turns, and what it asked.
struct KeyTable {
  std::vector<KeyQuestion> asked;
  Keys keys{[this](KeyQuestion question) { asked.push_back(std::move(question)); }};
  Keys::Clock::time_point now{1000s};

  Keys::Found find(const std::string& stream, const std::string& address = "192.0.2.1") {
    return keys.find({"v", "live", stream, true}, address, now);
  }
  void say(const std::string& stream, const KeyAnswer& answer) {
    keys.answer({"v", "live", stream, true}, answer, 60s, now);
  }
  void say_key(const std::string& stream, const std::string& passphrase, std::chrono::milliseconds good_for = 0s) {
    say(stream, {.kind = KeyAnswer::Kind::key, .secret = {passphrase, 32}, .good_for = good_for});
  }
};

}  // namespace

TEST_CASE("a passphrase that nobody knows is asked for once, and known then", "[srt][keys]") {
  KeyTable table;
  CHECK(table.find("cam").state == State::asked);
  CHECK(table.find("cam").state == State::asked);
  REQUIRE(table.asked.size() == 1);
  CHECK(table.asked[0].vhost == "v");
  CHECK(table.asked[0].app == "live");
  CHECK(table.asked[0].stream == "cam");
  CHECK(table.asked[0].publishes);
  table.say_key("cam", "of-the-camera");
  const auto found = table.find("cam");
  CHECK(found.state == State::known);
  CHECK(found.secret.passphrase == "of-the-camera");
  CHECK(found.secret.key_bytes == 32);
  CHECK(table.keys.known() == 1);
  // Who plays it may have another, and so may a stream whose names lie otherwise.
  CHECK(table.keys.find({"v", "live", "cam", false}, "192.0.2.1", table.now).state == State::asked);
  CHECK(table.keys.find({"v", "livec", "am", true}, "192.0.2.1", table.now).state == State::asked);
  CHECK(table.asked.size() == 3);
}

TEST_CASE("a passphrase is forgotten when its time is over, and asked for anew before", "[srt][keys]") {
  KeyTable table;
  (void)table.find("cam");
  table.say_key("cam", "the-first-one");
  table.now += 44s;
  CHECK(table.find("cam").state == State::known);
  CHECK(table.asked.size() == 1);
  table.now += 2s;
  CHECK(table.find("cam").secret.passphrase == "the-first-one");
  CHECK(table.find("cam").state == State::known);
  CHECK(table.asked.size() == 2);
  SECTION("another one takes its place") {
    table.say_key("cam", "the-second-one");
    CHECK(table.find("cam").secret.passphrase == "the-second-one");
    CHECK(table.asked.size() == 2);
    table.now += 59s;
    CHECK(table.find("cam").state == State::known);
  }
  SECTION("who refuses is heard at once") {
    table.say("cam", {.kind = KeyAnswer::Kind::refused});
    CHECK(table.find("cam").state == State::refused);
    CHECK(table.keys.known() == 0);
  }
  SECTION("without an answer it stays until its time is over") {
    table.say("cam", {.kind = KeyAnswer::Kind::failed});
    CHECK(table.find("cam").state == State::known);
    table.now += 1s;
    CHECK(table.find("cam").state == State::known);
    CHECK(table.asked.size() == 3);
    table.now += 60s;
    CHECK(table.find("cam").state == State::asked);
  }
  SECTION("it ends, whoever asks") {
    table.now += 14s;
    CHECK(table.find("cam").state == State::asked);
    CHECK(table.asked.size() == 2);  // that question is still on its way
    table.say_key("cam", "the-second-one");
    CHECK(table.find("cam").state == State::known);
    CHECK(table.keys.known() == 1);
  }
}

TEST_CASE("an answer says how long it is good for, else the configuration does", "[srt][keys]") {
  KeyTable table;
  (void)table.find("short");
  table.say_key("short", "a-passphrase", 4s);
  table.now += 5s;
  CHECK(table.find("short").state == State::asked);
}

TEST_CASE("who refuses and who does not answer are asked again after a moment", "[srt][keys]") {
  KeyTable table;
  (void)table.find("no");
  table.say("no", {.kind = KeyAnswer::Kind::refused});
  CHECK(table.find("no").state == State::refused);
  table.now += 4s;
  CHECK(table.find("no").state == State::refused);
  CHECK(table.asked.size() == 1);
  table.now += 2s;
  CHECK(table.find("no").state == State::asked);
  table.say("no", {.kind = KeyAnswer::Kind::failed});
  CHECK(table.find("no").state == State::failed);
  CHECK(table.asked.size() == 2);
  table.now += 1s;
  CHECK(table.find("no").state == State::asked);
  CHECK(table.asked.size() == 3);
  // One that is never answered is asked again after a minute.
  table.now += 59s;
  CHECK(table.find("no").state == State::asked);
  CHECK(table.asked.size() == 3);
  table.now += 2s;
  CHECK(table.find("no").state == State::asked);
  CHECK(table.asked.size() == 4);
}

TEST_CASE("questions are few, and fewer for one address", "[srt][keys]") {
  KeyTable table;
  std::size_t busy = 0;
  const auto call = [&](int count, const std::string& address) {
    for (int i = 0; i < count; ++i) {
      if (table.find(address + "-" + std::to_string(i), address).state == State::busy) ++busy;
    }
  };
  call(20, "192.0.2.1");
  CHECK(table.asked.size() == 10);
  CHECK(busy == 10);
  for (int i = 2; i < 12; ++i) call(10, "192.0.2." + std::to_string(i));
  CHECK(table.asked.size() == 50);
  table.now += 1s;
  call(20, "192.0.2.1");
  CHECK(table.asked.size() == 60);
  CHECK(table.keys.asked() == 60);
}

TEST_CASE("what is kept is bounded, and what is known is not driven out by what nobody knows", "[srt][keys]") {
  KeyTable table;
  (void)table.find("good");
  table.say_key("good", "a-good-passphrase", 3600s);
  std::size_t turned_away = 0;
  for (int i = 0; i < 1500; ++i) {
    if (i % 10 == 0) table.now += 1s;
    const auto found = table.find("none-" + std::to_string(i));
    if (found.state == State::busy) ++turned_away;
  }
  CHECK(table.find("good").state == State::known);
  CHECK(table.asked.size() <= 1501);
  CHECK(turned_away < 1500);
  // More passphrases than there is room for: the one that ends first goes.
  for (std::size_t i = 0; i < Keys::most_keys + 20; ++i) {
    if (i % 10 == 0) table.now += 1s;
    const std::string name = "key-" + std::to_string(i);
    (void)table.find(name);
    table.say_key(name, "a-passphrase", i == 3 ? 2000s : 20'000s);
  }
  CHECK(table.keys.known() == Keys::most_keys);
  CHECK(table.find("key-100").state == State::known);
}

TEST_CASE("of a virtual host that asks somebody else now nothing is kept", "[srt][keys]") {
  KeyTable table;
  (void)table.find("cam");
  table.say_key("cam", "a-passphrase");
  (void)table.find("late");
  table.keys.forget("w");
  CHECK(table.find("cam").state == State::known);
  table.keys.forget("v");
  CHECK(table.keys.known() == 0);
  CHECK(table.find("cam").state == State::asked);
  table.keys.forget("v");
  table.say_key("late", "an-answer-of-before");
  CHECK(table.keys.known() == 0);
}

}  // namespace weir::test::keys_test
