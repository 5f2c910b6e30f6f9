#include "app/api/call.h"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/api/error.h"
#include "base/text.h"
#include "net/patience.h"

namespace weir::api {

using nlohmann::ordered_json;

http::Reply json(const Call& call, const ordered_json& body, int status) {
  // Names come from publishers and may be any bytes: what is not UTF-8 becomes U+FFFD.
  return http::json_reply(call.jsonp, body.dump(-1, ' ', false, ordered_json::error_handler_t::replace), status);
}

http::Reply ok(const Call& call, const ordered_json& body) {
  const Context& context = call.context;
  ordered_json whole{{"code", 0},
                     {"server", context.server_id},
                     {"service", context.service_id},
                     {"pid", std::to_string(context.pid)}};
  for (const auto& [name, value] : body.items()) whole[name] = value;
  return json(call, whole);
}

http::Reply ok(const Call& call, const JsonWriter& members) {
  JsonWriter whole;
  whole.begin_object()
      .field("code", 0)
      .field("server", call.context.server_id)
      .field("service", call.context.service_id)
      .field("pid", std::to_string(call.context.pid));
  std::string text(whole.text());
  if (!members.text().empty()) text.append(",").append(members.text());
  text += '}';
  return http::json_reply(call.jsonp, std::move(text));
}

http::Reply error(const Call& call, int code, int status) {
  ordered_json body{{"code", code}};
  if (code != 0) body["message"] = message_of(code);
  return json(call, body, status);
}

http::Reply refusal(int status, std::string_view words) {
  return http::Reply::json(ordered_json{{"code", status}, {"message", words}}.dump() + "\n", status);
}

http::Reply method_not_allowed(std::string_view allowed) {
  http::Reply reply = refusal(405, "methods of this path: " + std::string(allowed));
  reply.headers.add("Allow", allowed);
  return reply;
}

ordered_json kbps_of(const stats::Traffic& traffic) {
  return {{"recv_30s", traffic.received_kbps_30s}, {"send_30s", traffic.sent_kbps_30s}};
}

void write_traffic(JsonWriter& out, const stats::Traffic& traffic) {
  out.field("send_bytes", traffic.sent_bytes).field("recv_bytes", traffic.received_bytes);
  out.begin_object("kbps")
      .field("recv_30s", traffic.received_kbps_30s)
      .field("send_30s", traffic.sent_kbps_30s)
      .end_object();
}

net::Task<void> pause() {
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await net::Patience::of(executor.context()).wait(boost::asio::use_awaitable);
}

Paging paging_of(const http::Request& request) {
  constexpr std::uint64_t least = 10, most = 10'000;
  const auto number = [&](std::string_view name) {
    return base::parse_number(request.query_value(name).value_or("")).value_or(0);
  };
  Paging paging;
  paging.start = static_cast<std::size_t>(number("start"));
  paging.count = static_cast<std::size_t>(std::clamp(number("count"), least, most));
  return paging;
}

stats::Filter filter_of(const http::Request& request) {
  const auto text = [&](std::string_view name) { return request.query_value(name).value_or(""); };
  const std::string type = text("type");
  return {text("vhost"), text("app"), text("stream"), type.empty() ? text("protocol") : type,
          base::lower(text("contains"))};
}

}  // namespace weir::api
