#pragma once

#include <cstdint>
#include <string_view>

#include "base/byte_writer.h"
#include "format/amf0/value.h"

namespace weir::amf0 {

// Appends AMF0 values to a Buffer, without building Values where the shape is known:
//
//   w.text("_result"); w.number(1); w.begin_object(); w.name("level"); w.text("status"); w.end_object();
class Writer {
 public:
  explicit Writer(base::Buffer& out) : out_(out) {}

  void number(double value);
  void boolean(bool value);
  void text(std::string_view text);  // long string above 65535 bytes
  void null();
  void undefined();
  void begin_object();
  void begin_ecma_array(std::uint32_t count);
  void begin_strict_array(std::uint32_t count);  // `count` values follow; it has no end
  void name(std::string_view name);              // of the property whose value follows; at most 65535 bytes
  void end_object();                             // of objects and ECMA arrays
  void value(const Value& value);

 private:
  void marker(Type type) { out_.u8(static_cast<std::uint8_t>(type)); }

  base::ByteWriter out_;
};

}  // namespace weir::amf0
