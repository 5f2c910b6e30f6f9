#include "session/gb28181/line.h"

#include "base/version.h"

namespace weir::session::gb28181 {

void Line::input(sip::Message message, const sip::Way& way, base::Instant now) {
  transactions_.input(std::move(message), way, now);
  run();
}

void Line::connection_lost(std::uint64_t connection) {
  transactions_.connection_lost(connection);
  run();
}

void Line::tick(base::Instant now) {
  transactions_.tick(now);
  run();
}

void Line::run() {
  // What is called from here may send and so call this again.
  if (running_) return;
  running_ = true;
  while (auto event = transactions_.poll()) {
    if (event->kind == sip::Event::Kind::request) {
      parts_.on_request(event->message, event->way);
      continue;
    }
    const auto found = waiting_.find(event->request);
    if (found == waiting_.end()) continue;
    const bool last = event->kind == sip::Event::Kind::timed_out || event->message.status >= 200;
    const OnAnswer told = last ? std::move(found->second) : found->second;
    if (last) waiting_.erase(found);
    told(*event);
  }
  running_ = false;
  for (const sip::Outgoing& one : transactions_.take_output()) parts_.send(one);
}

std::string Line::contact_of(const std::string& id, const sip::Way& way) {
  return "<sip:" + id + "@" + sip::host_port(way.local_address, way.local_port) +
         (way.reliable() ? ";transport=tcp>" : ">");
}

sip::Message Line::make(std::string method, const std::string& target, const sip::Way& way) {
  sip::Message out{.method = method, .uri = "sip:" + target + "@" + way.peer()};
  out.add("From", "<sip:" + parts_.id + "@" + parts_.domain + ">;tag=" + parts_.make_id());
  out.add("To", "<sip:" + target + "@" + parts_.domain + ">");
  out.add("Call-ID", parts_.make_id() + "@" + way.local_address);
  out.add("CSeq", std::to_string(++cseq_) + " " + method);
  out.add("Contact", contact_of(parts_.id, way));
  out.add("Max-Forwards", "70");
  out.add("User-Agent", std::string(base::server_name) + "/" + std::string(base::version));
  return out;
}

sip::RequestId Line::send(sip::Message message, const sip::Way& way, base::Instant now, OnAnswer on_answer) {
  const sip::RequestId id = transactions_.request(std::move(message), way, now);
  if (id == 0) return 0;
  if (on_answer) {
    waiting_.emplace(id, std::move(on_answer));
  } else {
    transactions_.forget(id);
  }
  return id;
}

sip::RequestId Line::send_body(const std::string& target, const sip::Way& way, std::string xml, base::Instant now,
                               OnAnswer on_answer) {
  sip::Message message = make("MESSAGE", target, way);
  message.add("Content-Type", "Application/MANSCDP+xml");
  message.body = std::move(xml);
  return send(std::move(message), way, now, std::move(on_answer));
}

void Line::answer(const sip::Message& request, const sip::Way& way, unsigned status, base::Instant now,
                  const std::function<void(sip::Message&)>& more) {
  sip::Message out = sip::make_answer(request, status, parts_.make_id(), way.address, way.port);
  out.add("User-Agent", std::string(base::server_name) + "/" + std::string(base::version));
  if (more) more(out);
  transactions_.respond(request, way, out, now);
}

void Line::end_late(const sip::Message& invite, const sip::Event& accepted, base::Instant now) {
  auto dialog = sip::Dialog::of(invite, accepted.message);
  transactions_.acknowledge(accepted.request, dialog.ack(), now);
  (void)send(dialog.request("BYE"), accepted.way, now);
}

}  // namespace weir::session::gb28181
