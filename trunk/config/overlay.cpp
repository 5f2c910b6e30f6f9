#include "config/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>

#include "base/redact.h"
#include "base/text.h"
#include "base/url.h"
#include "config/endpoint.h"
#include "config/parser.h"

namespace weir::config {
namespace {

constexpr std::string_view head =
    "# Made by the HTTP API: what was added there. It is read behind the configuration that names it.\n";

// RFC 6890 and its register: what is not out in the open.
constexpr std::array inside{"127.0.0.0/8",    "::1/128",           "0.0.0.0/8",     "::/128",
                            "169.254.0.0/16", "fe80::/10",         "10.0.0.0/8",    "172.16.0.0/12",
                            "fc00::/7",       "192.168.0.0/16",    "100.64.0.0/10", "224.0.0.0/4",
                            "ff00::/8",       "255.255.255.255/32"};

bool is_inside(const std::string& host) {
  const std::string name = base::lower(host);
  if (name.empty() || name == "localhost" || name.ends_with(".localhost")) return true;
  return std::ranges::any_of(inside, [&](const char* block) {
    const auto range = AddressRange::parse(block);
    return range && range->contains(name);
  });
}

bool is_plain(std::string_view word) {
  const auto odd = [](char c) {
    return c == ' ' || c == '\t' || c == ';' || c == '{' || c == '}' || c == '#' || c == '"' || c == '\'';
  };
  return !word.empty() && std::none_of(word.begin(), word.end(), odd);
}

std::string quoted(const std::string& word) {
  if (is_plain(word)) return word;
  const char quote = word.find('"') == std::string::npos ? '"' : '\'';
  return quote + word + quote;
}

using Show = std::string (*)(const std::string& word);

void write(const Node& node, std::size_t depth, Show show, std::string& out) {
  out += std::string(depth * 4, ' ') + node.name;
  for (const std::string& word : node.words) out += ' ' + quoted(show(word));
  if (!node.is_block) {
    out += ";\n";
    return;
  }
  out += " {\n";
  for (const Node& child : node.children) write(child, depth + 1, show, out);
  out += std::string(depth * 4, ' ') + "}\n";
}

std::string text_of(std::span<const Node> nodes, Show show) {
  std::string out(head);
  for (const Node& node : nodes) write(node, 0, show, out);
  return out;
}

}  // namespace

std::vector<Node> parse_overlay(const std::string& name, std::string_view text, Problems& problems) {
  if (text.size() > largest_overlay) {
    problems.error({std::make_shared<const std::string>(name), 0}, "the overlay is too large");
    return {};
  }
  auto nodes = parse(text, std::make_shared<const std::string>(name), problems);
  for (const Node& vhost : nodes) {
    if (vhost.name == "variables" && vhost.is_block && vhost.words.empty()) continue;
    if (vhost.name != "vhost" || !vhost.is_block || vhost.words.size() != 1) {
      problems.error(
          vhost.place,
          fmt::format(
              "'{}' has no place in an overlay, which holds 'vhost NAME {{ ... }}' and 'variables {{ ... }}' alone",
              vhost.name));
      continue;
    }
    for (const Node& entry : vhost.children) {
      if ((entry.name == "source" || entry.name == "push") && entry.is_block) continue;
      problems.error(entry.place,
                     fmt::format("'{}' has no place in an overlay: its virtual hosts hold blocks 'source' and 'push'",
                                 entry.name));
    }
  }
  return nodes;
}

std::string overlay_text(std::span<const Node> nodes) {
  return text_of(nodes, [](const std::string& word) { return word; });
}

std::string shown_overlay(std::span<const Node> nodes) {
  std::vector<Node> shown(nodes.begin(), nodes.end());
  for (Node& node : shown) {
    if (node.name != "variables") continue;
    for (Node& variable : node.children) variable.words = {"(hidden)"};
  }
  return text_of(shown, [](const std::string& word) { return base::shown(word); });
}

bool can_be_written(std::string_view word) {
  const auto odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return std::none_of(word.begin(), word.end(), odd) &&
         (word.find('"') == std::string_view::npos || word.find('\'') == std::string_view::npos);
}

void merge_overlay(std::vector<Node>& nodes, std::vector<Node> overlay, std::span<const std::string> allowed,
                   Problems& problems) {
  for (Node& added : overlay) {
    if (added.name == "variables" && added.is_block) {
      if (!added.children.empty() && !allows(allowed, "variables"))
        problems.error(added.place,
                       "variables cannot be set here unless 'overlay_allow variables;' of http_api says so");
      nodes.push_back(std::move(added));
      continue;
    }
    if (added.name != "vhost" || added.words.empty()) continue;  // told already
    const auto host = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) {
      return node.name == "vhost" && node.is_block && !node.words.empty() && node.words.front() == added.words.front();
    });
    if (host == nodes.end()) {
      problems.error(added.place, fmt::format("vhost '{}' is not configured", added.words.front()));
      continue;
    }
    std::move(added.children.begin(), added.children.end(), std::back_inserter(host->children));
  }
}

bool allows(std::span<const std::string> allowed, std::string_view what) {
  return std::ranges::find(allowed, what) != allowed.end();
}

std::string fault_of_added_url(std::string_view url, std::span<const std::string> allowed) {
  const auto without = [&](std::string_view what, std::string_view which) {
    return fmt::format("{} cannot be added here unless 'overlay_allow {};' of http_api says so", which, what);
  };
  const std::string scheme = base::lower(url.substr(0, url.find(':')));
  if (scheme == "-") return allows(allowed, "file") ? "" : without("file", "standard input");
  if (scheme == "exec") return allows(allowed, "exec") ? "" : without("exec", "a program");
  if (scheme == "file") return allows(allowed, "file") ? "" : without("file", "a file");
  if (allows(allowed, "local")) return {};
  if (scheme == "tcp" || scheme == "udp" || scheme == "rtp" || scheme == "rist")
    return without("local", "a port of this machine, or of UDP or RIST,");
  const bool is_url = url.find("://") != std::string_view::npos;
  const auto parsed = base::parse_url(is_url ? std::string(url) : "rtmp://" + std::string(url));
  return !parsed || is_inside(parsed->host) ? without("local", "an address of this machine or of a private network")
                                            : std::string();
}

}  // namespace weir::config
