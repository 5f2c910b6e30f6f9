#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weir::amf0 {

// The type markers of "AMF 0 Specification" 2.1. string and long_string read alike: the writer picks by length.
enum class Type : std::uint8_t {
  number = 0x00,
  boolean = 0x01,
  string = 0x02,
  object = 0x03,
  null = 0x05,
  undefined = 0x06,
  reference = 0x07,
  ecma_array = 0x08,
  strict_array = 0x0a,
  date = 0x0b,
  long_string = 0x0c,
  unsupported = 0x0d,
  xml = 0x0f,
  typed_object = 0x10,
};

struct Property;

// One AMF0 value with all that is in it. A plain value type; copies are deep.
class Value {
 public:
  Value();  // undefined
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  // Implicit, so that values are written inline. A bool is not a number: Value::boolean() says it.
  template <class Number>
    requires std::is_arithmetic_v<Number>
  Value(Number number) : type_(Type::number), number_(static_cast<double>(number)) {
    static_assert(!std::is_same_v<Number, bool>, "Value::boolean()");
  }
  Value(std::string_view text);
  Value(const char* text);
  static Value boolean(bool value);
  static Value null();
  static Value unsupported();
  static Value object();
  static Value ecma_array();
  static Value strict_array(std::vector<Value> elements = {});
  static Value typed_object(std::string_view class_name);
  static Value xml(std::string_view text);
  static Value date(double milliseconds_since_1970, std::int16_t zone_minutes = 0);
  static Value reference(std::uint16_t index);

  Type type() const { return type_; }
  bool is_number() const { return type_ == Type::number; }
  bool is_boolean() const { return type_ == Type::boolean; }
  bool is_text() const { return type_ == Type::string || type_ == Type::long_string; }
  bool is_null_or_undefined() const { return type_ == Type::null || type_ == Type::undefined; }
  // True for what has named properties: object, ECMA array, typed object.
  bool has_properties() const;

  // The value if it is of that type, else `otherwise`. A date gives its milliseconds, a reference its index.
  double as_number(double otherwise = 0) const;
  bool as_boolean(bool otherwise = false) const;
  // Of string, XML; the class name of a typed object.
  std::string_view as_text(std::string_view otherwise = {}) const;
  std::int16_t zone_minutes() const { return zone_; }

  const std::vector<Property>& properties() const { return properties_; }
  const std::vector<Value>& elements() const { return elements_; }
  // The first property of that name, or null.
  const Value* find(std::string_view name) const;
  // Of a property, with the type asked for, or `otherwise`.
  double number_at(std::string_view name, double otherwise = 0) const;
  std::string_view text_at(std::string_view name, std::string_view otherwise = {}) const;
  // Replaces the property of that name, or adds it at the end. Returns this value, so that calls can be chained.
  Value& set(std::string_view name, Value value);
  // Adds without looking for the name: for readers, which keep what was sent.
  void add_property(std::string name, Value value);
  void add_element(Value value);
  void erase(std::string_view name);

  bool operator==(const Value& other) const;

 private:
  explicit Value(Type type);

  Type type_ = Type::undefined;
  std::int16_t zone_ = 0;
  double number_ = 0;
  std::string text_;
  std::vector<Property> properties_;
  std::vector<Value> elements_;
};

struct Property {
  std::string name;
  Value value;

  bool operator==(const Property& other) const { return name == other.name && value == other.value; }
};

}  // namespace weir::amf0
