#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "hub/hub.h"
#include "net/mailbox.h"
#include "net/names.h"
#include "net/udp_port.h"
#include "proto/dtls/identity.h"
#include "proto/srtp/cipher.h"
#include "session/webrtc/figures.h"
#include "session/webrtc/first_checks.h"
#include "session/webrtc/party.h"
#include "session/webrtc/send_batch.h"
#include "session/webrtc/session_table.h"
#include "session/webrtc/stun_responder.h"
#include "session/webrtc/tcp_link.h"
#include "session/webrtc/way.h"

namespace weir::session::webrtc {

class Service;
class Session;

// What all workers have in common.
struct Shared {
  std::shared_ptr<const dtls::Identity> identity;  // made in main when WebRTC is switched on
  srtp::Algorithms algorithms;
  SessionTable table;
  Figures figures;
  hub::AudioBridge* bridge = nullptr;  // null: sound is made in no other codec
  std::vector<Service*> peers;         // by worker; complete before the workers start
  // Where peers may come by TCP; complete before the workers start. Addresses of all zeros: every one of the machine.
  std::vector<net::UdpAddress> tcp_ports;
  std::atomic<std::uint32_t> tcp_connections{0};  // ever
  ListenerIndex next_tcp() { return ListenerIndex{first_tcp | tcp_connections++}; }
};

// Of the coroutines that receive by TCP. Not "rtc...": they are no clients themselves.
inline constexpr std::string_view tcp_session_name = "ice-tcp";

// WebRTC on one worker: its UDP ports, the sessions that live here, and whose a datagram is.
//
// A session lives on the worker of the HTTP request that began it, and sends from there over that worker's own sockets.
// What the kernel gives to another worker's socket is forwarded by mailbox: a first check is looked up by its user
// fragment, and from the first verified one on by its address, which its owner tells the worker it came to.
class Service final : public DatagramOut {
 public:
  Service(hub::Hub& hub, Shared& shared, Doors doors);
  ~Service() override;

  hub::Hub& hub() { return hub_; }
  Shared& shared() { return shared_; }
  const Doors& doors() const { return doors_; }
  SendBatch& batch() { return batch_; }
  const Breaker& breaker() const { return breaker_; }
  // Of rtc_server.candidate, and of those that offers are sent to; strangers choose the latter.
  net::Names& own_names() { return own_names_; }
  net::Names& asked_names() { return asked_names_; }

  // Receives on this worker. `index` is the same on all workers.
  void listen(ListenerIndex index, const net::ListenAddress& address, net::UdpSocket socket);
  // No new session is offered it; who uses it goes on until the last of them has left.
  void retire(ListenerIndex index);
  // The ports that peers can reach us at now, and those of them that answers name: rtc_server.protocol.
  std::vector<net::UdpAddress> ports() const;
  std::vector<net::UdpAddress> offered_udp() const;
  std::vector<net::UdpAddress> offered_tcp() const;

  // A TCP connection of that session's peer, on this worker; it ends with the session. False if that has gone.
  bool enter_tcp(SessionNumber number, TcpLink& link, net::Life& life);
  void leave_tcp(const TcpLink& link);
  void count_stranger() { ++counts_.strangers; }
  // The same part of another worker: for posts to its worker.
  Service& peer(base::WorkerIndex worker) const { return *shared_.peers[static_cast<std::size_t>(worker)]; }

  // A session of this worker comes and goes.
  void enter(SessionNumber number, const base::SessionId& id, Session& session);
  void leave(SessionNumber number);
  Session* find(SessionNumber number) const;
  // Runs `work` on the worker of the session of that secret, with null if it has gone. False: nobody has it.
  bool with_session(std::string_view secret, std::function<void(Session*)> work);
  // Of a session of this worker, by the id that the API lists it under.
  std::optional<Report> report(const base::SessionId& id) const;

  // DatagramOut
  void send(const Way& way, base::Bytes packets, std::size_t segment) override;

  struct Counts {
    std::uint64_t strangers = 0;      // datagrams of nobody's session
    std::uint64_t forwarded = 0;      // to the worker of their session
    std::uint64_t forward_drops = 0;  // since that one was behind
    std::uint64_t sessions = 0;       // ever
    std::uint64_t stun_answers = 0;   // to strangers
  };
  const Counts& counts() const { return counts_; }
  net::UdpPort::Counts port_counts() const;
  std::size_t session_count() const { return sessions_.size(); }

  static constexpr std::size_t most_forwarded = 4096;  // datagrams that wait for a worker

 private:
  struct Listener {
    ListenerIndex index;
    std::shared_ptr<net::UdpPort> port;
    bool retired = false;
  };
  struct Owner {
    base::WorkerIndex worker{};
    SessionNumber number{};
    Session* session = nullptr;  // if it lives here
  };
  using Learnt = std::pair<net::UdpAddress, base::WorkerIndex>;  // an address, and the worker that knows it
  struct Home {                                                  // of a session that lives here
    Session* session = nullptr;
    base::SessionId id;
    std::vector<Learnt> addresses;
    std::vector<ListenerIndex> tcp;  // its connections, few
  };
  struct Forwarded {
    SessionNumber number{};
    base::WorkerIndex from{};
    Way way;
    base::SharedBytes bytes;
    base::Instant arrived;
  };
  void receive(ListenerIndex index, const net::Datagram& datagram);
  std::optional<Owner> owner_of(base::Bytes datagram, const net::UdpAddress& from) const;
  void deliver(SessionNumber number, Session& session, base::MutableBytes bytes, const Way& way,
               base::WorkerIndex came_to, base::Instant arrived);
  void learn(Home& home, SessionNumber number, const net::UdpAddress& address, base::WorkerIndex came_to);
  void forward(const Owner& owner, const Way& way, const net::Datagram& datagram);
  void drain();
  void forget_at(const Learnt& learnt, SessionNumber number);
  void forget(const net::UdpAddress& address, SessionNumber number);
  void tick();
  void tell_figures();
  void look_at_load();

  // given
  hub::Hub& hub_;
  Shared& shared_;
  Doors doors_;

  // owned
  SendBatch batch_;
  std::vector<Listener> listeners_;
  std::unordered_map<SessionNumber, Home> sessions_;
  std::unordered_map<base::SessionId, Session*> by_id_;
  std::unordered_map<net::UdpAddress, Owner> addresses_;
  FirstChecks first_checks_;
  struct Tcp {
    SessionNumber number{};
    TcpLink* link = nullptr;
    net::Life* life = nullptr;
  };
  std::unordered_map<ListenerIndex, Tcp> tcp_;
  StunResponder stun_;
  net::Names own_names_{hub_.worker()}, asked_names_{hub_.worker()};
  net::Mailbox<Forwarded> box_;
  std::atomic<std::size_t> boxed_{0};

  // state
  Breaker breaker_;
  double busy_ = 0;  // summed over the ticks of a second
  unsigned ticks_ = 0;
  Counts counts_, told_;
  net::UdpPort::Counts ports_told_, ports_gone_;
};

}  // namespace weir::session::webrtc
