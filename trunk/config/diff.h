#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"

namespace weir::config {

// When a changed setting takes effect.
enum class Effect : std::uint8_t {
  live,          // in running sessions too
  new_sessions,  // for what begins after the reload
  restart,       // only in a new process
};

struct Change {
  std::string path;  // "http_api.listen", "vhost[live.example.com].hls.hls_fragment", "vhost[a.b]" for a whole one
  std::string from;  // empty: its default, or not there
  std::string to;
  Effect effect = Effect::restart;
  bool operator==(const Change&) const = default;
};

// Secrets are told as changed but not shown.
std::vector<Change> diff(const Config& from, const Config& to);
const char* to_text(Effect effect);

}  // namespace weir::config
