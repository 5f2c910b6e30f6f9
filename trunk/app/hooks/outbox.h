#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/hooks/caller.h"
#include "app/trace/span.h"

namespace weir::trace {
class Tracer;
}

namespace weir::hooks {

// What is told to hook servers and waits for nobody: a bounded queue for each server, emptied by a few sessions of the
// worker. What is told of one client is told in order. A server that hangs holds up nothing but its own queue. On one
// worker; outlives its sessions.
class Outbox {
 public:
  struct Message {
    Hook hook = Hook::on_close;
    base::SessionId client;
    http::Url url;
    http::ClientRequest request;
    std::optional<trace::Span> span{};  // of this call, with all its tries
    Caller::Options options;
    std::uint32_t retries = 0;
    bool any_answer = false;  // what it answers does not matter
  };

  Outbox(net::Worker& worker, Caller& caller, Figures& figures);
  Outbox(const Outbox&) = delete;
  ~Outbox();

  // Who takes the spans of messages; it outlives the sessions.
  void trace_by(trace::Tracer& tracer) { tracer_ = &tracer; }
  // Queues it, unless `most` messages wait for that server already: then it is dropped and counted.
  void tell(Message message, std::size_t most);
  std::size_t waiting() const;

 private:
  struct Server {
    std::deque<Message> queue;
    std::vector<base::SessionId> clients;  // of which something is being told now
    unsigned senders = 0;
  };
  net::Task<void> send_all(net::Life& life, Server& server);
  net::Task<void> send(net::Life& life, Message& message);
  bool next(Server& server, Message& out);

  // given
  net::Worker& worker_;
  Caller& caller_;
  Figures& figures_;
  trace::Tracer* tracer_ = nullptr;

  // owned
  std::map<std::string, Server> servers_;

  // state
  log::Limit drops_, faults_;
};

}  // namespace weir::hooks
