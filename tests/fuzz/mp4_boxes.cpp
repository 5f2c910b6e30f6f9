#include <cstddef>
#include <cstdint>

#include "format/mp4/movie.h"
#include "format/mp4/reader.h"
#include "format/mp4/sample_entry.h"

// A file in two pieces, and what it holds made into a regular one; the same bytes as a sample entry.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const weir::base::Bytes file(data + 1, size - 1);
  const std::size_t cut = file.size() * data[0] / 256;
  (void)weir::mp4::parse_sample_entry(file);
  weir::mp4::Reader reader({.largest_box_bytes = 256 * 1024, .largest_samples = 10'000, .largest_tracks = 4});
  if (!reader.input(file.first(cut)) || !reader.input(file.subspan(cut))) return 0;
  auto movie = reader.finish();
  if (!movie) return 0;
  for (const auto& track : movie->tracks) (void)weir::mp4::parse_sample_entry(track.sample_entry);
  (void)weir::mp4::plan_fast_start(*std::move(movie));
  return 0;
}
