#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log_limit.h"
#include "hub/hub.h"
#include "net/names.h"
#include "net/udp_port.h"
#include "session/gb28181/platform.h"

namespace weir::session::gb28181 {

class SipConnection;

// SIP on its ports: datagrams and connections to the Platform and back. Of a process there is one, on one worker: what
// devices say in a minute is little. Made before the worker starts, then used on it; outlives its sessions.
class SipService final : public Outside {
 public:
  struct Parts {
    hub::Hub& hub;  // of the worker
    MediaDesk& desk;
    SendDesk& sending;
    const hub::Hub::Peers& peers;  // of all workers: those who wait for a stream hear that it cannot be brought
  };
  SipService(const Parts& parts, const config::StreamCaster& caster);
  ~SipService() override;
  SipService(const SipService&) = delete;

  // On the worker.
  void listen(net::UdpSocket socket);
  // A TCP connection until it ends. `seat` is its place among the connections that are allowed.
  net::Task<void> serve(net::Life& life, net::ByteStream& stream, std::weak_ptr<Reached> reached = {});
  // Every call ends, and platforms above are told: the server goes.
  void stop();
  // After stop(): they have heard it, as far as they answer. From any thread.
  bool left() const { return left_.load(std::memory_order_acquire); }

  Platform& platform() { return platform_; }
  const Platform& platform() const { return platform_; }
  net::Worker& worker() const { return parts_.hub.worker(); }
  // A player on that worker wants a stream of that name. Called on ours.
  void want(const hub::Request& request, const StreamNames::Place& place, base::WorkerIndex starter);
  void unwant(const base::StreamKey& key);
  // Who is told of devices, before the worker starts: events, hooks.
  void observe(std::function<void(const DeviceEvent&)> observer) { observers_.push_back(std::move(observer)); }
  // What else is to be done ten times a second, before the worker starts.
  void each_tick(std::function<void()> work) { chores_.push_back(std::move(work)); }
  std::size_t connections() const { return connections_.size(); }

  base::Instant now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
  void send(const sip::Outgoing& message) override;
  MediaDesk& desk() override { return parts_.desk; }
  std::optional<hub::Request> request_of(const std::string& vhost, const std::string& app,
                                         const std::string& stream) override;
  void tell(const DeviceEvent& event) override;
  void reach(const std::string& address, std::uint16_t port, bool by_tcp, std::weak_ptr<Reached> then) override;
  void let_go(std::uint64_t connection) override;
  SendDesk& sending() override { return parts_.sending; }
  bool available(const hub::Request& request) const override;
  void cannot_start(const base::StreamKey& key, base::ErrorCode why) override;

 private:
  struct Wanted {
    base::WorkerIndex starter{};  // where it was begun
    std::string player;           // the address of who wants it
  };
  log::Context log_of(std::string_view address) const;  // of lines that whoever is there causes
  void receive(const net::Datagram& datagram);
  void tick();
  net::Task<void> find_way(net::Life& life, std::string host, std::uint16_t port, bool by_tcp,
                           std::weak_ptr<Reached> then);
  std::optional<sip::Way> datagram_way(const net::UdpAddress& to) const;

  // given
  Parts parts_;

  // owned
  Platform platform_;
  net::TimerWheel::Timer timer_;
  net::Names names_;  // of platforms above
  std::unordered_map<std::uint16_t, std::shared_ptr<net::UdpPort>> ports_;
  std::unordered_map<std::uint64_t, SipConnection*> connections_;
  std::unordered_map<base::StreamKey, Wanted> wanted_;
  std::vector<std::function<void(const DeviceEvent&)>> observers_;
  std::vector<std::function<void()>> chores_;

  // state
  log::Context log_;
  log::Limit bad_messages_;
  std::uint64_t last_connection_ = 0;
  bool stopping_ = false;
  std::atomic<bool> left_{false};
};

}  // namespace weir::session::gb28181
