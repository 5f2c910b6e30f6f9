#include "app/registry/redis_engine.h"

#include "base/url.h"

namespace weir::registry {

namespace {

constexpr std::uint16_t redis_port = 6379, sentinel_port = 26379;

RedisLink::Place place_of(const std::string& text, std::uint16_t usual) {
  const auto place = base::parse_host_port(text);  // checked when the configuration was read
  return {.host = place ? place->first : text, .port = place && place->second != 0 ? place->second : usual};
}

RedisLink::Given link_of(const Engine::Given& given) {
  const config::Registry& settings = given.settings;
  RedisLink::Given link;
  link.at = place_of(settings.address, redis_port);
  link.client = {.user = settings.user,
                 .password = settings.password,
                 .database = settings.database,
                 .name = "weir-" + given.instance};
  for (const std::string& text : settings.sentinels) link.sentinels.push_back(place_of(text, sentinel_port));
  link.master = settings.sentinel_master;
  link.sentinel_password = settings.sentinel_password;
  return link;
}

}  // namespace

RedisEngine::RedisEngine(Given given, Told told)
    : told_(std::move(told)),
      words_({.cluster = given.settings.prefix,
              .node = given.node,
              .instance = given.instance,
              .ttl = given.settings.ttl,
              .stream_ttl = given.stream_ttl}),
      link_(link_of(given),
            {.up = [this] { told_.up(); },
             .down =
                 [this](const std::string& why) {
                   asked_.clear();
                   told_.down(why);
                 },
             .reply = [this](std::uint64_t id, const redis::Value& value) { reply(id, value); },
             .message =
                 [this](const std::string& channel, const std::string& text) {
                   if (const auto said = words_.announcement_of(channel, text)) told_.announcement(*said);
                 }},
            given.seed) {}

void RedisEngine::follow(const std::string& key, bool on) {
  on ? link_.subscribe(words_.channel_of(key)) : link_.unsubscribe(words_.channel_of(key));
}

void RedisEngine::reply(std::uint64_t id, const redis::Value& value) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  const cluster::Ask asked = std::move(found->second);
  asked_.erase(found);
  told_.answer(cluster::RedisWords::answer_of(asked, value),
               value.is_error() ? value.text : "an answer of another kind");
}

}  // namespace weir::registry
