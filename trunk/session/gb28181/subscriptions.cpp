#include "session/gb28181/subscriptions.h"

#include <algorithm>
#include <array>
#include <memory>

#include "base/text.h"

namespace weir::session::gb28181 {

namespace {

constexpr std::array<std::string_view, 3> words{"catalog", "alarm", "position"};

}  // namespace

std::optional<Subscriptions::Topic> Subscriptions::topic_of(std::string_view word) {
  const auto* found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Topic>(found - words.begin());
}

void Subscriptions::begin(const std::string& device) {
  forget(device);
  for (const Topic topic : topics_) ask({device, topic});
}

void Subscriptions::forget(const std::string& device) {
  for (const Topic topic : topics_) {
    all_.erase({device, topic});
    agenda_.cancel({device, topic});
  }
}

void Subscriptions::ask(const Key& key) {
  const Device* device = devices_.find(key.first);
  if (!device || !device->online) return;
  Subscription& one = all_[key];
  one.serial = ++serial_;
  agenda_.set(key, outside_.now() + retry_pause);
  if (!device->reachable) return;
  const auto sn = static_cast<std::uint32_t>(serial_ & 0x3fffffff);
  auto message = std::make_shared<sip::Message>(one.dialog ? one.dialog->request("SUBSCRIBE")
                                                           : line_.make("SUBSCRIBE", device->id, device->way));
  if (one.dialog) message->add("Contact", Line::contact_of(line_.id(), device->way));
  message->add("Event", key.second == Topic::catalog ? "Catalog" : "presence");
  message->add("Expires", std::to_string(expiry.count()));
  message->add("Content-Type", "Application/MANSCDP+xml");
  switch (key.second) {
    case Topic::catalog:
      message->body = manscdp::query("Catalog", sn, device->id);
      break;
    case Topic::alarm:
      message->body = manscdp::alarm_query(sn, device->id);
      break;
    case Topic::position:
      message->body = manscdp::position_query(sn, device->id, position_interval);
      break;
  }
  (void)line_.send(
      *message, device->way, outside_.now(),
      [this, key, serial = one.serial, message](const sip::Event& event) { answered(key, serial, *message, event); });
}

void Subscriptions::answered(const Key& key, std::uint64_t serial, const sip::Message& asked, const sip::Event& event) {
  const auto found = all_.find(key);
  if (found == all_.end() || found->second.serial != serial) return;
  Subscription& one = found->second;
  if (event.kind == sip::Event::Kind::timed_out) {
    one.dialog.reset();
    return agenda_.set(key, outside_.now() + retry_pause);
  }
  const unsigned status = event.message.status;
  if (status < 200) return;
  if (status >= 300) {
    const bool forgotten = one.dialog && status == 481;  // RFC 6665 4.1.2.2: it knows nothing of it any more
    one.dialog.reset();
    if (forgotten) return ask(key);
    all_.erase(found);
    return agenda_.cancel(key);
  }
  if (!one.dialog) one.dialog = sip::Dialog::of(asked, event.message);
  const auto said =
      std::chrono::seconds(event.message.number("Expires").value_or(static_cast<std::uint32_t>(expiry.count())));
  agenda_.set(key, outside_.now() + std::max(std::min(said, expiry) * 4 / 5, shortest));
}

void Subscriptions::on_notify(const std::string& device, const sip::Message& message) {
  if (!base::iequals(base::split_first(message.header("Subscription-State"), ';').first, "terminated")) return;
  for (const Topic topic : topics_) {
    const auto found = all_.find({device, topic});
    if (found == all_.end() || !found->second.dialog || found->second.dialog->call_id() != message.call_id) continue;
    found->second.dialog.reset();
    agenda_.set({device, topic}, outside_.now() + shortest);
  }
}

void Subscriptions::tick(base::Instant now) {
  while (const auto key = agenda_.take_due(now)) ask(*key);
  line_.run();
}

std::string Subscriptions::agreed(const std::string& device) const {
  std::string out;
  for (const Topic topic : topics_) {
    const auto found = all_.find({device, topic});
    if (found == all_.end() || !found->second.dialog) continue;
    out += (out.empty() ? "" : " ") + std::string(words[static_cast<std::size_t>(topic)]);
  }
  return out;
}

}  // namespace weir::session::gb28181
