#include "app/api/dvr_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/record/path.h"

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

std::vector<RecordingPlace> recording_places(const config::Config& config) {
  std::vector<RecordingPlace> places;
  for (const auto& vhost : config.vhosts) {
    if (vhost->dvr.path.empty()) continue;
    RecordingPlace place{vhost->name, record::complete_template(vhost->dvr.path)};
    const auto is_same = [&](const RecordingPlace& other) { return other.path_template == place.path_template; };
    if (std::none_of(places.begin(), places.end(), is_same)) places.push_back(std::move(place));
  }
  return places;
}

http::File::Opened open_recording(const std::vector<RecordingPlace>& places, const std::string& path) {
  const std::string wanted = std::filesystem::path(path).lexically_normal().string();
  for (const RecordingPlace& place : places) {
    const std::string pattern = std::filesystem::path(place.path_template).lexically_normal().string();
    if (!record::may_come_from(pattern, wanted)) continue;
    const std::string folder = record::fixed_folder(pattern);
    const std::string relative = std::filesystem::path(wanted).lexically_relative(folder).string();
    auto opened = http::File::open_beneath(folder, relative, true);
    if (opened.status == http::File::Status::ok) return opened;
  }
  return {};
}

}  // namespace weir::api
