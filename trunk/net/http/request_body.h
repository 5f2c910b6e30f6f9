#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "net/task.h"

namespace weir::http {

// The body of a request, read piece by piece.
class RequestBody {
 public:
  virtual ~RequestBody() = default;
  // Bytes of the body alone; 0 at the end.
  virtual net::Task<base::Result<std::size_t>> read_body_some(base::MutableBytes room) = 0;
  virtual bool body_done() const = 0;
  // Nothing of it has come in yet: the client may be waiting for "100 Continue".
  virtual bool body_untouched() const = 0;
  // Bytes still to come, if the head said how many there are.
  virtual std::optional<std::uint64_t> body_left() const = 0;
  // What was read and belongs to what follows the request.
  virtual base::Buffer take_leftover() = 0;
};

}  // namespace weir::http
