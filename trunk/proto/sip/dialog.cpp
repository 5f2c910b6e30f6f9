#include "proto/sip/dialog.h"

#include <algorithm>

#include "base/text.h"

namespace weir::sip {

Dialog Dialog::of(const Message& invite, const Message& answer) {
  Dialog dialog;
  dialog.call_id_ = answer.call_id;
  dialog.local_ = answer.header("From");
  dialog.remote_ = answer.header("To");
  dialog.local_tag_ = answer.from.tag;
  dialog.remote_tag_ = answer.to.tag;
  // A device that gives no Contact is asked at what it was invited as.
  const auto contact = parse_name_address(answer.header("Contact"));
  dialog.target_ = contact ? contact->uri.text() : invite.uri;
  // RFC 3261 12.1.2: from the last to the first.
  for (const Header& header : answer.headers) {
    if (base::iequals(header.name, "Record-Route")) dialog.routes_.insert(dialog.routes_.begin(), header.value);
  }
  dialog.invite_cseq_ = dialog.cseq_ = answer.cseq;
  return dialog;
}

Dialog Dialog::accepted(const Message& invite, const Message& answer) {
  Dialog dialog;
  dialog.call_id_ = invite.call_id;
  dialog.local_ = answer.header("To");
  dialog.remote_ = invite.header("From");
  if (const auto local = parse_name_address(dialog.local_)) dialog.local_tag_ = local->tag;
  dialog.remote_tag_ = invite.from.tag;
  const auto contact = parse_name_address(invite.header("Contact"));
  dialog.target_ = contact ? contact->uri.text() : invite.from.uri.text();
  // RFC 3261 12.1.1: as they stand.
  for (const Header& header : invite.headers) {
    if (base::iequals(header.name, "Record-Route")) dialog.routes_.push_back(header.value);
  }
  return dialog;
}

Message Dialog::make(std::string method, std::uint32_t cseq) const {
  Message out{.method = method, .uri = target_};
  for (const std::string& route : routes_) out.add("Route", route);
  out.add("From", local_).add("To", remote_).add("Call-ID", call_id_);
  out.add("CSeq", std::to_string(cseq) + " " + method).add("Max-Forwards", "70");
  return out;
}

Message Dialog::request(std::string method) { return make(std::move(method), ++cseq_); }

Message Dialog::ack() const { return make("ACK", invite_cseq_); }

}  // namespace weir::sip
