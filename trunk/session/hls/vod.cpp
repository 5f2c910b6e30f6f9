#include "session/hls/vod.h"

#include "base/digest.h"
#include "base/text.h"
#include "base/url.h"
#include "net/http/conditions.h"
#include "net/http/gzip.h"
#include "net/http/send_bytes.h"
#include "proto/stream_url.h"
#include "session/common/path_reading.h"
#include "session/hls/asker.h"
#include "session/hls/vod_shelf.h"

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;
using base::Result;

namespace {

constexpr std::array<std::string_view, 2> endings{".mp4", ".flv"};
constexpr std::string_view playlist_ending = ".m3u8", init_ending = "-init.mp4", fragment_ending = ".m4s",
                           stream_ending = ".ts";
constexpr std::size_t smallest_squeezed = 1024;
constexpr std::size_t largest_playlist_bytes = 16 * 1024 * 1024;

bool is_film(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::ranges::any_of(
      endings, [&](std::string_view ending) { return name.size() > ending.size() && name.ends_with(ending); });
}

// As players of that recording are listed, and what they may be kept from.
ListingRef listing_of(const std::string& path, const FileStanding& file) {
  auto listing = std::make_shared<Listing>();
  listing->recorded_of = file.key.vhost;
  listing->place = file.key.vhost + path + file.file->etag();
  listing->app = file.key.app;
  listing->stream = file.key.stream;
  listing->key = file.key;
  listing->target = std::chrono::duration_cast<std::chrono::milliseconds>(VodFile::target);
  listing->length = std::chrono::seconds(60);  // who asks for nothing for twice as long has left
  return listing;
}

// The query of what a playlist names: the session's, and whatever the playlist was asked for with, so that a player who
// rested for long is let in again.
std::string query_of(const http::Request& request, const Asker& asker) {
  std::string query;
  if (asker.alone) query = "hls_ctx=" + asker.id;
  for (const std::string_view pair : base::split(request.query, '&')) {
    if (pair.empty() || pair.starts_with("hls_ctx=") || pair.starts_with("_HLS_")) continue;
    query.append(query.empty() ? "" : "&").append(pair);
  }
  return query;
}

// Of a viewer whom nobody is kept from, and who so has no id: by what he is like.
std::string viewer_id(Service& service, http::Exchange& exchange, const std::string& place) {
  const std::string like = service.salt() + "|" + exchange.client_address() + "|" +
                           std::string(exchange.request().headers.find("User-Agent")) + "|" + place;
  static constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  const base::Sha256 digest = base::sha256({base::as_bytes(like)});
  std::string id;
  for (std::size_t i = 0; i < 8; ++i) id += letters[digest[i] % letters.size()];
  return id;
}

net::Task<void> send_media(Service& service, http::Exchange& exchange, ItemRef item, Asker asker) {
  http::Reply reply;
  reply.headers.add("Content-Type", item->type);
  reply.headers.add("Cache-Control", asker.alone ? private_rule(item->cache_control) : item->cache_control);
  reply.headers.add("ETag", item->etag);
  reply.shared = item->bytes;
  const auto sent = co_await http::send_bytes(exchange, std::move(reply));
  if (!sent) co_return;
  service.count_item(*sent);
  if (!asker.id.empty() && exchange.wants_body()) {
    service.visitors().touch(asker.id, *sent, Visitors::Sent::media);
  }
}

// Each of its URIs has the whole of the query, which is the asker's.
bool is_too_large(const VodFile& film, const VodText& text) {
  constexpr std::size_t beside = 64;  // the lines of a segment without its name and its query
  return film.segments().size() * (beside + 3 * text.name.size() + text.query.size()) > largest_playlist_bytes;
}

// False: the request was refused.
net::Task<bool> let_in(Service& service, http::Exchange& exchange, const FileStanding& file, std::string path,
                       Asker& asker) {
  asker.alone = file.guarded;
  if (!file.guarded && !file.counted) co_return true;
  const ListingRef listing = listing_of(path, file);
  Visitors& visitors = service.visitors();
  asker.id = file.guarded ? exchange.request().query_value("hls_ctx").value_or("")
                          : viewer_id(service, exchange, listing->place);
  const auto standing =
      is_session_id(asker.id) ? visitors.standing(asker.id, listing->visited()) : Visitors::Standing::unknown;
  if (standing == Visitors::Standing::present) co_return true;
  if (standing == Visitors::Standing::kicked) {
    co_await refuse_kicked(exchange, asker.id);
    co_return false;
  }
  const auto entered = co_await visitors.enter(exchange, listing, asker.id);
  if (!entered) {
    service.log_refusal(exchange.life().log(), *listing, entered.error());
    co_await refuse(exchange, entered.error());
    co_return false;
  }
  asker.id = *entered;
  co_return true;
}

net::Task<void> refuse_film(http::Exchange& exchange, base::ErrorCode why) {
  if (why != hub::Errc::limit) co_return co_await refuse(exchange, 404, why.message());
  http::Reply reply = http::Reply::plain(503, why.message() + "\n");
  reply.headers.add("Cache-Control", "no-cache");
  reply.headers.add("Retry-After", "1");
  (void)co_await exchange.reply(std::move(reply));
}

net::Task<void> send_playlist(Service& service, http::Exchange& exchange, std::shared_ptr<const VodFile> film,
                              VodText text, Asker asker) {
  const bool squeezed = exchange.request().headers.accepts_coding("gzip");
  struct Made {
    std::string plain;
    base::SharedBytes gzip;
  };
  if (is_too_large(*film, text)) co_return co_await refuse(exchange, 414, "the query is too long for this recording");
  hub::MemoryAccount held(service.budget().whole(), hub::Cache::segments);  // while a slow player takes it
  if (held.pressure() >= hub::Pressure::full) co_return co_await refuse_film(exchange, hub::Errc::limit);
  auto make = [film = std::move(film), text = std::move(text), squeezed] {
    Made made{vod_playlist(*film, text), {}};
    if (squeezed && made.plain.size() >= smallest_squeezed) made.gzip = http::gzip(base::as_bytes(made.plain));
    if (!made.gzip.empty()) made.plain = {};
    return made;
  };
  auto made = co_await service.readers().run(std::move(make));
  if (!made) co_return co_await refuse_film(exchange, hub::Errc::limit);
  held.set(made->plain.size() + made->gzip.size());
  http::Reply reply;
  reply.headers.add("Content-Type", "application/vnd.apple.mpegurl");
  reply.headers.add("Cache-Control", asker.alone ? "private, no-cache" : "max-age=60");
  if (!asker.alone) reply.headers.add("Vary", "Accept-Encoding");
  if (made->gzip.empty()) {
    reply.text = std::move(made->plain);
  } else {
    reply.headers.add("Content-Encoding", "gzip");
    reply.shared = std::move(made->gzip);
  }
  const std::size_t size = reply.body().size();
  if (!co_await exchange.reply(std::move(reply))) co_return;
  service.count_page(size);
  if (!asker.id.empty()) service.visitors().touch(asker.id, size, Visitors::Sent::page);
}

net::Task<void> serve(Service& service, VodShelf& shelf, const FindFile& find, VodPath path, http::Exchange& exchange) {
  FileStanding file = co_await find(exchange, path.file);
  if (file.status == http::File::Status::forbidden)
    co_return co_await refuse(exchange, 403, "this recording is closed");
  if (file.status == http::File::Status::busy) co_return co_await refuse_film(exchange, hub::Errc::limit);
  if (file.status != http::File::Status::ok) co_return co_await refuse(exchange, 404, "no such recording");
  Asker asker;
  if (!co_await let_in(service, exchange, file, path.file, asker)) co_return;
  auto film = co_await shelf.film(file.file);
  if (!film) co_return co_await refuse_film(exchange, film.error());
  if (path.what == VodPath::What::playlist) {
    VodText text{path.file.substr(path.file.rfind('/') + 1), query_of(exchange.request(), asker)};
    co_return co_await send_playlist(service, exchange, *std::move(film), std::move(text), std::move(asker));
  }
  if (path.what == VodPath::What::init) {
    auto item = std::make_shared<Item>();
    item->type = "video/mp4";
    item->bytes = (*film)->init();
    item->cache_control = "public, max-age=86400";
    item->etag = file.file->etag();
    co_return co_await send_media(service, exchange, std::move(item), std::move(asker));
  }
  if (path.number >= (*film)->segments().size()) co_return co_await refuse(exchange, 404, "no such segment");
  auto item = co_await shelf.segment(file.file, *film, static_cast<std::size_t>(path.number), path.format);
  if (!item) co_return co_await refuse_film(exchange, item.error());
  co_await send_media(service, exchange, *std::move(item), std::move(asker));
}

// Somebody publishes a stream of that name: "live/cam.mp4" has a playlist of its own.
bool is_published(Service& service, const http::Request& request, const VodPath& path) {
  if (path.what != VodPath::What::playlist) return false;
  const auto vhost = service.hub().config()->match_vhost(request.virtual_host());
  if (!vhost) return false;
  const std::size_t slash = path.file.rfind('/');
  const auto is_live = [&](std::string_view name) {
    return slash > 0 && service.hub().directory().live(
                            {.vhost = vhost->name, .app = path.file.substr(1, slash - 1), .stream = std::string(name)});
  };
  const std::string_view name = std::string_view(path.file).substr(slash + 1), plain = proto::without_extension(name);
  const std::string folder = vhost->name + path.file.substr(0, slash + 1);
  return is_live(name) || is_live(plain) || service.shelf().listing(vhost->name + request.path) ||
         service.shelf().listing(folder + std::string(plain) + std::string(playlist_ending));
}

}  // namespace

std::optional<VodPath> vod_path_of(std::string_view path) {
  const auto film = [&](std::string_view file, VodPath found) -> std::optional<VodPath> {
    if (!file.starts_with('/') || !is_film(file)) return std::nullopt;
    found.file = file;
    return found;
  };
  const auto without = [&](std::string_view ending) { return path.substr(0, path.size() - ending.size()); };
  if (path.ends_with(playlist_ending)) return film(without(playlist_ending), {.what = VodPath::What::playlist});
  if (path.ends_with(init_ending)) return film(without(init_ending), {.what = VodPath::What::init});
  const bool stream = path.ends_with(stream_ending);
  if (!stream && !path.ends_with(fragment_ending)) return std::nullopt;
  const std::string_view rest = without(stream ? stream_ending : fragment_ending);
  const std::size_t dash = rest.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = base::parse_number(rest.substr(dash + 1));
  if (!number) return std::nullopt;
  return film(rest.substr(0, dash),
              {.what = VodPath::What::segment, .number = *number, .format = stream ? VodFormat::ts : VodFormat::fmp4});
}

std::string vod_playlist(const VodFile& film, const VodText& text) {
  m3u8::MediaPlaylist playlist;
  playlist.target_duration = m3u8::target_duration_of(film.longest());
  playlist.ended = true;
  playlist.on_demand = true;
  playlist.independent_segments = film.independent();
  const std::string name = base::percent_encode(text.name);
  const bool stream = film.format() == VodFormat::ts;
  const m3u8::Map map{.uri = name + std::string(init_ending), .range = {}};
  playlist.segments.reserve(film.segments().size());
  for (std::size_t i = 0; i < film.segments().size(); ++i) {
    m3u8::Segment segment;
    segment.uri = name + "-" + std::to_string(i) + std::string(stream ? stream_ending : fragment_ending);
    segment.duration = film.segments()[i].duration;
    if (!stream) segment.map = map;
    playlist.segments.push_back(std::move(segment));
  }
  return m3u8::write_media_playlist(playlist, {.query = text.query, .key_and_map_too = true});
}

http::Router::Matcher vod_matcher(Service& service, FindFile find) {
  auto shelf = std::make_shared<VodShelf>(service);
  return [&service, shelf, find = std::move(find)](const http::Request& request) -> std::optional<http::Route> {
    if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
    auto path = vod_path_of(request.path);
    if (!path || is_published(service, request, *path)) return std::nullopt;
    return http::Route(http::Access::media, [&service, shelf, find, path = *std::move(path)](http::Exchange& exchange) {
      return serve(service, *shelf, find, path, exchange);
    });
  };
}

}  // namespace weir::session::hls
