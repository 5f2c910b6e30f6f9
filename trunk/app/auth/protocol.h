#pragma once

#include <string_view>

namespace weir::auth {

// The protocol of a session's type as rules name it: "rtmp-play" and "fmle-publish" are of "rtmp", "flv-play" is of
// "flv". Encoders of RTMP go by names of their own.
constexpr std::string_view protocol_of(std::string_view type) {
  const std::string_view first = type.substr(0, type.find('-'));
  return first == "fmle" || first == "flash" || first == "haivision" ? "rtmp" : first;
}

}  // namespace weir::auth
