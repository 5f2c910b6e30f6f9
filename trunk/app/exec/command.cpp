#include "app/exec/command.h"

#include "base/text.h"
#include "session/common/path_pattern.h"

namespace weir::exec {

namespace {

// The stream as a program on this machine reaches it.
std::string own_url(const Facts& facts) {
  const hub::Request& request = facts.request;
  const bool usual = request.vhost->name == config::default_vhost_name;
  return "rtmp://127.0.0.1:" + std::to_string(facts.port) + "/" + request.app +
         (usual ? "" : "?vhost=" + request.vhost->name) + "/" + request.stream;
}

std::string fill(std::string_view word, const Facts& facts) {
  const hub::Request& request = facts.request;
  std::string text(word);
  const auto put = [&text](std::string_view name, std::string_view value) {
    if (text.find(name) != std::string::npos) text = base::replace_all(text, name, value);
  };
  put("[port]", std::to_string(facts.port));
  put("[engine]", "");
  put("[url]", own_url(facts));
  put("[tcUrl]", request.tc_url);
  put("[swfUrl]", request.swf_url);
  put("[pageUrl]", request.page_url);
  session::PathValues values;
  values.vhost = request.vhost->name;
  values.app = request.app;
  values.stream = request.stream;
  values.time = std::chrono::floor<std::chrono::milliseconds>(facts.time);
  return session::fill_path(text, values);
}

struct Opening {
  int descriptor = 1;
  bool append = false;
  std::string_view rest;  // the file, if it follows in the same word
};

std::optional<Opening> redirect_of(std::string_view word) {
  Opening opening;
  if (word.starts_with("1>") || word.starts_with("2>")) {
    opening.descriptor = word[0] - '0';
    word.remove_prefix(1);
  }
  if (!word.starts_with('>')) return std::nullopt;
  word.remove_prefix(1);
  opening.append = word.starts_with('>');
  if (opening.append) word.remove_prefix(1);
  opening.rest = word;
  return opening;
}

// The folder is the configuration's to say: a name fills in one element, and no hidden one.
bool may_name_file(std::string_view name) {
  return !name.empty() && !name.starts_with('.') && name.find('/') == std::string_view::npos;
}

}  // namespace

std::optional<Command> command_of(const std::vector<std::string>& words, const Facts& facts) {
  Command command;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto opening = redirect_of(words[i]);
    if (!opening) {
      command.words.push_back(fill(words[i], facts));
      continue;
    }
    std::string_view pattern = opening->rest;
    if (pattern.empty()) {
      if (++i == words.size()) return std::nullopt;
      pattern = words[i];
    }
    if (pattern.find("[stream]") != std::string_view::npos && !may_name_file(facts.request.stream)) return std::nullopt;
    std::string path = fill(pattern, facts);
    if (path.find('\0') != std::string::npos) return std::nullopt;
    command.redirects.push_back({opening->descriptor, std::move(path), opening->append});
  }
  if (command.words.empty() || command.words.front().empty()) return std::nullopt;
  return command;
}

}  // namespace weir::exec
