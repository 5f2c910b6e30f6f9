#include "app/cluster/etcd_words.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cluster/store_texts.h"
#include "base/text.h"

namespace weir::cluster {

using nlohmann::json;

namespace {

constexpr std::string_view base64_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr int code_not_found = 5;  // google.rpc.Code

std::string to_base64(std::string_view text) {
  std::string out;
  unsigned held = 0;
  int bits = 0;
  for (const char c : text) {
    held = held << 8 | static_cast<std::uint8_t>(c);
    bits += 8;
    while (bits >= 6) out += base64_letters[held >> (bits -= 6) & 63U];
    held &= 63U;
  }
  if (bits > 0) out += base64_letters[held << (6 - bits) & 63U];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  unsigned held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = base64_letters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << 6 | static_cast<unsigned>(value)) & 0xffffU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(held >> bits & 0xffU);
  }
  return out;
}

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// Numbers of 64 bits are texts there; what is 0 or empty is left out.
std::string number_text(const json& object, const char* name) {
  const json* found = member(object, name);
  if (!found) return {};
  if (found->is_number_unsigned()) return std::to_string(found->get<std::uint64_t>());
  return found->is_string() ? found->get<std::string>() : std::string();
}
std::uint64_t number(const json& object, const char* name) {
  return base::parse_number(number_text(object, name)).value_or(0);
}
std::string decoded(const json& object, const char* name) {
  const json* found = member(object, name);
  if (!found || !found->is_string()) return {};
  return from_base64(found->get<std::string>()).value_or(std::string());
}
bool is_true(const json& object, const char* name) {
  const json* found = member(object, name);
  return found && found->is_boolean() && found->get<bool>();
}

// The end of all keys that begin so: clientv3's GetPrefixRangeEnd, for prefixes that end in "/".
std::string end_of(std::string prefix) {
  ++prefix.back();
  return prefix;
}

json put_of(const std::string& key, const std::string& value, const std::string& lease) {
  return {{"key", to_base64(key)}, {"value", to_base64(value)}, {"lease", lease}};
}

// Done if the record is as it was read.
json if_unchanged(const std::string& key, std::uint64_t revision, const char* name, json change) {
  json condition{
      {"key", to_base64(key)}, {"target", "MOD"}, {"result", "EQUAL"}, {"mod_revision", std::to_string(revision)}};
  json success = json::object();
  success[name] = std::move(change);
  json body = json::object();
  body["compare"] = json::array({std::move(condition)});
  body["success"] = json::array({std::move(success)});
  return body;
}

// {"name": value}
std::string alone(const char* name, json value) {
  json body = json::object();
  body[name] = std::move(value);
  return body.dump();
}

}  // namespace

EtcdCall EtcdWords::authenticate(const std::string& user, const std::string& password) {
  const json body{{"name", user}, {"password", password}};
  return {"/v3/auth/authenticate", body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

std::optional<std::string> EtcdWords::token_in(std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  const json* token = member(answer, "token");
  if (!token || !token->is_string() || token->get<std::string>().empty()) return std::nullopt;
  return token->get<std::string>();
}

EtcdCall EtcdWords::grant() const {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(given_.ttl).count();
  return {"/v3/lease/grant", alone("TTL", std::to_string(seconds))};
}

std::optional<std::string> EtcdWords::lease_in(std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  std::string id = number_text(answer, "ID");
  if (!base::parse_number(id) || id == "0") return std::nullopt;
  return id;
}

EtcdCall EtcdWords::watch() const {
  const std::string all = stream_key({});
  const json range{{"key", to_base64(all)}, {"range_end", to_base64(end_of(all))}};
  return {"/v3/watch", alone("create_request", range)};
}

std::optional<std::vector<Announcement>> EtcdWords::announcements_in(std::string_view line) const {
  const json answer = json::parse(line, nullptr, false);
  const json* result = member(answer, "result");
  if (!result || !result->is_object() || is_true(*result, "canceled")) return std::nullopt;
  std::vector<Announcement> all;
  const json* events = member(*result, "events");
  if (!events) return all;
  if (!events->is_array()) return std::nullopt;
  const std::string beginning = stream_key({});
  for (const json& event : *events) {
    const json* kv = member(event, "kv");
    if (!kv) return std::nullopt;
    const std::string key = decoded(*kv, "key");
    if (!key.starts_with(beginning)) continue;
    Announcement said{.key = key.substr(beginning.size()), .holder = {}};
    const json* type = member(event, "type");
    if (!type || *type != "DELETE") said.holder = holder_of(decoded(*kv, "value"));
    all.push_back(std::move(said));
  }
  return all;
}

std::string EtcdWords::fault_in(int status, std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  for (const char* name : {"message", "error"}) {
    const json* text = member(answer, name);
    if (text && text->is_string()) return "etcd says: " + text->get<std::string>();
  }
  return "etcd answers with HTTP status " + std::to_string(status);
}

EtcdQuestion::EtcdQuestion(const EtcdWords& words, Ask ask, std::string lease)
    : words_(words), ask_(std::move(ask)), lease_(std::move(lease)) {
  answer_.id = ask_.id;
  switch (ask_.kind) {
    case Ask::Kind::keep_node:
      step_ = Step::keep_lease;
      break;
    case Ask::Kind::drop_node:
      step_ = Step::revoke;
      break;
    case Ask::Kind::list:
      step_ = Step::list;
      break;
    case Ask::Kind::claim:
    case Ask::Kind::release:
    case Ask::Kind::find:
      step_ = Step::look;
      break;
  }
}

EtcdCall EtcdQuestion::next() const {
  constexpr const char* range = "/v3/kv/range";
  const std::string stream = words_.stream_key(ask_.key);
  json body;
  switch (step_) {
    case Step::keep_lease:
      return {"/v3/lease/keepalive", alone("ID", lease_)};
    case Step::revoke:
      return {"/v3/lease/revoke", alone("ID", lease_)};
    case Step::put_node:
      body = put_of(words_.node_key(words_.node()), words_.instance() + " " + ask_.record, lease_);
      body["prev_kv"] = true;
      return {"/v3/kv/put", body.dump()};
    case Step::look:
      return {range, alone("key", to_base64(stream))};
    case Step::look_at_holder:
      return {range, alone("key", to_base64(words_.node_key(held_->node)))};
    case Step::write:
      body = if_unchanged(stream, held_revision_, "request_put", put_of(stream, text_of(*answer_.holder), lease_));
      return {"/v3/kv/txn", body.dump()};
    case Step::remove:
      body = if_unchanged(stream, held_revision_, "request_delete_range", json::object({{"key", to_base64(stream)}}));
      return {"/v3/kv/txn", body.dump()};
    case Step::list:
      break;
  }
  const std::string all = words_.node_key({});
  return {range, json{{"key", to_base64(all)}, {"range_end", to_base64(end_of(all))}, {"limit", "10000"}}.dump()};
}

std::optional<Answer> EtcdQuestion::failed(std::string why) {
  fault_ = std::move(why);
  answer_.failed = true;
  answer_.won = false;
  answer_.holder.reset();
  return answer_;
}

std::optional<Answer> EtcdQuestion::go_on(Step step) {
  step_ = step;
  return std::nullopt;
}

std::optional<Answer> EtcdQuestion::hear(int status, std::string_view body) {
  const json said = json::parse(body, nullptr, false);
  if (status != 200) {
    const json* message = member(said, "message");
    const bool about_lease =
        message && message->is_string() && message->get<std::string>().find("lease") != std::string::npos;
    lease_gone_ = number(said, "code") == code_not_found && about_lease;
    return failed(EtcdWords::fault_in(status, body));
  }
  if (!said.is_object()) return failed("etcd answers no JSON object");
  const json* kvs = member(said, "kvs");
  const json* const first = kvs && kvs->is_array() && !kvs->empty() ? &kvs->front() : nullptr;
  switch (step_) {
    case Step::keep_lease: {
      const json* result = member(said, "result");
      lease_gone_ = !result || number(*result, "TTL") == 0;
      return lease_gone_ ? failed("the lease of this server is over") : go_on(Step::put_node);
    }
    case Step::put_node: {
      const json* before = member(said, "prev_kv");
      if (before) answer_.before = instance_of(decoded(*before, "value"));
      return answer_;
    }
    case Step::revoke:
      return answer_;
    case Step::look: {
      const json* header = member(said, "header");
      revision_ = header ? number(*header, "revision") : 0;
      held_.reset();
      held_revision_ = first ? number(*first, "mod_revision") : 0;
      held_lease_ = first ? number_text(*first, "lease") : std::string();
      if (first) held_ = holder_of(decoded(*first, "value"));
      if (revision_ == 0 || (first && held_revision_ == 0)) return failed("etcd answers without a revision");
      return after_look();
    }
    case Step::look_at_holder:
      return after_holder(first ? decoded(*first, "value") : std::string());
    case Step::write:
      if (is_true(said, "succeeded")) {
        answer_.won = true;
        return answer_;
      }
      // Somebody was faster.
      return ++tries_ < most_tries ? go_on(Step::look) : failed("the claim changes all the time");
    case Step::remove:
      return answer_;
    case Step::list:
      break;
  }
  if (kvs && kvs->is_array()) {
    for (const json& kv : *kvs) answer_.records.push_back(record_of(decoded(kv, "value")));
  }
  return answer_;
}

std::optional<Answer> EtcdQuestion::after_look() {
  switch (ask_.kind) {
    case Ask::Kind::release:
      return is_ours() ? go_on(Step::remove) : answer_;
    case Ask::Kind::find:
      return held_ ? go_on(Step::look_at_holder) : answer_;
    default:
      break;
  }
  if (is_ours() && ask_.epoch != 0 && held_->epoch == ask_.epoch && held_lease_ == lease_) {
    answer_.won = true;  // as it is: nothing is written
    answer_.epoch = ask_.epoch;
    answer_.holder = held_;
    return answer_;
  }
  return held_ && !is_ours() ? go_on(Step::look_at_holder) : after_holder({});
}

// A holder counts as long as its node's record is of the same process.
std::optional<Answer> EtcdQuestion::after_holder(const std::string& node_text) {
  const bool alive = held_ && !is_ours() && !node_text.empty() && instance_of(node_text) == held_->instance;
  if (ask_.kind == Ask::Kind::find) {
    const bool own = is_ours() && instance_of(node_text) == held_->instance;
    if (alive || own) {
      answer_.holder = held_;
      answer_.record = record_of(node_text);
    }
    return answer_;
  }
  const Holder us{words_.node(), words_.instance(), ask_.epoch};
  if (alive && (ask_.epoch == 0 ? !ask_.takeover : goes_before(*held_, us))) {
    answer_.holder = held_;
    answer_.epoch = held_->epoch;
    return answer_;
  }
  const std::uint64_t newest = std::max({ask_.newest, held_ ? held_->epoch : 0, revision_});
  answer_.epoch = ask_.epoch != 0 ? ask_.epoch : newest + 1;
  answer_.holder = Holder{words_.node(), words_.instance(), answer_.epoch};
  return go_on(Step::write);
}

}  // namespace weir::cluster
