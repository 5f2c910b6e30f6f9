#pragma once

#include <cstdint>

#include "base/result.h"
#include "format/flv/tag.h"
#include "hub/packager.h"

namespace weir::pack {

// What players of RTMP get, for connections that we open to other servers: those have message streams, chunk sizes and
// a way to say metadata of their own, so each frames the messages for itself. A message is an FLV tag (Adobe FLV 10.1
// annex E.4.1) without the back pointer behind it; a setup is several of them.
std::unique_ptr<hub::Packager> make_push(const config::Vhost& vhost);

// Calls `visit(type, time_ms, body)` for each message of a wire's bytes or setup.
template <class Visit>
void each_message(base::Bytes bytes, Visit visit) {
  while (const auto tag = flv::parse_tag_header(bytes)) {
    if (bytes.size() - flv::tag_header_bytes < tag->size_bytes) return;
    visit(tag->type, tag->timestamp_ms, bytes.subspan(flv::tag_header_bytes, tag->size_bytes));
    bytes = bytes.subspan(flv::tag_header_bytes + tag->size_bytes);
  }
}

}  // namespace weir::pack
