#include "app/api/json_writer.h"

#include "support/catch.h"

namespace weir::test::json_writer_test {

using weir::api::JsonWriter;

TEST_CASE("JSON as it is written: order, separators, kinds, escapes", "[api]") {
  JsonWriter out;
  out.begin_object().field("a", 1).field("b", true).field("c", "x\"\\\n\x01{").null("d").begin_array("e");
  out.begin_object().end_object().begin_object().field("n", -2.5).end_object().end_array();
  out.begin_object("f").field("g", std::uint64_t{18446744073709551615u}).field("h", std::int64_t{-1}).end_object();
  out.field("i", std::string("\xff")).end_object();
  CHECK(out.text() ==
        "{\"a\":1,\"b\":true,\"c\":\"x\\\"\\\\\\u000a\\u0001{\",\"d\":null,\"e\":[{},{\"n\":-2.500}],"
        "\"f\":{\"g\":18446744073709551615,\"h\":-1},\"i\":\"\xef\xbf\xbd\"}");
}

}  // namespace weir::test::json_writer_test
