#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>

#include "app/cluster/store.h"
#include "base/clock.h"

namespace weir::cluster {

// This node's part in a cluster whose nodes keep their claims in a registry: what it holds, what it looks for, and what
// becomes of both when the registry goes, forgets or comes back. No network and no clock: the answers of the registry
// and the time come in, questions and events go out. On one worker.
//
// * A claim is asked for once, and asserted again by its epoch: now and then, when the registry is back, when our
//   record there was gone, and when this process slept for longer than its record lives. Who is beaten is evicted.
// * While the registry is gone nothing that runs ends. New claims are granted (open), by an epoch above all that are
//   known, or denied.
// * What is looked for holds for a second, found or not. What is followed is asked for each two seconds, and at once
//   when somebody announces it.
class Membership {
 public:
  struct Rules {
    std::string node, instance;
    std::chrono::milliseconds ttl{10'000}, refresh{3'000};
    bool open = true;
    bool takeover = false;
  };
  static constexpr std::chrono::milliseconds fresh{1'000}, poll_each{2'000};
  static constexpr std::size_t most_known = 4'096, most_followed = 10'000;
  static constexpr std::size_t most_per_tick = 512;  // claims that are asserted, and streams that are asked for
  // A record of a stream lives so much longer than the time between two assertions.
  static constexpr int assertions_per_life = 3;

  struct Granted {
    std::string key;
    std::uint64_t epoch;
    bool sure;  // false: the registry is gone, and may know another holder
  };
  struct Denied {
    std::string key;
    std::optional<Holder> holder;  // none: the registry is gone
  };
  struct Evicted {
    std::string key;
    std::optional<Holder> by;
  };
  struct Found {
    std::string key;
    std::optional<Holder> holder;
    std::string record;  // of that node
    bool sure;           // false: the registry is gone, and this is what was known last
  };
  struct Listed {
    std::vector<std::string> records;
    bool sure;
  };
  struct Rival {  // another process goes by our name
    std::string instance;
  };
  struct Follow {  // its announcements are wanted, or no longer
    std::string key;
    bool on;
  };
  using Event = std::variant<Granted, Denied, Evicted, Found, Listed, Rival, Follow>;

  Membership(Rules rules, std::uint32_t seed) : rules_(std::move(rules)), chance_(seed | 1U) {}

  // The registry is there: all is asserted anew. And it is gone: what was asked of it is not answered.
  void connected(base::Instant now);
  void lost(base::Instant now);
  bool is_connected() const { return connected_; }

  // A publisher came: Granted or Denied follows. Several of one stream are told together while it is being asked for;
  // each is to be released once, with the epoch that it was granted.
  void claim(const std::string& key, base::Instant now);
  void release(const std::string& key, std::uint64_t epoch);
  bool holds(const std::string& key) const;
  // Found follows.
  void find(const std::string& key, base::Instant now);
  // Found follows each time that it is asked for, while it is followed.
  void follow(const std::string& key, base::Instant now);
  void unfollow(const std::string& key);
  // Listed follows.
  void list();
  // What others read of this node. Before the first time it is no node.
  void describe(std::string record, base::Instant now);
  void leave();  // the server stops: what it holds is free for others

  void hear(const Answer& answer, base::Instant now);
  void hear(const Announcement& announcement, base::Instant now);
  // Several times a second.
  void tick(base::Instant now);

  std::optional<Ask> poll_ask();
  std::optional<Event> poll_event();

  std::size_t claims() const { return claims_.size(); }
  std::size_t followed() const { return followed_.size(); }
  std::size_t known() const { return known_.size(); }
  std::chrono::milliseconds stream_ttl() const { return assert_each() * assertions_per_life; }

 private:
  struct Claim {
    std::uint32_t count = 0;  // publishers of this node
    std::uint64_t epoch = 0;  // 0: it is being asked for
    base::Instant asserted{};
    std::uint64_t asked = 0;  // the question that is under way; 0: none
    bool kept = false;        // the registry may have it
  };
  struct Known {
    std::optional<Holder> holder;
    std::string record;
    base::Instant at{};
    std::uint32_t waiting = 0;  // while it is asked for
    bool asked = false;
  };
  struct Followed {
    base::Instant asked_at{};
  };
  std::chrono::milliseconds assert_each() const { return std::max(rules_.ttl * 2, std::chrono::milliseconds(10'000)); }
  std::uint64_t ask(Ask ask);
  void keep_node(base::Instant now);
  void assert_all(base::Instant now);
  void assert_one(const std::string& key, Claim& claim, base::Instant now);
  void look(const std::string& key, Known& known);
  void hear_claim(const Ask& asked, const Answer& answer, base::Instant now);
  void hear_find(const Ask& asked, const Answer& answer, base::Instant now);
  void presume(const std::string& key, Claim& claim);
  void give_up(const std::string& key);
  void forget_old(base::Instant now);
  std::uint32_t chance();

  // given
  Rules rules_;

  // state
  std::uint32_t chance_;
  bool connected_ = false, kept_ = false, left_ = false;
  std::string record_;
  base::Instant next_keep_{}, last_tick_{};
  std::uint64_t newest_ = 0, last_id_ = 0;
  std::map<std::string, Claim> claims_;
  std::set<std::string> dubious_;  // that the registry may hold for us, and nobody has
  std::unordered_map<std::string, Known> known_;
  std::map<std::string, Followed> followed_;
  std::string assert_from_, poll_from_;  // where the next tick goes on
  std::map<std::uint64_t, Ask> under_way_;
  bool listing_ = false;
  std::deque<Ask> asks_;
  std::deque<Event> events_;
};

}  // namespace weir::cluster
