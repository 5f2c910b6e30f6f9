#include "app/api/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/api/ask_main.h"
#include "app/api/error.h"

namespace weir::api {

using config::Node;
using nlohmann::ordered_json;
using overlay::Change;
using overlay::Outcome;
using What = overlay::Change::What;

namespace {

constexpr std::size_t most_body = 64 * 1024;

http::Reply failure(const Call& call, int status, int number, std::string_view why) {
  return json(call, ordered_json{{"code", number}, {"message", why}}, status);
}

net::Task<base::Result<Outcome>> decide(Call& call, Change change) {
  return ask_main<Change, Outcome>(call, call.context.change_overlay, std::move(change));
}

// Why nothing can be asked for; none: it can.
std::optional<http::Reply> off(const Call& call) {
  if (!call.config().http_api.overlay.empty() && call.context.change_overlay) return std::nullopt;
  return error(call, code::overlay_off, 409);
}

// What a block may say, in JSON and in the file.
struct Setting {
  enum class Kind { text, words, flag, number };
  const char* name;
  const char* directive;
  Kind kind;
};
constexpr std::array of_source{Setting{"url", "url", Setting::Kind::text},
                               Setting{"urls", "url", Setting::Kind::words},
                               Setting{"on_demand", "on_demand", Setting::Kind::flag},
                               Setting{"priority", "priority", Setting::Kind::number},
                               Setting{"standby", "standby", Setting::Kind::text},
                               Setting{"restart_every", "restart_every", Setting::Kind::number}};
constexpr std::array of_push{Setting{"url", "url", Setting::Kind::text},
                             Setting{"audio", "audio", Setting::Kind::text}};

// False: it has another type.
bool read_setting(const ordered_json& value, Setting::Kind kind, std::vector<std::string>& words) {
  switch (kind) {
    case Setting::Kind::text:
      if (!value.is_string()) return false;
      words.push_back(value.get<std::string>());
      return true;
    case Setting::Kind::words:
      if (!value.is_array()) return false;
      for (const ordered_json& one : value) {
        if (!one.is_string()) return false;
        words.push_back(one.get<std::string>());
      }
      return true;
    case Setting::Kind::flag:
      if (!value.is_boolean()) return false;
      words.emplace_back(value.get<bool>() ? "on" : "off");
      return true;
    case Setting::Kind::number:
      if (!value.is_number_unsigned()) return false;
      words.push_back(std::to_string(value.get<std::uint64_t>()));
      return true;
  }
  return false;
}

struct Read {
  Change change;
  std::string error{};  // in words; empty: it could be read
};

Read read_entry(const ordered_json& body, std::string_view kind) {
  Read read{.change = {.what = What::add, .vhost = config::default_vhost_name}};
  if (!body.is_object()) return {.change = {}, .error = "the body is no JSON object"};
  std::string app, stream;
  std::vector<Node> settings;
  const std::span<const Setting> known = kind == "source" ? std::span<const Setting>(of_source) : of_push;
  for (const auto& [name, value] : body.items()) {
    if (name == "vhost" || name == "app" || name == "stream") {
      if (!value.is_string()) return {.change = {}, .error = fmt::format("'{}' is a text", name)};
      std::string& text = name == "vhost" ? read.change.vhost : name == "app" ? app : stream;
      text = value.get<std::string>();
      continue;
    }
    const auto found = std::ranges::find_if(known, [&](const Setting& one) { return name == one.name; });
    if (found == known.end()) return {.change = {}, .error = fmt::format("a {} has no '{}'", kind, name)};
    Node setting{.name = found->directive};
    if (!read_setting(value, found->kind, setting.words)) {
      return {.change = {}, .error = fmt::format("'{}' has another type", name)};
    }
    settings.push_back(std::move(setting));
  }
  if (app.empty() && !stream.empty()) return {.change = {}, .error = "a stream without its 'app'"};
  if (app.find(' ') != std::string::npos) return {.change = {}, .error = "'app' has a blank"};
  Node& entry = read.change.entry;
  entry = {.name = std::string(kind), .children = std::move(settings), .is_block = true};
  if (!app.empty()) entry.words.push_back(stream.empty() ? app : app + "/" + stream);
  return read;
}

http::Reply answer(const Call& call, const Outcome& outcome, int status = 200) {
  if (!outcome.error.empty()) return failure(call, outcome.status, code::overlay_refused, outcome.error);
  ordered_json body{{"code", 0}};
  if (!outcome.name.empty()) body["name"] = outcome.name;
  return json(call, body, status);
}

Answer look(Call& call) {
  CO_TRY(const Outcome outcome, co_await decide(call, {.what = What::look}));
  if (!outcome.error.empty()) co_return answer(call, outcome);
  ordered_json undoable = ordered_json::array();
  for (const config::Change& change : outcome.undoable) {
    undoable.push_back({{"path", change.path}, {"from", change.from}, {"to", change.to}});
  }
  co_return ok(call, ordered_json{{"file", outcome.file},
                                  {"text", outcome.text},
                                  {"can_undo", outcome.can_undo},
                                  {"undoable", std::move(undoable)}});
}

}  // namespace

Answer add_entry(Call& call, std::string_view kind) {
  if (auto refused = off(call)) co_return *std::move(refused);
  if (!call.exchange) co_return error(call, code::bad_request, 400);
  const auto bytes = co_await call.exchange->read_body(most_body);
  if (!bytes) co_return failure(call, 400, code::bad_data, bytes.error().message());
  Read read = read_entry(ordered_json::parse(base::as_text(*bytes), nullptr, false), kind);
  if (!read.error.empty()) co_return failure(call, 400, code::bad_data, read.error);
  CO_TRY(const Outcome outcome, co_await decide(call, std::move(read.change)));
  co_return answer(call, outcome, 201);
}

Answer set_variable(Call& call) {
  if (auto refused = off(call)) co_return *std::move(refused);
  if (!call.exchange) co_return error(call, code::bad_request, 400);
  const auto bytes = co_await call.exchange->read_body(most_body);
  if (!bytes) co_return failure(call, 400, code::bad_data, bytes.error().message());
  const auto body = ordered_json::parse(base::as_text(*bytes), nullptr, false);
  const auto text_of = [&](const char* name) {
    return body.is_object() && body.contains(name) && body[name].is_string()
               ? std::optional(body[name].get<std::string>())
               : std::nullopt;
  };
  auto name = text_of("name"), value = text_of("value");
  if (!name || !value) co_return failure(call, 400, code::bad_data, "the body is {\"name\": TEXT, \"value\": TEXT}");
  CO_TRY(const Outcome outcome,
         co_await decide(call, {.what = What::set, .entry = {.words = {*std::move(value)}}, .name = *std::move(name)}));
  co_return answer(call, outcome, 201);
}

Answer remove_entry(Call& call, std::string_view kind) {
  if (call.rest.empty()) co_return failure(call, 400, code::bad_request, "the path ends with no name of a row");
  if (auto refused = off(call)) co_return *std::move(refused);
  Change change{.what = What::remove,
                .vhost = call.request.query_value("vhost").value_or(""),
                .kind = std::string(kind),
                .name = call.rest};
  CO_TRY(const Outcome outcome, co_await decide(call, std::move(change)));
  co_return answer(call, outcome);
}

// beyond SRS
Answer overlay(Call& call) {
  if (!call.rest.empty() && call.rest != "undo") co_return error(call, 404, 404);
  const bool reads = call.rest.empty();
  if (reads ? !call.reads() : call.jsonp.method != "POST") co_return method_not_allowed(reads ? "GET, HEAD" : "POST");
  if (auto refused = off(call)) co_return *std::move(refused);
  if (reads) co_return co_await look(call);
  CO_TRY(const Outcome outcome, co_await decide(call, {.what = What::undo}));
  co_return answer(call, outcome);
}

}  // namespace weir::api
