// A probe of any bytes, whole and in pieces: the same figures.

#include <cstdint>
#include <cstdlib>

#include "app/probe/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{1} + data[0] * 7u;
  probe::Probe whole, pieces;
  (void)whole.input({data, size});
  whole.finish();
  for (std::size_t at = 0; at < size; at += piece) {
    if (!pieces.input({data + at, std::min(piece, size - at)})) break;
  }
  pieces.finish();
  (void)probe::as_json(whole, "x");
  const bool same = whole.fault().empty() == pieces.fault().empty();
  const bool measured = !whole.analyzer() || !pieces.analyzer() || !whole.fault().empty() ||
                        probe::as_text(whole, "x") == probe::as_text(pieces, "x");
  if (!same || !measured) std::abort();
  return 0;
}
