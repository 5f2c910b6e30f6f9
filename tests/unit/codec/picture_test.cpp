#include "codec/picture.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::picture_test {

TEST_CASE("of how pictures are shown: colours and the shape of a sample", "[codec][picture]") {
  // aspect_ratio_info: extended, 64:45; no overscan; video_signal_type: full range, BT.2020 and PQ; no chroma_loc_info
  const auto vui = test::bytes("ff80200016b709100900");
  base::BitReader r{base::Bytes(vui)};
  codec::Picture picture;
  codec::read_vui_picture(r, picture);
  CHECK(picture.sample_width == 64);
  CHECK(picture.sample_height == 45);
  CHECK(picture.told);
  CHECK(picture.full_range);
  CHECK(picture.primaries == 9);
  CHECK(picture.transfer == codec::Picture::transfer_pq);
  CHECK(picture.matrix == 9);
  // Cut off, nothing is told.
  for (std::size_t size = 0; size + 1 < vui.size(); ++size) {
    base::BitReader cut{base::Bytes(vui).first(size)};
    codec::Picture none;
    codec::read_vui_picture(cut, none);
    CHECK_FALSE(none.told);
    CHECK(none.sample_width == 0);
  }
}

}  // namespace weir::test::picture_test
