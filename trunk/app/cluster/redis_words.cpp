#include "app/cluster/redis_words.h"

#include "app/cluster/store_texts.h"

namespace weir::cluster {

namespace {

// Scripts run whole (redis.io/docs/interact/programmability): between the look at a holder and the claim nobody comes.

constexpr const char* keep_node = R"lua(
local before = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
return before or '')lua";

constexpr const char* drop_node = R"lua(
local record = redis.call('GET', KEYS[1])
if record and string.sub(record, 1, #ARGV[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('SREM', KEYS[2], ARGV[2])
end
return 1)lua";

// ARGV: node, instance, epoch or 0, the newest epoch that it knows, prefix of nodes, whether a new claim takes over,
// life of the record.
constexpr const char* claim = R"lua(
local held = redis.call('GET', KEYS[1])
local mine, newest = tonumber(ARGV[3]), tonumber(ARGV[4])
local given = tonumber(redis.call('GET', KEYS[2]) or '0')
if held then
  local node, instance, epoch = string.match(held, '^(%S+) (%S+) (%d+)$')
  if node then
    epoch = tonumber(epoch)
    if epoch > newest then newest = epoch end
    local record = redis.call('GET', ARGV[5] .. node)
    local alive = record and string.sub(record, 1, #instance + 1) == instance .. ' '
    if alive and not (node == ARGV[1] and instance == ARGV[2]) then
      if mine == 0 then
        if ARGV[6] ~= '1' then return {0, held} end
      elseif epoch > mine or (epoch == mine and node > ARGV[1]) then
        return {0, held}
      end
    end
  end
end
if newest < given then newest = given end
if mine == 0 then mine = newest + 1 end
if mine > newest then newest = mine end
if newest > given then redis.call('SET', KEYS[2], string.format('%.0f', newest)) end
local value = ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. string.format('%.0f', mine)
redis.call('SET', KEYS[1], value, 'PX', ARGV[7])
if value ~= held then redis.call('PUBLISH', KEYS[1], value) end
return {1, value})lua";

constexpr const char* release = R"lua(
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, #ARGV[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('PUBLISH', KEYS[1], '')
end
return 1)lua";

constexpr const char* find = R"lua(
local held = redis.call('GET', KEYS[1])
if not held then return {} end
local node, instance = string.match(held, '^(%S+) (%S+) %d+$')
local record = node and redis.call('GET', ARGV[1] .. node)
if record and string.sub(record, 1, #instance + 1) == instance .. ' ' then return {held, record} end
return {})lua";

constexpr const char* list = R"lua(
local out = {}
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local record = redis.call('GET', ARGV[1] .. name)
  if record then out[#out + 1] = record else redis.call('SREM', KEYS[1], name) end
end
return out)lua";

}  // namespace

std::vector<std::string> RedisWords::command_of(const Ask& ask) const {
  const std::string nodes = prefix_ + "node:", own = nodes + given_.node, set = prefix_ + "nodes";
  const std::string stream = channel_of(ask.key);
  switch (ask.kind) {
    case Ask::Kind::keep_node:
      return {
          "EVAL",     keep_node, "2", own, set, given_.instance + " " + ask.record, std::to_string(given_.ttl.count()),
          given_.node};
    case Ask::Kind::drop_node:
      return {"EVAL", drop_node, "2", own, set, given_.instance + " ", given_.node};
    case Ask::Kind::claim:
      return {"EVAL",
              claim,
              "2",
              stream,
              prefix_ + "epoch",
              given_.node,
              given_.instance,
              std::to_string(ask.epoch),
              std::to_string(ask.newest),
              nodes,
              ask.takeover ? "1" : "0",
              std::to_string(given_.stream_ttl.count())};
    case Ask::Kind::release:
      return {"EVAL", release, "1", stream, given_.node + " " + given_.instance + " "};
    case Ask::Kind::find:
      return {"EVAL", find, "1", stream, nodes};
    case Ask::Kind::list:
      break;
  }
  return {"EVAL", list, "1", set, nodes};
}

Answer RedisWords::answer_of(const Ask& ask, const redis::Value& value) {
  using Kind = redis::Value::Kind;
  Answer answer{.id = ask.id};
  switch (ask.kind) {
    case Ask::Kind::keep_node:
      answer.failed = value.kind != Kind::text;
      answer.before = instance_of(value.text);
      break;
    case Ask::Kind::drop_node:
    case Ask::Kind::release:
      answer.failed = value.kind != Kind::integer;
      break;
    case Ask::Kind::claim:
      answer.failed = value.kind != Kind::list || value.items.size() != 2;
      if (answer.failed) break;
      answer.won = value.items[0].integer == 1;
      answer.holder = holder_of(value.items[1].text);
      answer.failed = !answer.holder;
      if (answer.holder) answer.epoch = answer.holder->epoch;
      break;
    case Ask::Kind::find:
      answer.failed = value.kind != Kind::list;
      if (value.items.size() != 2) break;
      answer.holder = holder_of(value.items[0].text);
      answer.record = record_of(value.items[1].text);
      break;
    case Ask::Kind::list:
      answer.failed = value.kind != Kind::list;
      for (const redis::Value& item : value.items) answer.records.push_back(record_of(item.text));
      break;
  }
  return answer;
}

std::optional<Announcement> RedisWords::announcement_of(const std::string& channel, const std::string& text) const {
  const std::string beginning = channel_of({});
  if (!channel.starts_with(beginning)) return std::nullopt;
  return Announcement{channel.substr(beginning.size()), holder_of(text)};
}

}  // namespace weir::cluster
