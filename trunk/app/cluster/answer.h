#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

namespace weir::cluster {

// An origin that has a stream, as it says itself.
struct Origin {
  std::string host;
  std::uint16_t rtmp_port = 0;
  std::uint16_t http_port = 8080;  // servers of other kinds do not say it
  bool operator==(const Origin&) const = default;
};

enum class AnswerErrc : std::uint8_t { ok = 0, not_json, no_success, bad_origin };
const char* describe(AnswerErrc code);
WEIR_ERROR_CATEGORY(AnswerErrc, "coworker")

// A name or an address, and nothing that would say something else in a URL.
bool is_host(std::string_view text);

// The answer of a coworker to GET /api/v1/clusters: {"code":0,"data":{"query":{..},"origin":{"ip":..,"port":..}}}; none
// where "origin" is null: it does not have the stream. `asked` is the host that the coworker was asked at: it takes the
// place of an address that leads nowhere from elsewhere (none, 0.0.0.0, or loopback where `asked` is none).
base::Result<std::optional<Origin>> parse_answer(std::string_view json, std::string_view asked);

}  // namespace weir::cluster

WEIR_ERROR_ENUM(weir::cluster::AnswerErrc)
