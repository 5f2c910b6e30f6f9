#include "app/api/call.h"

namespace weir::api {

namespace {

// "http://user:password@host/" becomes "http://***@host/", wherever it stands in the text.
std::string without_credentials(std::string text) {
  for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const std::size_t from = at + 3;
    const std::size_t end = text.find_first_of("/?# ", from);
    const std::size_t sign = text.substr(0, end).rfind('@');
    if (sign != std::string::npos && sign >= from) text.replace(from, sign - from, "***");
  }
  return text;
}

}  // namespace

// beyond SRS: each setting that differs from its default
Answer running_config(Call& call) {
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  JsonWriter out;
  out.begin_array("settings");
  for (const auto& [path, value] : call.config().written) {
    const std::string shown = config::is_secret(path) ? "(hidden)" : without_credentials(value);
    out.begin_object().field("path", path).field("value", shown).end_object();
  }
  out.end_array();
  co_return ok(call, out);
}

}  // namespace weir::api
