#include "base/redact.h"
#include "main/server.h"

// Changes of the configuration that come from inside: by the API, and by what commands of variables say.
namespace weir::server {

overlay::Outcome Server::change_overlay(const overlay::Change& change) {
  const std::string& name = config_->http_api.overlay;
  if (name.empty()) return {.status = 409, .error = "http_api names no 'overlay'"};
  const overlay::File file((start_directory_ / name).string());
  overlay::Outcome outcome = overlay::decide(*config_, change, file, surroundings_);
  if (change.what == overlay::Change::What::look) return outcome;
  for (const config::Problem& warning : outcome.warnings) log::warn(log_, "{}", warning.text());
  if (!outcome.error.empty()) {
    log::warn(log_, "API: the overlay stays as it was: {}", outcome.error);
  } else {
    log::info(log_, "API: the overlay {} is written anew, {}", name,
              outcome.name.empty() ? "one step back" : outcome.name);
    reload(outcome.config);
  }
  return outcome;
}

bool Server::look_at_variables() {
  if (variables_.tick(*config_, std::chrono::steady_clock::now())) read_variables_again();
  return variables_.busy();
}

// What the files held when they were read counts, as for the overlay.
void Server::read_variables_again() {
  std::string text;
  if (const std::string& name = config_->http_api.overlay; !name.empty()) {
    auto kept = overlay::File((start_directory_ / name).string()).read();
    if (!kept) return log::warn(log_, "variables: the overlay cannot be read: {}", kept.error().message());
    text = *std::move(kept);
  }
  config::Report report = config::load_again(*config_, text, surroundings_);
  if (report.config) {
    log::info(log_, "the command of a variable says something else now");
    return reload(std::move(report.config));
  }
  log::error(log_, "what the command of a variable says cannot be used, and all stays as it was: {}",
             base::shown(report.errors.front().text()));
}

}  // namespace weir::server
