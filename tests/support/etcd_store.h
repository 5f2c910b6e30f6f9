#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "app/cluster/etcd_words.h"

namespace weir::test {

// As much of etcd as the registry asks: keys with revisions and leases, in a map.
class EtcdStore {
 public:
  struct Reply {
    int status = 200;
    std::string body;
  };
  struct Record {
    std::string value, lease;
    std::uint64_t revision = 0;
  };

  std::uint64_t revision = 1;
  std::map<std::string, Record> keys;  // in base64, as they are asked for

  std::string grant() {
    leases_.insert(++last_lease_);
    return std::to_string(last_lease_);
  }
  void expire(const std::string& lease) {
    leases_.erase(std::stoull(lease));
    std::erase_if(keys, [&](const auto& one) { return one.second.lease == lease; });
    ++revision;
  }

  Reply post(const cluster::EtcdCall& call) {
    const auto body = nlohmann::json::parse(call.body);
    if (call.path == "/v3/lease/keepalive") {
      nlohmann::json result{{"ID", body["ID"]}};
      if (leases_.contains(std::stoull(body["ID"].get<std::string>()))) result["TTL"] = "10";
      nlohmann::json answer;
      answer["result"] = result;
      return {200, answer.dump()};
    }
    if (call.path == "/v3/lease/revoke") {
      expire(body["ID"]);
      return {200, "{}"};
    }
    if (call.path == "/v3/kv/range") return {200, range(body).dump()};
    if (call.path == "/v3/kv/put") return put(body);
    if (call.path == "/v3/kv/txn") {
      const auto& condition = body["compare"][0];
      const auto found = keys.find(condition["key"]);
      const std::uint64_t is = found == keys.end() ? 0 : found->second.revision;
      if (condition["target"] != "MOD" || condition["result"] != "EQUAL") return {400, "{}"};
      if (is != std::stoull(condition["mod_revision"].get<std::string>())) return {200, with_header({}).dump()};
      const auto& change = body["success"][0];
      if (change.contains("request_put")) {
        if (auto done = put(change["request_put"]); done.status != 200) return done;
      } else {
        keys.erase(change["request_delete_range"]["key"].get<std::string>());
        ++revision;
      }
      return {200, with_header({{"succeeded", true}}).dump()};
    }
    return {404, "{}"};
  }
  // What a node asks, to its end.
  cluster::Answer ask(const cluster::EtcdWords& words, const std::string& lease, cluster::Ask one) {
    cluster::EtcdQuestion question(words, std::move(one), lease);
    for (;;) {
      const Reply reply = post(question.next());
      if (auto answer = question.hear(reply.status, reply.body)) return *answer;
    }
  }

 private:
  nlohmann::json with_header(nlohmann::json answer) const {
    if (answer.is_null()) answer = nlohmann::json::object();
    answer["header"] = nlohmann::json::object({{"revision", std::to_string(revision)}});
    return answer;
  }
  static nlohmann::json row(const std::string& key, const Record& record) {
    return {{"key", key},
            {"value", record.value},
            {"lease", record.lease},
            {"mod_revision", std::to_string(record.revision)}};
  }
  nlohmann::json range(const nlohmann::json& body) const {
    nlohmann::json rows = nlohmann::json::array();
    const std::string from = body["key"];
    const bool one = !body.contains("range_end");
    for (const auto& [key, record] : keys) {
      // base64 of texts with a common beginning of a length that 3 divides, or this little test would not see it
      if (one ? key == from : key.starts_with(from.substr(0, from.size() - 4))) rows.push_back(row(key, record));
    }
    nlohmann::json answer = nlohmann::json::object();
    if (!rows.empty()) answer["kvs"] = rows;
    return with_header(answer);
  }
  Reply put(const nlohmann::json& body) {
    const std::string lease = body["lease"];
    if (!leases_.contains(std::stoull(lease))) {
      return {
          404,
          R"({"error":"etcdserver: requested lease not found","message":"etcdserver: requested lease not found","code":5})"};
    }
    nlohmann::json answer = nlohmann::json::object();
    const std::string key = body["key"];
    if (const auto before = keys.find(key); before != keys.end()) answer["prev_kv"] = row(key, before->second);
    keys[key] = {body["value"], lease, ++revision};
    return {200, with_header(answer).dump()};
  }

  std::set<std::uint64_t> leases_;
  std::uint64_t last_lease_ = 100;
};

}  // namespace weir::test
