#include "proto/sip/transactions.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace weir::sip {

using base::Instant;

namespace {

constexpr std::string_view magic = "z9hG4bK";  // RFC 3261 8.1.1.7
constexpr int lifetime_in_t1 = 64;             // timers B, F, H and J

std::string client_key(std::string_view branch, std::string_view method) {
  return std::string(method) + ' ' + std::string(branch);
}

}  // namespace

// RFC 3261 17.2.3: by branch where that is unique, else by what RFC 2543 had.
std::string Transactions::key_of(const Message& message, std::string_view method) {
  const std::string& branch = message.via.branch;
  std::string key = std::string(method) + ' ' + host_port(message.via.host, message.via.port) + ' ';
  if (branch.starts_with(magic) && branch.size() > magic.size()) return key + branch;
  return key + message.call_id + ' ' + std::to_string(message.cseq) + ' ' + message.from.tag + ' ' + message.uri;
}

bool Transactions::waits_for_proof(Client& client, RequestId id, Instant now) {
  if (!options_.proof || client.way.reliable()) return false;
  Peer& peer = peers_[client.way.peer()];
  if (peer.proven) return false;
  client.repeats = false;
  if (peer.first == 0) {
    peer.first = id;
    peer.sent = now;
    return false;
  }
  peer.waiting.push_back(id);
  ++counts_.held;
  return true;
}

void Transactions::prove(const Way& way, Instant now) {
  if (!options_.proof || way.reliable()) return;
  const std::string address = way.peer();
  Peer& peer = peers_[address];
  if (std::exchange(peer.proven, true)) return;
  const auto waiting = std::exchange(peer.waiting, {});
  proven_.push_back(address);
  if (proven_.size() > options_.most_proven) {
    peers_.erase(proven_.front());
    proven_.pop_front();
  }
  for (const RequestId id : waiting) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) continue;
    Client& client = found->second;
    output_.push_back({client.way, client.bytes});
    client.repeats = true;
    client.next = now + options_.t1;
    arm(id, client);
  }
}

void Transactions::repeat_first(const Way& way, Instant now) {
  if (!options_.proof || way.reliable()) return;
  const auto found = peers_.find(way.peer());
  if (found == peers_.end() || found->second.proven || now - found->second.sent < options_.t1) return;
  const auto first = clients_.find(found->second.first);
  if (first == clients_.end()) return;
  found->second.sent = now;
  output_.push_back({first->second.way, first->second.bytes});
  ++counts_.repeated;
}

void Transactions::input(Message message, const Way& way, Instant now) {
  if (!message.is_request()) return answer(std::move(message), way, now);
  repeat_first(way, now);
  if (message.method == "ACK") {
    // Of an answer that refused: nobody waits for it. Of one that accepted: its dialogue may.
    if (!servers_.contains(key_of(message, "INVITE"))) {
      events_.push_back({Event::Kind::request, std::move(message), way});
    }
    return;
  }
  std::string key = key_of(message, message.method);
  if (const auto found = servers_.find(key); found != servers_.end()) {
    ++counts_.received_again;
    if (!found->second.answer.empty()) output_.push_back({way, found->second.answer});
    return;
  }
  while (!servers_until_.empty() && servers_.size() >= options_.most_remembered) {
    counts_.forgotten += servers_.erase(servers_until_.front().second);
    servers_until_.pop_front();
  }
  servers_.emplace(key, Remembered());
  servers_until_.emplace_back(now + lifetime_in_t1 * options_.t1, std::move(key));
  events_.push_back({Event::Kind::request, std::move(message), way});
}

void Transactions::respond(const Message& request, const Way& way, const Message& answer, Instant) {
  std::string bytes = to_text(answer);
  if (const auto found = servers_.find(key_of(request, request.method)); found != servers_.end()) {
    found->second.answer = bytes;
  }
  output_.push_back({way, std::move(bytes)});
}

RequestId Transactions::request(Message message, const Way& way, Instant now) {
  if (clients_.size() >= options_.most_requests) return 0;
  return start(std::move(message), std::string(magic) + make_id_(), way, now);
}

RequestId Transactions::start(Message message, std::string branch, const Way& way, Instant now) {
  message.add_first("Via", std::string(way.reliable() ? "SIP/2.0/TCP " : "SIP/2.0/UDP ") +
                               host_port(way.local_address, way.local_port) + ";rport;branch=" + branch);
  const RequestId id = ++last_;
  Client client{.branch = std::move(branch), .method = message.method, .bytes = to_text(message), .way = way};
  client.pause = options_.t1;
  client.repeats = !way.reliable();
  client.next = now + options_.t1;
  client.deadline = now + lifetime_in_t1 * options_.t1;
  message.body.clear();
  client.message = std::move(message);
  if (!waits_for_proof(client, id, now)) output_.push_back({way, client.bytes});
  ++counts_.sent;
  by_branch_[client_key(client.branch, client.method)] = id;
  arm(id, clients_.emplace(id, std::move(client)).first->second);
  return id;
}

void Transactions::arm(RequestId id, Client& client) {
  if (client.armed != Instant{}) schedule_.erase({client.armed, id});
  client.armed = client.repeats ? std::min(client.next, client.deadline) : client.deadline;
  schedule_.emplace(client.armed, id);
}

void Transactions::end(RequestId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  schedule_.erase({found->second.armed, id});
  if (options_.proof && !found->second.way.reliable()) {
    const auto peer = peers_.find(found->second.way.peer());
    if (peer != peers_.end() && !peer->second.proven && peer->second.first == id) peers_.erase(peer);
  }
  by_branch_.erase(client_key(found->second.branch, found->second.method));
  clients_.erase(found);
}

void Transactions::silent(RequestId id) {
  if (const auto found = clients_.find(id); found != clients_.end()) found->second.silent = true;
}

std::optional<Instant> Transactions::next_tick() const {
  std::optional<Instant> next;
  if (!schedule_.empty()) next = schedule_.begin()->first;
  if (!servers_until_.empty()) next = std::min(next.value_or(Instant::max()), servers_until_.front().first);
  return next;
}

void Transactions::tick(Instant now) {
  while (!servers_until_.empty() && servers_until_.front().first <= now) {
    servers_.erase(servers_until_.front().second);
    servers_until_.pop_front();
  }
  while (!schedule_.empty() && schedule_.begin()->first <= now) {
    const RequestId id = schedule_.begin()->second;
    Client& client = clients_.at(id);
    if (client.deadline <= now) {
      const bool told = client.state != Client::State::completed && !client.silent;
      if (client.state != Client::State::completed) ++counts_.timed_out;
      if (told) events_.push_back({.kind = Event::Kind::timed_out, .way = client.way, .request = id});
      end(id);
      continue;
    }
    output_.push_back({client.way, client.bytes});
    ++counts_.repeated;
    client.pause *= 2;
    // RFC 3261 17.1.1.2: an INVITE's pauses double without bound; 17.1.2.2: others' up to T2.
    if (client.method != "INVITE") client.pause = std::min(client.pause, options_.t2);
    client.next = now + client.pause;
    arm(id, client);
  }
}

void Transactions::answer(Message message, const Way& way, Instant now) {
  const auto found = by_branch_.find(client_key(message.via.branch, message.method));
  if (found == by_branch_.end()) {
    ++counts_.strays;
    return;
  }
  const RequestId id = found->second;
  Client& client = clients_.at(id);
  prove(client.way, now);
  const bool invite = client.method == "INVITE";
  if (client.state == Client::State::completed) {
    // It came again: so did our ACK not arrive.
    if (invite && message.status >= 200 && !client.ack.empty()) output_.push_back({client.way, client.ack});
    return;
  }
  const auto tell = [&] {
    if (!client.silent) events_.push_back({Event::Kind::answer, std::move(message), way, id});
  };
  if (message.status < 200) {
    client.state = Client::State::proceeding;
    if (invite) {
      // From now on it may ring for as long as whoever asked wants to wait; a CANCEL sets a limit (RFC 3261 9.1).
      client.repeats = false;
      if (!client.cancelled) client.deadline = Instant::max();
      if (client.cancel_wanted && !client.cancelled) send_cancel(client, now);
    } else {
      client.pause = options_.t2;
    }
    arm(id, client);
    return tell();
  }
  client.state = Client::State::completed;
  client.repeats = false;
  if (invite && message.status >= 300) send_ack_of_failure(client, message);
  tell();
  // Answers that come again are caught until then; a byte stream repeats none, and others than INVITE need no ACK.
  if (!invite || (client.way.reliable() && message.status >= 300)) return end(id);
  client.deadline = now + lifetime_in_t1 * options_.t1;
  arm(id, client);
}

// RFC 3261 17.1.1.3.
void Transactions::send_ack_of_failure(Client& client, const Message& answer) {
  Message ack{.method = "ACK", .uri = client.message.uri};
  ack.add("Via", std::string(client.message.header("Via")));
  for (const std::string_view name : {"From", "Call-ID", "Route"}) {
    if (const std::string* value = client.message.find(name)) ack.add(name, *value);
  }
  ack.add("To", std::string(answer.header("To")));
  ack.add("CSeq", std::string(base::split_first(client.message.header("CSeq"), ' ').first) + " ACK");
  ack.add("Max-Forwards", "70");
  client.ack = to_text(ack);
  output_.push_back({client.way, client.ack});
}

void Transactions::acknowledge(RequestId invite, Message ack, Instant) {
  const auto found = clients_.find(invite);
  if (found == clients_.end()) return;
  Client& client = found->second;
  // RFC 3261 13.2.2.4: a transaction of its own as to the branch.
  ack.add_first("Via", std::string(client.way.reliable() ? "SIP/2.0/TCP " : "SIP/2.0/UDP ") +
                           host_port(client.way.local_address, client.way.local_port) +
                           ";rport;branch=" + std::string(magic) + make_id_());
  client.ack = to_text(ack);
  output_.push_back({client.way, client.ack});
}

void Transactions::cancel(RequestId invite, Instant now) {
  const auto found = clients_.find(invite);
  if (found == clients_.end() || found->second.cancelled) return;
  Client& client = found->second;
  if (client.state == Client::State::completed) return;
  client.cancel_wanted = true;
  if (client.state == Client::State::proceeding) {
    send_cancel(client, now);
    arm(invite, client);
  }
}

void Transactions::send_cancel(Client& client, Instant now) {
  client.cancelled = true;
  client.deadline = now + lifetime_in_t1 * options_.t1;
  Message cancel{.method = "CANCEL", .uri = client.message.uri};
  for (const std::string_view name : {"From", "To", "Call-ID", "Route"}) {
    if (const std::string* value = client.message.find(name)) cancel.add(name, *value);
  }
  cancel.add("CSeq", std::string(base::split_first(client.message.header("CSeq"), ' ').first) + " CANCEL");
  cancel.add("Max-Forwards", "70");
  silent(start(std::move(cancel), client.branch, client.way, now));
}

void Transactions::connection_lost(std::uint64_t connection) {
  std::vector<RequestId> gone;
  for (const auto& [id, client] : clients_) {
    if (client.way.connection == connection) gone.push_back(id);
  }
  for (const RequestId id : gone) {
    const Client& client = clients_.at(id);
    if (client.state != Client::State::completed && !client.silent) {
      events_.push_back({.kind = Event::Kind::timed_out, .way = client.way, .request = id});
    }
    end(id);
  }
}

std::optional<Event> Transactions::poll() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace weir::sip
