#include "proto/redis/client.h"

#include <array>

#include "support/catch.h"

namespace weir::test::client_test {

using redis::Client;

namespace {

void hears(Client& client, std::string_view text) { REQUIRE(client.input(base::as_bytes(text))); }

template <class T>
T next(Client& client) {
  auto event = client.poll();
  REQUIRE(event);
  REQUIRE(std::holds_alternative<T>(*event));
  return std::get<T>(*event);
}

constexpr std::string_view hello = "%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n";

}  // namespace

TEST_CASE("a client of Redis greets, and sends no command before it is let in", "[redis]") {
  Client open({});
  CHECK(open.take_output() == "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n");
  hears(open, hello);
  next<Client::Ready>(open);
  Client known({.user = "", .password = "pw", .database = 2, .name = "n"});
  CHECK(known.take_output() ==
        "*7\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$2\r\npw\r\n$7\r\nSETNAME\r\n$1\r\nn\r\n"
        "*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n");
  hears(known, hello);
  CHECK_FALSE(known.poll());
  hears(known, "+OK\r\n");
  next<Client::Ready>(known);
  Client wrong({.user = "u", .password = "pw", .database = 3, .name = ""});
  hears(wrong, "-WRONGPASS invalid username-password pair or user is disabled.\r\n-NOAUTH\r\n");
  CHECK(next<Client::Refused>(wrong).why == "WRONGPASS invalid username-password pair or user is disabled.");
  CHECK_FALSE(wrong.poll());
}

TEST_CASE("answers find their commands, with subscriptions and messages in between", "[redis]") {
  Client client({});
  hears(client, hello);
  next<Client::Ready>(client);
  (void)client.take_output();
  const std::array<std::string, 2> get{"GET", "a\r\nb"};
  const auto first = client.send(get);
  client.subscribe("news");
  const auto second = client.send(get);
  CHECK(client.unanswered() == 3);
  CHECK(
      client.take_output() ==
      "*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nnews\r\n*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n");
  hears(client, "$1\r\nx\r\n>3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  hears(client, ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n_\r\n");
  auto reply = next<Client::Reply>(client);
  CHECK(reply.id == first);
  CHECK(reply.value.is_text("x"));
  CHECK(next<Client::Message>(client).text == "hi");
  reply = next<Client::Reply>(client);
  CHECK(reply.id == second);
  CHECK(reply.value.kind == redis::Value::Kind::null);
  CHECK(client.unanswered() == 0);
  // A subscription that is refused moves no later answer.
  client.subscribe("other");
  const auto third = client.send(get);
  hears(client, "-NOPERM no permissions to access a channel\r\n:5\r\n");
  reply = next<Client::Reply>(client);
  CHECK(reply.id == third);
  CHECK(reply.value.integer == 5);
}

TEST_CASE("answers to nothing end a connection to Redis", "[redis]") {
  Client client({});
  hears(client, hello);
  CHECK(client.input(base::as_bytes("+OK\r\n")).error() == redis::Errc::unasked);
  Client other({});
  hears(other, hello);
  CHECK(other.input(base::as_bytes(">3\r\n+subscribe\r\n+a\r\n:1\r\n")).error() == redis::Errc::unasked);
}

}  // namespace weir::test::client_test
