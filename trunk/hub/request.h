#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "config/vhost.h"
#include "net/byte_stream.h"

namespace weir::hub {

// The protocol of a session. The numbers are given out in session/common/protocol.h; the hub knows none.
enum class ProtocolId : std::uint8_t {};

enum class Role : std::uint8_t { connect, publish, play };  // connect: neither yet

// Where what is published comes from.
enum class Origin : std::uint8_t {
  client,   // a session that came to us: rules and hooks are asked
  pull,     // a session that we went to
  file,     // a file that is played
  derived,  // made of the stream's own frames
  filler,   // shown while there is nothing else
};

// What a protocol says of a session besides, by names of its own: "tcUrl", "pageUrl", ...
class Facts {
 public:
  // `name` is a literal. Text that is empty is as good as unsaid.
  void set(std::string_view name, std::string text);
  // Empty if it was not said.
  std::string_view find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string>> said_;
};

// Who wants to publish or play what, as every protocol says it. Becomes the record that the API lists and hooks tell
// of.
struct Request {
  ProtocolId protocol{};
  Role role = Role::play;
  Origin origin = Origin::client;
  bool recorded = false;  // who plays wants what was recorded of the stream: nobody need publish it
  bool relayed = false;   // who plays gets what another server made of it: nobody need publish it here
  std::shared_ptr<const config::Vhost> vhost;
  std::string app;
  std::string stream;  // without extension
  std::string param;   // the query string with its leading '?', or empty
  Facts facts;
  net::Peer peer;

  bool needs_publisher() const { return !recorded && !relayed; }
  base::StreamKey key() const { return {vhost->name, app, stream}; }
  // "/app/stream" in the default virtual host, "vhost/app/stream" in another: to show and to sign, not to keep by.
  std::string url() const {
    const std::string path = "/" + app + "/" + stream;
    return vhost->name == config::default_vhost_name ? path : vhost->name + path;
  }
};

enum class Action : std::uint8_t { publish, play };

}  // namespace weir::hub
