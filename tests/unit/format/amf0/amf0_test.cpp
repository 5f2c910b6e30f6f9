#include "format/amf0/reader.h"
#include "format/amf0/writer.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::amf0_test {

using amf0::Errc;
using amf0::Type;
using amf0::Value;
using test::bytes;
using test::operator+;

namespace {

std::string written(const Value& value) {
  base::Buffer out;
  amf0::Writer(out).value(value);
  return test::hex(out);
}

Value read_one(const test::ByteVector& in) {
  amf0::Reader reader(in);
  auto value = reader.value();
  INFO(reader.fault_text());
  REQUIRE(value.has_value());
  CHECK(reader.done());
  return *value;
}

base::ErrorCode fault_of(const test::ByteVector& in, amf0::Limits limits = {}) {
  amf0::Reader reader(in, limits);
  while (!reader.done()) {
    auto value = reader.value();
    if (!value) {
      CHECK(reader.value().has_error());  // and it stays so
      CHECK_FALSE(reader.fault_text().empty());
      return value.error();
    }
  }
  return {};
}

}  // namespace

TEST_CASE("each AMF0 type is read and written back as the specification spells it", "[amf0]") {
  struct Case {
    const char* wire;
    Type type;
  };
  const Case cases[] = {
      {"00 3ff0000000000000", Type::number},                         // 2.2: 1.0
      {"01 01", Type::boolean},                                      // 2.3
      {"02 0003 616263", Type::string},                              // 2.4: "abc"
      {"03 0001 61 00 4000000000000000 0000 09", Type::object},      // 2.5: {a: 2}
      {"05", Type::null},                                            // 2.7
      {"06", Type::undefined},                                       // 2.8
      {"07 0002", Type::reference},                                  // 2.9
      {"08 00000001 0001 62 01 00 0000 09", Type::ecma_array},       // 2.10: [b: false]
      {"0a 00000002 05 06", Type::strict_array},                     // 2.12: [null, undefined]
      {"0b 4270000000000000 0000", Type::date},                      // 2.13
      {"0d", Type::unsupported},                                     // 2.15
      {"0f 00000004 3c612f3e", Type::xml},                           // 2.17: <a/>
      {"10 0002 4162 0001 63 02 0000 0000 09", Type::typed_object},  // 2.18: Ab {c: ""}
  };
  for (const Case& c : cases) {
    INFO(c.wire);
    const auto wire = bytes(c.wire);
    const Value value = read_one(wire);
    CHECK(value.type() == c.type);
    CHECK(written(value) == test::hex(wire));
  }
}

TEST_CASE("a string above 65535 bytes is a long string", "[amf0]") {
  const std::string text(70'000, 'x');
  base::Buffer out;
  amf0::Writer(out).text(text);
  CHECK(test::hex(base::Bytes(out).first(5)) == "0c00011170");
  amf0::Reader reader(out);
  CHECK(reader.text().value() == text);
}

TEST_CASE("a command is read value by value", "[amf0]") {
  base::Buffer out;
  amf0::Writer w(out);
  w.text("connect");
  w.number(1);
  w.begin_object();
  w.name("app");
  w.text("live");
  w.name("audioCodecs");
  w.number(3191);
  w.name("fpad");
  w.boolean(false);
  w.end_object();

  amf0::Reader reader(out);
  CHECK(reader.text().value() == "connect");
  CHECK(reader.number().value() == 1);
  const Value object = reader.value().value();
  CHECK(object.text_at("app") == "live");
  CHECK(object.number_at("audioCodecs") == 3191);
  CHECK(object.number_at("app", -1) == -1);  // of another type
  CHECK(object.find("fpad")->as_boolean(true) == false);
  CHECK(object.find("tcUrl") == nullptr);
  CHECK(reader.done());
}

TEST_CASE("the count of an ECMA array is a hint", "[amf0]") {
  // says 0, has one
  CHECK(read_one(bytes("08 00000000 0001 61 05 0000 09")).properties().size() == 1);
  // says 9, has one
  CHECK(read_one(bytes("08 00000009 0001 61 05 0000 09")).properties().size() == 1);
  // says 1, has one, and no end marker before the end of the message
  CHECK(read_one(bytes("08 00000001 0001 61 05")).properties().size() == 1);
}

TEST_CASE("an empty name that no end marker follows is a property", "[amf0]") {
  const Value value = read_one(bytes("03 0000 05 0001 61 06 000009"));
  REQUIRE(value.properties().size() == 2);
  CHECK(value.properties()[0].name.empty());
}

TEST_CASE("bad AMF0 is an error that names marker and offset", "[amf0]") {
  CHECK(fault_of(bytes("00 3ff0")) == Errc::truncated);
  CHECK(fault_of(bytes("02 0005 6162")) == Errc::length_past_end);
  CHECK(fault_of(bytes("0c ffffffff 6162")) == Errc::length_past_end);
  CHECK(fault_of(bytes("0f 7fffffff")) == Errc::length_past_end);
  CHECK(fault_of(bytes("03 ffff 61")) == Errc::length_past_end);
  CHECK(fault_of(bytes("03 0001 61")) == Errc::truncated);
  CHECK(fault_of(bytes("03 0001 61 05")) == Errc::truncated);
  CHECK(fault_of(bytes("0a ffffffff 05")) == Errc::count_past_end);
  CHECK(fault_of(bytes("04")) == Errc::reserved_marker);
  CHECK(fault_of(bytes("0e")) == Errc::reserved_marker);
  CHECK(fault_of(bytes("09")) == Errc::unknown_marker);
  CHECK(fault_of(bytes("ff")) == Errc::unknown_marker);
  CHECK(fault_of(bytes("11 0a 01")) == Errc::amf3_value);

  const auto wire = bytes("05 05 02 0009 61");
  amf0::Reader reader(wire);
  CHECK(reader.value().has_value());
  CHECK(reader.value().has_value());
  CHECK(reader.value().has_error());
  CHECK(reader.fault_text() ==
        "an AMF0 string or name is longer than what is left of the message: marker 0x02 at offset 2");

  const auto other = bytes("02 0001 61");
  amf0::Reader typed(other);
  CHECK(typed.number().error() == Errc::unexpected_type);
}

TEST_CASE("AMF0 is bounded in depth and in the number of values", "[amf0]") {
  test::ByteVector nested;
  for (int i = 0; i < 10'000; ++i) nested = nested + bytes("03 0001 61");
  CHECK(fault_of(nested) == Errc::too_deep);
  test::ByteVector arrays;
  for (int i = 0; i < 17; ++i) arrays = arrays + bytes("0a 00000001");
  CHECK(fault_of(arrays + bytes("05 05 05 05")) == Errc::too_deep);
  CHECK(fault_of(test::repeat(5, 100), amf0::Limits{.depth = 4, .values = 50}) == Errc::too_many_values);
  CHECK(fault_of(bytes("0a 00004e20") + test::repeat(5, 20'000)) == Errc::too_many_values);
  // sixteen deep is allowed
  test::ByteVector sixteen;
  for (int i = 0; i < 16; ++i) sixteen = sixteen + bytes("0a 00000001");
  CHECK_FALSE(fault_of(sixteen + bytes("05")));
}

TEST_CASE("AMF0 cut at each length is an error and reads no further", "[amf0]") {
  base::Buffer out;
  amf0::Writer(out).value(Value::object()
                              .set("a", 1.5)
                              .set("b", Value::strict_array({Value("x"), Value::boolean(true)}))
                              .set("c", Value::typed_object("T").set("d", Value::date(5, -60)))
                              .set("e", Value::xml("<x/>")));
  for (std::size_t size = 1; size < out.size(); ++size) {
    const test::ByteVector part(out.data(), out.data() + size);
    CHECK(fault_of(part));
  }
}

TEST_CASE("an object is changed by name", "[amf0]") {
  Value value = Value::ecma_array();
  value.set("a", 1).set("b", "x").set("a", 2);
  CHECK(value.properties().size() == 2);
  CHECK(value.number_at("a") == 2);
  value.set("zero", 0);  // not a null pointer
  CHECK(value.find("zero")->is_number());
  value.erase("a");
  CHECK(value.find("a") == nullptr);
}

TEST_CASE("the AMF3 envelope is one zero byte that may be missing", "[amf0]") {
  CHECK(amf0::without_amf3_envelope(bytes("00 02 0001 61")).size() == 4);
  CHECK(amf0::without_amf3_envelope(bytes("02 0001 61")).size() == 4);
  CHECK(amf0::without_amf3_envelope({}).empty());
}

TEST_CASE("simple values of AMF3 behind their marker are read, what may refer to others is not", "[amf0]") {
  const auto read = [](const char* hex) {
    const auto in = test::bytes(hex);
    return amf0::Reader(in).value();
  };
  CHECK(read("11 06 0d 73747265616d")->as_text() == "stream");
  CHECK(read("11 06 01")->as_text().empty());
  CHECK(read("11 04 05")->as_number() == 5);
  CHECK(read("11 04 ffffffff")->as_number() == -1);
  CHECK(read("11 05 4045000000000000")->as_number() == 42);
  CHECK(read("11 03")->as_boolean());
  CHECK(read("11 01")->is_null_or_undefined());
  CHECK(read("11 06 00").error() == amf0::Errc::amf3_value);  // the first string again
  CHECK(read("11 0a 0b 01").error() == amf0::Errc::amf3_value);
  CHECK_FALSE(read("11 06 0d 7374").has_value());
  CHECK_FALSE(read("11").has_value());
  const auto message = test::bytes("11 06 15 6f6e4d65746144617461 05");
  const auto leading = amf0::leading_text(message);
  REQUIRE(leading.has_value());
  CHECK(leading->text == "onMetaData");
  CHECK(leading->bytes == 13);
  CHECK_FALSE(amf0::leading_text(test::bytes("11 0a")).has_value());
}

}  // namespace weir::test::amf0_test
