#include "base/text.h"

#include "support/catch.h"

namespace weir::test::text_test {

using namespace weir::base;

TEST_CASE("text is split at every separator and empty parts are kept", "[base]") {
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(split_first("k=v=w", '=') == std::pair<std::string_view, std::string_view>("k", "v=w"));
  CHECK(split_first("k", '=') == std::pair<std::string_view, std::string_view>("k", ""));
}

TEST_CASE("text is trimmed, lowered, compared and cleaned", "[base]") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim("///a/b/", "/") == "a/b");
  CHECK(trim("   ").empty());
  CHECK(lower("Ab-C") == "ab-c");
  CHECK(iequals("Content-Length", "content-length"));
  CHECK_FALSE(iequals("abc", "ab"));
  CHECK(without("a b\tc", " \t") == "abc");
  CHECK(replace_all("a__b__", "__", "-") == "a-b-");
  CHECK(replace_all("abc", "", "-") == "abc");
}

TEST_CASE("a number is the whole text or nothing", "[base]") {
  CHECK(parse_number("0") == 0u);
  CHECK(parse_number("18446744073709551615") == 18446744073709551615u);
  for (const char* bad : {"", " 1", "1 ", "-1", "+1", "1.5", "18446744073709551616", "0x1"}) {
    CHECK_FALSE(parse_number(bad));
  }
}

TEST_CASE("text from outside is made printable and is cut", "[base]") {
  CHECK(printable("a\nb\x7f\xff") == "a\\x0ab\\x7f\\xff");
  CHECK(printable("abcdef", 3) == "abc...");
}

}  // namespace weir::test::text_test
