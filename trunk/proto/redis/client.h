#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "proto/redis/parser.h"

namespace weir::redis {

// One connection to Redis 6.0 or newer, or to what speaks like it. Its first bytes are there at once.
//
//   write(client.take_output());
//   TRY_VOID(client.input(bytes)); while (auto event = client.poll()) ...;
class Client {
 public:
  struct Options {
    std::string user, password;  // empty: nobody in particular
    std::uint32_t database = 0;
    std::string name;  // as CLIENT LIST shows it
  };
  // Commands are taken from now on.
  struct Ready {};
  // It does not let us in; `why` is what it says.
  struct Refused {
    std::string why;
  };
  struct Reply {
    std::uint64_t id = 0;  // of the command
    Value value;
  };
  // Somebody published this.
  struct Message {
    std::string channel, text;
  };
  using Event = std::variant<Ready, Refused, Reply, Message>;

  explicit Client(Options options);

  // A command, whose answer is told with the number that this returns. Not before Ready.
  std::uint64_t send(std::span<const std::string> words);
  // What is published in that channel is told from now on, or no longer. Not before Ready.
  void subscribe(const std::string& channel) { follow("SUBSCRIBE", channel); }
  void unsubscribe(const std::string& channel) { follow("UNSUBSCRIBE", channel); }

  // Errc; the connection is of no further use then.
  base::Result<void> input(base::Bytes bytes);
  std::optional<Event> poll();
  const std::string& output() const { return output_; }
  std::string take_output() { return std::exchange(output_, {}); }
  // Of commands and subscriptions.
  std::size_t unanswered() const { return waiting_.size(); }
  bool ready() const { return ready_; }

 private:
  enum class Asked : std::uint8_t { greeting, database, command, channel };
  struct Waiting {
    Asked asked;
    std::uint64_t id = 0;
  };
  void write(std::span<const std::string> words, Asked asked);
  void follow(const char* verb, const std::string& channel);
  base::Result<void> take(Value value);
  base::Result<void> take_push(Value value);

  Parser parser_;
  std::deque<Waiting> waiting_;
  std::deque<Event> events_;
  std::string output_;
  std::uint64_t last_id_ = 0;
  bool ready_ = false, refused_ = false;
};

}  // namespace weir::redis
