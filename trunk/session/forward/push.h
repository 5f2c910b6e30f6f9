#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/hub.h"
#include "net/blocking_pool.h"
#include "net/names.h"
#include "session/common/upstream/destination.h"
#include "session/common/upstream/health.h"
#include "session/common/upstream/retry.h"
#include "session/common/upstream/rist.h"
#include "session/common/upstream/srt.h"
#include "session/common/upstream/tls_clients.h"
#include "session/forward/places.h"
#include "session/forward/reading.h"
#include "session/forward/rows.h"
#include "session/forward/sending.h"

namespace weir::session::forward {

// One stream on its way to one destination, as long as the stream lasts: attempt after attempt, each a session of its
// own. On the stream's home worker. Owned by the Service, and by the attempt that runs.
class Push : public std::enable_shared_from_this<Push> {
 public:
  struct Given {
    hub::Hub& hub;
    upstream::TlsClients& tls;
    const upstream::SrtLine& srt;
    const upstream::RistLine& rist;
    net::Names& names;
    net::BlockingPool& files;
    Places& places;
    std::shared_ptr<const hub::Request> request;  // the publisher's
    upstream::Destination destination;
    upstream::Trust trust{};
    std::string way{};     // with this server in it
    std::string name{};    // of a `push` block: what the API calls it
    bool by_api = false;   // it was added there
    bool circles = false;  // the stream would come back: it is listed and never sent
    // The file of its sound, read by `files`: see OtherSound. Empty: it keeps its own.
    std::string audio{};
    // Of the origins of an edge: which of them answer, and whom to tell that none takes the stream. Null, empty for
    // other destinations, which are asked for as long as the stream lasts.
    upstream::Health* health = nullptr;
    std::function<void(base::ErrorCode)> nobody_takes{};
  };
  explicit Push(Given given);
  ~Push();
  Push(const Push&) = delete;

  // It is sent from now on, unless it is already or could never be.
  void begin();
  // It is not, until start(): what runs is stopped.
  void stop();
  void start();
  // The stream is over: what it still has arrives, then this is over, too.
  void finish();
  // It is not wanted any longer.
  void end();

  const std::string& text() const { return given_.destination.text; }
  const std::string& shown() const { return given_.destination.shown; }
  const upstream::Trust& trust() const { return given_.trust; }
  const std::string& name() const { return given_.name; }
  Row row() const;
  // What it has done so far.
  Work work() const;
  State state() const { return stopped_ ? State::stopped : state_; }
  // What tells it apart from the others of its stream; an operator may stop it, unless it is an edge's way to its
  // origin.
  const std::string& id() const { return given_.name.empty() ? given_.destination.text : given_.name; }
  bool commandable() const { return !given_.health; }

 private:
  using Clock = std::chrono::steady_clock;
  net::Task<void> attempt(net::Life& life);
  net::Task<base::ErrorCode> send(net::Life& life);
  net::Task<base::ErrorCode> send_by_rtmp(net::Life& life, const proto::StreamUrl& url);
  net::Task<base::ErrorCode> send_by_srt(net::Life& life, const config::SrtUrl& url);
  net::Task<base::ErrorCode> send_by_udp(net::Life& life, const config::UdpTarget& target);
  net::Task<base::ErrorCode> send_by_http(net::Life& life, const upstream::HttpTarget& target);
  net::Task<base::ErrorCode> send_by_rist(net::Life& life, const config::RistUrl& target);
  base::Result<void> examine(const net::ByteStream& stream, const proto::StreamUrl& url) const;
  base::Result<void> examine(const net::UdpAddress& address);
  base::Result<void> examine(const net::ByteStream& stream, const upstream::HttpTarget& target) const;
  hub::Request subscription_request(hub::ProtocolId protocol, net::Peer peer) const;
  net::Task<base::Result<void>> load_sound();
  net::Task<base::Result<Reading>> read(net::Life& life, hub::Request request, hub::FormatId format, hub::Link link);
  void begin_sending(net::Life& life, const Sending& sending, std::string_view terms);
  void count(const Sending& sending);
  void give_up(base::ErrorCode why);
  void attempted(const net::Life& life, base::ErrorCode why);
  void say(const net::Life& life, const std::string& text, std::chrono::milliseconds pause);
  void enter(State state);
  void choose_url();
  bool all_tried() const { return std::find(tried_.begin(), tried_.end(), false) == tried_.end(); }

  // given
  Given given_;

  // owned
  upstream::Retry retry_;
  net::TimerWheel::Timer next_;

  // state
  net::Life* life_ = nullptr;         // of the attempt that runs
  const Sending* sending_ = nullptr;  // while it sends
  OtherSound* other_ = nullptr;       // the same, if that is another sound
  std::shared_ptr<const SoundFile> sound_;
  State state_ = State::waiting;
  Clock::time_point since_ = Clock::now(), next_at_{};
  base::SessionId id_;
  std::string why_;          // what the other side said, or which step it was
  std::string error_;        // of the last attempt
  Work done_;                // by attempts that are over
  std::size_t url_ = 0;      // which of the destination's is asked
  std::vector<bool> tried_;  // of them, since one went well for a while or all had been tried
  bool begun_ = false;       // an attempt was, and is not over
  bool stopped_ = false;
  bool over_ = false;
};

}  // namespace weir::session::forward
