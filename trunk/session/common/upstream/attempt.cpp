#include "session/common/upstream/attempt.h"

#include <algorithm>

#include "session/common/upstream/way.h"

namespace weir::session::upstream {

namespace {

constexpr std::chrono::milliseconds patience_with_silence{2000};

}  // namespace

Attempt::Agreed Attempt::agreed(hub::Link link, net::Peer peer) {
  why.clear();
  let_in_ = true;
  link_ = std::move(link);
  peer_ = std::move(peer);
  const auto usual = vhost().publish.firstpkt_timeout;
  given_.life.watchdog.arm(given_.first_media.count() > 0 ? std::min(given_.first_media, usual) : usual);
  return Agreed(*this);
}

net::Task<base::Result<hub::Input*>> Attempt::publish(hub::ProtocolId protocol) {
  if (input_) co_return &*input_;
  hub::Request request = given_.request;
  request.protocol = protocol;
  request.peer = peer_;
  auto admitted = co_await given_.hub.publish(given_.life, std::move(request), link_);
  if (!admitted) co_return admitted.error().why;
  input_.emplace(std::move(*admitted));
  if (on_publish) on_publish();
  alive();
  co_return &*input_;
}

// Who falls silent while another origin may go on is left before its players wonder.
void Attempt::alive_in(std::chrono::milliseconds wait) {
  const auto usual = vhost().publish.normal_timeout;
  const bool has_others = !request().facts.find(has_others_fact).empty();
  given_.life.watchdog.arm((has_others ? std::min(usual, patience_with_silence) : usual) + wait);
}

void Attempt::leave() {
  before_ = received_bytes();
  input_.reset();  // whose record looks at the link
  link_ = {};
}

}  // namespace weir::session::upstream
