#pragma once

#include "base/bytes.h"

namespace weir::http {

// The content coding "gzip" (RFC 9110 8.4.1.3); empty if that would not make it smaller.
base::SharedBytes gzip(base::Bytes content);

}  // namespace weir::http
