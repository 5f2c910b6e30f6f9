#include "session/hls/handler.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include <fmt/chrono.h>

#include "base/text.h"
#include "net/http/exchange.h"
#include "net/http/reply.h"
#include "net/http/server.h"
#include "proto/stream_url.h"
#include "session/hls/asker.h"
#include "session/hls/bring.h"
#include "session/hls/dash_closed.h"
#include "session/hls/item_reply.h"
#include "session/hls/ladder.h"
#include "session/hls/relay_handler.h"
#include "session/hls/shelf.h"
#include "session/hls/visitors.h"

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto longest_wait = 60s;  // of a blocking request, whatever the target duration

// The virtual host and the path; of a playlist with a name that has an extension of ours ("a.flv.m3u8"), that of the
// stream itself.
std::string place_of(Service& service, const http::Request& request) {
  const auto vhost = service.hub().config()->match_vhost(request.virtual_host());
  if (!vhost) return {};
  std::string place = vhost->name + request.path;
  const std::size_t dot = place.rfind('.'), slash = place.rfind('/') + 1;
  if (dot == std::string::npos || dot <= slash || service.shelf().listing(place)) return place;
  const std::string_view name = std::string_view(place).substr(slash, dot - slash);
  std::string plain = place.substr(0, slash).append(proto::without_extension(name)).append(place.substr(dot));
  return service.shelf().listing(plain) ? plain : place;
}

// "x/a-12.ts" and "x/a-12.3.ts" while there is a playlist x/a.m3u8: segments that are no more, or not yet, unless
// somebody publishes a stream of that name.
bool names_segment(Service& service, std::string_view place) {
  const auto strip = [](std::string_view text, char before) {
    const std::size_t digits = text.find_last_not_of("0123456789");
    const bool found = digits != std::string_view::npos && digits + 1 < text.size() && text[digits] == before;
    return found ? text.substr(0, digits) : text;
  };
  const std::size_t dot = place.rfind('.');
  if (dot == std::string_view::npos || place.substr(dot) != ".ts") return false;
  const std::string_view name = place.substr(0, dot);
  const std::string_view stem = strip(strip(name, '.'), '-');
  if (stem.size() == name.size() || !service.shelf().listing(std::string(stem) + ".m3u8")) return false;
  const auto [vhost, path] = base::split_first(name, '/');
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return true;
  const base::StreamKey key{.vhost = std::string(vhost),
                            .app = std::string(path.substr(0, slash)),
                            .stream = std::string(proto::without_extension(path.substr(slash + 1)))};
  return !service.hub().directory().live(key);
}

// A segment of low-latency DASH that never comes, and its manifest, which is beside its folder.
Shelf::Found absent_at(Service& service, std::string_view place) {
  const std::size_t slash = place.rfind('/');
  if (!place.ends_with(".m4s") || slash == std::string_view::npos) return {};
  const std::string_view folder = place.substr(0, slash);
  ListingRef listing = service.shelf().listing(std::string(folder) + ".mpd");
  if (!listing) listing = service.shelf().listing(folder);
  if (!listing) return {};
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  ItemRef item = absent_segment(*listing, place, now);
  if (!item) return {};
  return {.item = std::move(item), .listing = std::make_shared<const std::string>(listing->place)};
}

const Growing* growing_at(const ListingRef& listing, std::string_view place) {
  if (!listing) return nullptr;
  for (const Growing& one : listing->growing) {
    if (one.place == place) return &one;
  }
  return nullptr;
}

// A body that is sent as it comes.
class ChunkedBody {
 public:
  explicit ChunkedBody(http::Exchange& exchange) : exchange_(exchange) {}

  std::uint64_t sent() const { return sent_; }
  bool begun() const { return begun_; }
  // False if the client is gone.
  net::Task<bool> send(base::SharedBytes bytes, const Asker& asker) {
    if (!std::exchange(begun_, true)) {
      http::Headers headers{{"Content-Type", "video/iso.segment"},
                            {"Cache-Control", asker.alone ? "private, max-age=60" : "public, max-age=60"}};
      const auto framing = co_await exchange_.start_chunked(200, std::move(headers));
      if (!framing) co_return false;
      chunked_ = *framing == http::Framing::chunked;
    }
    sent_ += bytes.size();
    if (!exchange_.wants_body() || bytes.empty()) co_return true;
    if (!chunked_) co_return co_await write(bytes);
    std::array<std::uint8_t, 18> head;
    const std::size_t size = http::write_chunk_head(head, bytes.size());
    const std::array<base::Bytes, 3> parts{base::Bytes(head).first(size), bytes, base::as_bytes(http::chunk_end)};
    exchange_.watchdog().arm(exchange_.options().write_limit);
    const auto written = co_await exchange_.stream().write(parts);
    exchange_.watchdog().disarm();
    co_return written.has_value();
  }
  net::Task<void> end() {
    if (!begun_ || !chunked_ || !exchange_.wants_body()) co_return;
    if (!co_await write(base::as_bytes(http::last_chunk))) exchange_.close_after_reply();
  }

 private:
  net::Task<bool> write(base::Bytes bytes) {
    const std::array<base::Bytes, 1> parts{bytes};
    exchange_.watchdog().arm(exchange_.options().write_limit);
    const auto written = co_await exchange_.stream().write(parts);
    exchange_.watchdog().disarm();
    co_return written.has_value();
  }

  http::Exchange& exchange_;
  std::uint64_t sent_ = 0;
  bool begun_ = false, chunked_ = false;
};

// A segment of low-latency DASH while it is made: what there is at once, and the rest as it comes.
net::Task<void> send_growing(Service& service, http::Exchange& exchange, std::string place, ListingRef listing) {
  Waiter waiter(service.worker(), std::min<std::chrono::milliseconds>(listing->target * 3, longest_wait));
  const std::string of = listing->place;
  service.shelf().await(of, waiter);
  Asker asker;
  if (!co_await may_have(service, exchange, of, asker)) co_return;
  ChunkedBody body(exchange);
  for (std::size_t next = 0;;) {
    const ItemRef item = service.shelf().item(place);
    if (item && !body.begun()) co_return co_await send_item(service, exchange, item, std::move(asker));
    if (item) {
      const auto sent = static_cast<std::size_t>(body.sent());
      if (sent > item->bytes.size() || !co_await body.send(item->bytes.slice(sent, item->bytes.size() - sent), asker)) {
        break;
      }
      co_await body.end();
      service.count_item(item->bytes.size());
      if (!asker.id.empty()) service.visitors().touch(asker.id, item->bytes.size(), Visitors::Sent::media);
      co_return;
    }
    const Growing* now = growing_at(service.shelf().listing(of), place);
    if (!now) break;  // it was left out, or its publisher is gone
    if (next < now->chunks.size()) {
      const base::SharedBytes chunk = now->chunks[next++];
      if (!co_await body.send(chunk, asker)) break;
      continue;
    }
    if (!co_await waiter.wait()) break;
  }
  if (body.begun()) co_return exchange.close_after_reply();
  if (auto [item, its] = absent_at(service, place); item) {
    co_return co_await send_item(service, exchange, std::move(item), std::move(asker));
  }
  exchange.close_after_reply();
  co_await refuse(exchange, 404, "no such segment");
}

// The part that a playlist hinted at: answered when it is there.
net::Task<void> send_hinted(Service& service, http::Exchange& exchange, std::string place, ListingRef listing) {
  Waiter waiter(service.worker(), std::min<std::chrono::milliseconds>(listing->target * 3, longest_wait));
  service.shelf().await(listing->place, waiter);
  Asker asker;
  if (!co_await may_have(service, exchange, listing->place, asker)) co_return;
  for (;;) {
    if (ItemRef item = service.shelf().item(place)) {
      if (!co_await may_have(service, exchange, listing->place, asker)) co_return;  // kicked meanwhile
      co_return co_await send_item(service, exchange, std::move(item), std::move(asker));
    }
    if (!service.shelf().hinted(place)) co_return co_await refuse(exchange, 404, "no such part");
    if (!co_await waiter.wait()) co_return co_await refuse(exchange, 503, "the part did not come");
  }
}

// The listing as it is when it has what was asked for; null after the request was refused.
net::Task<ListingRef> grown(Service& service, http::Exchange& exchange, ListingRef listing,
                            const m3u8::ReloadRequest& asked) {
  const auto target = std::min<std::chrono::milliseconds>(listing->target * 3, longest_wait);
  std::optional<Waiter> waiter;
  for (;;) {
    switch (m3u8::answer_to(asked, listing->progress)) {
      case m3u8::Answer::now:
        co_return listing;
      case m3u8::Answer::bad_request:
        co_await refuse(exchange, 400, "_HLS_msn or _HLS_part is too far ahead");
        co_return nullptr;
      case m3u8::Answer::wait:
        break;
    }
    const std::string place = listing->place;
    if (!waiter) {
      waiter.emplace(service.worker(), target);
      service.shelf().await(place, *waiter);
      service.count_wait();
    }
    if (!co_await waiter->wait()) {
      co_await refuse(exchange, 503, "the playlist did not grow in time");
      co_return nullptr;
    }
    listing = service.shelf().listing(place);
    if (!listing) {
      co_await refuse(exchange, 404, "the stream is gone");
      co_return nullptr;
    }
  }
}

// What a playlist may be kept for by caches: what was waited for never changes.
std::string_view cache_control(const Listing& listing, const m3u8::ReloadRequest& asked, bool own) {
  if (own) return "private, no-cache";
  if (listing.low_latency && asked.sequence) return "public, max-age=6";
  return "no-cache";
}

// A page in its blocks. `page` is the caller's while it waits.
net::Task<bool> send_long(http::Exchange& exchange, const Page& page, http::Headers headers, std::string session) {
  if (!co_await exchange.start_sized(200, std::move(headers), page.size(session.size()))) co_return false;
  if (!exchange.wants_body()) co_return true;
  std::string text = with_session(page, session);
  for (std::size_t next = 0;; ++next) {
    const std::array<base::Bytes, 1> block{base::as_bytes(text)};
    exchange.watchdog().arm(exchange.options().write_limit);
    const auto written = co_await exchange.stream().write(block);
    exchange.watchdog().disarm();
    if (!written) co_return false;
    if (next == page.rest.size()) co_return true;
    text = with_session(page.rest[next].bytes(), session);
  }
}

net::Task<void> send_page(Service& service, http::Exchange& exchange, ListingRef listing, m3u8::ReloadRequest asked,
                          std::string visitor, bool has_session) {
  const bool delta = asked.skip && listing->low_latency;
  const Page* page = !delta ? &listing->full : asked.skip_ranges ? &listing->delta_v2 : &listing->delta;
  const Page* own = !delta ? &listing->full_own : asked.skip_ranges ? &listing->delta_v2_own : &listing->delta_own;
  const bool personal = !visitor.empty() && !own->marks.empty() && !asks_for_others(service, exchange);
  const Page& told = personal ? *own : *page;
  http::Reply reply;
  reply.headers.add("Content-Type", listing->type);
  reply.headers.add("Cache-Control", cache_control(*listing, asked, has_session || personal));
  if (!told.rest.empty()) {
    const std::uint64_t size = told.size(visitor.size());
    if (!personal) reply.headers.add("Vary", "Accept-Encoding");
    if (!co_await send_long(exchange, told, std::move(reply.headers), personal ? visitor : std::string())) co_return;
    service.count_page(static_cast<std::size_t>(size));
    if (!visitor.empty()) service.visitors().touch(visitor, size, Visitors::Sent::page);
    co_return;
  }
  if (personal) {
    reply.text = with_session(*own, visitor);
  } else {
    reply.headers.add("Vary", "Accept-Encoding");
    const bool squeeze = !page->gzip.empty() && exchange.request().headers.accepts_coding("gzip");
    if (squeeze) reply.headers.add("Content-Encoding", "gzip");
    reply.shared = squeeze ? page->gzip : page->plain;
  }
  const std::size_t size = reply.body().size();
  const bool sent = static_cast<bool>(co_await exchange.reply(std::move(reply)));
  if (sent) service.count_page(size);
  if (sent && !visitor.empty()) service.visitors().touch(visitor, size, Visitors::Sent::page);
}

net::Task<void> send_master(http::Exchange& exchange, ListingRef listing, std::string visitor) {
  http::Reply reply;
  reply.headers.add("Content-Type", listing->type);
  reply.headers.add("Cache-Control", "private, no-cache");
  std::string tail = visitor;
  for (const std::string_view pair : base::split(exchange.request().query, '&')) {
    if (!pair.empty() && !pair.starts_with("hls_ctx=")) tail.append("&").append(pair);
  }
  reply.text = with_session(listing->master, tail);
  (void)co_await exchange.reply(std::move(reply));
}

// UTCTiming of a manifest (urn:mpeg:dash:utc:http-xsdate:2014).
net::Task<void> send_time(http::Exchange& exchange) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto whole = std::chrono::floor<std::chrono::seconds>(now);
  http::Reply reply = http::Reply::plain(
      200, fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                       (now - whole).count()));
  reply.headers.add("Cache-Control", "no-store");
  (void)co_await exchange.reply(std::move(reply));
}

net::Task<void> send_listing(Service& service, http::Exchange& exchange, ListingRef listing) {
  const auto asked = m3u8::parse_reload(exchange.request().query);
  if (!asked) co_return co_await refuse(exchange, 400, "_HLS_msn, _HLS_part or _HLS_skip is malformed");
  if (listing->dash && exchange.request().query_value("time")) co_return co_await send_time(exchange);
  std::string visitor;
  bool has_session = false;  // the id is the player's own and stands in its URLs
  if (exchange.wants_body()) {
    Visitors& visitors = service.visitors();
    const bool sessions = !listing->master.plain.empty() && !asks_for_others(service, exchange);
    const auto told = exchange.request().query_value("hls_ctx");
    has_session = sessions || (told && !listing->main.empty());
    visitor = has_session ? told.value_or("") : likeness(service, exchange, listing->visited());
    const bool given = is_session_id(visitor);
    switch (given ? visitors.standing(visitor, listing->visited()) : Visitors::Standing::unknown) {
      case Visitors::Standing::kicked:
        co_return co_await refuse_kicked(exchange, visitor);
      case Visitors::Standing::present:
        break;
      case Visitors::Standing::unknown: {
        const auto entered = co_await visitors.enter(exchange, listing, visitor);
        if (!entered) {
          service.log_refusal(exchange.life().log(), *listing, entered.error());
          co_return co_await refuse(exchange, entered.error());
        }
        // A player that came with an id, of its own or from before a restart, goes on under it.
        if (sessions && *entered != visitor) co_return co_await send_master(exchange, listing, *entered);
        visitor = *entered;
        break;
      }
    }
    visitors.touch(visitor, 0, Visitors::Sent::page);
  }
  const std::string place = listing->visited();
  listing = co_await grown(service, exchange, std::move(listing), *asked);
  if (!listing) co_return;
  if (!visitor.empty() && service.visitors().standing(visitor, place) == Visitors::Standing::kicked) {
    co_return co_await refuse_kicked(exchange, visitor);  // while it waited
  }
  co_await send_page(service, exchange, std::move(listing), *asked, std::move(visitor), has_session);
}

net::Task<void> serve(Service& service, http::Exchange& exchange) {
  if (auto renditions = ladder_of(service, exchange.request()); !renditions.empty()) {
    co_return co_await send_ladder(exchange, std::move(renditions));
  }
  if (ListingRef joined = service.dash_ladders().find(service, exchange.request())) {
    co_return co_await send_listing(service, exchange, std::move(joined));
  }
  const std::string place = place_of(service, exchange.request());
  auto found = service.shelf().find(place);
  if (!found.item) found = absent_at(service, place);
  if (auto& [item, of] = found; item) {
    Asker asker;
    if (co_await may_have(service, exchange, *of, asker)) {
      co_await send_item(service, exchange, std::move(item), std::move(asker));
    }
    co_return;
  }
  if (ListingRef listing = service.shelf().listing(place)) {
    co_return co_await send_listing(service, exchange, std::move(listing));
  }
  if (ListingRef listing = service.shelf().hinted(place)) {
    if (listing->dash) co_return co_await send_growing(service, exchange, place, std::move(listing));
    co_return co_await send_hinted(service, exchange, place, std::move(listing));
  }
  co_await refuse(exchange, 404, "no such segment");
}

net::Task<void> serve_absent(Service& service, http::Exchange& exchange, Absent absent) {
  std::string visitor;
  ListingRef listing = co_await bring(service, exchange, std::move(absent), visitor);
  if (!listing) co_return;
  if (!visitor.empty()) co_return co_await send_master(exchange, std::move(listing), std::move(visitor));
  co_await send_listing(service, exchange, std::move(listing));
}

}  // namespace

void add_routes(http::Router& router, Service& service) {
  router.add_matcher([&service](const http::Request& request) -> std::optional<http::Route> {
    if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
    if (auto relayed = relayed_of(service, request)) {
      return http::Route(http::Access::media, [&service, relayed = *std::move(relayed)](http::Exchange& exchange) {
        return serve_relayed(service, exchange, relayed);
      });
    }
    if (!ladder_of(service, request).empty() || service.dash_ladders().find(service, request)) {
      return http::Route(http::Access::media,
                         [&service](http::Exchange& exchange) { return serve(service, exchange); });
    }
    if (auto absent = absent_of(service, request)) {
      return http::Route(http::Access::media, [&service, absent = *std::move(absent)](http::Exchange& exchange) {
        return serve_absent(service, exchange, absent);
      });
    }
    const std::string place = place_of(service, request);
    const Shelf& shelf = service.shelf();
    if (!shelf.item(place) && !shelf.listing(place) && !shelf.hinted(place) && !names_segment(service, place) &&
        !absent_at(service, place).item) {
      return std::nullopt;
    }
    return http::Route(http::Access::media, [&service](http::Exchange& exchange) { return serve(service, exchange); });
  });
}

}  // namespace weir::session::hls
