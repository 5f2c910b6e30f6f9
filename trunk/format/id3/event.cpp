#include "format/id3/event.h"

#include "base/byte_writer.h"
#include "format/amf0/json.h"
#include "format/flv/script_data.h"

namespace weir::id3 {
namespace {

constexpr unsigned largest_values = 1000;
constexpr std::uint8_t utf8 = 3;
constexpr std::size_t head_bytes = 10;  // of a tag, and of a frame

// Seven bits a byte, 6.2.
void write_size(base::ByteWriter& w, std::size_t size) {
  for (unsigned shift = 21;; shift -= 7) {
    w.u8(size >> shift & 0x7f);
    if (shift == 0) return;
  }
}

}  // namespace

base::SharedBytes text_tag(std::string_view description, std::string_view value) {
  const std::size_t frame = 1 + description.size() + 1 + value.size();
  if (2 * head_bytes + frame > largest_tag_bytes) return {};
  base::Buffer out;
  base::ByteWriter w(out);
  w.text("ID3");
  w.u16(0x0400);
  w.u8(0);
  write_size(w, head_bytes + frame);
  w.text("TXXX");
  write_size(w, frame);
  w.u16(0);
  w.u8(utf8);
  w.text(description);
  w.u8(0);
  w.text(value);
  return base::SharedBytes::copy_of(out);
}

base::SharedBytes tag_of_message(base::Bytes script_data) {
  if (script_data.size() > largest_tag_bytes) return {};
  const auto message = flv::parse_script_data(script_data, largest_values);
  if (!message || message->name.find('\0') != std::string::npos) return {};
  return text_tag(message->name, amf0::to_json(message->value));
}

}  // namespace weir::id3
