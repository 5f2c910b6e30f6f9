#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/error.h"

namespace weir::codec::nal {

// Walks NAL units that stand behind their length (ISO 14496-15 5.3.2): `while (auto unit = units.next())`. Ends at the
// first length that points past the end, and then ok() is false. Units of no bytes are left out.
class LengthPrefixed {
 public:
  LengthPrefixed(base::Bytes in, unsigned length_bytes) : in_(in), length_bytes_(length_bytes) {}

  std::optional<base::Bytes> next();
  bool ok() const { return ok_; }

 private:
  base::Bytes in_;
  unsigned length_bytes_;
  bool ok_ = true;
};

// Walks a byte stream with start codes of three or four bytes (H.264 and H.265 annex B). What stands before the first
// start code is left out, and so are zeros at the end of a unit.
class AnnexB {
 public:
  explicit AnnexB(base::Bytes in);

  std::optional<base::Bytes> next();

 private:
  base::Bytes in_;  // behind a start code
};

// Appends the NAL units with four-byte start codes.
base::Result<void> append_annex_b(base::Bytes length_prefixed, unsigned length_bytes, base::Buffer& out);
// Appends the NAL units with four-byte lengths.
void append_length_prefixed(base::Bytes annex_b, base::Buffer& out);

}  // namespace weir::codec::nal
