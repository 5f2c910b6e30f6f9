#include "app/api/dvr_files.h"

#include <filesystem>
#include <optional>

namespace weir::api {

namespace {

// The path below a folder; none if the file lies elsewhere.
std::optional<std::string> below(const std::string& folder, const std::string& path) {
  std::error_code failure;
  const auto root = std::filesystem::absolute(folder, failure).lexically_normal();
  std::string relative = std::filesystem::absolute(path, failure).lexically_normal().lexically_relative(root).string();
  if (relative.empty() || relative.starts_with("..")) return std::nullopt;
  return relative;
}

}  // namespace

std::string url_of_recording(const config::Config& config, const std::string& vhost_name, const std::string& path) {
  if (!config.http_server.enabled) return {};
  if (const auto vhost = config.match_vhost(vhost_name); vhost && vhost->http_static.enabled) {
    std::string mount = vhost->http_static.mount;
    mount.erase(0, mount.find('/'));  // the virtual host
    if (!mount.ends_with('/')) mount += '/';
    if (const auto relative = below(vhost->http_static.dir, path)) return mount + *relative;
  }
  const auto relative = below(config.http_server.dir, path);
  return relative ? "/" + *relative : std::string();
}

}  // namespace weir::api
