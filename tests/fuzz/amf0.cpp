// AMF0 values as peers send them: what is read must be written and read again as the same.
#include <cstdlib>

#include "format/amf0/json.h"
#include "format/amf0/reader.h"
#include "format/amf0/writer.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes in(data, size);
  amf0::Reader reader(amf0::without_amf3_envelope(in));
  while (!reader.done()) {
    const auto value = reader.value();
    if (!value) {
      if (reader.fault_text().empty()) std::abort();
      break;
    }
    base::Buffer out;
    amf0::Writer(out).value(*value);
    (void)amf0::to_json(*value);
    amf0::Reader again(out, {.depth = 16, .values = 1U << 20});
    const auto copy = again.value();
    if (!copy || !again.done()) std::abort();
    base::Buffer second;
    amf0::Writer(second).value(*copy);
    // Compared as bytes, because a number may be none (NaN).
    if (base::as_text(out) != base::as_text(second)) std::abort();
  }
  return 0;
}
