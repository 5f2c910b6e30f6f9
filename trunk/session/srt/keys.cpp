#include "session/srt/keys.h"

#include <algorithm>
#include <utility>

namespace weir::session::srt {

using namespace std::chrono_literals;

// The virtual host is one of the configuration; what callers name may hold anything.
std::string Keys::name_of(const KeyQuestion& question) {
  std::string name = question.vhost;
  name += '\0';
  name += question.publishes ? 'p' : 'r';
  name += std::to_string(question.app.size());
  name += ':';
  name += question.app;
  name += question.stream;
  return name;
}

bool Keys::may_ask(const std::string& address, Clock::time_point now) {
  if (now - second_ >= 1s) {
    second_ = now;
    questions_ = 0;
    by_address_.clear();
  }
  if (questions_ >= most_questions) return false;
  int& of_address = by_address_[address];
  if (of_address >= most_of_address) return false;
  ++of_address;
  ++questions_;
  return true;
}

// For one more that is no key.
bool Keys::has_room(Clock::time_point now) {
  if (entries_.size() - known_ < most_others) return true;
  std::erase_if(entries_, [&](const auto& one) {
    const Entry& entry = one.second;
    const bool over = now >= entry.until && now >= entry.asked_until;
    if (over && entry.state == State::known) --known_;
    return over;
  });
  return entries_.size() - known_ < most_others;
}

void Keys::make_room_for_key() {
  if (known_ < most_keys) return;
  auto first = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->second.state != State::known) continue;
    if (first == entries_.end() || it->second.until < first->second.until) first = it;
  }
  if (first == entries_.end()) return;
  entries_.erase(first);
  --known_;
}

Keys::Found Keys::find(const KeyQuestion& question, const std::string& address, Clock::time_point now) {
  Found found;
  {
    const std::lock_guard lock(mutex_);
    const std::string name = name_of(question);
    const auto entry = entries_.find(name);
    const bool is_there = entry != entries_.end();
    const bool waits = is_there && now < entry->second.asked_until;
    if (is_there && now < entry->second.until) {
      found = {entry->second.state, entry->second.secret};
      if (found.state != State::known || now < entry->second.refresh || waits || !may_ask(address, now)) return found;
    } else {
      found.state = State::asked;
      if (waits) return found;
      if (!may_ask(address, now) || (!is_there && !has_room(now))) return {};
    }
    Entry& asked = entries_[name];
    if (found.state != State::known && asked.state == State::known) {  // its time is over
      asked = {};
      --known_;
    }
    if (found.state != State::known) asked.state = State::asked;
    asked.asked_until = now + patience;
    ++asked_;
  }
  ask_(question);
  return found;
}

void Keys::answer(const KeyQuestion& question, const KeyAnswer& answer, std::chrono::milliseconds ttl,
                  Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const std::string name = name_of(question);
  const auto place = entries_.find(name);
  if (place == entries_.end()) return;  // forgotten meanwhile: whom it was asked of is no longer asked
  const bool was_known = place->second.state == State::known;
  // What is known stays until its time is over, if nobody says otherwise.
  if (was_known && answer.kind == KeyAnswer::Kind::failed) {
    place->second.asked_until = {};
    place->second.refresh = now + failed_for;
    return;
  }
  if (answer.kind != KeyAnswer::Kind::key) {
    if (was_known) --known_;
    const bool refused = answer.kind == KeyAnswer::Kind::refused;
    place->second = {.state = refused ? State::refused : State::failed,
                     .secret = {},
                     .until = now + (refused ? std::min(ttl, refused_for) : failed_for)};
    return;
  }
  const auto good_for = answer.good_for.count() > 0 ? answer.good_for : ttl;
  if (!was_known) {
    entries_.erase(place);
    make_room_for_key();
    ++known_;
  }
  entries_[name] = {
      .state = State::known, .secret = answer.secret, .until = now + good_for, .refresh = now + good_for * 3 / 4};
}

void Keys::forget(const std::string& vhost) {
  const std::lock_guard lock(mutex_);
  const std::string begin = vhost + '\0';
  std::erase_if(entries_, [&](const auto& one) {
    const bool is_of_it = one.first.starts_with(begin);
    if (is_of_it && one.second.state == State::known) --known_;
    return is_of_it;
  });
}

std::size_t Keys::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

std::uint64_t Keys::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

}  // namespace weir::session::srt
