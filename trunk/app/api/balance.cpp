#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "app/api/call.h"
#include "app/api/error.h"
#include "app/cluster/place.h"
#include "app/registry/key.h"
#include "app/registry/registry.h"
#include "app/stats/ask.h"
#include "base/text.h"
#include "base/url.h"
#include "session/common/protocol.h"

// Which server of the cluster a viewer had better go to. What viewers ask: it is told to anybody.
namespace weir::api {

using nlohmann::ordered_json;

namespace {

namespace protocols = session::protocols;

struct Named {
  std::string_view name;
  hub::ProtocolId id;
};
const std::array kinds{
    Named{"flv", protocols::flv.id},   Named{"rtmp", protocols::rtmp.id}, Named{"hls", protocols::hls.id},
    Named{"dash", protocols::dash.id}, Named{"whep", protocols::rtc.id},  Named{"ts", protocols::ts.id},
    Named{"mp4", protocols::mp4.id},   Named{"aac", protocols::aac.id},   Named{"mp3", protocols::mp3.id}};

// What is the balancer's own; the rest goes with the viewer: tokens, the virtual host.
bool is_own(std::string_view name) {
  return name == "stream" || name == "proto" || name == "as" || name == "region" || name == "callback";
}

// "live/cam" or "/live/cam", whose last part is the stream.
std::optional<hub::Request> wish_of(const Call& call) {
  const std::string given = call.request.query_value("stream").value_or("");
  const std::string_view path = std::string_view(given).substr(given.starts_with('/') ? 1 : 0);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) return std::nullopt;
  const std::string kind = call.request.query_value("proto").value_or("flv");
  const auto* const found =
      std::find_if(kinds.begin(), kinds.end(), [&kind](const Named& one) { return one.name == kind; });
  if (found == kinds.end()) return std::nullopt;
  hub::Request wish;
  wish.protocol = found->id;
  wish.vhost = call.config().match_vhost(call.request.query_value("vhost").value_or(call.request.host));
  if (!wish.vhost) return std::nullopt;
  wish.app = path.substr(0, slash);
  wish.stream = path.substr(slash + 1);
  for (const std::string_view pair : base::split(call.request.query, '&')) {
    if (pair.empty() || is_own(pair.substr(0, pair.find('=')))) continue;
    wish.param.append(wish.param.empty() ? "?" : "&").append(pair);
  }
  return wish;
}

http::Reply no_cache(http::Reply reply) {
  reply.headers.add("Cache-Control", "no-cache");
  return reply;
}

using Choice = registry::Registry::Choice;

net::Task<base::Result<std::optional<Choice>>> choose(Call& call, registry::Registry& own, const hub::Request& wish) {
  auto pending = std::make_shared<stats::Pending<std::optional<Choice>>>(call.home());
  own.worker().post([&own, &home = call.home(), key = registry::text_of(wish.key()),
                     region = call.request.query_value("region").value_or(""), weak = std::weak_ptr(pending)] {
    own.choose(key, region, {}, [&home, weak](const std::optional<Choice>& choice) {
      home.post([weak, choice] {
        const auto asker = weak.lock();
        if (!asker) return;
        asker->value = choice;
        asker->ready.notify();
      });
    });
  });
  return stats::await_answer(std::move(pending));
}

}  // namespace

Answer balance(Call& call) {
  if (!call.reads()) co_return method_not_allowed("GET, HEAD");
  registry::Registry* const own = call.context.registry;
  if (!own) co_return error(call, code::not_available, code::not_available);
  const std::string as = call.request.query_value("as").value_or("redirect");
  const std::optional<hub::Request> wish = wish_of(call);
  if (!wish || (as != "redirect" && as != "json" && as != "text")) co_return error(call, 400, 400);
  CO_TRY(const std::optional<Choice> choice, co_await choose(call, *own, *wish));
  if (!choice) co_return no_cache(error(call, 503, 503));
  const std::string url = cluster::url_at(choice->node.at, *wish);
  if (as == "redirect") co_return no_cache(http::Reply::redirect(302, url));
  if (as == "text") co_return no_cache(http::Reply::plain(200, url + "\n"));
  co_return no_cache(ok(call, ordered_json{{"node", choice->node.name},
                                           {"url", url},
                                           {"has_stream", choice->has_stream},
                                           {"region", choice->node.region},
                                           {"score", choice->score}}));
}

}  // namespace weir::api
