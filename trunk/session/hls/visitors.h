#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/log_limit.h"
#include "hub/hub.h"
#include "net/http/exchange.h"
#include "session/hls/gate.h"
#include "session/hls/page.h"

namespace weir::session::hls {

// The players of HLS and DASH as sessions: a player is who asks with the same id (hls_ctx), over whatever connections.
// Admitted, listed, counted and kicked like any other player; it has left when it asked for nothing for twice the
// length of the playlist. Until it was sent a segment it is not believed: it counts little, leaves sooner, and goes
// first when others come.
//
// A session lives on the worker that it began on; the others know its id and where it lives, and report once a second
// what they sent to it. Per worker.
class Visitors {
 public:
  using Peers = std::vector<Visitors*>;
  Visitors(hub::Hub& hub, const Peers& peers, Gate& gate);
  ~Visitors();

  enum class Standing : std::uint8_t { unknown, present, kicked };
  // Of an id at the listing with that place.
  Standing standing(std::string_view id, std::string_view place) const;

  // Admits a player; its id, which is `wanted` if that can be one. Refusals as Hub::visit; hub::Errc::limit where there
  // are too many sessions, in all or of its address.
  net::Task<hub::Verdict<std::string>> enter(http::Exchange& exchange, ListingRef listing, std::string wanted);
  // The player was here and was sent so much, of a playlist or of a segment.
  enum class Sent : std::uint8_t { page, media };
  // One of this worker that got nothing, and was not told its id.
  void leave(std::string_view id);
  void touch(std::string_view id, std::uint64_t sent_bytes, Sent what);
  // Four times a second: looks at a bounded number of sessions.
  void tick();
  // The server stops: what was held for each of them is given back while there is somebody to give it to.
  void leave_all();

  // What a request for that listing asks of the Hub; without a virtual host where there is none of its name.
  hub::Request request_of(http::Exchange& exchange, const Listing& listing) const;
  std::size_t size() const { return own_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Own;
  struct Known {  // lives elsewhere, or was kicked
    std::string place;
    std::uint16_t home = 0;
    bool kicked = false;
    bool touched = false;          // and in touched_
    bool proven = false;           // its home was told
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
  void tell_home(const std::string& id, Known& known);
  std::unique_ptr<Gate::Seat> seat(const std::string& address);
  bool displace(std::string_view neighbourhood);
  void prove(Own& own);
  void end(Own& own, bool displaced);
  void forget(const std::string& id, bool kicked, const std::string& place, std::chrono::milliseconds linger);
  void remember_kicked(const std::string& id, const std::string& place, std::chrono::milliseconds linger);

  // given
  hub::Hub& hub_;
  const Peers& peers_;
  Gate& gate_;

  // owned; the lists are of what is in own_, and die after it
  std::list<Own*> order_;     // in which they are looked at
  std::list<Own*> unproven_;  // the oldest first
  Map<std::unique_ptr<Own>> own_;
  Map<Known> known_;

  // state
  std::vector<std::string> touched_;  // of known_
  std::deque<std::string> kicked_;    // of known_, the oldest first
  log::Limit full_;
  unsigned ticks_ = 0;
};

// Whether a client's text can be a session id: 1 to 64 of [0-9A-Za-z_-].
bool is_session_id(std::string_view text);

}  // namespace weir::session::hls
