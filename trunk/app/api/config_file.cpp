#include <nlohmann/json.hpp>

#include "app/api/ask_main.h"
#include "app/api/config_report.h"
#include "app/api/error.h"

namespace weir::api {

namespace {

constexpr int no_condition = 428;  // RFC 6585, 3

http::Reply told(const Call& call, int status, int number, std::string_view why) {
  return json(call, nlohmann::ordered_json{{"code", number}, {"message", why}}, status);
}

http::Reply private_to_asker(http::Reply reply, const std::string& digest) {
  reply.headers.add("Cache-Control", "no-store");
  if (!digest.empty()) reply.headers.add("ETag", '"' + digest + '"');
  return reply;
}

http::Reply answer_look(const Call& call, const edit::Outcome& outcome) {
  JsonWriter out;
  out.field("file", outcome.file)
      .field("text", outcome.text)
      .field("digest", outcome.digest)
      .field("can_undo", outcome.can_undo)
      .field("writable", outcome.read_only.empty())
      .field("read_only", outcome.read_only);
  return private_to_asker(ok(call, out), outcome.digest);
}

// Mistakes come with their lines, so that an editor can show them there.
http::Reply answer_put(const Call& call, const edit::Outcome& outcome) {
  JsonWriter out;
  if (outcome.error.empty()) {
    out.field("file", outcome.file).field("digest", outcome.digest);
    write_problems(out, "warnings", outcome.report.warnings);
    write_changes(out, outcome.changes);
    return private_to_asker(ok(call, out), outcome.digest);
  }
  out.begin_object().field("code", code::edit_refused).field("message", outcome.error);
  if (!outcome.report.errors.empty()) write_problems(out, "mistakes", outcome.report.errors);
  out.end_object();
  return http::json_reply(call.jsonp, std::string(out.text()), outcome.status);
}

// The digest within `"..."`; "": none is given.
std::string condition_of(const http::Request& request) {
  const std::string_view given = request.headers.find("If-Match");
  const bool quoted = given.size() > 2 && given.front() == '"' && given.back() == '"';
  return std::string(quoted ? given.substr(1, given.size() - 2) : std::string_view());
}

}  // namespace

// beyond SRS: the file that the server was started with. PUT writes it anew and has it reloaded, POST of undo takes the
// one before.
Answer config_file(Call& call) {
  if (!call.rest.empty() && call.rest != "undo") co_return error(call, 404, 404);
  const bool undoes = call.rest == "undo";
  const std::string& method = call.request.method;
  const bool looks = !undoes && (method == "GET" || method == "HEAD");
  // Never as a script, nor by another method than the one that the gate saw.
  if (method != call.jsonp.method || !call.jsonp.callback.empty() || !(looks || method == (undoes ? "POST" : "PUT"))) {
    co_return method_not_allowed(undoes ? "POST" : "GET, HEAD, PUT");
  }
  if (!call.config().http_api.edit_file) co_return error(call, code::edit_off, 409);
  if (!call.context.edit_file || !call.exchange) co_return error(call, code::not_available, code::not_available);
  edit::Change change{.by = call.exchange->client_address()};
  if (!looks) change.what = undoes ? edit::Change::What::undo : edit::Change::What::put;
  if (change.what == edit::Change::What::put) {
    change.of = condition_of(call.request);
    if (change.of.empty()) {
      co_return told(call, no_condition, code::bad_request,
                     "If-Match says of which file the text was made: \"DIGEST\"");
    }
    const auto body = co_await call.exchange->read_body(edit::largest);
    if (!body) co_return told(call, 413, code::bad_data, body.error().message());
    change.text = base::as_text(body->bytes());
  }
  auto asked = ask_main<edit::Change, edit::Outcome>(call, call.context.edit_file, std::move(change));
  CO_TRY(const edit::Outcome outcome, co_await std::move(asked));
  if (looks && outcome.error.empty()) co_return answer_look(call, outcome);
  co_return answer_put(call, outcome);
}

}  // namespace weir::api
