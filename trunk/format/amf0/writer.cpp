#include "format/amf0/writer.h"

#include <cassert>

namespace weir::amf0 {

void Writer::value(const Value& value) {
  switch (value.type()) {
    case Type::number:
      return number(value.as_number());
    case Type::boolean:
      return boolean(value.as_boolean());
    case Type::string:
    case Type::long_string:
      return text(value.as_text());
    case Type::null:
      return null();
    case Type::undefined:
      return undefined();
    case Type::unsupported:
      return marker(Type::unsupported);
    case Type::reference:
      marker(Type::reference);
      return out_.u16(static_cast<std::uint16_t>(value.as_number()));
    case Type::date:
      marker(Type::date);
      out_.f64(value.as_number());
      return out_.u16(static_cast<std::uint16_t>(value.zone_minutes()));
    case Type::xml:
      marker(Type::xml);
      out_.u32(value.as_text().size());
      return out_.text(value.as_text());
    case Type::strict_array:
      begin_strict_array(static_cast<std::uint32_t>(value.elements().size()));
      for (const Value& element : value.elements()) this->value(element);
      return;
    case Type::object:
      begin_object();
      break;
    case Type::ecma_array:
      begin_ecma_array(static_cast<std::uint32_t>(value.properties().size()));
      break;
    case Type::typed_object:
      marker(Type::typed_object);
      name(value.as_text());
      break;
  }
  for (const Property& property : value.properties()) {
    name(property.name);
    this->value(property.value);
  }
  end_object();
}

void Writer::number(double value) {
  marker(Type::number);
  out_.f64(value);
}

void Writer::boolean(bool value) {
  marker(Type::boolean);
  out_.u8(value ? 1 : 0);
}

void Writer::text(std::string_view text) {
  const bool is_long = text.size() > 0xffff;
  marker(is_long ? Type::long_string : Type::string);
  if (is_long) {
    out_.u32(text.size());
  } else {
    out_.u16(text.size());
  }
  out_.text(text);
}

void Writer::null() { marker(Type::null); }
void Writer::undefined() { marker(Type::undefined); }
void Writer::begin_object() { marker(Type::object); }

void Writer::begin_ecma_array(std::uint32_t count) {
  marker(Type::ecma_array);
  out_.u32(count);
}

void Writer::begin_strict_array(std::uint32_t count) {
  marker(Type::strict_array);
  out_.u32(count);
}

void Writer::name(std::string_view name) {
  assert(name.size() <= 0xffff && "an AMF0 name has a 16-bit length");
  out_.u16(name.size());
  out_.text(name);
}

void Writer::end_object() { out_.u24(9); }  // an empty name, then the object end marker, AMF 0 2.11

}  // namespace weir::amf0
