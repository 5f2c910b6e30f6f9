#include "proto/redis/parser.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::parser_test {

using redis::Errc;
using redis::Parser;
using redis::Value;

namespace {

test::ByteVector wire(std::string_view text) { return {text.begin(), text.end()}; }

// All of it, as text that can be compared.
std::string shown(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "null";
    case Value::Kind::text:
      return "'" + value.text + "'";
    case Value::Kind::error:
      return "!" + value.text;
    case Value::Kind::integer:
      return std::to_string(value.integer);
    case Value::Kind::boolean:
      return value.integer != 0 ? "true" : "false";
    case Value::Kind::list:
    case Value::Kind::push:
      break;
  }
  std::string out = value.kind == Value::Kind::push ? ">[" : "[";
  for (const Value& item : value.items) out += shown(item) + " ";
  return out + "]";
}

void reads(std::string_view text, const std::string& expected) {
  INFO(text);
  test::feed_every_way(
      wire(text), [] { return Parser(); }, [](Parser& parser, base::Bytes piece) { REQUIRE(parser.input(piece)); },
      [&](Parser& parser) {
        std::string all;
        while (auto value = parser.poll()) all += shown(*value) + ";";
        CHECK(all == expected);
      });
}

base::ErrorCode fault_of(const std::string& text) {
  Parser parser;
  const auto read = parser.input(base::as_bytes(text));
  return read ? base::ErrorCode() : read.error();
}

}  // namespace

// The examples of redis.io/docs/reference/protocol-spec.
TEST_CASE("every type of RESP is read, however it is cut", "[redis]") {
  reads("+OK\r\n", "'OK';");
  reads("-ERR unknown command 'asdf'\r\n", "!ERR unknown command 'asdf';");
  reads(":1000\r\n:-1\r\n:+7\r\n", "1000;-1;7;");
  reads("$5\r\nhello\r\n$0\r\n\r\n$-1\r\n", "'hello';'';null;");
  reads("$4\r\na\r\nb\r\n", "'a\r\nb';");
  reads("*0\r\n*-1\r\n*3\r\n:1\r\n:2\r\n$5\r\nhello\r\n", "[];null;[1 2 'hello' ];");
  reads("*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n", "[[1 2 3 ] ['Hello' !World ] ];");
  reads("_\r\n#t\r\n#f\r\n,1.23\r\n(3492890328409238509324850943850943825024385\r\n",
        "null;true;false;'1.23';'3492890328409238509324850943850943825024385';");
  reads("!21\r\nSYNTAX invalid syntax\r\n=15\r\ntxt:Some string\r\n", "!SYNTAX invalid syntax;'Some string';");
  reads("%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n~1\r\n+a\r\n", "['first' 1 'second' 2 ];['a' ];");
  reads(">3\r\n+message\r\n+channel\r\n+text\r\n", ">['message' 'channel' 'text' ];");
  // An attribute is about the value behind it.
  reads("|1\r\n+key-popularity\r\n%1\r\n$1\r\na\r\n,0.1923\r\n*2\r\n:1\r\n|0\r\n:2\r\n", "[1 2 ];");
}

TEST_CASE("what is no RESP, or too much of it, is refused", "[redis]") {
  CHECK(fault_of("HTTP/1.1 400 Bad Request\r\n") == Errc::unknown_type);
  CHECK(fault_of("\n") == Errc::unknown_type);
  CHECK(fault_of("+OK\n") == Errc::bad_end);
  CHECK(fault_of("$3\r\nabcde\r\n") == Errc::bad_end);
  CHECK(fault_of(":12a\r\n") == Errc::bad_number);
  CHECK(fault_of("$-2\r\n") == Errc::bad_number);
  CHECK(fault_of("*-2\r\n") == Errc::bad_number);
  CHECK(fault_of("$?\r\n") == Errc::bad_number);
  CHECK(fault_of("#x\r\n") == Errc::bad_number);
  CHECK(fault_of("$1048577\r\n") == Errc::too_large);
  CHECK(fault_of("*65537\r\n") == Errc::too_many);
  CHECK(fault_of("*40000\r\n*30000\r\n") == Errc::too_many);
  CHECK(fault_of("%40000\r\n") == Errc::too_many);
  std::string deep;
  for (int i = 0; i < 8; ++i) deep += "*1\r\n";
  CHECK(fault_of(deep) == base::ErrorCode());
  CHECK(fault_of(deep + "*1\r\n") == Errc::too_deep);
  CHECK(fault_of("+" + std::string(5000, 'a')) == Errc::long_line);
  CHECK(fault_of("+" + std::string(5000, 'a') + "\r\n") == Errc::long_line);
}

}  // namespace weir::test::parser_test
