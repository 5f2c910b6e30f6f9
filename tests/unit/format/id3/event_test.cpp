#include "format/id3/event.h"

#include <cmath>

#include "format/amf0/json.h"
#include "format/flv/script_data.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::event_test {

using test::bytes;

TEST_CASE("a tag is written byte by byte", "[id3]") {
  // Head: "ID3", 2.4.0, no flags, 10 + 8 bytes. Frame: TXXX of 8 bytes, no flags, UTF-8, "a", zero, "{\"b\"}".
  CHECK(test::hex(id3::text_tag("a", "{\"b\"}")) ==
        test::hex(bytes("494433 0400 00 00000012 54585858 00000008 0000 03 61 00 7b2262227d")));
  // Sizes have seven bits a byte: 1 + 1 + 1 + 200 is 01 4b
  CHECK(test::hex(id3::text_tag("a", std::string(200, 'x'))).substr(0, 48) ==
        "494433040000"
        "00000155"
        "54585858"
        "0000014b"
        "0000"
        "03"
        "6100"
        "78");
  CHECK(id3::text_tag("a", std::string(id3::largest_tag_bytes, 'x')).empty());
}

TEST_CASE("a data message of a publisher is a tag of its name and its value as JSON", "[id3]") {
  amf0::Value value = amf0::Value::object();
  value.set("text", "Grüße \"du\"\n").set("n", 3).set("rate", 0.5).set("yes", amf0::Value::boolean(true));
  value.set("list", amf0::Value::strict_array({1, "x", amf0::Value::null()})).set("nan", std::nan(""));
  const std::string json =
      R"({"text":"Grüße \"du\"\u000a","n":3,"rate":0.5,"yes":true,"list":[1,"x",null],"nan":null})";
  CHECK(amf0::to_json(value) == json);
  const base::Buffer message = flv::write_script_data({.name = "onTextData", .value = value});
  CHECK(test::hex(id3::tag_of_message(message)) == test::hex(id3::text_tag("onTextData", json)));
  CHECK(test::hex(id3::tag_of_message(bytes("02 0004 6f6e4375 02 0001 78"))) ==
        test::hex(id3::text_tag("onCu", "\"x\"")));
  for (std::size_t size = 0; size < message.size(); ++size) id3::tag_of_message(message.bytes().first(size));
  CHECK(id3::tag_of_message(bytes("05")).empty());
  CHECK(id3::tag_of_message(bytes("02 0003 6f0061 05")).empty());  // a name that ends early
}

}  // namespace weir::test::event_test
