#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "app/bench/loop.h"
#include "base/bytes.h"
#include "base/result.h"

namespace weir::bench {

// A numeric address or name with its port, resolved once for all connections of a run.
struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};
base::Result<Endpoint> resolve(const std::string& host, std::uint16_t port);

// One TCP connection of the load. Derived classes speak a protocol; it lives as long as the run, closed or not, since
// its figures are part of the report.
class Connection : public Loop::Handler {
 public:
  explicit Connection(Loop& loop) : loop_(loop) {}
  ~Connection() override { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins to connect. `source` > 0 binds to 127.0.0.source first, for more connections than one address has ports.
  void open(const Endpoint& endpoint, std::uint32_t source);
  void close();
  bool is_open() const { return fd_ >= 0; }
  bool is_connected() const { return connected_; }
  const std::string& failure() const { return failure_; }
  std::uint64_t received_bytes() const { return received_bytes_; }
  std::uint64_t unsent_bytes() const { return backlog_.size(); }

 protected:
  virtual void on_connected() = 0;
  virtual void on_input(base::Bytes in, base::Instant now) = 0;
  virtual void on_closed() {}

  // Sends now what the kernel takes and the rest as soon as it does. Fails the connection over 8 MiB of arrears.
  void send(base::Bytes bytes);
  // Closes, and remembers why.
  void fail(std::string why);
  // From now on input is dropped inside the kernel and only counted: on_input gets an empty span.
  void discard_input() { discard_ = true; }
  Loop& loop() { return loop_; }

 private:
  void readable() final;
  void writable() final;

  // given
  Loop& loop_;

  // state
  int fd_ = -1;
  bool connected_ = false, waiting_to_write_ = true, discard_ = false;
  std::uint64_t received_bytes_ = 0;
  base::Buffer backlog_;
  std::string failure_;
};

}  // namespace weir::bench
