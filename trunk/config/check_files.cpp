#include "config/check_files.h"

#include <fmt/format.h>

namespace weir::config {

namespace {

class Look {
 public:
  Look(const Surroundings& surroundings, const Binder& binder, Problems& problems)
      : look_(surroundings.look_at_file), binder_(binder), problems_(problems) {}

  // The setting at `path` names `file`; nothing is looked at where that is empty.
  void at(const std::string& path, const std::string& file, Wanted wanted) const {
    if (file.empty()) return;
    const std::string fault = look_(file, wanted);
    if (fault.empty()) return;
    problems_.warn(binder_.place_of(path), fmt::format("'{}' of {} {}", file, path.substr(path.rfind('.') + 1), fault));
  }

 private:
  const LookAtFile& look_;
  const Binder& binder_;
  Problems& problems_;
};

// What stands before the first variable of a pattern, up to its last slash.
std::string fixed_folder(const std::string& pattern) {
  const std::string fixed = pattern.substr(0, pattern.find('['));
  const std::size_t slash = fixed.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : fixed.substr(0, slash);
}

void check_keys(const Look& look, const std::string& path, const std::string& key, const std::string& cert) {
  look.at(path + ".key", key, Wanted::readable_file);
  look.at(path + ".cert", cert, Wanted::readable_file);
}

void check_vhost(const Look& look, const Vhost& vhost, const std::string& path) {
  if (vhost.hls.enabled && vhost.hls.to_disk) look.at(path + ".hls.hls_path", vhost.hls.path, Wanted::folder_to_write);
  if (vhost.dvr.enabled) look.at(path + ".dvr.dvr_path", fixed_folder(vhost.dvr.path), Wanted::folder_to_write);
  if (vhost.http_static.enabled) look.at(path + ".http_static.dir", vhost.http_static.dir, Wanted::folder);
  if (vhost.http_hooks.enabled) {
    look.at(path + ".http_hooks.secret_file", vhost.http_hooks.secret_file, Wanted::readable_file);
    look.at(path + ".http_hooks.ca_file", vhost.http_hooks.ca_file, Wanted::readable_file);
  }
  if (vhost.auth.enabled) {
    look.at(path + ".auth.secret_file", vhost.auth.secret_file, Wanted::readable_file);
    look.at(path + ".auth.public_key_file", vhost.auth.public_key_file, Wanted::readable_file);
    look.at(path + ".auth.jwks_ca_file", vhost.auth.jwks_ca_file, Wanted::readable_file);
  }
}

}  // namespace

void check_files(const Config& config, const Surroundings& surroundings, const Binder& binder, Problems& problems) {
  if (!surroundings.look_at_file) return;
  const Look look(surroundings, binder, problems);
  if (config.rtmps.enabled) check_keys(look, "rtmps", config.rtmps.key, config.rtmps.cert);
  if (config.http_server.enabled) {
    look.at("http_server.dir", config.http_server.dir, Wanted::folder);
    const Https& https = config.http_server.https;
    if (https.enabled) check_keys(look, "http_server.https", https.key, https.cert);
  }
  if (config.http_api.enabled && config.http_api.https.enabled) {
    check_keys(look, "http_api.https", config.http_api.https.key, config.http_api.https.cert);
  }
  if (config.rtc_server.enabled) check_keys(look, "rtc_server", config.rtc_server.key, config.rtc_server.cert);
  for (const auto& vhost : config.vhosts) {
    if (vhost->enabled) check_vhost(look, *vhost, fmt::format("vhost[{}]", vhost->name));
  }
}

}  // namespace weir::config
