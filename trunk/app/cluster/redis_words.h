#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "app/cluster/store.h"
#include "proto/redis/value.h"

namespace weir::cluster {

// How the registry lies in Redis, and how it is asked. Keys of a cluster, whose name is their hash tag:
//
//   weir:{NAME}:node:HOST:PORT      "INSTANCE {the node in JSON}", lives for ttl
//   weir:{NAME}:nodes               the set of their names
//   weir:{NAME}:stream:VHOST/APP/STREAM   "HOST:PORT INSTANCE EPOCH", and the channel of that name
//   weir:{NAME}:epoch               the highest that was given out
class RedisWords {
 public:
  struct Given {
    std::string cluster, node, instance;
    std::chrono::milliseconds ttl{}, stream_ttl{};
  };
  explicit RedisWords(Given given) : given_(std::move(given)), prefix_("weir:{" + given_.cluster + "}:") {}

  std::vector<std::string> command_of(const Ask& ask) const;
  static Answer answer_of(const Ask& ask, const redis::Value& value);
  std::string channel_of(const std::string& key) const { return prefix_ + "stream:" + key; }
  // None: of another channel.
  std::optional<Announcement> announcement_of(const std::string& channel, const std::string& text) const;

 private:
  Given given_;
  std::string prefix_;
};

}  // namespace weir::cluster
