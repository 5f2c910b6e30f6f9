#include "session/hls/dash_ladder.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "format/dash/ladder.h"
#include "proto/stream_url.h"
#include "session/common/path_reading.h"
#include "session/hls/dash_output.h"
#include "session/hls/guard.h"
#include "session/hls/service.h"
#include "session/hls/shelf.h"

namespace weir::session::hls {

namespace {

constexpr std::size_t most_made = 1'000;  // manifests that are kept; they are made anew beyond

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// Of the one that gives the times, its name is left out.
std::string text_of(std::vector<dash::Rung> rungs, std::size_t first, const std::string& query) {
  rungs[first].name.clear();
  dash::Mpd mpd = dash::join(rungs, first);
  for (dash::Period& period : mpd.periods) {
    for (dash::Representation& one : period.representations) {
      one.initialization += query;
      one.media += query;
    }
  }
  return dash::write_mpd(mpd);
}

ListingRef make(const std::vector<ListingRef>& of, const config::Vhost& vhost, const std::string& app,
                const std::string& stream, const std::string& path) {
  auto listing = std::make_shared<Listing>();
  listing->place = vhost.name + "/" + path;
  listing->app = app;
  listing->stream = stream;
  listing->key = {vhost.name, app, stream};
  listing->type = of.front()->type;
  listing->dash = true;
  listing->live = false;
  std::vector<dash::Rung> rungs;
  std::size_t first = 0;
  for (const ListingRef& one : of) {
    if (one->place == listing->place) first = rungs.size();
    const std::string own = one->place.substr(vhost.name.size() + 1);
    // Addresses are relative to the manifest: from ours to the folder of theirs.
    rungs.push_back({.name = one->stream.size() > stream.size() ? one->stream.substr(stream.size()) : std::string(),
                     .mpd = one->mpd.get(),
                     .folder = relative_uri(path, folder_of(own))});
    listing->home = one->home;
    listing->live = listing->live || one->live;
    listing->target = std::max(listing->target, one->target);
    listing->length = std::max(listing->length, one->length);
  }
  listing->full = make_page(text_of(rungs, first, {}), true);
  if (guarded(vhost)) {
    listing->full_own = make_page(text_of(rungs, first, "?hls_ctx=" + std::string(session_mark)), false);
  }
  return listing;
}

}  // namespace

ListingRef DashLadders::find(Service& service, const http::Request& request) {
  const auto vhost = service.hub().config()->match_vhost(request.virtual_host());
  if (!vhost || !vhost->dash.enabled || vhost->dash.ladder.empty()) return nullptr;
  const auto name = named_by(vhost->dash.mpd_file, vhost->name, request.path);
  if (!name) return nullptr;
  const std::string stream(proto::without_extension(name->stream));
  std::vector<ListingRef> all;
  bool live = false;
  const auto add = [&](const std::string& of) {
    ListingRef listing = service.shelf().listing(vhost->name + "/" + DashOutput::manifest_path(*vhost, name->app, of));
    if (!listing || !listing->mpd || listing->mpd->periods.empty()) return;
    live = live || listing->live;
    all.push_back(std::move(listing));
  };
  for (const std::string& ending : vhost->dash.ladder) add(stream + ending);
  const std::string path = DashOutput::manifest_path(*vhost, name->app, stream), place = vhost->name + "/" + path;
  if (all.empty()) {
    made_.erase(place);
    return nullptr;
  }
  add(stream);
  // The stream itself gives the times as long as it is known, though it be over.
  if (live) std::erase_if(all, [&](const ListingRef& one) { return !one->live && one->place != place; });
  Made& made = made_[place];
  if (made.of != all) {
    made = {.of = all, .listing = make(all, *vhost, name->app, stream, path)};
  }
  ListingRef listing = made.listing;
  if (made_.size() > most_made) made_.clear();
  return listing;
}

}  // namespace weir::session::hls
