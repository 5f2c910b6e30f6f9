#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "config/vhost.h"
#include "net/byte_stream.h"

namespace weir::hub {

// Who wants to publish or play what, as every protocol says it. Becomes the record that the API lists and hooks tell
// of.
struct Request {
  std::string type;  // as the API calls it: "rtmp-play", "flv-play", "fmle-publish", ...
  std::shared_ptr<const config::Vhost> vhost;
  std::string app;
  std::string stream;  // without extension
  std::string param;   // the query string with its leading '?', or empty
  std::string tc_url;
  std::string page_url;
  std::string swf_url;
  net::Peer peer;

  base::StreamKey key() const { return {vhost->name, app, stream}; }
  // "/app/stream" in the default virtual host, "vhost/app/stream" in another: to show and to sign, not to keep by.
  std::string url() const {
    const std::string path = "/" + app + "/" + stream;
    return vhost->name == config::default_vhost_name ? path : vhost->name + path;
  }
};

enum class Action : std::uint8_t { publish, play };

}  // namespace weir::hub
