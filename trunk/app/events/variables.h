#pragma once

#include <vector>

#include "app/events/board.h"
#include "config/diff.h"

namespace weir::events {

// Tells listeners which variables of the configuration came, became another text or went, as "variables"; nothing if
// none of the changes is of one. No text of a variable is in it. Any thread.
void tell_variables(Board& board, const std::vector<config::Change>& changes);

}  // namespace weir::events
