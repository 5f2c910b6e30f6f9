#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/tree.h"

// Texts that stand for a name in URLs: "$name". They are filled in once, when the configuration is loaded, and what
// comes of it is checked as if it were written so. None of them is ever shown.
namespace weir::config {

// What the blocks `variables` say: a text, "env:NAME" or "file:PATH".
std::vector<Variable> read_variables(const Node& root, const Environment& environment, const ReadFile& read,
                                     Problems& problems);

struct Filled {
  std::string text;
  std::vector<std::string> secrets;  // what was filled in
  std::string fault;                 // in words; empty: all of it could be
};
// "$name" and "${name}" become what they stand for, "$$" becomes "$".
Filled fill_variables(std::string_view text, const std::vector<Variable>& variables);

// All of a list, and what they were is kept in `written`. Where there are no variables, "$" is nothing else than that.
void fill_variables(std::span<std::string> urls, AsWritten& written, const std::vector<Variable>& variables,
                    const Place& place, Problems& problems);

}  // namespace weir::config
