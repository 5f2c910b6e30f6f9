// A playlist of another server.
#include <cstdlib>

#include "format/hls/reader.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const hls::ReadLimits limits{.bytes = 64 * 1024, .line_bytes = 1024, .segments = 500};
  const auto playlist = hls::read_playlist({reinterpret_cast<const char*>(data), size}, limits);
  if (!playlist) return 0;
  if (const auto* master = std::get_if<hls::MasterPlaylist>(&*playlist)) {
    if (master->variants.empty() || master->variants.size() > limits.segments) std::abort();
    return 0;
  }
  const auto& media = std::get<hls::MediaPlaylist>(*playlist);
  if (media.segments.size() > limits.segments || media.target_duration == 0) std::abort();
  for (const hls::Segment& segment : media.segments) {
    if (segment.uri.empty() || segment.uri.size() > limits.line_bytes || segment.duration < base::Ticks{}) std::abort();
    if (segment.key && !segment.key->iv.empty() && segment.key->iv.size() != 32) std::abort();
    if (segment.range && segment.range->length == 0) std::abort();
  }
  return 0;
}
