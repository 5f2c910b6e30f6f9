#pragma once

#include <memory>

#include "hub/request.h"
#include "unit/app/typed_request.h"

namespace weir::test {

// "live/cam1" of the default virtual host, or of another one.
inline hub::Request request_of(const std::string& type, const std::string& address = "192.0.2.10",
                               const std::string& stream = "cam1",
                               const std::string& vhost = config::default_vhost_name) {
  auto host = std::make_shared<config::Vhost>();
  host->name = vhost;
  hub::Request request;
  set_type(request, type);
  request.vhost = host;
  request.app = "live";
  request.stream = stream;
  request.peer.address = address;
  return request;
}

}  // namespace weir::test
