#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/request.h"

namespace weir::http {

// What is known of a file's present state.
struct Validators {
  std::string etag;  // with its quotes, strong
  std::time_t modified = 0;
};

// Whether the value of an If-Match or If-None-Match holds the tag, or is "*" (RFC 9110 13.1.1). A weak tag matches only
// where a weak comparison is asked for (8.8.3.2).
bool lists_tag(std::string_view list, std::string_view etag, bool weakly);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7).
std::string http_date(std::time_t time);
std::optional<std::time_t> parse_http_date(std::string_view text);

// The status that the conditions of a GET or HEAD ask for: 200 (go on), 304 or 412 (RFC 9110 13.2.2).
int evaluate_conditions(const Headers& headers, const Validators& validators);
// Whether If-Range allows the Range header to be used (13.1.5); true without it.
bool range_applies(const Headers& headers, const Validators& validators);

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
};
enum class RangeKind : std::uint8_t {
  whole,  // none, malformed, another unit or several ranges: the whole file is sent (14.2)
  part,
  unsatisfiable,  // 416
};
struct RangeRequest {
  RangeKind kind = RangeKind::whole;
  ByteRange range;
};
// "bytes=0-499", "bytes=500-", "bytes=-500" (14.1.2).
RangeRequest parse_range(std::string_view value, std::uint64_t file_size);

}  // namespace weir::http
