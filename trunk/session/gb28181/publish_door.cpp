#include "session/gb28181/publish_door.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "session/common/identity.h"
#include "session/common/upstream/rtmp_link.h"
#include "session/gb28181/media_service.h"

namespace weir::session::gb28181 {

using base::Result;

namespace {

constexpr std::size_t longest_id = 64;

bool is_name(const std::string& id) {
  const auto is_good = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
           c == '.';
  };
  return !id.empty() && id.size() <= longest_id && id.front() != '.' && std::all_of(id.begin(), id.end(), is_good);
}

Result<std::uint32_t> parse_ssrc(const std::string& text) {
  std::uint32_t ssrc = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ssrc);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return MediaErrc::bad_ssrc;
  return ssrc;
}

MediaTransport transport_of(const config::StreamCaster& caster) {
  // Nobody tells us of an answer, so that there is no address to connect to.
  return caster.transport == config::StreamCaster::Transport::udp ? MediaTransport::udp : MediaTransport::tcp_passive;
}

}  // namespace

struct PublishDoor::Entry final : MediaListener {
  Entry(PublishDoor& opened_by, base::StreamKey of) : door(opened_by), key(std::move(of)) {}
  void on_media() override {}
  void on_end(base::ErrorCode, const std::string&) override { door.entries_.erase(base::StreamKey(key)); }

  PublishDoor& door;
  base::StreamKey key;
  std::unique_ptr<MediaPlace> place;
};

PublishDoor::PublishDoor(hub::Hub& hub, MediaDesk& desk) : hub_(hub), desk_(desk) {}

PublishDoor::~PublishDoor() = default;

Result<hub::Request> request_of(const config::StreamCaster& caster, const std::string& id,
                                const config::Config& config) {
  if (!is_name(id)) return MediaErrc::bad_id;
  // Whoever has a SIP server of his own has his own names, too: one word for device and channel.
  std::string output = caster.output.empty() ? "rtmp://127.0.0.1/live/[stream]" : caster.output;
  for (const char* word : {"[stream]", "[device]", "[channel]"}) output = base::replace_all(output, word, id);
  TRY(const auto url, upstream::parse_rtmp_url(output));
  return identify(url, config);
}

Result<PublishDoor::Opened> PublishDoor::open(const std::string& id, const std::string& ssrc,
                                              const std::string& asked_by) {
  const config::StreamCaster* const caster = caster_of(*hub_.config());
  if (!caster) return MediaErrc::no_caster;
  MediaOrder order;
  TRY(order.ssrc, parse_ssrc(ssrc));
  TRY(order.request, request_of(*caster, id, *hub_.config()));
  order.request.peer.address = asked_by;
  order.transport = transport_of(*caster);
  const bool is_tcp = order.transport != MediaTransport::udp;
  auto entry = std::make_unique<Entry>(*this, order.request.key());
  TRY(entry->place, desk_.open(std::move(order), *entry));
  const Opened opened{.port = entry->place->port(), .is_tcp = is_tcp};
  base::StreamKey key = entry->key;
  entries_.insert_or_assign(std::move(key), std::move(entry));
  return opened;
}

}  // namespace weir::session::gb28181
