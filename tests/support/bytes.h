#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace weir::test {

using ByteVector = std::vector<std::uint8_t>;

// Bytes from hexadecimal text; white space is free: bytes("09 000102").
ByteVector bytes(std::string_view hex);
ByteVector repeat(std::uint8_t byte, std::size_t count);
ByteVector operator+(ByteVector left, const ByteVector& right);
std::string hex(base::Bytes bytes);
// A file below tests/data; empty if it is missing.
ByteVector test_file(std::string_view name);

// Feeds `input` whole, byte by byte, and in two parts cut at each offset. `make` gives a fresh machine, `feed` hands it
// a piece, `check` looks at the result.
template <class Make, class Feed, class Check>
void feed_every_way(const ByteVector& input, Make make, Feed feed, Check check) {
  const base::Bytes all(input);
  {
    auto machine = make();
    feed(machine, all);
    check(machine);
  }
  {
    auto machine = make();
    for (std::size_t i = 0; i < all.size(); ++i) feed(machine, all.subspan(i, 1));
    check(machine);
  }
  const std::size_t step = all.size() > 2000 ? all.size() / 500 : 1;
  for (std::size_t cut = 1; cut < all.size(); cut += step) {
    auto machine = make();
    feed(machine, all.first(cut));
    feed(machine, all.subspan(cut));
    check(machine);
  }
}

}  // namespace weir::test
