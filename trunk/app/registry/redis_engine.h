#pragma once

#include <unordered_map>

#include "app/cluster/redis_words.h"
#include "app/registry/engine.h"
#include "app/registry/redis_link.h"

namespace weir::registry {

// A registry in Redis.
class RedisEngine final : public Engine {
 public:
  RedisEngine(Given given, Told told);

  void speak_tls(net::TlsContext& context) override { link_.speak_tls(context); }
  net::Task<void> run(net::Life& life) override { return link_.run(life); }
  void ask(const cluster::Ask& ask) override { asked_.emplace(link_.send(words_.command_of(ask)), ask); }
  void follow(const std::string& key, bool on) override;
  void tick() override { link_.tick(); }
  bool is_up() const override { return link_.is_up(); }
  std::string address() const override { return link_.address(); }

 private:
  void reply(std::uint64_t id, const redis::Value& value);

  // given
  Told told_;

  // owned
  cluster::RedisWords words_;
  RedisLink link_;

  // state
  std::unordered_map<std::uint64_t, cluster::Ask> asked_;  // by the link's numbers
};

}  // namespace weir::registry
