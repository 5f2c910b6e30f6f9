#include "proto/ice/lite_agent.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::lite_agent_test {

using namespace std::chrono_literals;
using ice::LiteAgent;
using ice::Path;

namespace {

const std::string password = "our password of 22 chars";
const base::Instant start{1h};

Path path(std::uint8_t host, std::uint16_t port = 5000, std::uint64_t route = 0) {
  Path out;
  out.remote.bytes = {192, 0, 2, host};
  out.remote.port = port;
  out.route = route;
  return out;
}

LiteAgent agent() { return LiteAgent({"ours", password}, {"theirs", "their password of 22 ch"}); }

struct Check {
  std::string username = "ours:theirs";
  std::string key = password;
  std::uint32_t priority = 100;
  bool nominate = false;

  base::Buffer datagram() const {
    stun::Writer writer(stun::MessageType::binding_request, {1, 2, 3});
    writer.username(username).priority(priority).controlling(7);
    if (nominate) writer.use_candidate();
    return writer.finish(key);
  }
};

unsigned error_of(const LiteAgent::Result& result) {
  REQUIRE(result.answer.has_value());
  const auto message = stun::parse(*result.answer);
  REQUIRE(message.has_value());
  return message->error_code;
}

}  // namespace

TEST_CASE("a verified check is answered with the address that it came from", "[ice]") {
  auto lite = agent();
  CHECK_FALSE(lite.selected().has_value());
  const auto check = Check{}.datagram();
  const auto result = lite.input(check, path(1), start);
  CHECK(result.verified);
  CHECK(result.first);
  CHECK(result.moved);
  REQUIRE(result.answer.has_value());
  const auto answer = stun::parse(*result.answer);
  REQUIRE(answer.has_value());
  CHECK(answer->type == stun::MessageType::binding_response);
  CHECK((answer->mapped == path(1).remote));
  CHECK(answer->username.empty());
  CHECK(stun::check_integrity(*result.answer, password).has_value());
  CHECK(result.answer->size() <= check.size() + 32);
  CHECK((lite.selected() == path(1)));
  CHECK_FALSE(lite.input(check, path(1), start + 1s).first);
}

TEST_CASE("a check without our password or user name moves nothing", "[ice]") {
  auto lite = agent();
  CHECK(error_of(lite.input(Check{.key = "another"}.datagram(), path(1), start)) == 401);
  CHECK(error_of(lite.input(Check{.username = "ours:stranger"}.datagram(), path(1), start)) == 401);
  CHECK(error_of(lite.input(Check{.username = "other:theirs"}.datagram(), path(1), start)) == 401);
  CHECK(error_of(lite.input(Check{.username = "ourstheirs"}.datagram(), path(1), start)) == 401);
  CHECK(error_of(lite.input(Check{.key = ""}.datagram(), path(1), start)) == 400);
  CHECK(error_of(lite.input(stun::Writer(stun::MessageType::binding_request, {}).finish(password), path(1), start)) ==
        400);
  CHECK_FALSE(lite.selected().has_value());
  CHECK(lite.counts().refused == 6);
  CHECK_FALSE(lite.input(test::bytes("000100"), path(1), start).answer.has_value());
  CHECK(lite.counts().malformed == 1);
  const auto response = stun::Writer(stun::MessageType::binding_response, {}).finish(password);
  CHECK_FALSE(lite.input(response, path(1), start).answer.has_value());
}

TEST_CASE("a peer that says it is controlled hears of the conflict", "[ice]") {
  auto lite = agent();
  base::Buffer wire = stun::Writer(stun::MessageType::binding_request, {}).username("ours:theirs").finish(password);
  // RFC 8445 7.3.1.1: ICE-CONTROLLED in place of ICE-CONTROLLING; the same length, so the type alone is exchanged
  stun::Writer writer(stun::MessageType::binding_request, {});
  writer.username("ours:theirs").controlling(9);
  auto plain = writer.finish({});
  test::ByteVector raw(plain.data(), plain.data() + plain.size() - 8);
  raw[raw.size() - 11] = 0x29;
  raw[3] = static_cast<std::uint8_t>(raw.size() - 20);
  // Without integrity it is refused before anything is believed.
  CHECK(error_of(lite.input(raw, path(1), start)) == 400);
}

TEST_CASE("media goes to the nominated pair of the highest priority", "[ice]") {
  auto lite = agent();
  (void)lite.input(Check{.priority = 100}.datagram(), path(1), start);
  (void)lite.input(Check{.priority = 50, .nominate = true}.datagram(), path(2), start + 10ms);
  CHECK((lite.selected() == path(2)));
  (void)lite.input(Check{.priority = 70, .nominate = true}.datagram(), path(3), start + 20ms);
  CHECK((lite.selected() == path(3)));
  CHECK_FALSE(lite.input(Check{.priority = 70, .nominate = true}.datagram(), path(3), start + 30ms).moved);
}

TEST_CASE("a nominated pair that fell silent yields to one that is alive, and takes over again", "[ice]") {
  auto lite = agent();
  (void)lite.input(Check{.priority = 100, .nominate = true}.datagram(), path(1), start);
  (void)lite.input(Check{.priority = 10}.datagram(), path(2), start + 2s);
  CHECK((lite.selected() == path(2)));
  CHECK(lite.note_media(path(1), start + 2100ms));
  CHECK((lite.selected() == path(1)));
}

TEST_CASE("packets from an address that never passed a check are not followed", "[ice]") {
  auto lite = agent();
  (void)lite.input(Check{.nominate = true}.datagram(), path(1), start);
  CHECK_FALSE(lite.note_media(path(9), start + 1s));
  CHECK((lite.selected() == path(1)));
  CHECK(lite.silent_for(5s, start + 6s));
  CHECK_FALSE(lite.silent_for(5s, start + 4s));
  (void)lite.note_media(path(1), start + 5s);
  CHECK_FALSE(lite.silent_for(5s, start + 6s));
}

TEST_CASE("the paths of a session are bounded", "[ice]") {
  auto lite = agent();
  for (unsigned i = 0; i < 200; ++i) {
    (void)lite.input(Check{}.datagram(), path(1, static_cast<std::uint16_t>(1000 + i)), start + i * 1ms);
  }
  CHECK(lite.path_count() == LiteAgent::most_paths);
}

TEST_CASE("after a restart the old credentials hold until the first check with the new", "[ice]") {
  auto lite = agent();
  (void)lite.input(Check{.nominate = true}.datagram(), path(1), start);
  lite.restart({"ours2", "the second password of ours"}, {"theirs2", "x"});
  CHECK(lite.input(Check{}.datagram(), path(1), start + 1s).verified);
  const Check fresh{.username = "ours2:theirs2", .key = "the second password of ours", .nominate = true};
  CHECK(lite.input(fresh.datagram(), path(2), start + 2s).verified);
  CHECK_FALSE(lite.input(Check{}.datagram(), path(1), start + 3s).verified);
}

}  // namespace weir::test::lite_agent_test
