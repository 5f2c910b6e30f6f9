#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cluster/store.h"

namespace weir::cluster {

// A POST to etcd's JSON gateway (etcd.io/docs/v3.4/dev-guide/api_grpc_gateway).
struct EtcdCall {
  std::string path, body;
};

// How the registry lies in etcd. Whatever a server writes hangs on its lease, so that it goes with the server:
//
//   weir/NAME/node/HOST:PORT            "INSTANCE {the node in JSON}"
//   weir/NAME/stream/VHOST/APP/STREAM   "HOST:PORT INSTANCE EPOCH"
//
// A new epoch is above the revision of the store, which goes up with each change of whatever kind.
class EtcdWords {
 public:
  struct Given {
    std::string cluster, node, instance;
    std::chrono::milliseconds ttl{};
  };
  explicit EtcdWords(Given given) : given_(std::move(given)), prefix_("weir/" + given_.cluster + "/") {}

  const std::string& node() const { return given_.node; }
  const std::string& instance() const { return given_.instance; }
  std::string node_key(const std::string& name) const { return prefix_ + "node/" + name; }
  std::string stream_key(const std::string& key) const { return prefix_ + "stream/" + key; }

  static EtcdCall authenticate(const std::string& user, const std::string& password);
  static std::optional<std::string> token_in(std::string_view body);
  EtcdCall grant() const;
  static std::optional<std::string> lease_in(std::string_view body);

  // All streams, from now on, in an answer without end: a line for each change.
  EtcdCall watch() const;
  // None: it is over, or not to be understood.
  std::optional<std::vector<Announcement>> announcements_in(std::string_view line) const;

  // What it says of a request that it does not do.
  static std::string fault_in(int status, std::string_view body);

 private:
  Given given_;
  std::string prefix_;
};

// What a node asks, in as many calls as it takes: etcd has no scripts, but changes something only if it is as it was
// read. No network.
//
//   for (;;) { post(question.next()); if (auto answer = question.hear(status, body)) return *answer; }
class EtcdQuestion {
 public:
  EtcdQuestion(const EtcdWords& words, Ask ask, std::string lease);

  EtcdCall next() const;
  std::optional<Answer> hear(int status, std::string_view body);
  // Of an answer that failed.
  const std::string& fault() const { return fault_; }
  // What this server wrote is gone: it slept for longer than the lease lives.
  bool lease_gone() const { return lease_gone_; }

 private:
  enum class Step : std::uint8_t { keep_lease, put_node, revoke, look, look_at_holder, write, remove, list };
  static constexpr int most_tries = 8;
  std::optional<Answer> failed(std::string why);
  std::optional<Answer> after_look();
  std::optional<Answer> after_holder(const std::string& node_text);
  std::optional<Answer> go_on(Step step);
  bool is_ours() const { return held_ && held_->node == words_.node() && held_->instance == words_.instance(); }

  // given
  const EtcdWords& words_;
  Ask ask_;
  std::string lease_;

  // state
  Step step_;
  Answer answer_;
  std::string fault_;
  bool lease_gone_ = false;
  int tries_ = 0;
  std::optional<Holder> held_;  // as it was read
  std::string held_lease_;
  std::uint64_t held_revision_ = 0, revision_ = 0;  // of the record, 0: there is none; of the store
};

}  // namespace weir::cluster
