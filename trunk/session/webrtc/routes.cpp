#include "session/webrtc/routes.h"

#include <fmt/format.h>

#include "base/text.h"
#include "net/http/conditions.h"
#include "net/worker.h"
#include "session/webrtc/ice_servers.h"
#include "session/webrtc/signalling.h"

namespace weir::session::webrtc {

using namespace std::chrono_literals;

namespace {

constexpr auto word_limit = 3s;  // of another worker
constexpr std::size_t most_fragment = 16 * 1024;
constexpr std::size_t most_trickled = 20;  // candidates; a lite server needs none of them
constexpr std::string_view sdp_type = "application/sdp", fragment_type = "application/trickle-ice-sdpfrag";

// What a path of ours means.
struct Target {
  bool publishes = false;
  std::string app, stream;  // empty for /rtc/v1/...: they are in the query
  std::string prefix;       // of the sessions that are begun here, with its slash
  std::string secret;       // of the session that is meant; empty for none
};

http::Reply say(int status, std::string text) {
  http::Reply reply = http::Reply::plain(status, std::move(text));
  reply.headers.add("Cache-Control", "no-store");
  return reply;
}

bool is_type(http::Exchange& exchange, std::string_view wanted) {
  const std::string_view given = exchange.request().headers.find("Content-Type");
  return given.empty() || base::iequals(base::trim(base::split_first(given, ';').first), wanted);
}

net::Task<void> begin(Service& service, http::Exchange& exchange, Target target) {
  const http::Request& asked = exchange.request();
  if (!is_type(exchange, sdp_type)) {
    (void)co_await exchange.reply(say(415, "the offer is sent as application/sdp\n"));
    co_return;
  }
  const auto body = co_await exchange.read_body(sdp::most_bytes);
  if (!body) {
    (void)co_await exchange.reply_fault(body.error());
    co_return;
  }
  Wish wish{.publishes = target.publishes,
            .host = asked.host,
            .app = target.app,
            .stream = target.stream,
            .query = asked.query,
            .sdp = std::string(base::as_text(*body))};
  if (wish.app.empty()) wish.app = asked.query_value("app").value_or("live");
  if (wish.stream.empty()) wish.stream = asked.query_value("stream").value_or("livestream");
  Outcome outcome = co_await open(service, exchange, std::move(wish));
  http::Reply reply = say(outcome.status, std::move(outcome.words));
  if (outcome.answer) {
    reply = say(201, std::move(outcome.answer->sdp));
    http::Headers headers;
    headers.add("Content-Type", sdp_type);
    headers.add("Location", target.prefix + outcome.answer->secret);
    headers.add("ETag", outcome.answer->etag);
    headers.add("Accept-Patch", fragment_type);
    const auto& servers = service.hub().config()->rtc_server.ice_servers;
    for (const std::string& link : ice_server_links(servers, std::chrono::system_clock::now())) {
      headers.add("Link", link);
    }
    headers.add("Cache-Control", "no-store");
    reply.headers = std::move(headers);
  }
  if (outcome.status == 307) reply.headers.add("Location", outcome.elsewhere);
  if (outcome.status == 503) reply.headers.add("Retry-After", "1");
  if (outcome.status == 401) reply.headers.add("WWW-Authenticate", "Bearer");
  (void)co_await exchange.reply(std::move(reply));
}

// What a session, which may live on another worker, says to a request about it.
struct Word {
  explicit Word(boost::asio::io_context& io) : said(io) {}
  std::optional<http::Reply> reply;
  net::Notifier said;
};

net::Task<http::Reply> ask_session(Service& service, http::Exchange& exchange, std::string secret,
                                   std::function<http::Reply(Session&)> question) {
  net::Worker& here = service.hub().worker();
  auto word = std::make_shared<Word>(here.io());
  const bool known =
      service.with_session(secret, [&here, word, question = std::move(question)](Session* session) mutable {
        auto reply = std::make_shared<http::Reply>(session ? question(*session) : say(404, "this session is over\n"));
        here.post([word, reply] {
          word->reply = std::move(*reply);
          word->said.notify();
        });
      });
  if (!known) co_return say(404, "there is no such session\n");
  exchange.watchdog().arm(word_limit);
  while (!word->reply) {
    if (!co_await word->said.wait()) co_return say(503, "the session does not answer\n");
  }
  exchange.watchdog().disarm();
  co_return *std::move(word->reply);
}

http::Reply end_session(Session& session) {
  session.end(Errc::deleted);
  return say(200, {});
}

// RFC 9725 4.3: candidates of the peer for the ICE session of that tag, or an ICE restart, which has "*". Fragments may
// overtake each other: one of an ICE session that is over restarts nothing.
http::Reply patch_session(Session& session, const Fragment& fragment, const std::string& tag) {
  const bool any = tag == "\"*\"";  // as examples of the drafts had it
  if (!any && !http::lists_tag(tag, session.etag(), false)) return say(412, "another ICE session is current\n");
  const ice::Credentials& now = session.transport().agent().remote();
  if (fragment.credentials.ufrag.empty() || fragment.credentials.ufrag == now.ufrag) return say(204, {});
  if (fragment.credentials.password.size() < 22) return say(400, "an ICE restart needs a=ice-pwd\n");
  const auto ours = session.restart(fragment.credentials);
  if (!ours) return say(503, ours.error().message() + "\n");
  http::Reply reply;
  reply.headers.add("Content-Type", fragment_type);
  reply.headers.add("ETag", session.etag());
  reply.text = fmt::format("a=ice-lite\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", ours->ufrag, ours->password);
  return reply;
}

net::Task<http::Reply> patch(Service& service, http::Exchange& exchange, std::string secret) {
  if (!is_type(exchange, fragment_type)) {
    co_return say(415, "candidates are sent as application/trickle-ice-sdpfrag\n");
  }
  const std::string tag(exchange.request().headers.find("If-Match"));
  if (tag.empty()) co_return say(428, "a request about an ICE session names its ETag in If-Match\n");
  const auto body = co_await exchange.read_body(most_fragment);
  if (!body) co_return say(400, body.error().message() + "\n");
  const Fragment fragment = parse_fragment(base::as_text(*body));
  if (!fragment.any()) co_return say(400, "this is no fragment of SDP: neither a=candidate nor a=ice-ufrag\n");
  if (fragment.candidates > most_trickled) co_return say(422, "too many candidates\n");
  co_return co_await ask_session(service, exchange, std::move(secret),
                                 [fragment, tag](Session& session) { return patch_session(session, fragment, tag); });
}

net::Task<void> serve_target(Service& service, http::Exchange& exchange, Target target) {
  const std::string& method = exchange.request().method;
  if (target.secret.empty()) {
    if (method == "POST") co_return co_await begin(service, exchange, std::move(target));
    http::Reply reply =
        say(405, fmt::format("{} is spoken here: POST an SDP offer to this URL\n", target.publishes ? "WHIP" : "WHEP"));
    reply.headers.add("Allow", "POST, OPTIONS");
    (void)co_await exchange.reply(std::move(reply));
    co_return;
  }
  http::Reply reply;
  if (method == "DELETE") {
    reply = co_await ask_session(service, exchange, target.secret, end_session);
  } else if (method == "PATCH") {
    reply = co_await patch(service, exchange, target.secret);
  } else {
    reply = say(405, "a session takes PATCH and DELETE\n");
    reply.headers.add("Allow", "PATCH, DELETE, OPTIONS");
  }
  (void)co_await exchange.reply(std::move(reply));
}

// /APP/STREAM/whip and /whep, and the sessions below.
std::optional<Target> target_of(std::string_view path) {
  for (const std::string_view name : {"/whip", "/whep"}) {
    const auto at = path.rfind(name);
    if (at == std::string_view::npos || at == 0) continue;
    std::string_view rest = path.substr(at + name.size());
    if (!rest.empty() && rest[0] != '/') continue;
    if (!rest.empty()) rest.remove_prefix(1);
    if (rest.find('/') != std::string_view::npos) continue;
    const std::string_view stream_path = path.substr(1, at - 1);
    const auto slash = stream_path.rfind('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == stream_path.size()) continue;
    Target target{.publishes = name == "/whip",
                  .app = std::string(stream_path.substr(0, slash)),
                  .stream = std::string(stream_path.substr(slash + 1)),
                  .secret = std::string(rest)};
    return target;
  }
  return std::nullopt;
}

// The path as it was sent, up to the secret: what the client's next requests are relative to.
std::string prefix_of(const http::Request& request, std::string_view secret) {
  std::string prefix = request.target.substr(0, request.target.find('?'));
  if (!secret.empty() && prefix.ends_with(secret)) prefix.resize(prefix.size() - secret.size());
  if (!prefix.ends_with('/')) prefix += '/';
  return prefix;
}

}  // namespace

void add_routes(http::Router& router, Service& service) {
  constexpr std::pair<std::string_view, bool> roots[] = {
      {"/rtc/v1/whip", true}, {"/rtc/v1/whep", false}, {"/rtc/v1/whip-play", false}};
  for (const auto& [path, is_whip] : roots) {
    const std::string root(path);
    const http::Handler handler = [&service, root, publishes = is_whip](http::Exchange& exchange) {
      const http::Request& asked = exchange.request();
      Target target{.publishes = publishes && asked.query_value("action").value_or("") != "play"};
      if (asked.path.size() > root.size() + 1) target.secret = asked.path.substr(root.size() + 1);
      target.prefix = prefix_of(asked, target.secret);
      return serve_target(service, exchange, std::move(target));
    };
    router.add(root, http::Access::signalling, handler);
    router.add(root + "/", http::Access::signalling, handler);
  }
  router.add_matcher([&service](const http::Request& request) -> std::optional<http::Route> {
    auto target = target_of(request.path);
    if (!target) return std::nullopt;
    target->prefix = prefix_of(request, target->secret);
    return http::Route(http::Access::signalling, [&service, target = std::move(*target)](http::Exchange& exchange) {
      return serve_target(service, exchange, target);
    });
  });
}

}  // namespace weir::session::webrtc
