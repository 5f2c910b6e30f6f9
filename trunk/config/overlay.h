#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/tree.h"

// What the API added, kept in a file of its own that is read behind all others: variables, and sources and pushes of
// virtual hosts that are configured, and nothing else. It is text of the same kind as any configuration, and may be
// edited by hand.
namespace weir::config {

inline constexpr std::size_t largest_overlay = 1 << 20;  // bytes

// Its tree: `vhost NAME { source SCOPE { ... } push SCOPE { ... } }` and `variables { NAME VALUE; }`. All else is an
// error, `include` as well.
std::vector<Node> parse_overlay(const std::string& name, std::string_view text, Problems& problems);

// The file that gives this tree.
std::string overlay_text(std::span<const Node> nodes);
// The same for whoever may not see what is secret in its URLs.
std::string shown_overlay(std::span<const Node> nodes);
// Whether a file can hold it: a word has no escapes.
bool can_be_written(std::string_view word);

// Puts what it holds behind what stands in the same virtual host; one that is not there is an error. Variables are one,
// too, unless `allowed` says so: what overlay_allow of http_api lets the overlay have.
void merge_overlay(std::vector<Node>& nodes, std::vector<Node> overlay, std::span<const std::string> allowed,
                   Problems& problems);

// Why `http_api { overlay_allow ...; }` does not let the overlay hold this URL; empty: it does. A name is only looked
// up when somebody connects; what it leads to is judged there.
std::string fault_of_added_url(std::string_view url, std::span<const std::string> allowed);
// Whether one of the words says so.
bool allows(std::span<const std::string> allowed, std::string_view what);

}  // namespace weir::config
