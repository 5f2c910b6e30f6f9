#include "net/rist/peers.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace weir::net {

namespace {

// "NAME":NUMBER, as the library writes it; `text` goes on behind it.
std::optional<double> take_number(std::string_view& text, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + key.size());
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc() || value < 0) return std::nullopt;
  text = rest.substr(static_cast<std::size_t>(end - rest.data()));
  return value;
}

}  // namespace

RistPeers::Entry* RistPeers::find(const void* peer) {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Entry& one) { return one.peer == peer; });
  return found == all_.end() ? nullptr : &*found;
}

// In the simple profile a peer takes several numbers: one that is alone is meant by the first that comes.
RistPeers::Entry* RistPeers::find(std::uint32_t number) {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Entry& one) { return one.number == number; });
  if (found != all_.end()) return &*found;
  if (!simple_ || all_.size() != 1 || all_.front().number != 0) return nullptr;
  all_.front().number = number;
  return &all_.front();
}

void RistPeers::add(const void* peer, std::string address, bool called) {
  const std::uint32_t number = ++given_;
  if (all_.size() == most) std::erase_if(all_, [](const Entry& one) { return !one.called && !one.figures.there; });
  if (all_.size() == most) return;
  Entry& made = all_.emplace_back();
  made.peer = peer;
  made.number = simple_ ? 0 : number;
  made.called = called;
  made.figures.address = std::move(address);
}

void RistPeers::called(const void* peer, std::string address) { add(peer, std::move(address), true); }
void RistPeers::came(const void* peer, std::string address) { add(peer, std::move(address), false); }

void RistPeers::left(const void* peer) {
  std::erase_if(all_, [&](const Entry& one) { return one.peer == peer && !one.called; });
}

void RistPeers::is_there(const void* peer, bool there) {
  if (Entry* const one = find(peer)) one->figures.there = there;
}

void RistPeers::count(std::uint32_t number, const Sent& sent) {
  Entry* const one = find(number);
  if (!one) return;
  one->figures.sent_packets += sent.sent;
  one->figures.retransmitted += sent.retransmitted;
  one->figures.send_mbps = sent.mbps;
  one->figures.quality = sent.quality;
  one->figures.rtt = std::chrono::milliseconds(sent.rtt_ms);
}

// {"receiver-stats":{"flowinstant":{"flow_id":1,...,"peers":[{"id":3,"dead":0,"stats":{"received_data":872,...,"rtt":1,
// "avg_rtt":38,"bitrate":6417361,...}},...]}}}
void RistPeers::count_received(std::string_view json) {
  const auto flow = take_number(json, "flow_id");
  const std::size_t begin = json.find("\"peers\":[");
  if (!flow || begin == std::string_view::npos) return;
  json.remove_prefix(begin);
  while (const auto number = take_number(json, "id")) {
    const auto dead = take_number(json, "dead"), received = take_number(json, "received_data"),
               rtt = take_number(json, "rtt"), rate = take_number(json, "bitrate");
    if (!dead || !received || !rtt || !rate) return;
    Entry* const one = find(static_cast<std::uint32_t>(*number));
    if (!one) continue;
    one->figures.there = *dead == 0;
    one->figures.flow = static_cast<std::uint32_t>(*flow);
    one->figures.received_packets += static_cast<std::uint64_t>(*received);
    one->figures.rtt = std::chrono::milliseconds(static_cast<std::int64_t>(*rtt));
    one->figures.receive_mbps = one->figures.there ? *rate / 1e6 : 0;
  }
}

std::shared_ptr<const std::vector<RistPeers::Peer>> RistPeers::list() const {
  if (all_.empty()) return nullptr;
  auto out = std::make_shared<std::vector<Peer>>();
  out->reserve(all_.size());
  for (const Entry& one : all_) out->push_back(one.figures);
  return out;
}

}  // namespace weir::net
