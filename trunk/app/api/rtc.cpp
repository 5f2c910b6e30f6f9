#include "app/api/rtc.h"

#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"
#include "base/url.h"
#include "proto/sdp/description.h"
#include "session/webrtc/signalling.h"

namespace weir::api {

using nlohmann::ordered_json;

namespace {

constexpr std::size_t most_body = 2 * sdp::most_bytes;

std::string text_of(const ordered_json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Whatever failed, SRS's clients look for the number alone; the words are for whoever reads it.
http::Reply failure(const Call& call, std::string words) {
  for (char& c : words) {
    if (c == '\n') c = ' ';
  }
  while (words.ends_with(' ')) words.pop_back();
  return json(call, ordered_json{{"code", code::bad_request}, {"message", std::move(words)}});
}

// "webrtc://host[:port]/app/stream?query". False if it is none.
bool read_stream_url(std::string_view url, session::webrtc::Wish& wish) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  url.remove_prefix(scheme + 3);
  const auto question = url.find('?');
  if (question != std::string_view::npos) {
    wish.query = url.substr(question + 1);
    url = url.substr(0, question);
  }
  const auto slash = url.find('/'), last = url.rfind('/');
  if (slash == std::string_view::npos || last == slash) return false;
  wish.host = url.substr(0, slash);
  wish.app = base::percent_decode(url.substr(slash + 1, last - slash - 1));
  wish.stream = base::percent_decode(url.substr(last + 1));
  return !wish.app.empty() && !wish.stream.empty();
}

net::Task<http::Reply> answer(const Call& call, session::webrtc::Service& service, http::Exchange& exchange,
                              bool publishes) {
  const auto bytes = co_await exchange.read_body(most_body);
  if (!bytes) co_return failure(call, bytes.error().message());
  const auto body = ordered_json::parse(base::as_text(*bytes), nullptr, false);
  if (!body.is_object()) co_return failure(call, "5019: the body is no JSON object");
  session::webrtc::Wish wish{.publishes = publishes,
                             .sdp = text_of(body, "sdp"),
                             .options = call.request.query,
                             .always_encrypted = publishes};
  if (!read_stream_url(text_of(body, "streamurl"), wish)) {
    co_return failure(call, "5023: streamurl is not webrtc://HOST/APP/STREAM");
  }
  if (publishes) wish.query += std::string(wish.query.empty() ? "" : "&") + "upstream=rtc";  // hooks see it, as in SRS
  auto outcome = co_await session::webrtc::open(service, exchange, std::move(wish));
  if (!outcome.answer) co_return failure(call, std::move(outcome.words));
  co_return ok(call, ordered_json{{"sdp", outcome.answer->sdp}, {"sessionid", outcome.answer->session_id}});
}

}  // namespace

void add_rtc_routes(http::Router& router, const Context& context, session::webrtc::Service& service) {
  for (const bool publishes : {true, false}) {
    const http::Handler handler = [&context, &service, publishes](http::Exchange& exchange) -> net::Task<void> {
      const Call call{
          exchange.request(), context, service.hub(), {.callback = {}, .method = exchange.request().method}};
      http::Reply reply = method_not_allowed("POST");
      if (exchange.request().method == "POST") reply = co_await answer(call, service, exchange, publishes);
      (void)co_await exchange.reply(std::move(reply));
    };
    const std::string path = publishes ? "/rtc/v1/publish" : "/rtc/v1/play";
    router.add(path, http::Access::signalling, handler);
    router.add(path + "/", http::Access::signalling, handler);
  }
}

}  // namespace weir::api
