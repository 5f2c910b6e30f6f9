#pragma once

#include <cstdint>
#include <vector>

namespace weir::net {

// Which descriptors of one worker can be read or written: a set of its own inside Asio's. There each wait costs a
// system call, several allocations and a coroutine's wake; here a descriptor is entered once, and one system call
// brings what happened to a hundred of them.
//
// Edge triggered: a client is told of each change once, and asks again only after the system refused it. Owned by the
// Worker, which calls serve() when native_handle() is readable; used on its thread.
class Poller {
 public:
  class Client {
   public:
    // Both may destroy the client. The end of the stream and its failure are readable and writable.
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;

   protected:
    ~Client() = default;
  };
  // Names an entry; never used again for another. 0: none.
  using Ticket = std::uint64_t;

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // 0 if the system refuses; errno says why.
  Ticket add(int descriptor, Client& client);
  // The descriptor is closed right after: that takes it out of the system's set.
  void remove(Ticket ticket);
  // Tells the clients of what happened; of at most a hundred descriptors, so that other work has its turn.
  void serve();
  // The same, said by the worker itself. Nothing if the client has left.
  void tell_readable(Ticket ticket);
  void tell_writable(Ticket ticket);

  int native_handle() const { return descriptor_; }

 private:
  struct Place {
    Client* client;
    std::uint32_t generation;
  };
  Client* find(Ticket ticket) const;

  // owned
  int descriptor_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
};

}  // namespace weir::net
