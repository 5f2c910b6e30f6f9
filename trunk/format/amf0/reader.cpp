#include "format/amf0/reader.h"

#include <fmt/format.h>

namespace weir::amf0 {

namespace {

constexpr std::uint8_t movieclip_marker = 0x04;
constexpr std::uint8_t object_end_marker = 0x09;
constexpr std::uint8_t recordset_marker = 0x0e;
constexpr std::uint8_t avmplus_marker = 0x11;

// AMF 3 1.3.1: 29 bits in one to four bytes.
std::uint32_t read_u29(base::ByteReader& r) {
  std::uint32_t value = 0;
  for (int i = 0; i < 3; ++i) {
    const std::uint8_t byte = r.u8();
    value = value << 7 | (byte & 0x7fU);
    if ((byte & 0x80) == 0) return value;
  }
  return value << 8 | r.u8();
}

}  // namespace

base::Result<Value> Reader::value() {
  if (fault_ != Errc::ok) return fault_;
  return read_value(0);
}

base::Result<Value> Reader::read_value(unsigned depth) {
  if (++values_ > limits_.values) return fail(Errc::too_many_values);
  marker_at_ = in_.position();
  marker_ = in_.u8();
  if (!in_.ok()) return fail(Errc::truncated);
  if (marker_ == movieclip_marker || marker_ == recordset_marker) return fail(Errc::reserved_marker);
  if (marker_ == avmplus_marker) return read_amf3();

  Value value;
  switch (static_cast<Type>(marker_)) {
    case Type::number:
      value = Value(in_.f64());
      break;
    case Type::boolean:
      value = Value::boolean(in_.u8() != 0);
      break;
    case Type::string: {
      TRY(const std::string text, read_text(in_.u16()));
      value = Value(std::string_view(text));
      break;
    }
    case Type::long_string: {
      TRY(const std::string text, read_text(in_.u32()));
      value = Value(std::string_view(text));
      break;
    }
    case Type::xml: {
      TRY(const std::string text, read_text(in_.u32()));
      value = Value::xml(text);
      break;
    }
    case Type::object:
      return read_properties(Value::object(), 0, depth + 1);
    case Type::ecma_array: {
      const std::uint32_t announced = in_.u32();
      return read_properties(Value::ecma_array(), announced, depth + 1);
    }
    case Type::typed_object: {
      TRY(const std::string name, read_text(in_.u16()));
      return read_properties(Value::typed_object(name), 0, depth + 1);
    }
    case Type::strict_array:
      return read_elements(depth + 1);
    case Type::date: {
      const double milliseconds = in_.f64();
      value = Value::date(milliseconds, static_cast<std::int16_t>(in_.u16()));
      break;
    }
    case Type::reference:
      value = Value::reference(in_.u16());
      break;
    case Type::null:
      value = Value::null();
      break;
    case Type::undefined:
      break;
    case Type::unsupported:
      value = Value::unsupported();
      break;
    default:
      return fail(Errc::unknown_marker);
  }
  if (!in_.ok()) return fail(Errc::truncated);
  return value;
}

// Of AMF 3 the simple values: Flash clients and some cameras write names so. What could refer to others is refused.
base::Result<Value> Reader::read_amf3() {
  enum Marker : std::uint8_t { undefined, null, false_value, true_value, integer, decimal, string };
  Value value;
  const std::uint8_t marker = in_.u8();
  switch (marker) {
    case undefined:
      break;
    case null:
      value = Value::null();
      break;
    case false_value:
    case true_value:
      value = Value::boolean(marker == true_value);
      break;
    case integer: {
      const std::uint32_t bits = read_u29(in_);
      value = Value(static_cast<std::int32_t>(bits << 3) >> 3);
      break;
    }
    case decimal:
      value = Value(in_.f64());
      break;
    case string: {
      const std::uint32_t head = read_u29(in_);
      if (!in_.ok()) return fail(Errc::truncated);
      if ((head & 1) == 0) return fail(Errc::amf3_value);  // a reference
      TRY(const std::string text, read_text(head >> 1));
      value = Value(std::string_view(text));
      break;
    }
    default:
      return fail(in_.ok() ? Errc::amf3_value : Errc::truncated);
  }
  if (!in_.ok()) return fail(Errc::truncated);
  return value;
}

// AMF 0 2.5, 2.10, 2.18. The count of an ECMA array is only a hint: encoders write 0, or leave the end marker out and
// stop after that many.
base::Result<Value> Reader::read_properties(Value into, std::size_t announced, unsigned depth) {
  if (depth > limits_.depth) return fail(Errc::too_deep);
  if (!in_.ok()) return fail(Errc::truncated);
  for (std::size_t count = 0;; ++count) {
    if (in_.left() == 0 && announced != 0 && count >= announced) return into;
    const std::size_t name_at = in_.position();
    const std::uint16_t name_size = in_.u16();
    if (name_size == 0 && in_.left() > 0) {
      base::ByteReader ahead = in_;
      if (ahead.u8() == object_end_marker) {
        in_ = ahead;
        return into;
      }
    }
    marker_at_ = name_at;
    if (!in_.ok()) return fail(Errc::truncated);
    TRY(std::string name, read_text(name_size));
    TRY(Value value, read_value(depth));
    into.add_property(std::move(name), std::move(value));
  }
}

// AMF 0 2.12
base::Result<Value> Reader::read_elements(unsigned depth) {
  if (depth > limits_.depth) return fail(Errc::too_deep);
  const std::uint32_t count = in_.u32();
  if (!in_.ok()) return fail(Errc::truncated);
  if (count > in_.left()) return fail(Errc::count_past_end);  // the smallest value is its marker alone
  Value array = Value::strict_array();
  for (std::uint32_t i = 0; i < count; ++i) {
    TRY(Value element, read_value(depth));
    array.add_element(std::move(element));
  }
  return array;
}

base::Result<std::string> Reader::read_text(std::size_t size) {
  if (!in_.ok()) return fail(Errc::truncated);
  if (size > in_.left()) return fail(Errc::length_past_end);
  return std::string(in_.text(size));
}

base::Result<std::string> Reader::text() {
  TRY(const Value read, value());
  if (!read.is_text()) return fail(Errc::unexpected_type);
  return std::string(read.as_text());
}

base::Result<double> Reader::number() {
  TRY(const Value read, value());
  if (!read.is_number()) return fail(Errc::unexpected_type);
  return read.as_number();
}

Errc Reader::fail(Errc code) {
  fault_ = code;
  return code;
}

std::string Reader::fault_text() const {
  if (fault_ == Errc::ok) return {};
  return fmt::format("{}: marker {:#04x} at offset {}", describe(fault_), marker_, marker_at_);
}

base::Bytes without_amf3_envelope(base::Bytes body) {
  // An AMF0 message begins with a string, never with a number, whose marker is zero as well.
  return !body.empty() && body[0] == 0 ? body.subspan(1) : body;
}

std::optional<LeadingText> leading_text(base::Bytes message) {
  base::ByteReader r{message};
  const std::uint8_t marker = r.u8();
  std::size_t size = 0;
  if (marker == avmplus_marker) {
    constexpr std::uint8_t string = 6;
    if (r.u8() != string) return std::nullopt;
    const std::uint32_t head = read_u29(r);
    if ((head & 1) == 0) return std::nullopt;
    size = head >> 1;
  } else if (marker == static_cast<std::uint8_t>(Type::string)) {
    size = r.u16();
  } else {
    return std::nullopt;
  }
  const std::string_view text = r.text(size);
  if (!r.ok()) return std::nullopt;
  return LeadingText{text, r.position()};
}

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "no error";
    case Errc::truncated:
      return "the AMF0 bytes end inside a value";
    case Errc::length_past_end:
      return "an AMF0 string or name is longer than what is left of the message";
    case Errc::count_past_end:
      return "an AMF0 array has more elements than the message has bytes";
    case Errc::too_deep:
      return "AMF0 objects are nested deeper than the limit";
    case Errc::too_many_values:
      return "the AMF0 message has more values than the limit";
    case Errc::unknown_marker:
      return "an AMF0 type marker that does not exist";
    case Errc::reserved_marker:
      return "an AMF0 movieclip or recordset, which are reserved";
    case Errc::amf3_value:
      return "an AMF3 value inside AMF0, which is not read";
    case Errc::unexpected_type:
      return "an AMF0 value of another type than is asked for here";
  }
  return "unknown AMF0 error";
}

}  // namespace weir::amf0
