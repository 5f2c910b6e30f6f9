#pragma once

#include "base/error.h"

namespace weir::net {

// What can be told to end, from wherever it is listed: a connection, or a session that is none. On its worker.
class Kickable {
 public:
  virtual ~Kickable() = default;
  virtual void kick(base::ErrorCode why) = 0;
  // Why it was told to end; none while it was not.
  virtual base::ErrorCode kick_reason() const = 0;
};

}  // namespace weir::net
