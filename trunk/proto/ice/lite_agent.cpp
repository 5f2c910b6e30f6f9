#include "proto/ice/lite_agent.h"

#include <algorithm>
#include <tuple>

namespace weir::ice {

using base::Bytes;
using base::Instant;

std::optional<CheckName> split_username(std::string_view username) {
  const auto colon = username.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return CheckName{username.substr(0, colon), username.substr(colon + 1)};
}

LiteAgent::LiteAgent(Credentials local, Credentials remote) { pairs_.push_back({std::move(local), std::move(remote)}); }

const LiteAgent::Pair* LiteAgent::find_pair(std::string_view username) const {
  const auto name = split_username(username);
  if (!name) return nullptr;
  const auto found = std::find_if(pairs_.rbegin(), pairs_.rend(), [&](const Pair& pair) {
    return pair.local.ufrag == name->local && (pair.remote.ufrag.empty() || pair.remote.ufrag == name->remote);
  });
  return found == pairs_.rend() ? nullptr : &*found;
}

LiteAgent::Result LiteAgent::input(Bytes datagram, const Path& path, Instant now) {
  Result result;
  const auto message = stun::parse(datagram);
  if (!message) {
    ++counts_.malformed;
    return result;
  }
  if (!message->is_request()) return result;  // an indication is a keepalive; responses answer checks we never sent
  const auto refuse = [&](unsigned code, std::string_view reason, std::string_view password) {
    ++counts_.refused;
    stun::Writer writer(stun::MessageType::binding_error, message->transaction);
    writer.error_code(code, reason);
    if (code == 420) writer.unknown_attributes(message->unknown);
    result.answer = writer.finish(password);
  };
  const Pair* const pair = find_pair(message->username);
  if (!pair) {
    refuse(message->username.empty() ? 400 : 401, message->username.empty() ? "Bad Request" : "Unauthenticated", {});
    return result;
  }
  const std::string& password = pair->local.password;
  if (const auto sealed = stun::check_integrity(datagram, password); !sealed) {
    const bool missing = sealed.error() == stun::Errc::no_integrity;
    refuse(missing ? 400 : 401, missing ? "Bad Request" : "Unauthenticated", {});
    return result;
  }
  if (!message->unknown.empty()) {
    refuse(420, "Unknown Attribute", password);
    return result;
  }
  if (message->controlled) {  // RFC 8445 7.3.1.1: a lite agent is always controlled itself
    refuse(487, "Role Conflict", password);
    return result;
  }
  ++counts_.checks;
  result.verified = true;
  result.first = !any_;
  any_ = true;
  heard_ = now;
  note_check(*message, path, now);
  result.moved = select(now);
  result.answer = stun::Writer(stun::MessageType::binding_response, message->transaction)
                      .xor_mapped_address(path.remote)
                      .finish(password);
  // The first check of a restart ends the credentials before it.
  if (pair == &pairs_.back()) pairs_.erase(pairs_.begin(), pairs_.end() - 1);
  return result;
}

// Nomination is taken unconditionally, and repeated nominations mean nothing new: Firefox nominates every pair.
LiteAgent::Candidate& LiteAgent::note_check(const stun::Message& message, const Path& path, Instant now) {
  auto found = std::find_if(candidates_.begin(), candidates_.end(), [&](const Candidate& c) { return c.path == path; });
  if (found == candidates_.end()) {
    if (candidates_.size() == most_paths) {  // the one that was silent longest makes room
      candidates_.erase(std::min_element(candidates_.begin(), candidates_.end(),
                                         [](const auto& a, const auto& b) { return a.heard < b.heard; }));
    }
    found = candidates_.insert(candidates_.end(), Candidate{path, 0, false, {}});
  }
  found->priority = message.priority.value_or(found->priority);
  found->nominated = found->nominated || message.use_candidate;
  found->heard = now;
  return *found;
}

bool LiteAgent::select(Instant now) {
  const Candidate* best = nullptr;
  const auto rank = [&](const Candidate& c) {
    const bool alive = now - c.heard <= nominated_silence;
    return std::tuple(alive && c.nominated, alive, c.nominated, c.priority, c.heard);
  };
  for (const Candidate& candidate : candidates_) {
    if (!best || rank(candidate) > rank(*best)) best = &candidate;
  }
  if (!best || selected_ == best->path) return false;
  selected_ = best->path;
  return true;
}

bool LiteAgent::note_media(const Path& path, Instant now) {
  const auto found =
      std::find_if(candidates_.begin(), candidates_.end(), [&](const Candidate& c) { return c.path == path; });
  if (found == candidates_.end()) return false;  // never passed a check
  found->heard = now;
  heard_ = now;
  return select(now);
}

std::optional<Path> LiteAgent::selected() const { return selected_; }

bool LiteAgent::silent_for(std::chrono::milliseconds limit, Instant now) const { return any_ && now - heard_ >= limit; }

void LiteAgent::restart(Credentials local, Credentials remote) {
  if (pairs_.size() > 1) pairs_.erase(pairs_.begin());  // two at most
  pairs_.push_back({std::move(local), std::move(remote)});
}

}  // namespace weir::ice
