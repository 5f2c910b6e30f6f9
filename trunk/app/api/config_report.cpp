#include "app/api/config_report.h"

namespace weir::api {

void write_problems(JsonWriter& out, std::string_view name, const std::vector<config::Problem>& problems) {
  out.begin_array(name);
  for (const config::Problem& one : problems) {
    out.begin_object().field("file", one.file).field("line", one.line).field("reason", one.reason).end_object();
  }
  out.end_array();
}

void write_changes(JsonWriter& out, const std::vector<config::Change>& changes) {
  out.begin_array("changes");
  for (const config::Change& one : changes) {
    out.begin_object()
        .field("path", one.path)
        .field("from", one.from)
        .field("to", one.to)
        .field("effect", std::string_view(config::to_text(one.effect)))
        .end_object();
  }
  out.end_array();
}

void write_report(JsonWriter& out, const config::Config& running, const config::Report& report) {
  write_problems(out, "mistakes", report.errors);
  write_problems(out, "warnings", report.warnings);
  write_changes(out, report.config ? config::diff(running, *report.config) : std::vector<config::Change>());
}

}  // namespace weir::api
