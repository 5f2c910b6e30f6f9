#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "proto/sip/message.h"

namespace weir::sip {

// The two ends of a way for messages. `connection` tells connections of a byte stream apart; 0: datagrams.
struct Way {
  std::uint64_t connection = 0;
  std::string address;  // the peer's
  std::uint16_t port = 0;
  std::string local_address;  // ours, as the peer reaches it
  std::uint16_t local_port = 0;

  bool reliable() const { return connection != 0; }
  std::string peer() const { return host_port(address, port); }
  bool operator==(const Way&) const = default;
};

struct Outgoing {
  Way way;
  std::string bytes;
};

// Ours, of a request that we sent. 0: none.
using RequestId = std::uint64_t;

struct Event {
  enum class Kind : std::uint8_t {
    request,    // a new one: to be answered by respond(), but for ACK
    answer,     // to a request of ours; several may come: provisional ones, and one that is final
    timed_out,  // no final answer came in time
  } kind = Kind::request;
  Message message{};
  Way way{};
  RequestId request = 0;  // of answer and timed_out
};

// RFC 3261 17 as far as devices need it: what is lost on the way is sent again, and what comes again is not told
// again. Time comes in as `now`, bytes and events go out in queues.
//
// With `proof` nobody is flooded by way of us (as RFC 9000 8 has it for QUIC): the address of a datagram may be forged,
// so one that has answered nothing yet is sent one request, once. Others wait for an answer to that, which only who has
// seen it can give, as branches cannot be guessed. What comes from there meanwhile has the first one sent again.
class Transactions {
 public:
  struct Options {
    base::Millis t1{500}, t2{4'000};  // RFC 3261 17.1.1.1
    std::size_t most_requests = 20'000;
    std::size_t most_remembered = 20'000;  // requests of peers whose answers are kept
    bool proof = false;
    std::size_t most_proven = 20'000;  // addresses; the oldest has to prove itself again
  };
  // `make_id` gives a text of letters and digits that nobody can guess, for branches.
  Transactions(Options options, std::function<std::string()> make_id)
      : options_(options), make_id_(std::move(make_id)) {}

  void input(Message message, const Way& way, base::Instant now);
  void tick(base::Instant now);
  // When tick() has something to do; none: never.
  std::optional<base::Instant> next_tick() const;

  // Answers a request that an event told of.
  void respond(const Message& request, const Way& way, const Message& answer, base::Instant now);
  // Sends a request; its Via is added here. 0 and nothing is sent when there are too many.
  RequestId request(Message message, const Way& way, base::Instant now);
  // ACK to a 2xx: sent now, and for each repetition of that answer (RFC 3261 13.2.2.4).
  void acknowledge(RequestId invite, Message ack, base::Instant now);
  // Ends an INVITE that has no final answer yet (RFC 3261 9.1): at once if a provisional one came, else when one comes.
  // The events go on: 487, or 200 when the two crossed.
  void cancel(RequestId invite, base::Instant now);
  // The address at the other end is who it says, as is known from elsewhere: a password, the configuration.
  void trust(const Way& way, base::Instant now) { prove(way, now); }
  // Nothing more is told of it; what is under way goes on.
  void forget(RequestId request) { silent(request); }
  // Everything that goes over it has ended.
  void connection_lost(std::uint64_t connection);

  std::optional<Event> poll();
  std::vector<Outgoing> take_output() { return std::exchange(output_, {}); }

  struct Counts {
    std::uint64_t sent = 0, repeated = 0;        // requests of ours, and their repetitions
    std::uint64_t received_again = 0;            // of peers
    std::uint64_t strays = 0;                    // answers to nothing
    std::uint64_t held = 0;                      // requests of ours that waited for the peer to prove itself
    std::uint64_t timed_out = 0, forgotten = 0;  // forgotten early, for lack of room
  };
  const Counts& counts() const { return counts_; }
  std::size_t waiting() const { return clients_.size(); }

 private:
  struct Client {
    std::string branch, method, bytes, ack;
    Message message;  // without body: what CANCEL and ACK are made of
    Way way;
    base::Instant next{};      // when it is sent again
    base::Instant deadline{};  // when it is over
    base::Instant armed{};     // what the schedule has
    base::Millis pause{};
    enum class State : std::uint8_t { calling, proceeding, completed } state = State::calling;
    bool repeats = false;  // over datagrams, until an answer comes
    bool cancel_wanted = false, cancelled = false, silent = false;
  };
  struct Peer {
    bool proven = false;
    RequestId first = 0;  // the one that went
    base::Instant sent{};
    std::vector<RequestId> waiting;
  };
  struct Remembered {
    std::string answer;  // empty: none yet
  };
  bool waits_for_proof(Client& client, RequestId id, base::Instant now);
  void prove(const Way& way, base::Instant now);
  void repeat_first(const Way& way, base::Instant now);
  static std::string key_of(const Message& message, std::string_view method);
  void answer(Message message, const Way& way, base::Instant now);
  void send_ack_of_failure(Client& client, const Message& answer);
  void send_cancel(Client& client, base::Instant now);
  RequestId start(Message message, std::string branch, const Way& way, base::Instant now);
  void arm(RequestId id, Client& client);
  void end(RequestId id);
  void silent(RequestId id);

  // given
  Options options_;
  std::function<std::string()> make_id_;

  // state
  std::unordered_map<RequestId, Client> clients_;
  std::unordered_map<std::string, RequestId> by_branch_;  // and method
  std::set<std::pair<base::Instant, RequestId>> schedule_;
  std::unordered_map<std::string, Peer> peers_;  // by address and port: proven, or with a first request under way
  std::deque<std::string> proven_;               // of peers_, the oldest first
  std::unordered_map<std::string, Remembered> servers_;
  std::deque<std::pair<base::Instant, std::string>> servers_until_;
  std::deque<Event> events_;
  std::vector<Outgoing> output_;
  RequestId last_ = 0;
  Counts counts_;
};

}  // namespace weir::sip
