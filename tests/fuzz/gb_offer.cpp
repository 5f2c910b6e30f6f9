#include <cstdint>
#include <cstdlib>

#include "session/gb28181/offer.h"

// What a platform above wrote as SDP; what we answer must be readable by ourselves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::session::gb28181;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)parse_offer_answer(text);
  const auto offer = parse_offer(text);
  if (!offer) return 0;
  if (!parse_offer_answer(make_answer_sdp(*offer, "34020000002000000001", offer->address, 9, 1))) std::abort();
  return 0;
}
