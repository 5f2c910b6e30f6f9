#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/cluster/store.h"
#include "config/registry.h"
#include "net/life.h"
#include "net/task.h"
#include "net/tls_context.h"

namespace weir::registry {

// Where the servers of a cluster keep who has what: the connection to it, made again after a pause when it is lost,
// refused, or does not answer, and its way of doing what the rules ask. On one worker; outlives its task.
class Engine {
 public:
  // Called on the worker, never from inside ask().
  struct Told {
    std::function<void()> up;
    std::function<void(const std::string& why)> down;  // what was up, or could not be
    // `fault` is what it says of an answer that failed.
    std::function<void(const cluster::Answer& answer, const std::string& fault)> answer;
    std::function<void(const cluster::Announcement& said)> announcement;
  };
  struct Given {
    config::Registry settings;
    std::string node, instance;  // of this server
    std::chrono::milliseconds stream_ttl{};
    std::uint32_t seed = 1;
  };
  virtual ~Engine() = default;

  // Before it runs; the context outlives it.
  virtual void speak_tls(net::TlsContext& context) = 0;
  // Until the life is told to stop.
  virtual net::Task<void> run(net::Life& life) = 0;
  // While it is up. Its answer follows, or it goes down.
  virtual void ask(const cluster::Ask& ask) = 0;
  // What is announced of that stream is told from now on, or no longer. While it is up, and until it goes down.
  virtual void follow(const std::string& key, bool on) = 0;
  // Four times a second: an answer that is late ends the connection.
  virtual void tick() = 0;
  virtual bool is_up() const = 0;
  // Where it is, for the log.
  virtual std::string address() const = 0;
};

std::unique_ptr<Engine> make_engine(Engine::Given given, Engine::Told told);

// How long to wait before the next attempt, after so many that failed: a quarter more or less, so that servers that
// lost it together do not come back at once.
inline constexpr std::chrono::milliseconds first_pause{250}, longest_pause{5'000};
std::chrono::milliseconds pause_after(std::uint32_t failures, std::uint32_t& chance);
net::Task<void> pause_for(net::Life& life, std::chrono::milliseconds length);

}  // namespace weir::registry
