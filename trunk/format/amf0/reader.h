#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/result.h"
#include "format/amf0/error.h"
#include "format/amf0/value.h"

namespace weir::amf0 {

struct Limits {
  unsigned depth = 16;       // objects and arrays inside each other
  unsigned values = 16'384;  // in all values read by one Reader; a file's key frame index has some thousands
};

// Reads AMF0 values one behind the other from a message. After an error nothing more is read, and fault_text() says
// which marker at which offset it was.
//
//   amf0::Reader reader(body);
//   TRY(const std::string name, reader.text());
//   TRY(const double transaction, reader.number());
//   while (!reader.done()) { TRY(amf0::Value argument, reader.value()); ... }
class Reader {
 public:
  // `in` must outlive the reader.
  explicit Reader(base::Bytes in, Limits limits = {}) : in_(in), limits_(limits) {}

  base::Result<Value> value();
  // The same where only one type will do; another is Errc::unexpected_type.
  base::Result<std::string> text();
  base::Result<double> number();

  bool done() const { return in_.left() == 0; }
  std::size_t position() const { return in_.position(); }
  // Of the last error: "a string or name is longer than what is left: marker 0x02 at offset 17".
  std::string fault_text() const;

 private:
  base::Result<Value> read_value(unsigned depth);
  base::Result<Value> read_amf3();
  base::Result<Value> read_properties(Value into, std::size_t announced, unsigned depth);
  base::Result<Value> read_elements(unsigned depth);
  base::Result<std::string> read_text(std::size_t size);
  Errc fail(Errc code);

  base::ByteReader in_;
  Limits limits_;
  unsigned values_ = 0;
  std::uint8_t marker_ = 0;
  std::size_t marker_at_ = 0;
  Errc fault_ = Errc::ok;
};

// The AMF0 part of an AMF3 command or data message (RTMP types 17 and 15): one leading zero byte says that AMF0
// follows. What does not begin so is given back whole, since some encoders leave the byte out.
base::Bytes without_amf3_envelope(base::Bytes body);

// A string at the begin of a message: of AMF0, or of AMF3 behind the marker that says so. None if it is no string, is
// not whole, or refers to another one.
struct LeadingText {
  std::string_view text;
  std::size_t bytes = 0;  // with its markers and length
};
std::optional<LeadingText> leading_text(base::Bytes message);

}  // namespace weir::amf0
