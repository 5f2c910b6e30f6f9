#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "config/binder.h"
#include "config/check_files.h"
#include "config/finish.h"
#include "config/include.h"
#include "config/nearest.h"
#include "config/old_spellings.h"
#include "config/overlay.h"
#include "config/source_rules.h"
#include "config/variables.h"

namespace weir::config {
namespace {

constexpr std::uintmax_t largest_file = 4 << 20;

base::ErrorCode error_of(std::errc code) {
  return boost::system::errc::make_error_code(static_cast<boost::system::errc::errc_t>(code));
}

bool is_full(const Node& root) {
  const Node* node = root.child("is_full");
  return node && !node->words.empty() && node->words.front() == "on";
}

// It becomes a folder, a part of URLs and of what streams are kept by.
bool is_vhost_name(std::string_view name) {
  const auto odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  return !name.empty() && !name.starts_with('.') && std::none_of(name.begin(), name.end(), odd) &&
         name.find_first_of("/\\?#@\"<>") == std::string_view::npos;
}

std::span<std::string> urls_to_fill(Source& source) { return source.urls; }
std::span<std::string> urls_to_fill(Push& push) { return {&push.url, 1}; }

// What the API chose, in whole or in part.
void check_added(std::span<const std::string> urls, const HttpApi& api, const Place& place, Problems& problems) {
  for (const std::string& url : urls) {
    if (url.empty()) continue;  // told elsewhere
    const std::string fault = fault_of_added_url(url, api.overlay_allow);
    if (!fault.empty()) problems.error(place, fault);
  }
}

// A file that the API names is one of those that it may have fetched, and keeps no server from starting.
void check_sound(const Push& push, const Node& node, const Config& config, const Surroundings& surroundings,
                 Problems& problems) {
  if (!push.enabled || push.audio.empty()) return;
  const Node* const audio = node.child("audio");
  const Place& place = audio ? audio->place : node.place;
  if (push.by_api && !allows(config.http_api.overlay_allow, "file")) {
    problems.error(place, "a file cannot be named here unless 'overlay_allow file;' of http_api says so");
  }
  const auto text = [&](const std::string& fault) { return fmt::format("audio '{}' of push: {}", push.audio, fault); };
  if (const std::string fault = fault_of_file_name(push.audio); !fault.empty())
    return problems.error(place, text(fault));
  const std::string fault =
      surroundings.fault_of_sound ? surroundings.fault_of_sound(config, push.audio) : std::string();
  if (fault.empty()) return;
  push.by_api ? problems.warn(place, text(fault)) : problems.error(place, text(fault));
}
void check_sound(const Source&, const Node&, const Config&, const Surroundings&, Problems&) {}

// Of each block of that name: where it was written and by whom, and its variables.
template <class Entry>
void complete(std::vector<Entry>& entries, const Node& vhost, std::string_view name, const Config& config,
              const Surroundings& surroundings, Problems& problems) {
  const HttpApi& api = config.http_api;
  auto entry = entries.begin();
  for (const Node& node : vhost.children) {
    if (node.name != name || !node.is_block || entry == entries.end()) continue;
    entry->at = fmt::format("{}:{}", *node.place.file, node.place.line);
    entry->by_api = !api.overlay.empty() && *node.place.file == api.overlay;
    entry->public_only = entry->by_api && !allows(api.overlay_allow, "local");
    fill_variables(urls_to_fill(*entry), entry->written, config.variables, node.place, problems);
    // A variable that the API set leads where the API may lead, whoever wrote the block.
    if (entry->written.of_api && !allows(api.overlay_allow, "local")) entry->public_only = true;
    const bool names_some = !entry->written.secrets.empty() || !entry->written.waits_for.empty();
    if (entry->by_api && names_some && !allows(api.overlay_allow, "variables")) {
      problems.error(node.place,
                     "a variable cannot be used here unless 'overlay_allow variables;' of http_api says so");
    }
    check_sound(*entry, node, config, surroundings, problems);
    if (!entry->written.waits_for.empty()) {
      entry->enabled = false;  // its command will say it, and this is read again
    } else if (entry->by_api || entry->written.of_api) {
      check_added(urls_to_fill(*entry), api, node.place, problems);
    }
    ++entry;
  }
}

// One destination that is not known yet holds up all of them, until its command has said it.
void fill_forward(Forward& forward, const Config& config, const Place& place, Problems& problems) {
  fill_variables(forward.destination, forward.written, config.variables, place, problems);
  if (!forward.written.waits_for.empty()) {
    forward.destination.clear();
    forward.written.urls.clear();
  } else if (forward.written.of_api) {
    check_added(forward.destination, config.http_api, place, problems);
  }
}

// Of the vhosts of one name the first counts, as for any directive.
void fill_vhosts(const Node& root, Config& config, const Surroundings& surroundings, Binder& binder,
                 Problems& problems) {
  std::map<std::string_view, unsigned> lines;
  for (const Node& node : root.children) {
    if (node.name != "vhost") continue;
    if (!node.is_block || node.words.empty()) {
      problems.error(node.place, "a vhost needs a name and a block: 'vhost NAME { ... }'");
      continue;
    }
    const std::string& name = node.words.front();
    if (!is_vhost_name(name)) {
      problems.error(node.place, fmt::format("vhost '{}' is not the name of a host", name));
      continue;
    }
    if (node.words.size() > 1) {
      problems.warn(node.place, fmt::format("a vhost has one name; '{}' is ignored", node.words[1]));
    }
    if (const auto [first, is_new] = lines.try_emplace(name, node.place.line); !is_new) {
      problems.warn(node.place,
                    fmt::format("vhost '{}' is written twice; that of line {} counts", name, first->second));
      continue;
    }
    auto vhost = std::make_shared<Vhost>();
    vhost->name = name;
    const std::string path = fmt::format("vhost[{}]", name);
    binder.note(path, "present");
    binder.fill(vhost_rows(), vhost.get(), &node, path, "vhost");
    complete(vhost->sources, node, "source", config, surroundings, problems);
    complete(vhost->pushes, node, "push", config, surroundings, problems);
    fill_forward(vhost->forward, config, binder.place_of(path + ".forward.destination"), problems);
    finish_vhost(*vhost, path, config, binder, problems);
    config.vhosts.push_back(std::move(vhost));
  }
}

// A variable that is nearly one of ours is most likely a mistake; any other SRS_... may belong to somebody else.
void warn_of_unknown_variables(const Environment& environment, Problems& problems) {
  constexpr std::size_t likely = 2;
  std::set<std::string, std::less<>> known{"SRS_CONFIG_FILE", "SRS_ENV_ONLY", "SRS_PLATFORM", "SRS_REGION",
                                           "SRS_SOURCE"};
  const auto visit = [&](const std::string& path, const Directive& row, bool readable) {
    if (!readable) return;
    for (auto& name : environment_names(row, path)) known.insert(std::move(name));
  };
  walk(root_rows(), "", visit);
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("SRS_") || known.contains(name)) continue;
    const auto meant = nearest(name, candidates);
    if (meant.empty() || edit_distance(name, meant) > likely) continue;
    problems.warn({std::make_shared<const std::string>("environment variable " + name), 0},
                  fmt::format("is not known; did you mean '{}'?", meant));
  }
}

// None is there until something is added.
void add_overlay(const HttpApi& api, std::vector<Node>& nodes, const ReadFile& read, Binder& binder,
                 Problems& problems) {
  for (const std::string& word : api.overlay_allow) {
    if (word == "exec" || word == "file" || word == "local" || word == "variables") continue;
    problems.error(binder.place_of("http_api.overlay_allow"),
                   fmt::format("overlay_allow takes exec, file, local and variables, not '{}'", word));
  }
  if (api.overlay.empty()) return;
  if (auto text = read(api.overlay)) {
    merge_overlay(nodes, parse_overlay(api.overlay, *text, problems), api.overlay_allow, problems);
  } else if (text.error() != boost::system::errc::no_such_file_or_directory) {
    problems.error(binder.place_of("http_api.overlay"),
                   fmt::format("the overlay '{}' cannot be read: {}", api.overlay, text.error().message()));
  }
}

// Keeps what is read.
class Reader {
 public:
  explicit Reader(const ReadFile& read) : read_(read) {}

  void keep(const std::string& name, std::string_view text) { texts_->insert_or_assign(name, std::string(text)); }
  ReadFile read() {
    return [this](const std::string& path) {
      auto text = read_(path);
      if (text) keep(path, *text);
      return text;
    };
  }
  const std::shared_ptr<Texts>& texts() const { return texts_; }

 private:
  const ReadFile& read_;
  std::shared_ptr<Texts> texts_ = std::make_shared<Texts>();
};

Report load(std::vector<Node> nodes, const std::string& name, const Surroundings& surroundings, Reader& reader,
            bool environment_only, Problems problems) {
  const Place whole{std::make_shared<const std::string>(name), 0};
  if (nodes.empty() && !environment_only && !problems.has_errors()) problems.error(whole, "the configuration is empty");
  convert_old_spellings(nodes, problems);
  if (environment_only)
    nodes.push_back({.name = "vhost", .words = {default_vhost_name}, .is_block = true, .place = whole});
  Node root{.children = std::move(nodes), .is_block = true, .place = whole};
  if (is_full(root)) {
    problems.error(root.child("is_full")->place,
                   "this file is a reference that shows every directive; it cannot be run");
  }

  auto config = std::make_shared<Config>();
  Binder binder(surroundings.environment, problems);
  binder.set_whole(whole);
  binder.look_up_by(surroundings.look_up);
  const Node* allows = root.child("allow_missing");
  const auto variable = surroundings.environment.find("SRS_ALLOW_MISSING");
  const bool by_variable = variable != surroundings.environment.end() && !variable->second.empty();
  if (by_variable ? variable->second == "on" : allows && join_words(allows->words) == "on") binder.allow_missing();
  binder.fill(root_rows(), config.get(), &root, "", "");
  add_overlay(config->http_api, root.children, reader.read(), binder, problems);
  config->variables = read_variables(root, surroundings, reader.read(), config->http_api.overlay, problems);
  fill_vhosts(root, *config, surroundings, binder, problems);
  finish_config(*config, surroundings, environment_only, binder, problems);
  check_files(*config, surroundings, binder, problems);
  config->written = binder.take_written();
  config->file = name;
  config->texts = reader.texts();
  warn_of_unknown_variables(surroundings.environment, problems);

  Report report;
  if (!problems.has_errors()) report.config = std::move(config);
  std::move(problems).move_to(report);
  return report;
}

// Files of other servers are full of mistakes that do not matter: one line says what they are.
std::string_view foreign_server(const std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    if (node.name == "rtmp" && node.child("server")) return "nginx-rtmp";
    if (node.name.ends_with(':')) return "another server, in YAML";
  }
  return {};
}

}  // namespace

Environment environment_of(const char* const* variables) {
  Environment environment;
  for (; variables && *variables; ++variables) {
    const std::string_view variable(*variables);
    const auto equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    environment.try_emplace(std::string(variable.substr(0, equals)), variable.substr(equals + 1));
  }
  return environment;
}

base::Result<std::string> read_regular_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return error_of(std::errc::no_such_file_or_directory);
  if (error) return base::ErrorCode(error);
  if (status.type() == std::filesystem::file_type::directory) return error_of(std::errc::is_a_directory);
  if (status.type() != std::filesystem::file_type::regular) return error_of(std::errc::invalid_argument);
  if (const auto size = std::filesystem::file_size(path, error); error || size > largest_file) {
    return error_of(std::errc::file_too_large);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return error_of(std::errc::permission_denied);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (file.bad()) return error_of(std::errc::io_error);
  return text;
}

std::string Problem::text() const {
  if (line == 0) return fmt::format("{}: {}", file, reason);
  return fmt::format("{}:{}: {}", file, line, reason);
}

Report load_file(const std::string& path, const Surroundings& surroundings) {
  const auto text = surroundings.read_file(path);
  if (text) return load_text(path, *text, surroundings);
  Report report;
  report.errors.push_back({path, 0, "cannot be read: " + text.error().message()});
  return report;
}

Report load_text(const std::string& name, std::string_view text, const Surroundings& surroundings) {
  Problems problems;
  Reader reader(surroundings.read_file);
  reader.keep(name, text);
  auto nodes = parse_with_includes(name, text, reader.read(), problems);
  if (const std::string_view server = foreign_server(nodes); !server.empty()) {
    Report report;
    report.errors.push_back(
        {name, 0,
         fmt::format("this is a configuration of {}: 'weir migrate {}' makes one of Weir of it", server, name)});
    return report;
  }
  return load(std::move(nodes), name, surroundings, reader, false, std::move(problems));
}

Report load_environment(const Surroundings& surroundings) {
  Reader reader(surroundings.read_file);
  return load({}, "environment", surroundings, reader, true, {});
}

Report load_again(const Config& running, const std::string& overlay_text, const Surroundings& surroundings) {
  Surroundings then = surroundings;
  then.read_file = [&](const std::string& path) -> base::Result<std::string> {
    if (path == running.http_api.overlay) return overlay_text;
    const auto found = running.texts->find(path);
    if (found == running.texts->end()) return error_of(std::errc::no_such_file_or_directory);
    return found->second;
  };
  then.look_at_file = nullptr;
  then.fault_of_sound = nullptr;
  const auto main = running.texts->find(running.file);
  return main == running.texts->end() ? load_environment(then) : load_text(running.file, main->second, then);
}

}  // namespace weir::config
