#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/byte_stream.h"
#include "net/life.h"
#include "net/tls_context.h"
#include "proto/redis/client.h"

namespace weir::registry {

// One connection to Redis, kept: it is made again after a pause when it is lost, refused, or does not answer. Commands
// leave as they come, without waiting for one another's answers. Where sentinels say which Redis it is they are asked
// each time (redis.io/docs/reference/sentinel-clients), and one that is no master is none. On one worker; outlives its
// task.
class RedisLink {
 public:
  static constexpr std::chrono::milliseconds connect_limit{3'000}, answer_limit{3'000};
  static constexpr std::size_t most_waiting_bytes = 16U << 20U;  // that Redis does not take

  struct Place {
    std::string host;
    std::uint16_t port = 0;
  };
  struct Given {
    Place at{};
    redis::Client::Options client{};
    net::TlsContext* tls = nullptr;  // null: in plain text
    // Not empty: these are asked where the master of that name is, the one first that answered last.
    std::vector<Place> sentinels{};
    std::string master{}, sentinel_password{};
  };
  // Called on the worker, never from inside send().
  struct Told {
    std::function<void()> up;
    std::function<void(const std::string& why)> down;  // what was up, or could not be
    std::function<void(std::uint64_t id, const redis::Value& value)> reply;
    std::function<void(const std::string& channel, const std::string& text)> message;
  };
  RedisLink(Given given, Told told, std::uint32_t seed)
      : given_(std::move(given)), told_(std::move(told)), chance_(seed | 1U) {}
  RedisLink(const RedisLink&) = delete;

  // Before it runs; the context outlives it.
  void speak_tls(net::TlsContext& context) { given_.tls = &context; }
  // Until the life is told to stop.
  net::Task<void> run(net::Life& life);
  // While it is up. The number of the answer.
  std::uint64_t send(const std::vector<std::string>& words);
  void subscribe(const std::string& channel);
  void unsubscribe(const std::string& channel);
  // Four times a second: an answer that is late ends the connection.
  void tick();
  bool is_up() const { return client_ && client_->ready() && role_ == 0; }
  std::string address() const;

 private:
  using Clock = std::chrono::steady_clock;
  // An error text: why it is over.
  net::Task<std::string> serve(net::Life& life);
  net::Task<base::Result<std::unique_ptr<net::ByteStream>>> connect(net::Life& life, Place to, std::string& said);
  net::Task<base::Result<Place>> find_master(net::Life& life, std::string& said);
  net::Task<base::Result<Place>> ask_sentinel(net::Life& life, Place sentinel, std::string& said);
  // False: it is over.
  bool hear(std::string& why);
  void forget();
  void flush();
  void cut(std::string why);

  // given
  Given given_;
  Told told_;

  // state, of the connection
  net::ByteStream* stream_ = nullptr;  // the task's own
  std::optional<redis::Client> client_;
  std::string out_;
  bool waits_to_write_ = false;
  std::optional<Clock::time_point> waiting_since_;  // for the next answer
  std::string cut_why_;
  // state
  std::uint64_t role_ = 0;  // of the question whether it is the master; 0: none is open
  std::uint32_t chance_;
  std::size_t sentinel_ = 0;    // that answered last
  std::uint32_t failures_ = 0;  // in a row
};

}  // namespace weir::registry
