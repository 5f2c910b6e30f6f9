#include "app/exec/command.h"

#include "proto/stream_url.h"
#include "session/common/path_pattern.h"
#include "session/common/protocol.h"

namespace weir::exec {

using base::Result;

namespace {

// The stream as a program on this machine reaches it.
std::string own_url(const Facts& facts) {
  const hub::Request& request = facts.request;
  const bool usual = request.vhost->name == config::default_vhost_name;
  return "rtmp://127.0.0.1:" + std::to_string(facts.port) + "/" + request.app +
         (usual ? "" : "?vhost=" + request.vhost->name) + "/" + request.stream;
}

bool own_url_means_it(const Facts& facts) {
  const hub::Request& request = facts.request;
  return proto::means(own_url(facts), request.vhost->name, request.app, request.stream);
}

std::optional<std::string> value_of(std::string_view name, const Facts& facts) {
  const hub::Request& request = facts.request;
  if (name == "port") return std::to_string(facts.port);
  if (name == "engine") return std::string(facts.engine);
  if (name == "url") return own_url(facts);
  if (name == "tcUrl") return std::string(request.facts.find(session::facts::tc_url));
  if (name == "swfUrl") return std::string(request.facts.find(session::facts::swf_url));
  if (name == "pageUrl") return std::string(request.facts.find(session::facts::page_url));
  session::PathValues values;
  values.vhost = request.vhost->name;
  values.app = request.app;
  values.stream = request.stream;
  values.time = std::chrono::floor<std::chrono::milliseconds>(facts.time);
  return session::path_variable(name, values);
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

}  // namespace

Result<Command> command_of(const std::vector<std::string>& words, const Facts& facts, std::string* at_fault) {
  const session::Lookup lookup = [&facts](std::string_view name) { return value_of(name, facts); };
  Command command;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto opening = redirect_of(words[i])) {
      std::string_view pattern = opening->rest;
      if (pattern.empty()) {
        if (++i == words.size()) return Errc::no_file;
        pattern = words[i];
      }
      auto path = session::fill_file(pattern, lookup);
      if (!path || path->empty()) return Errc::bad_file;
      command.redirects.push_back({opening->descriptor, *std::move(path), opening->append});
      continue;
    }
    if (command.words.empty()) {
      // Which program runs is the configuration's to say.
      if (words[i].empty() || words[i].starts_with('[')) return Errc::no_program;
      auto program = session::fill_file(words[i], lookup);
      if (!program) return Errc::bad_file;
      command.words.push_back(*std::move(program));
      continue;
    }
    if (words[i].find("[url]") != std::string::npos && !own_url_means_it(facts)) {
      if (at_fault) *at_fault = "url";
      return Errc::bad_url;
    }
    auto word = session::fill_word(words[i], lookup, at_fault);
    if (!word) return Errc::option;
    command.words.push_back(*std::move(word));
  }
  if (command.words.empty()) return Errc::no_program;
  return command;
}

const char* describe(Errc code) {
  switch (code) {
    case Errc::no_program:
      return "it names no program";
    case Errc::no_file:
      return "a redirection names no file";
    case Errc::bad_file:
      return "no file can have that name";
    case Errc::option:
      return "what the publisher named would be an option of the program, or lead it to another folder";
    case Errc::bad_url:
      return "by its address here the stream would be another one";
    case Errc::silent:
      return "it runs, and nothing comes of it";
  }
  return "unknown exec error";
}

}  // namespace weir::exec
