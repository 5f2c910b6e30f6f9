#include "app/record/owner.h"

#include <algorithm>
#include <filesystem>

#include "app/record/path.h"
#include "base/text.h"
#include "session/hls/guard.h"

namespace weir::record {

namespace fs = std::filesystem;

namespace {

constexpr char end_of_text = '\0';

// The names that a recording has before it is complete: see DiskFile.
std::string_view without_part_suffix(std::string_view path) {
  for (const std::string_view suffix : {".moov.tmp", ".tmp"}) {
    if (path.ends_with(suffix)) return path.substr(0, path.size() - suffix.size());
  }
  return path;
}

std::string whole_path(const fs::path& path) {
  std::error_code failure;
  const fs::path whole = fs::absolute(path, failure);
  return (failure ? path : whole).lexically_normal().string();
}

// The template with the links in its fixed folder followed; empty where there is no such folder.
std::string real_template(const std::string& path_template) {
  const std::string folder = fixed_folder(path_template);
  std::error_code failure;
  const fs::path real = fs::canonical(folder, failure);
  if (failure) return {};
  const std::string rest =
      folder == "." ? "/" + path_template : path_template.substr(folder == "/" ? 0 : folder.size());
  return (real == "/" ? std::string() : real.string()) + rest;
}

}  // namespace

std::string owner_text(const base::StreamKey& key) {
  std::string text;
  for (const std::string* part : {&key.vhost, &key.app, &key.stream}) {
    if (part->find(end_of_text) != std::string::npos) return {};
    text.append(*part).push_back(end_of_text);
  }
  return text;
}

std::optional<base::StreamKey> owner_of(std::string_view text) {
  base::StreamKey key;
  for (std::string* part : {&key.vhost, &key.app, &key.stream}) {
    const std::size_t end = text.find(end_of_text);
    if (end == std::string_view::npos) return std::nullopt;
    *part = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  if (!text.empty() || key.vhost.empty()) return std::nullopt;
  return key;
}

bool is_guarded(const config::Vhost& vhost) { return vhost.dvr.guard && session::hls::judges_players(vhost); }

Verdict judge(const config::Config& config, const http::FileMark& mark) {
  using Kind = Verdict::Kind;
  if (auto key = owner_of(mark.owner)) {
    const auto found =
        std::ranges::find_if(config.vhosts, [&](const auto& vhost) { return vhost->name == key->vhost; });
    // A virtual host that is no more leaves its files as they were.
    if (found == config.vhosts.end()) return {.kind = mark.kept_back ? Kind::nobody : Kind::anybody};
    const bool guarded = is_guarded(**found);
    if (guarded && !(*found)->enabled) return {.kind = Kind::nobody};
    return {.kind = guarded ? Kind::players : Kind::anybody, .key = *std::move(key), .vhost = *found};
  }
  return {.kind = mark.kept_back ? Kind::nobody : Kind::by_path};
}

Places guarded_places(const config::Config& config) {
  Places places;
  for (const auto& vhost : config.vhosts) {
    if (is_guarded(*vhost) && !vhost->dvr.path.empty()) places.templates.push_back(complete_template(vhost->dvr.path));
  }
  return places;
}

bool may_be_guarded(const Places& places, const std::string& path, const std::string& real_path) {
  const std::string named = whole_path(path);
  for (const std::string& one : places.templates) {
    if (may_come_from(whole_path(one), without_part_suffix(named))) return true;
    const std::string real = real_template(fs::path(one).lexically_normal().string());
    if (!real.empty() && may_come_from(real, without_part_suffix(real_path))) return true;
  }
  return false;
}

}  // namespace weir::record
