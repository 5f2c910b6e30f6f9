#include "base/digest.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::digest_test {

using namespace weir::base;
using weir::test::bytes;
using weir::test::repeat;

TEST_CASE("hmac-sha256 of RFC 4231", "[base]") {
  // 4.2 test case 1
  CHECK(to_hex(hmac_sha256(repeat(0x0b, 20), {as_bytes("Hi There")})) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  // 4.3 test case 2, in two parts
  CHECK(to_hex(hmac_sha256(as_bytes("Jefe"), {as_bytes("what do ya want "), as_bytes("for nothing?")})) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // 4.7 test case 6, a key longer than a block
  CHECK(to_hex(hmac_sha256(repeat(0xaa, 131), {as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")})) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("digests of \"abc\"", "[base]") {
  // FIPS 180-2 B.1 and A.1, RFC 1321 A.5
  CHECK(to_hex(sha256({as_bytes("a"), as_bytes("bc")})) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha1({as_bytes("abc")})) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(to_hex(md5({as_bytes("abc")})) == "900150983cd24fb0d6963f7d28e17f72");
}

TEST_CASE("secrets are equal only in all their bytes", "[base]") {
  CHECK(equal_secret(bytes("010203"), bytes("010203")));
  CHECK_FALSE(equal_secret(bytes("010203"), bytes("010204")));
  CHECK_FALSE(equal_secret(bytes("010203"), bytes("0102")));
}

}  // namespace weir::test::digest_test
