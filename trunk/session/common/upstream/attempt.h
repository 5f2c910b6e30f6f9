#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "hub/hub.h"
#include "hub/input.h"
#include "net/life.h"
#include "session/common/upstream/error.h"
#include "session/common/upstream/tls_clients.h"

namespace weir::session::upstream {

// One attempt to fetch a stream, as its Fetcher sees it: the session it runs in, and the stream that is to have what
// comes. On the session's worker; outlives the fetcher's task.
class Attempt {
 public:
  struct Given {
    net::Life& life;
    hub::Hub& hub;
    TlsClients& tls;
    Trust trust{};
    hub::Request request{};                   // of the stream as it is called here
    std::string way{};                        // the servers that the request came through, with this one; see way.h
    std::chrono::milliseconds first_media{};  // limit, shorter than publish.firstpkt_timeout; 0: that
  };
  explicit Attempt(Given given) : given_(std::move(given)) {}
  Attempt(const Attempt&) = delete;

  net::Life& life() { return given_.life; }
  net::Worker& worker() { return given_.life.worker(); }
  TlsClients& tls() { return given_.tls; }
  const Trust& trust() const { return given_.trust; }
  const std::string& way() const { return given_.way; }
  const hub::Request& request() const { return given_.request; }
  const config::Vhost& vhost() const { return *given_.request.vhost; }
  const std::shared_ptr<const config::Config>& config() const { return given_.hub.config(); }

  // What the other side said, or which step it was: stands in the log and the API beside the error. Secrets of the
  // place are taken out later.
  std::string why;
  // Datagrams that came from others than whose stream it is.
  std::uint64_t strangers = 0;

  // The other side agreed to give the stream. What it sends is counted, and the stream has its input, while the token
  // lives: no longer than the link, and longer than who puts frames into that input.
  class Agreed {
   public:
    Agreed(Agreed&& other) noexcept : attempt_(std::exchange(other.attempt_, nullptr)) {}
    ~Agreed() {
      if (attempt_) attempt_->leave();
    }

   private:
    friend class Attempt;
    explicit Agreed(Attempt& attempt) : attempt_(&attempt) {}
    Attempt* attempt_;
  };
  [[nodiscard]] Agreed agreed(hub::Link link, net::Peer peer = {});
  // What is measured of a transport stream that comes by that link; before publish().
  void measured(std::shared_ptr<const media::TransportStream> stream) { link_.transport_stream = std::move(stream); }
  // The first media came: the stream has an input from now on. What Hub::publish says.
  net::Task<base::Result<hub::Input*>> publish(hub::ProtocolId protocol);
  // Of the stream's input, if it is there: hub::Input::set_priority.
  void set_priority(int priority, bool at_once) {
    if (input_) input_->set_priority(priority, at_once);
  }
  // Media came: the other side has publish.normal_timeout from now. Until the first it has publish.firstpkt_timeout,
  // from agreed() on.
  void alive() { alive_in(std::chrono::milliseconds(0)); }
  // Media is there, and waits so long for its time.
  void alive_in(std::chrono::milliseconds wait);

  // For whoever made it.
  bool let_in() const { return let_in_; }
  std::uint64_t received_bytes() const { return before_ + (link_.meter ? link_.meter->received_bytes : 0); }
  std::function<void()> on_publish;

 private:
  void leave();

  // given
  Given given_;

  // state
  hub::Link link_;
  net::Peer peer_;
  std::optional<hub::Input> input_;
  std::uint64_t before_ = 0;  // received by links that are gone
  bool let_in_ = false;
};

}  // namespace weir::session::upstream
