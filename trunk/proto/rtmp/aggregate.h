#pragma once

#include <vector>

#include "base/result.h"
#include "proto/rtmp/error.h"
#include "proto/rtmp/message.h"

namespace weir::rtmp {

// Splits an aggregate message (7.1.6): FLV tags, each followed by its size. The parts are slices of it; their times
// keep their distances and begin at that of the aggregate. On an error `fault` names the offset inside it.
base::Result<std::vector<Message>> split_aggregate(const Message& aggregate, Diagnostic& fault);

}  // namespace weir::rtmp
