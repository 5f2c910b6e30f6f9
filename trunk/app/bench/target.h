#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::bench {

// Where to publish or play: rtmp://host[:port]/app/stream[?query] or http://host[:port]/path[?query]. An IPv6 address
// stands in brackets.
struct Target {
  enum class Protocol : std::uint8_t { rtmp, http };

  Protocol protocol = Protocol::rtmp;
  std::string host;
  std::uint16_t port = 1935;
  std::string app;     // rtmp only: all of the path but its last part
  std::string stream;  // rtmp: last part of the path; http: the whole path with '/'
  std::string query;   // with its '?', or empty

  // The address of stream number `index` of several: "live/s" becomes "live/s_3", "/live/s.flv" becomes
  // "/live/s_3.flv".
  Target numbered(std::uint32_t index) const;
  // As in the connect command: rtmp://host:port/app
  std::string tc_url() const;
  std::string authority() const;
};

base::Result<Target> parse_target(std::string_view url);

}  // namespace weir::bench
