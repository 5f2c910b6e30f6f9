#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "format/manscdp/charset.h"
#include "format/manscdp/mansrtsp.h"
#include "format/manscdp/message.h"
#include "format/manscdp/ptz.h"

// The body of a message, whatever it is; all that is kept of it is UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const std::string_view text = base::as_text(base::Bytes(data, size));
  (void)manscdp::parse_playback_request(text);
  (void)manscdp::parse_playback_answer(text);
  (void)manscdp::parse_ptz(text);
  (void)manscdp::to_gb18030(text);
  const auto message = manscdp::parse(text);
  if (!message) return 0;
  for (const auto& item : manscdp::catalog_of(*message).items) {
    if (!manscdp::is_utf8(item.name) || !manscdp::is_id(item.id)) std::abort();
    (void)item.is_channel();
  }
  (void)manscdp::records_of(*message);
  (void)manscdp::alarm_of(*message);
  (void)manscdp::position_of(*message);
  return 0;
}
