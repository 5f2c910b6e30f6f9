#include "session/hls/asker.h"

#include "base/digest.h"
#include "base/redact.h"
#include "base/text.h"
#include "net/http/reply.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/way.h"
#include "session/hls/guard.h"

namespace weir::session::hls {

namespace {

// What asks for an answer of its own each time, and says nothing of who asks.
bool is_passing(std::string_view parameter) {
  return parameter.starts_with("_HLS_") || parameter.starts_with("CMCD=") || parameter.starts_with("hls_ctx=");
}

int status_of(base::ErrorCode error) {
  if (error == hub::Errc::no_vhost || error == hub::Errc::no_stream_name) return 404;
  if (error == hub::Errc::nobody_published || upstream::is_absence(error)) return 404;
  return error == upstream::Errc::nowhere || error == hub::Errc::limit || error == hub::Errc::draining ? 503 : 403;
}

}  // namespace

net::Task<void> refuse(http::Exchange& exchange, int status, std::string text) {
  http::Reply reply = http::Reply::plain(status, std::move(text) + "\n");
  reply.headers.add("Cache-Control", "no-cache");
  (void)co_await exchange.reply(std::move(reply));
}

net::Task<void> refuse(http::Exchange& exchange, hub::Refusal refusal) {
  if (refusal.url.empty()) co_return co_await refuse(exchange, status_of(refusal.why), refusal.message());
  log::info(exchange.life().log(), "{} {} sent to {}", exchange.request().method, exchange.request().path,
            base::without_secrets(refusal.url));
  http::Reply reply = http::Reply::redirect(302, refusal.url);
  reply.headers.add("Cache-Control", "no-cache");
  (void)co_await exchange.reply(std::move(reply));
}

net::Task<void> refuse_kicked(http::Exchange& exchange, const std::string& id) {
  return refuse(exchange, 404, "HLS stream " + id + " is EOF");
}

net::Task<bool> may_have(Service& service, http::Exchange& exchange, std::string listing_place, Asker& asker) {
  const http::Request& request = exchange.request();
  const auto vhost = service.hub().config()->match_vhost(request.virtual_host());
  asker.alone = !vhost || guarded(*vhost);
  asker.id = request.query_value("hls_ctx").value_or("");
  const ListingRef listing = service.shelf().listing(listing_place);
  const std::string visited = listing ? listing->visited() : listing_place;
  const Visitors& visitors = service.visitors();
  const bool unnamed = asker.id.empty() && !asker.alone && listing && listing->master.plain.empty();
  if (unnamed) asker.id = likeness(service, exchange, visited);
  auto standing = is_session_id(asker.id) ? visitors.standing(asker.id, visited) : Visitors::Standing::unknown;
  if (standing == Visitors::Standing::unknown && listing && !listing->ladder.empty()) {
    if (unnamed) asker.id = likeness(service, exchange, listing->ladder);
    if (is_session_id(asker.id)) standing = visitors.standing(asker.id, listing->ladder);
  }
  if (standing == Visitors::Standing::kicked) {
    co_await refuse_kicked(exchange, asker.id);
    co_return false;
  }
  if (standing == Visitors::Standing::unknown && asker.alone) {
    co_await refuse(exchange, 403, "no session of this stream: ask for its playlist first");
    co_return false;
  }
  co_return true;
}

std::string likeness(Service& service, http::Exchange& exchange, const std::string& visited) {
  const http::Request& request = exchange.request();
  std::string text = service.salt() + "|" + exchange.client_address() + "|" +
                     std::string(request.headers.find("User-Agent")) + "|" + visited;
  const auto vhost = service.hub().config()->match_vhost(request.virtual_host());
  if (!vhost || judges_players(*vhost)) {
    text.append("|").append(request.headers.find("Referer"));
    for (const std::string_view pair : base::split(request.query, '&')) {
      if (!is_passing(pair)) text.append("|").append(pair);
    }
  }
  const base::Sha256 digest = base::sha256({base::as_bytes(text)});
  static constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id;
  for (std::size_t i = 0; i < 8; ++i) id += letters[digest[i] % letters.size()];
  return id;
}

bool asks_for_others(Service& service, const http::Exchange& exchange) {
  if (!exchange.request().headers.has(upstream::way_header)) return false;
  const auto vhost = service.hub().config()->match_vhost(exchange.request().virtual_host());
  return vhost && !guarded(*vhost);
}

std::string private_rule(const std::string& rule) {
  constexpr std::string_view open = "public";
  return rule.starts_with(open) ? "private" + rule.substr(open.size()) : rule;
}

}  // namespace weir::session::hls
