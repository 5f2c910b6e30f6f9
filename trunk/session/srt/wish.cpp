#include "session/srt/wish.h"

#include "base/text.h"
#include "config/srt_servers.h"
#include "hub/error.h"
#include "session/common/identity.h"
#include "session/common/protocol.h"
#include "session/common/upstream/way.h"
#include "session/srt/error.h"

namespace weir::session::srt {

namespace {

namespace reject {
constexpr int host_not_found = 1003, bad_request = 1400, overload = 1402, forbidden = 1403, not_found = 1404,
              bad_mode = 1405, unacceptable = 1406, conflict = 1409, internal = 1500, down = 1503;
}  // namespace reject

::weir::srt::StreamIdDefaults defaults_of(const config::SrtServer& server) {
  using Mode = ::weir::srt::StreamId::Mode;
  return {.app = server.default_app,
          .stream_id = server.default_streamid,
          .mode = server.default_mode == config::SrtServer::Mode::publish ? Mode::publish : Mode::request};
}

int rejection_of_hub(hub::Errc why) {
  switch (why) {
    case hub::Errc::busy:
      return reject::conflict;
    case hub::Errc::no_vhost:
      return reject::host_not_found;
    case hub::Errc::no_stream_name:
      return reject::bad_request;
    case hub::Errc::limit:
    case hub::Errc::no_memory:
      return reject::overload;
    case hub::Errc::nobody_published:
    case hub::Errc::unpublished:
    case hub::Errc::elsewhere:
      return reject::not_found;
    case hub::Errc::not_carried:
      return reject::unacceptable;
    case hub::Errc::draining:
      return reject::down;
    default:
      return reject::forbidden;
  }
}

// What another server of this kind put into the stream id, and is no parameter of the stream (common/upstream/way.h).
void take_way(hub::Request& request) {
  const std::string name = std::string(upstream::way_argument) + "=";
  const std::size_t at = request.param.find(name);
  if (at == std::string::npos || at == 0) return;
  const std::size_t end = std::min(request.param.find('&', at), request.param.size());
  const std::string way = request.param.substr(at + name.size(), end - at - name.size());
  request.facts.set(upstream::way_fact, base::replace_all(way, ".", ","));
  // With its "&", or with all that there is.
  if (end < request.param.size()) {
    request.param.erase(at, end + 1 - at);
  } else {
    request.param.erase(at - 1);
  }
}

}  // namespace

base::Result<Wish> wish_of(std::string_view stream_id, const net::Peer& peer, const config::Config& config,
                           const config::SrtServer& server) {
  TRY(const ::weir::srt::StreamId id, ::weir::srt::parse_stream_id(stream_id, defaults_of(server)));
  Wish wish;
  TRY(wish.request, session::identify(id.url, config));
  if (!wish.request.vhost->srt.enabled) return Errc::off_in_vhost;
  const bool publishes = id.mode == ::weir::srt::StreamId::Mode::publish;
  if (publishes && !config::takes_publishers(server)) return Errc::plays_only;
  if (!publishes && !config::takes_players(server)) return Errc::takes_only;
  wish.action = publishes ? hub::Action::publish : hub::Action::play;
  wish.request.protocol = protocols::srt.id;
  wish.request.facts.set(facts::tc_url, "srt://" + wish.request.vhost->name + "/" + wish.request.app);
  wish.request.peer = peer;
  take_way(wish.request);
  return wish;
}

int rejection_of(const base::ErrorCode& why) {
  if (why == ::weir::srt::Errc::bad_mode || why == Errc::plays_only || why == Errc::takes_only) return reject::bad_mode;
  if (why == Errc::closed || why == Errc::key_asked || why == Errc::key_unknown) return reject::down;
  if (why == Errc::key_refused) return reject::forbidden;
  if (why == Errc::key_questions) return reject::overload;
  if (why.category() == ::weir::srt::errc_category) return reject::bad_request;
  if (why == Errc::off_in_vhost) return reject::forbidden;
  if (why.category() == hub::errc_category) return rejection_of_hub(static_cast<hub::Errc>(why.value()));
  return reject::internal;
}

}  // namespace weir::session::srt
