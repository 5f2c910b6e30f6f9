#include "base/bytes.h"

#include "base/bit_reader.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/slab.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::bytes_test {

using namespace weir::base;
using weir::test::bytes;

TEST_CASE("a byte reader is sticky past the end", "[base]") {
  const auto in = bytes("01 0203 040506 07");
  ByteReader r{in};
  CHECK(r.u8() == 1);
  CHECK(r.u16() == 0x0203);
  CHECK(r.u24() == 0x040506);
  CHECK(r.ok());
  CHECK(r.u16() == 0);  // one byte is left
  CHECK_FALSE(r.ok());
  CHECK(r.u8() == 0);
}

TEST_CASE("a byte writer patches a length that is known later", "[base]") {
  Buffer out;
  ByteWriter w{out};
  const auto at = w.position();
  w.u24(0);
  w.text("abc");
  w.patch24(at, 3);
  CHECK(weir::test::hex(out) == "000003616263");
}

TEST_CASE("exp-golomb codes of H.264 table 9-2", "[base]") {
  // 1 | 010 | 011 | 00100 | 00101 -> 0 1 2 3 4
  const auto in = bytes("a6 42 80");
  BitReader r{in};
  for (unsigned i = 0; i < 5; ++i) CHECK(r.ue() == i);
  CHECK(r.ok());
}

TEST_CASE("an exp-golomb code of zeros alone fails and does not run on", "[base]") {
  const auto in = bytes("0000000000000000");
  BitReader r{in};
  CHECK(r.ue() == 0);
  CHECK_FALSE(r.ok());
}

TEST_CASE("neighbours in a slab are neighbours in memory until the block is full", "[base]") {
  Slab slab(16, 64);
  const auto a = slab.append(bytes("0102030405060708"));
  const auto b = slab.append(bytes("0910"));
  CHECK(a.adjoins(b));
  const auto c = slab.append(weir::test::repeat(7, 12));  // does not fit behind b
  CHECK_FALSE(b.adjoins(c));
  CHECK(weir::test::hex(a) == "0102030405060708");
}

TEST_CASE("shared bytes live as long as the last slice", "[base]") {
  SharedBytes part;
  {
    const auto whole = SharedBytes::copy_of(bytes("00010203"));
    part = whole.slice(1, 2);
  }
  CHECK(weir::test::hex(part) == "0102");
}

}  // namespace weir::test::bytes_test
