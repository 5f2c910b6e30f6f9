#include "app/edit/edit.h"

#include <fmt/format.h>

#include "base/digest.h"

namespace weir::edit {

namespace {

constexpr int conflict = 409, changed = 412, too_large = 413, mistaken = 422, cannot = 500, full = 507;

Outcome refused(int status, std::string why) { return {.status = status, .error = std::move(why)}; }

// What the system says, with what to do about it where that is known.
std::string in_words(const std::string& name, const base::ErrorCode& why) {
  std::string_view advice;
  switch (why.value()) {
    case ELOOP:
      advice = ": it is a symbolic link, or lies behind one";
      break;
    case EACCES:
    case EPERM:
      advice = ": the user that the server runs as may not write in its folder";
      break;
    case EROFS:
      advice = ": its folder can only be read (a container's mount, or ProtectSystem of systemd)";
      break;
    case EBUSY:
      advice = ": it is mounted by itself; mount its folder instead";
      break;
    default:
      break;
  }
  return fmt::format("{}: {}{}", name, why.message(), advice);
}

Outcome refused_by(const std::string& name, const base::ErrorCode& why) {
  const bool is_ours = why.value() == ELOOP || why.value() == EACCES || why.value() == EPERM || why.value() == EROFS ||
                       why.value() == EBUSY;
  return refused(overlay::is_full(why) ? full : is_ours ? conflict : cannot, in_words(name, why));
}

std::string digest_of(std::string_view text) { return base::to_hex(base::sha256({base::as_bytes(text)})); }

// Checked as a reload would, written, and to be run.
Outcome put(const config::Config& running, const std::string& text, const std::string& name, const overlay::File& file,
            const config::Surroundings& surroundings) {
  Outcome outcome;
  outcome.report = config::load_text(name, text, surroundings);
  if (!outcome.report.config) {
    outcome.status = mistaken;
    outcome.error = outcome.report.errors.front().text();
    return outcome;
  }
  if (const auto written = file.replace(text); !written) return refused_by(name, written.error());
  outcome.changes = config::diff(running, *outcome.report.config);
  outcome.file = name;
  outcome.digest = digest_of(text);
  return outcome;
}

}  // namespace

Outcome decide(const config::Config& running, const Change& change, const std::string& name, const overlay::File& file,
               const config::Surroundings& surroundings) {
  const auto now = file.read();
  if (!now) return refused_by(name, now.error());
  switch (change.what) {
    case Change::What::look: {
      if (now->size() > largest)
        return refused(too_large, fmt::format("{} is larger than {} kB", name, largest / 1024));
      Outcome outcome{.file = name, .text = *now, .digest = digest_of(*now)};
      outcome.can_undo = file.read_before().has_value();
      if (const auto can = file.can_be_replaced(); !can) outcome.read_only = in_words(name, can.error());
      return outcome;
    }
    case Change::What::put:
      if (change.text.size() > largest) return refused(too_large, fmt::format("more than {} kB", largest / 1024));
      if (digest_of(*now) != change.of) return refused(changed, fmt::format("{} was changed meanwhile", name));
      return put(running, change.text, name, file, surroundings);
    case Change::What::undo: {
      const auto before = file.read_before();
      if (before) return put(running, *before, name, file, surroundings);
      const bool none = before.error() == boost::system::errc::no_such_file_or_directory;
      return none ? refused(conflict, "there is nothing to take back") : refused_by(name, before.error());
    }
  }
  return {};
}

}  // namespace weir::edit
