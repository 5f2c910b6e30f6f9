#include "codec/captions.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::captions_test {

using test::bytes;

TEST_CASE("captions are found in the messages of a picture", "[codec][captions]") {
  // SEI of payload type 4 and 16 bytes: T.35 of ATSC, GA94, cc_data of two triples, then the slice
  const std::string said = "00000014 06 04 10 b5 0031 47413934 03 42 ff fc9420 fc8080 ff 00000002 6588";
  CHECK(codec::has_captions(bytes(said), 4, false));
  // Only fill: two pairs of nothing.
  CHECK_FALSE(codec::has_captions(bytes("00000014 06 04 10 b5 0031 47413934 03 42 ff fc8080 fc8080 ff 00000002 6588"),
                                  4, false));
  CHECK_FALSE(codec::has_captions(bytes("00000002 6588"), 4, false));
  CHECK(codec::has_captions(bytes("00000015 4e01 04 10 b5 0031 47413934 03 42 ff fc9420 fc8080 ff"), 4, true));
  // Cut anywhere, it says nothing or the same, and reads no further.
  const auto whole = bytes(said);
  for (std::size_t size = 0; size < whole.size(); ++size) codec::has_captions(base::Bytes(whole).first(size), 4, false);
}

}  // namespace weir::test::captions_test
