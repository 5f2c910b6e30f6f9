#include "session/pull/decrypt.h"

#include "session/hls/cipher.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::decrypt_test {

using session::pull::Decryptor;
using session::pull::Key128;
using session::pull::vector_of;

TEST_CASE("what was encrypted is read again, in pieces of any size", "[pull][hls]") {
  Key128 key{1, 2, 3}, vector{9, 8, 7};
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 1000u}) {
    base::Buffer plain(size);
    for (std::size_t i = 0; i < size; ++i) plain.data()[i] = static_cast<std::uint8_t>(i * 7);
    const auto coded = session::hls::encrypt(plain, key, vector);
    for (const std::size_t piece : {1u, 16u, 33u, 2000u}) {
      Decryptor decryptor(key, vector);
      base::Buffer out;
      for (std::size_t at = 0; at < coded.size(); at += piece) {
        CHECK(decryptor.update(coded.bytes().subspan(at, std::min(piece, coded.size() - at)), out));
      }
      CHECK(decryptor.finish(out));
      CHECK(std::ranges::equal(out.bytes(), plain.bytes()));
    }
  }
}

TEST_CASE("what is cut off, or read with another key, has no end", "[pull][hls]") {
  const Key128 key{1}, vector{};
  const base::Buffer plain(100);
  const auto coded = session::hls::encrypt(plain, key, vector);
  base::Buffer out;
  Decryptor cut(key, vector);
  CHECK(cut.update(coded.bytes().first(50), out));
  CHECK_FALSE(cut.finish(out));
}

TEST_CASE("the vector is what the playlist says, or the number of the segment", "[pull][hls]") {
  CHECK(vector_of("000102030405060708090A0b0c0d0e0f", 5) ==
        Key128{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  CHECK(vector_of("", 0x0102) == Key128{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2});
}

}  // namespace weir::test::decrypt_test
