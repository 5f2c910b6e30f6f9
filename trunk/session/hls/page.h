#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "format/hls/playlist.h"
#include "format/hls/reload.h"
#include "session/hls/disposal.h"

namespace weir::dash {
struct Mpd;
}

namespace weir::session::hls {

struct Closed;
struct Window;
struct DashWindow;
class KernelCopy;

// What is served: a segment, a part, an initialisation, a key. From memory, but for old segments that the disk has.
// Immutable; shared by all workers.
struct Item {
  ~Item() {
    if (disposal && bytes.size() >= Disposal::least_bytes) disposal->take(std::move(bytes));
  }

  std::string place;  // virtual host and path: "__defaultVhost__/live/a-12.ts"
  const char* type = "application/octet-stream";
  base::SharedBytes bytes;
  std::string cache_control;
  std::string etag;                      // with its quotes; empty: none
  std::shared_ptr<KernelCopy> copy;      // null: too small
  std::shared_ptr<Disposal> disposal{};  // of large bytes; null: they go with this
  std::string root;  // not empty: `bytes` are not here but in the file that has the rest of the place below it
};
using ItemRef = std::shared_ptr<const Item>;
// The same, read from the file below `root` from now on.
ItemRef on_disk_alone(const Item& item, const std::string& root);
// An entity tag for what is made once and never changes: no two are equal.
std::string new_etag();

// A text that is made once and answers all who ask for it. Where each player gets its own session id, `marks` are the
// places at which it is put in.
struct Page {
  base::SharedBytes plain;
  base::SharedBytes gzip;            // empty: not worth it, or there are marks
  std::vector<std::uint32_t> marks;  // ascending
  // What follows `plain` where it is too long to be made anew each time; marks are still in it.
  std::vector<base::SharedBytes> rest{};
  std::size_t rest_marks = 0;

  // With a session id of this length in each place for one.
  std::uint64_t size(std::size_t session = 0) const;
};
// What stands in a text where the session id belongs.
inline constexpr std::string_view session_mark = "\x01";
Page make_page(std::string_view text, bool compress);
class Lines;
// Of a text with `between` in it, which is not copied if that makes it long; then it is not compressed either.
Page make_page(std::string begin, const Lines& between, std::string_view end, bool compress);
std::string with_session(const Page& page, std::string_view session);
// A block of its rest likewise.
std::string with_session(base::Bytes block, std::string_view session);

// A segment that is made, and sent as it comes: low-latency DASH.
struct Growing {
  std::string place;
  std::vector<base::SharedBytes> chunks;  // none yet: it is the next one
};

// A playlist or manifest as it is at present, and what is needed to answer for it. Immutable.
struct Listing {
  std::string place;        // virtual host and path
  std::string app, stream;  // who is played
  base::StreamKey key;      // the same
  const char* type = "application/vnd.apple.mpegurl";
  std::string main;  // of one track among several: place of the playlist that names it; empty: it is itself that
  // `delta` is what _HLS_skip gets, `delta_v2` if it is for dates too; empty if nothing can be skipped.
  Page full, delta, delta_v2;
  Page full_own, delta_own, delta_v2_own;  // the same with marks; empty: addresses carry no session id
  Page master;                             // hls_ctx: what a player without session gets; empty: no sessions
  // As a playlist of several streams names it; addresses have no session yet. Empty: it does not.
  std::vector<::weir::hls::Variant> variants;
  std::vector<::weir::hls::Sound> sounds;
  std::vector<::weir::hls::Text> texts;
  bool independent = false;              // each of its segments begins with a key frame
  std::shared_ptr<const dash::Mpd> mpd;  // the same of a manifest
  std::string ladder;                    // place of the manifest that may name it so; who may have that may have this
  ::weir::hls::Progress progress;
  bool low_latency = false;
  bool dash = false;     // a manifest
  bool relayed = false;  // another server makes it
  // Of what was recorded: the virtual host of the recorded stream. Empty: live, of the host that is asked for.
  std::string recorded_of{};
  std::chrono::milliseconds target{};
  std::chrono::milliseconds length{};  // of the whole playlist
  std::string hint;                    // place of the part that comes next; empty: none
  std::vector<Growing> growing;
  std::shared_ptr<const std::vector<Closed>> closed;  // of low-latency DASH; null: none
  std::uint16_t home = 0;                             // the worker that makes it
  bool live = true;                                   // somebody publishes it
  // What a next publisher goes on from; only when nobody publishes.
  std::shared_ptr<const Window> window;
  std::shared_ptr<const DashWindow> dash_window;

  // Where the sessions of its players are.
  const std::string& visited() const { return main.empty() ? place : main; }

  // A pattern of file names may give two streams of a virtual host the same place.
  bool is_of(std::string_view vhost, std::string_view of_app, std::string_view of_stream) const {
    return app == of_app && stream == of_stream && place.size() > vhost.size() && place[vhost.size()] == '/' &&
           place.starts_with(vhost);
  }
};
using ListingRef = std::shared_ptr<const Listing>;

// What a stream's home tells all workers.
struct Update {
  std::string place;   // of the listing
  ListingRef listing;  // null: as it was
  bool gone = false;   // the listing is no more
  std::vector<ItemRef> added;
  std::vector<std::string> removed;  // places of items
};

}  // namespace weir::session::hls
