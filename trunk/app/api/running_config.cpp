#include "app/api/call.h"

namespace weir::api {

// beyond SRS: each setting that differs from its default
Answer running_config(Call& call) {
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  JsonWriter out;
  out.begin_array("settings");
  for (const auto& [path, value] : call.config().written) {
    const std::string shown = config::shown_value(path, value);
    out.begin_object().field("path", path).field("value", shown).end_object();
  }
  out.end_array();
  co_return ok(call, out);
}

}  // namespace weir::api
