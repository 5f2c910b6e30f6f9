#include "app/cluster/membership.h"

#include <algorithm>

namespace weir::cluster {

using base::Instant;

// xorshift: chance enough, and the same for the same seed.
std::uint32_t Membership::chance() {
  chance_ ^= chance_ << 13U;
  chance_ ^= chance_ >> 17U;
  chance_ ^= chance_ << 5U;
  return chance_;
}

std::uint64_t Membership::ask(Ask ask) {
  const std::uint64_t id = ask.id = ++last_id_;
  ask.newest = newest_;
  asks_.push_back(ask);
  under_way_.emplace(id, std::move(ask));
  return id;
}

// A fifth sooner or later, so that nodes that began together do not all come at once.
void Membership::keep_node(Instant now) {
  const auto fifth = static_cast<std::uint32_t>(rules_.refresh.count() / 5);
  next_keep_ =
      now + rules_.refresh - std::chrono::milliseconds(fifth) + std::chrono::milliseconds(chance() % (2 * fifth + 1));
  ask({.kind = Ask::Kind::keep_node, .record = record_});
}

void Membership::connected(Instant now) {
  connected_ = true;
  kept_ = false;
  last_tick_ = now;
  if (left_) return;
  if (!record_.empty()) keep_node(now);
  for (const std::string& key : dubious_) {
    if (!claims_.contains(key)) ask({.kind = Ask::Kind::release, .key = key});
  }
  dubious_.clear();
  assert_all(now);
  for (const auto& [key, claim] : claims_) events_.push_back(Follow{key, true});
  for (auto& [key, followed] : followed_) {
    if (!claims_.contains(key)) events_.push_back(Follow{key, true});
    followed.asked_at = {};
  }
}

void Membership::lost(Instant) {
  if (!connected_) return;
  connected_ = false;
  asks_.clear();
  // What was asked may have been done, or not.
  for (const auto& [id, asked] : under_way_) {
    if (asked.kind == Ask::Kind::release && !claims_.contains(asked.key)) dubious_.insert(asked.key);
  }
  under_way_.clear();
  if (std::exchange(listing_, false)) events_.push_back(Listed{{}, false});
  for (auto it = claims_.begin(); it != claims_.end();) {
    auto& [key, claim] = *it;
    claim.asked = 0;
    if (claim.epoch != 0) {
      ++it;
    } else if (rules_.open) {
      presume(key, claim);
      ++it;
    } else {
      events_.push_back(Denied{key, std::nullopt});
      dubious_.insert(key);
      it = claims_.erase(it);
    }
  }
  for (auto& [key, known] : known_) {
    known.asked = false;
    if (std::exchange(known.waiting, 0) > 0) events_.push_back(Found{key, known.holder, known.record, false});
  }
}

// Above all that this node has heard of: when the registry is back, who knew more has it.
void Membership::presume(const std::string& key, Claim& claim) {
  claim.epoch = ++newest_;
  events_.push_back(Granted{key, claim.epoch, false});
}

void Membership::claim(const std::string& key, Instant now) {
  if (const auto found = claims_.find(key); found != claims_.end()) {
    ++found->second.count;
    if (found->second.epoch != 0) events_.push_back(Granted{key, found->second.epoch, connected_});
    return;
  }
  if (!connected_ && !rules_.open) {
    events_.push_back(Denied{key, std::nullopt});
    return;
  }
  Claim& claim = claims_[key];
  claim.count = 1;
  if (const auto known = known_.find(key); known != known_.end() && !known->second.asked) known_.erase(known);
  if (!connected_) return presume(key, claim);
  if (!followed_.contains(key)) events_.push_back(Follow{key, true});
  assert_one(key, claim, now);
}

void Membership::assert_one(const std::string& key, Claim& claim, Instant now) {
  claim.kept = true;
  claim.asserted = now;
  claim.asked = ask(
      {.kind = Ask::Kind::claim, .key = key, .epoch = claim.epoch, .takeover = rules_.takeover && claim.epoch == 0});
}

void Membership::assert_all(Instant now) {
  for (auto& [key, claim] : claims_) {
    if (claim.asked == 0) assert_one(key, claim, now);
  }
}

bool Membership::holds(const std::string& key) const {
  const auto found = claims_.find(key);
  return found != claims_.end() && found->second.epoch != 0;
}

// With another epoch it is what an evicted publisher had, and another one has by now.
void Membership::release(const std::string& key, std::uint64_t epoch) {
  const auto found = claims_.find(key);
  if (found == claims_.end() || found->second.epoch != epoch || --found->second.count > 0) return;
  const bool kept = found->second.kept;
  give_up(key);
  if (connected_) {
    ask({.kind = Ask::Kind::release, .key = key});
  } else if (kept) {
    dubious_.insert(key);
  }
}

void Membership::give_up(const std::string& key) {
  claims_.erase(key);
  if (connected_ && !followed_.contains(key)) events_.push_back(Follow{key, false});
}

void Membership::find(const std::string& key, Instant now) {
  if (holds(key)) {
    events_.push_back(Found{key, Holder{rules_.node, rules_.instance, claims_[key].epoch}, record_, true});
    return;
  }
  if (known_.size() >= most_known && !known_.contains(key)) forget_old(now);
  const bool is_new = !known_.contains(key);
  Known& known = known_[key];
  if (!is_new && !known.asked && known.at != Instant() && now - known.at < fresh) {
    events_.push_back(Found{key, known.holder, known.record, connected_});
    return;
  }
  if (!connected_) {
    events_.push_back(Found{key, known.holder, known.record, false});
    if (is_new) known_.erase(key);
    return;
  }
  ++known.waiting;
  if (!known.asked) look(key, known);
}

void Membership::look(const std::string& key, Known& known) {
  known.asked = true;
  ask({.kind = Ask::Kind::find, .key = key});
}

void Membership::forget_old(Instant now) {
  std::erase_if(known_, [now](const auto& entry) { return !entry.second.asked && now - entry.second.at >= fresh; });
}

void Membership::follow(const std::string& key, Instant now) {
  if (followed_.contains(key) || followed_.size() >= most_followed) return;
  followed_[key].asked_at = now;
  if (connected_ && !claims_.contains(key)) events_.push_back(Follow{key, true});
}

void Membership::unfollow(const std::string& key) {
  if (followed_.erase(key) > 0 && connected_ && !claims_.contains(key)) events_.push_back(Follow{key, false});
}

void Membership::list() {
  if (!connected_) {
    events_.push_back(Listed{{}, false});
  } else if (!std::exchange(listing_, true)) {
    ask({.kind = Ask::Kind::list});
  }
}

void Membership::describe(std::string record, Instant now) {
  record_ = std::move(record);
  if (connected_ && !left_) keep_node(now);
}

void Membership::leave() {
  left_ = true;
  if (!connected_) return;
  for (const auto& [key, claim] : claims_) ask({.kind = Ask::Kind::release, .key = key});
  ask({.kind = Ask::Kind::drop_node});
}

void Membership::hear(const Answer& answer, Instant now) {
  const auto found = under_way_.find(answer.id);
  if (found == under_way_.end()) return;
  const Ask asked = std::move(found->second);
  under_way_.erase(found);
  if (asked.kind == Ask::Kind::claim) return hear_claim(asked, answer, now);
  if (asked.kind == Ask::Kind::find) return hear_find(asked, answer, now);
  if (asked.kind == Ask::Kind::list) {
    listing_ = false;
    events_.push_back(Listed{answer.records, !answer.failed});
  }
  if (asked.kind != Ask::Kind::keep_node || answer.failed) return;
  // Our record was gone: it lived too short, or the registry forgot all. Others may have what we hold.
  const bool had_it = std::exchange(kept_, true);
  if (had_it && answer.before.empty()) assert_all(now);
  if (had_it && !answer.before.empty() && answer.before != rules_.instance) events_.push_back(Rival{answer.before});
}

void Membership::hear_claim(const Ask& asked, const Answer& answer, Instant) {
  newest_ = std::max({newest_, answer.epoch, answer.holder ? answer.holder->epoch : 0});
  const auto found = claims_.find(asked.key);
  if (found == claims_.end()) return;  // released since, and that is on its way behind the question
  Claim& claim = found->second;
  if (claim.asked != asked.id) return;  // of one that was released and made anew, whose own answer follows
  claim.asked = 0;
  if (answer.failed) {
    if (claim.epoch != 0) return;
    if (rules_.open) return presume(asked.key, claim);
    give_up(asked.key);
    events_.push_back(Denied{asked.key, std::nullopt});
    return;
  }
  const bool is_new = claim.epoch == 0;
  if (answer.won) {
    claim.epoch = answer.epoch;
    if (is_new) events_.push_back(Granted{asked.key, claim.epoch, true});
    return;
  }
  give_up(asked.key);
  if (is_new) {
    events_.push_back(Denied{asked.key, answer.holder});
  } else {
    events_.push_back(Evicted{asked.key, answer.holder});
  }
}

void Membership::hear_find(const Ask& asked, const Answer& answer, Instant now) {
  if (answer.holder) newest_ = std::max(newest_, answer.holder->epoch);
  const auto found = known_.find(asked.key);
  if (found == known_.end()) return;
  Known& known = found->second;
  known.asked = false;
  known.waiting = 0;
  if (!answer.failed) {
    known.at = now;
    known.holder = answer.holder;
    known.record = answer.record;
  }
  events_.push_back(Found{asked.key, known.holder, known.record, !answer.failed});
}

void Membership::hear(const Announcement& said, Instant now) {
  if (said.holder) newest_ = std::max(newest_, said.holder->epoch);
  if (const auto own = claims_.find(said.key); own != claims_.end()) {
    const bool ours = said.holder && said.holder->node == rules_.node && said.holder->instance == rules_.instance;
    if (!ours && own->second.epoch != 0 && own->second.asked == 0) assert_one(said.key, own->second, now);
    return;
  }
  const auto followed = followed_.find(said.key);
  if (followed == followed_.end()) {
    if (const auto known = known_.find(said.key); known != known_.end() && !known->second.asked) known_.erase(known);
    return;
  }
  followed->second.asked_at = now;
  Known& known = known_[said.key];
  if (connected_ && !known.asked) look(said.key, known);
}

void Membership::tick(Instant now) {
  const bool slept = last_tick_ != Instant() && now - last_tick_ >= rules_.ttl;
  last_tick_ = now;
  if (!connected_ || left_) return;
  if (slept) {
    if (!record_.empty()) keep_node(now);
    assert_all(now);
  } else if (now >= next_keep_ && !record_.empty()) {
    keep_node(now);
  }
  std::size_t work = 0;
  for (auto it = claims_.lower_bound(assert_from_); it != claims_.end() && work < most_per_tick; ++it, ++work) {
    assert_from_ = it->first + '\0';
    if (it->second.asked == 0 && now - it->second.asserted >= assert_each()) assert_one(it->first, it->second, now);
  }
  if (work < most_per_tick) assert_from_.clear();
  work = 0;
  for (auto it = followed_.lower_bound(poll_from_); it != followed_.end() && work < most_per_tick; ++it, ++work) {
    poll_from_ = it->first + '\0';
    if (claims_.contains(it->first) || now - it->second.asked_at < poll_each) continue;
    it->second.asked_at = now;
    Known& known = known_[it->first];
    if (!known.asked) look(it->first, known);
  }
  if (work < most_per_tick) poll_from_.clear();
  if (known_.size() >= most_known) forget_old(now);
}

std::optional<Ask> Membership::poll_ask() {
  if (asks_.empty()) return std::nullopt;
  Ask ask = std::move(asks_.front());
  asks_.pop_front();
  return ask;
}

std::optional<Membership::Event> Membership::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace weir::cluster
