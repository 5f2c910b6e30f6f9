#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::migrate {

// A directive of nginx, which unlike ours may go on over several lines.
struct NginxDirective {
  std::string name;
  std::vector<std::string> words;
  std::vector<NginxDirective> children;
  unsigned line = 0;

  std::string text() const;  // without its block
  std::string first() const { return words.empty() ? std::string() : words.front(); }
};

struct NginxFile {
  std::vector<NginxDirective> directives;
  std::string mistake;  // "line 3: ..."; empty: it was read
};

// At most 16 blocks deep. `include` is a directive like any other.
NginxFile read_nginx(std::string_view text);

}  // namespace weir::migrate
