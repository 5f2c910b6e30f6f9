#include "config/config.h"

#include "base/redact.h"

namespace weir::config {

std::shared_ptr<const Vhost> Config::match_vhost(std::string_view name) const {
  const auto find = [this](std::string_view wanted) -> const std::shared_ptr<const Vhost>* {
    for (const auto& vhost : vhosts) {
      if (vhost->name == wanted) return &vhost;
    }
    return nullptr;
  };
  const auto* found = find(name);
  if (!found) found = find(default_vhost_name);
  return found && (*found)->enabled ? *found : nullptr;
}

bool Config::trusts_proxy(std::string_view address) const {
  for (const AddressRange& range : trusted_proxies) {
    if (range.contains(address)) return true;
  }
  return false;
}

bool is_secret(std::string_view path) {
  const auto name = path.substr(path.rfind('.') + 1);  // npos + 1 is 0: the whole path
  return name == "password" || name == "sentinel_password" || name == "secret" || name == "passphrase" ||
         name == "username" || path == "variables";
}

std::string shown_value(std::string_view path, std::string_view value) {
  if (value.empty()) return {};
  return is_secret(path) ? "(hidden)" : base::shown(value);
}

}  // namespace weir::config
