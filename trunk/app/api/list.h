#pragma once

#include "app/api/call.h"

namespace weir::api {

// "name":[...] with what `write` makes of each row, in parts. All that is given outlives the call.
template <class Rows, class Write>
net::Task<void> write_list(JsonWriter& out, std::string_view name, const Rows& rows, const Write& write) {
  out.begin_array(name);
  std::size_t number = 0;
  for (const auto& row : rows) {
    write(out, row);
    if (is_pause(number++)) co_await pause();
  }
  out.end_array();
}

}  // namespace weir::api
