#include "session/common/identity.h"

#include "hub/error.h"

namespace weir::session {

base::Result<hub::Request> identify(const proto::StreamUrl& url, const config::Config& config) {
  hub::Request request;
  request.vhost = config.match_vhost(url.vhost);
  if (!request.vhost) return hub::Errc::no_vhost;
  if (url.stream.empty()) return hub::Errc::no_stream_name;
  request.app = url.app;
  request.stream = proto::without_extension(url.stream);
  request.param = url.param;
  return request;
}

}  // namespace weir::session
