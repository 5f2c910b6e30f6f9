#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::migrate {

// A scalar of a document: "paths/live/cam/record" is {"paths", "live/cam", "record"}; elements of lists are numbered
// from 0.
struct YamlValue {
  std::vector<std::string> path;
  std::string text;
  unsigned line = 0;
};

struct YamlDocument {
  std::vector<YamlValue> values;  // in order; empty maps and lists leave nothing
  std::string mistake;            // "line 3: ..."; empty: it was read
};

// The first document of `text`. No aliases; at most 10,000 scalars, 32 deep.
YamlDocument read_yaml(std::string_view text);

}  // namespace weir::migrate
