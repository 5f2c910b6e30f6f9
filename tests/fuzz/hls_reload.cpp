// The query of a blocking reload, against a playlist that is anywhere.
#include <cstdlib>
#include <cstring>

#include "format/hls/reload.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 9) return 0;
  hls::Progress progress;
  std::memcpy(&progress.next_sequence, data, sizeof progress.next_sequence);
  progress.open_parts = data[8] & 7U;
  progress.last_parts = (data[8] >> 3) & 7U;
  progress.part_target = (data[8] & 64U) != 0 ? base::Ticks(18'000) : base::Ticks{};
  progress.ended = (data[8] & 128U) != 0;
  const auto request = hls::parse_reload({reinterpret_cast<const char*>(data + 9), size - 9});
  if (!request) return 0;
  if (request->part && !request->sequence) std::abort();
  const hls::Answer answer = hls::answer_to(*request, progress);
  if (progress.ended && answer == hls::Answer::wait) std::abort();
  // What is there is never waited for.
  if (request->sequence && !request->part && *request->sequence < progress.next_sequence &&
      answer != hls::Answer::now) {
    std::abort();
  }
  return 0;
}
