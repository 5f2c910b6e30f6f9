#include "app/api/call.h"
#include "app/api/config_report.h"
#include "app/api/error.h"
#include "config/diff.h"

namespace weir::api {

// beyond SRS: each setting that differs from its default
Answer running_config(Call& call) {
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  JsonWriter out;
  out.begin_array("settings");
  for (const auto& [path, value] : call.config().written) {
    const std::string shown = config::shown_value(path, value);
    out.begin_object().field("path", path).field("value", shown).end_object();
  }
  out.end_array();
  co_return ok(call, out);
}

// beyond SRS: what a reload would change, or why it would be refused
Answer config_changes(Call& call) {
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  if (!call.context.files || !call.context.read_configuration) {
    co_return error(call, code::not_available, code::not_available);
  }
  auto work = [read = call.context.read_configuration, running = call.hub.config()] {
    JsonWriter out;
    write_report(out, *running, read());
    return out;
  };
  const auto out = co_await call.context.files->run(std::move(work));
  if (!out) co_return error(call, 503, 503);
  co_return ok(call, *out);
}

// beyond SRS: the same of a text that is in no file yet
Answer config_check(Call& call) {
  if (call.jsonp.method != "POST" || call.request.method != "POST") co_return method_not_allowed("POST");
  if (!call.context.files || !call.context.check_configuration || !call.exchange) {
    co_return error(call, code::not_available, code::not_available);
  }
  const auto body = co_await call.exchange->read_body(edit::largest);
  if (!body) co_return error(call, code::bad_data, 400);
  auto work = [check = call.context.check_configuration, running = call.hub.config(),
               text = std::string(base::as_text(body->bytes()))] {
    JsonWriter out;
    std::size_t unread = 0;
    write_report(out, *running, check(text, unread));
    out.field("unread", unread);
    return out;
  };
  const auto out = co_await call.context.files->run(std::move(work));
  if (!out) co_return error(call, 503, 503);
  co_return ok(call, *out);
}

}  // namespace weir::api
