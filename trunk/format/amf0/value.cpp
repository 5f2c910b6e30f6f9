#include "format/amf0/value.h"

#include <algorithm>
#include <cassert>

namespace weir::amf0 {

Value::Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

Value::Value(Type type) : type_(type) {}
Value::Value(std::string_view text) : type_(text.size() > 0xffff ? Type::long_string : Type::string), text_(text) {}
Value::Value(const char* text) : Value(std::string_view(text)) {}

Value Value::boolean(bool value) {
  Value made(Type::boolean);
  made.number_ = value ? 1 : 0;
  return made;
}

Value Value::null() { return Value(Type::null); }
Value Value::unsupported() { return Value(Type::unsupported); }
Value Value::object() { return Value(Type::object); }
Value Value::ecma_array() { return Value(Type::ecma_array); }

Value Value::strict_array(std::vector<Value> elements) {
  Value made(Type::strict_array);
  made.elements_ = std::move(elements);
  return made;
}

Value Value::typed_object(std::string_view class_name) {
  Value made(Type::typed_object);
  made.text_ = class_name;
  return made;
}

Value Value::xml(std::string_view text) {
  Value made(Type::xml);
  made.text_ = text;
  return made;
}

Value Value::date(double milliseconds_since_1970, std::int16_t zone_minutes) {
  Value made(Type::date);
  made.number_ = milliseconds_since_1970;
  made.zone_ = zone_minutes;
  return made;
}

Value Value::reference(std::uint16_t index) {
  Value made(Type::reference);
  made.number_ = index;
  return made;
}

bool Value::has_properties() const {
  return type_ == Type::object || type_ == Type::ecma_array || type_ == Type::typed_object;
}

double Value::as_number(double otherwise) const {
  const bool numeric = type_ == Type::number || type_ == Type::date || type_ == Type::reference;
  return numeric ? number_ : otherwise;
}

bool Value::as_boolean(bool otherwise) const { return type_ == Type::boolean ? number_ != 0 : otherwise; }

std::string_view Value::as_text(std::string_view otherwise) const {
  return is_text() || type_ == Type::xml || type_ == Type::typed_object ? std::string_view(text_) : otherwise;
}

const Value* Value::find(std::string_view name) const {
  const auto at =
      std::find_if(properties_.begin(), properties_.end(), [&](const Property& p) { return p.name == name; });
  return at == properties_.end() ? nullptr : &at->value;
}

double Value::number_at(std::string_view name, double otherwise) const {
  const Value* value = find(name);
  return value ? value->as_number(otherwise) : otherwise;
}

std::string_view Value::text_at(std::string_view name, std::string_view otherwise) const {
  const Value* value = find(name);
  return value ? value->as_text(otherwise) : otherwise;
}

Value& Value::set(std::string_view name, Value value) {
  assert(has_properties() && "only objects and ECMA arrays have properties");
  const auto at =
      std::find_if(properties_.begin(), properties_.end(), [&](const Property& p) { return p.name == name; });
  if (at != properties_.end()) {
    at->value = std::move(value);
  } else {
    add_property(std::string(name), std::move(value));
  }
  return *this;
}

void Value::add_property(std::string name, Value value) {
  properties_.push_back(Property{std::move(name), std::move(value)});
}

void Value::add_element(Value value) { elements_.push_back(std::move(value)); }

void Value::erase(std::string_view name) {
  std::erase_if(properties_, [&](const Property& p) { return p.name == name; });
}

bool Value::operator==(const Value& other) const {
  return type_ == other.type_ && zone_ == other.zone_ && number_ == other.number_ && text_ == other.text_ &&
         properties_ == other.properties_ && elements_ == other.elements_;
}

}  // namespace weir::amf0
