#include "session/hls/ladder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "base/text.h"
#include "net/http/reply.h"
#include "proto/stream_url.h"
#include "session/common/path_reading.h"
#include "session/hls/hls_output.h"
#include "session/hls/service.h"
#include "session/hls/shelf.h"

namespace weir::session::hls {

namespace m3u8 = ::weir::hls;

std::vector<ListingRef> ladder_of(Service& service, const http::Request& request) {
  const auto vhost = service.hub().config()->match_vhost(request.virtual_host());
  if (!vhost || !vhost->hls.enabled || vhost->hls.ladder.empty()) return {};
  if (request.query_value("hls_ctx") || request.query.find("_HLS_") != std::string::npos) return {};
  const auto name = named_by(vhost->hls.m3u8_file, vhost->name, request.path);
  if (!name) return {};
  const std::string stream(proto::without_extension(name->stream));
  std::vector<ListingRef> all;
  const auto add = [&](const std::string& of) {
    const std::string path = HlsOutput::playlist_path(*vhost, name->app, of);
    ListingRef listing = service.shelf().listing(vhost->name + "/" + path);
    if (listing && listing->live && !listing->variants.empty()) all.push_back(std::move(listing));
  };
  for (const std::string& ending : vhost->hls.ladder) add(stream + ending);
  if (!all.empty()) add(stream);
  return all;
}

// Every rendition has an id of its own: so the playlist behind it is that of one rendition, and not this one again. One
// whose tracks have playlists of their own is named by all of them, its sound as a group of its own.
net::Task<void> send_ladder(http::Exchange& exchange, std::vector<ListingRef> renditions) {
  m3u8::MasterPlaylist playlist;
  for (const ListingRef& listing : renditions) {
    std::string query = "hls_ctx=" + std::string(base::random_session_id().view());
    for (const std::string_view pair : base::split(exchange.request().query, '&')) {
      if (!pair.empty()) query.append("&").append(pair);
    }
    const std::string words = playlist.texts.empty() ? "text" : fmt::format("text{}", playlist.variants.size());
    const std::string group = playlist.sounds.empty() ? "audio" : fmt::format("audio{}", playlist.variants.size());
    for (m3u8::Variant variant : listing->variants) {
      variant.uri = m3u8::with_query(variant.uri, query);
      if (!variant.pictures.uri.empty()) variant.pictures.uri = m3u8::with_query(variant.pictures.uri, query);
      if (!variant.sounds.empty()) variant.sounds = group;
      if (!variant.texts.empty()) variant.texts = words;
      playlist.variants.push_back(std::move(variant));
    }
    for (m3u8::Text text : listing->texts) {
      text.uri = m3u8::with_query(text.uri, query);
      text.group = words;
      playlist.texts.push_back(std::move(text));
    }
    for (m3u8::Sound sound : listing->sounds) {
      sound.uri = m3u8::with_query(sound.uri, query);
      sound.group = group;
      playlist.sounds.push_back(std::move(sound));
    }
  }
  playlist.independent_segments =
      std::ranges::all_of(renditions, [](const ListingRef& listing) { return listing->independent; });
  http::Reply reply;
  reply.headers.add("Content-Type", renditions.front()->type);
  reply.headers.add("Cache-Control", "private, no-cache");
  reply.text = m3u8::write_master_playlist(playlist);
  (void)co_await exchange.reply(std::move(reply));
}

}  // namespace weir::session::hls
