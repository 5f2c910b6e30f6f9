#include "session/gb28181/watchers.h"

#include <algorithm>

#include "base/text.h"

namespace weir::session::gb28181 {

namespace {

constexpr std::size_t longest_event = 64;

std::optional<Watchers::Topic> topic_of(const manscdp::Message& asked) {
  if (base::iequals(asked.command, "Catalog")) return Watchers::Topic::catalogue;
  if (base::iequals(asked.command, "Alarm")) return Watchers::Topic::alarm;
  if (base::iequals(asked.command, "MobilePosition")) return Watchers::Topic::position;
  return std::nullopt;
}

}  // namespace

void Watchers::on_subscribe(const sip::Message& message, const sip::Way& way, const std::string& id) {
  const base::Instant now = outside_.now();
  const std::uint32_t expires = std::min(message.number("Expires").value_or(usual_expiry), longest_expiry);
  sip::Message answer;
  const auto agree = [&] {
    line_.answer(message, way, 200, now, [&](sip::Message& out) {
      out.add("Contact", Line::contact_of(id, way)).add("Expires", std::to_string(expires));
      answer = out;
    });
  };
  if (const auto known = all_.find(message.call_id); known != all_.end()) {
    if (!known->second.dialog.owns(message)) return line_.answer(message, way, 481, now);
    agree();
    if (expires == 0) {
      all_.erase(known);
    } else {
      known->second.until = now + std::chrono::seconds(expires);
    }
    return;
  }
  if (!message.to.tag.empty()) return line_.answer(message, way, 481, now);  // of a dialogue that is over
  const auto asked = manscdp::parse(message.body);
  if (!asked) return line_.answer(message, way, 400, now);
  const auto topic = topic_of(*asked);
  if (!topic) return line_.answer(message, way, 489, now);
  if (all_.size() >= most) return line_.answer(message, way, 503, now);
  agree();
  if (expires == 0) return;
  const std::string event(message.header("Event").substr(0, longest_event));
  all_[message.call_id] = {.topic = *topic,
                           .event = event.empty() ? "presence" : event,
                           .dialog = sip::Dialog::accepted(message, answer),
                           .until = now + std::chrono::seconds(expires)};
}

bool Watchers::any(Topic topic) const {
  return std::any_of(all_.begin(), all_.end(), [&](const auto& one) { return one.second.topic == topic; });
}

void Watchers::tell(Topic topic, const std::string& xml, const sip::Way& way) {
  const base::Instant now = outside_.now();
  for (auto& [call_id, watcher] : all_) {
    if (watcher.topic != topic) continue;
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(watcher.until - now).count();
    sip::Message message = watcher.dialog.request("NOTIFY");
    message.add("Event", watcher.event).add("Subscription-State", "active;expires=" + std::to_string(left));
    message.add("Content-Type", "Application/MANSCDP+xml");
    message.body = xml;
    ++told_;
    (void)line_.send(std::move(message), way, now, [this, id = call_id](const sip::Event& event) {
      // It has forgotten it.
      if (event.kind == sip::Event::Kind::answer && event.message.status == 481) all_.erase(id);
    });
  }
}

void Watchers::tick(base::Instant now) {
  std::erase_if(all_, [&](const auto& one) { return one.second.until <= now; });
}

}  // namespace weir::session::gb28181
