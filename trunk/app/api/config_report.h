#pragma once

#include <string_view>
#include <vector>

#include "app/api/json_writer.h"
#include "config/diff.h"
#include "config/load.h"

// What is said of a configuration that somebody wrote. Only for the .cpp files of this folder.
namespace weir::api {

void write_problems(JsonWriter& out, std::string_view name, const std::vector<config::Problem>& problems);
void write_changes(JsonWriter& out, const std::vector<config::Change>& changes);
// "mistakes", "warnings" and "changes". For the pool: a long text may have many mistakes.
void write_report(JsonWriter& out, const config::Config& running, const config::Report& report);

}  // namespace weir::api
