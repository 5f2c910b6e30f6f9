#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace weir::registry {

// How the registry calls a stream: its three names, percent-encoded, with "/" between them, so that no two have the
// same text.
std::string text_of(const base::StreamKey& key);
// None: this is no such text.
std::optional<base::StreamKey> key_of(std::string_view text);

}  // namespace weir::registry
