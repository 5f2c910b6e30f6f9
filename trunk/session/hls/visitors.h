#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub/hub.h"
#include "net/http/exchange.h"
#include "session/hls/page.h"

namespace weir::session::hls {

// The players of HLS as sessions (hls_ctx): a player is who fetches a playlist with the same id, over whatever
// connections. Admitted, listed, counted and kicked like any other player; it has left when it asked for nothing for
// twice the length of the playlist.
//
// A session lives on the worker that it began on; the others know its id and where it lives, and report once a second
// what they sent to it. Per worker.
class Visitors {
 public:
  using Peers = std::vector<Visitors*>;
  Visitors(hub::Hub& hub, const Peers& peers);
  ~Visitors();

  enum class Standing : std::uint8_t { unknown, present, kicked };
  Standing standing(std::string_view id, std::string_view place) const;

  // Admits a player; its id, which is `wanted` if that can be one. Errors as Hub::visit.
  net::Task<base::Result<std::string>> enter(http::Exchange& exchange, ListingRef listing, std::string wanted);
  // The player was here and was sent so much.
  void touch(std::string_view id, std::uint64_t sent_bytes);
  // Each second.
  void sweep();
  // The server stops: what was held for each of them is given back while there is somebody to give it to.
  void leave_all();

  std::size_t size() const { return own_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Own;
  struct Known {  // lives elsewhere, or was kicked
    std::string place;
    std::uint16_t home = 0;
    bool kicked = false;
    bool touched = false;
    std::uint64_t sent_bytes = 0;  // not reported yet
    Clock::time_point until{};     // of what is remembered of one that was kicked
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  template <class T>
  using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  template <class F>
  void tell_others(const F& what);
  void forget(const std::string& id, bool kicked, const std::string& place, std::chrono::milliseconds linger);

  // given
  hub::Hub& hub_;
  const Peers& peers_;

  // owned
  Map<std::unique_ptr<Own>> own_;
  Map<Known> known_;
};

// Whether a client's text can be a session id: 1 to 64 of [0-9A-Za-z_-].
bool is_session_id(std::string_view text);

}  // namespace weir::session::hls
