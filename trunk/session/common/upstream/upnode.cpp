#include "session/common/upstream/upnode.h"

#include <unistd.h>

#include "base/version.h"
#include "session/common/upstream/way.h"

namespace weir::session::upstream {

amf0::Value upnode_arguments(bool told, std::string_view way, std::string_view id) {
  amf0::Value arguments = amf0::Value::object();
  if (!way.empty()) arguments.set(way_argument, way);
  if (!told) return arguments;
  arguments.set("srs_sig", "Weir");
  arguments.set("srs_server", base::server_name);
  arguments.set("srs_version", base::version);
  arguments.set("srs_pid", static_cast<double>(::getpid()));
  arguments.set("srs_id", id);
  return arguments;
}

}  // namespace weir::session::upstream
