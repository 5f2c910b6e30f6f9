#include "net/http/jsonp.h"

#include "net/http/text.h"

namespace weir::http {

std::optional<Jsonp> jsonp_of(const Request& request) {
  constexpr std::size_t longest = 128;
  Jsonp result{.callback = {}, .method = request.method};
  const auto is_name_char = [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; };
  // A callback that cannot be decoded is there all the same, and refused.
  std::string_view rest = request.query;
  bool asked = false;
  while (!rest.empty()) {
    std::string_view pair = cut_front(rest, '&');
    asked = asked || cut_front(pair, '=') == "callback";
  }
  if (!asked) return result;
  const auto callback = request.query_value("callback");
  if (!callback || callback->size() > longest) return std::nullopt;
  if (!std::all_of(callback->begin(), callback->end(), is_name_char)) return std::nullopt;
  result.callback = *callback;
  const std::string method = request.query_value("method").value_or("");
  for (const std::string_view known : {"GET", "PUT", "POST", "DELETE"}) {
    if (!callback->empty() && method == known) result.method = method;
  }
  return result;
}

Reply json_reply(const Jsonp& jsonp, std::string json, int status) {
  Reply reply = Reply::json(std::move(json), status);
  if (jsonp.callback.empty()) return reply;
  reply.headers = {{"Content-Type", "text/javascript"}, {"X-Content-Type-Options", "nosniff"}};
  reply.text = jsonp.callback + "(" + reply.text + ")";
  return reply;
}

}  // namespace weir::http
