#pragma once

#include "base/bytes.h"

namespace weir::session::live {

// What a player needs before media from the middle of an FLV file: the file header and the tags of metadata and
// sequence headers, found in the file's beginning. Empty if that is no FLV.
base::Buffer vod_lead(base::Bytes beginning);

}  // namespace weir::session::live
