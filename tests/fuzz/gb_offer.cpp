#include <cstdint>
#include <cstdlib>

#include "session/gb28181/offer.h"
#include "session/gb28181/voice_offer.h"

// What a platform above, or a device that wants sound, wrote as SDP; what we answer must be readable by ourselves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::session::gb28181;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)parse_offer_answer(text);
  if (const auto voice = parse_voice_offer(text)) {
    const auto ours = make_voice_answer(*voice, {.owner = "34020000002000000001", .address = "192.0.2.1", .port = 9});
    const auto read = parse_voice_offer(ours);
    if (!read || read->form.payload_type != voice->form.payload_type) std::abort();
  }
  const auto offer = parse_offer(text);
  if (!offer) return 0;
  if (!parse_offer_answer(make_answer_sdp(*offer, "34020000002000000001", offer->address, 9, 1))) std::abort();
  return 0;
}
