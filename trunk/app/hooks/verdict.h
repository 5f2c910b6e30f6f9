#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/hooks/error.h"
#include "session/srt/keys.h"

namespace weir::hooks {

// What a hook server's answer means, by SRS's rules: let in on status 200 or 201 with the body `0`, or with a JSON
// object whose whole number `code` is 0. Errc::denied if it says no in order; any other error is a fault of the server.
base::Result<void> judge(int status, std::string_view body);

// The answer of a forward backend: judge(), and then data.urls. Empty texts are left out; an empty list is fine.
base::Result<std::vector<std::string>> forward_urls(int status, std::string_view body);

// The answer of on_srt_passphrase: judge(), and then data.passphrase of 10 to 79 characters, data.pbkeylen (0, 16, 24
// or 32) and data.ttl, seconds. No data, or no passphrase in it: that of the configuration. Errc::denied: nobody may
// call.
base::Result<session::srt::KeyAnswer> srt_key(int status, std::string_view body);

}  // namespace weir::hooks
