#include "session/forward/sender.h"

namespace weir::session::forward {

Sender::Sender(net::Life& life, upstream::RtmpLink& link, hub::Seat seat, hub::MemoryBudget* memory)
    : StreamSender(life, link.stream(), seat, memory), link_(link) {}

void Sender::put(flv::TagType type, std::uint32_t time_ms, base::Bytes body) {
  link_.client().send(static_cast<rtmp::MessageType>(type), time_ms, body);  // FLV took its numbers from RTMP
}

// The other side says little: acknowledgements, pings, and why it ends.
base::ErrorCode Sender::heard(base::Bytes bytes, std::string& why) {
  if (const auto taken = link_.client().input(bytes); !taken) {
    why = link_.client().diagnostic().sentence();
    return taken.error();
  }
  while (auto event = link_.client().poll()) {
    if (const auto* refused = std::get_if<rtmp::Refused>(&*event)) {
      why = refused->code + ": " + refused->description;
      return upstream::Errc::refused;
    }
    const auto* status = std::get_if<rtmp::StatusReceived>(&*event);
    if (status && status->level == "error") {
      why = status->code + ": " + status->description;
      return upstream::Errc::refused;
    }
    if (std::holds_alternative<rtmp::Redirected>(*event)) return upstream::Errc::ended;  // and asks there anew
  }
  return {};
}

}  // namespace weir::session::forward
