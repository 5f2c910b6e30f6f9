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

// What the blocks `variables` say: a text, "env:NAME", "file:PATH", or a block with a command. Those that stand in the
// file `overlay` are texts.
std::vector<Variable> read_variables(const Node& root, const Surroundings& surroundings, const ReadFile& read,
                                     const std::string& overlay, Problems& problems);

bool is_variable_name(std::string_view text);
// Short enough, and without control characters.
bool is_variable_value(std::string_view text);
inline constexpr std::size_t longest_variable = 4096;  // bytes
std::string_view name_of(Variable::From from);

struct Filled {
  std::string text;
  std::vector<std::string> secrets;  // what was filled in
  std::string fault;                 // in words; empty: all of it could be
  bool of_api = false;               // some of it was set by the API
  std::string waits_for;             // the first variable that has no value yet
};
// "$name" and "${name}" become what they stand for, "$$" becomes "$".
Filled fill_variables(std::string_view text, const std::vector<Variable>& variables);

// All of a list, and what they were is kept in `written`. Where there are no variables, "$" is nothing else than that.
void fill_variables(std::span<std::string> urls, AsWritten& written, const std::vector<Variable>& variables,
                    const Place& place, Problems& problems);

}  // namespace weir::config
