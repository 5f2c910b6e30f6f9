#pragma once

#include <string>

#include "app/probe/probe.h"

namespace weir::probe {

// What a person reads, in lines; `name` is the file's.
std::string as_text(const Probe& probe, const std::string& name);
// The same, as one JSON object.
std::string as_json(const Probe& probe, const std::string& name);

}  // namespace weir::probe
