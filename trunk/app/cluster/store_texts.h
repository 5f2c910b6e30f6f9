#pragma once

#include <optional>
#include <string>

#include "app/cluster/store.h"

namespace weir::cluster {

// How records lie in a registry, whatever it is: a stream's as "HOST:PORT INSTANCE EPOCH", a node's as
// "INSTANCE {the node in JSON}".

std::string text_of(const Holder& holder);
std::optional<Holder> holder_of(const std::string& text);
// Of a node's text.
std::string instance_of(const std::string& text);
std::string record_of(const std::string& text);

}  // namespace weir::cluster
