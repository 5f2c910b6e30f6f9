#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::record {

enum class Container : std::uint8_t { flv, mp4, ts };
std::optional<Container> container_of(std::string_view path);

// What the variables of dvr_path stand for.
struct PathFacts {
  std::string vhost, app, stream;
  std::chrono::system_clock::time_point time;
};

// dvr_path with what SRS adds to it: a path without variables and extension gets "/[app]/[stream].[timestamp].flv", one
// without extension "/[stream].[timestamp].flv".
std::string complete_template(std::string path);

// The path with its variables filled in: [vhost] [app] [stream], the local time as [2006] [01] [02] [15] [04] [05]
// [999], and [timestamp] in milliseconds. What publishers name cannot leave the folder that the template begins with:
// no value becomes "..", a hidden file, or more elements than it has ([app] alone may have several).
std::string expand(std::string_view path_template, const PathFacts& facts);

// "a/b.flv" and 2 give "a/b-2.flv": the names to try when the first is taken.
std::string numbered(const std::string& path, unsigned number);

// The folder above everything that a template may name: what stands before its first variable.
std::string fixed_folder(std::string_view path_template);
// Whether a path may have come from the template, with a number or without; and then what it says of the stream, as far
// as the template names it.
bool may_come_from(std::string_view path_template, std::string_view path);
PathFacts facts_of(std::string_view path_template, std::string_view path);

}  // namespace weir::record
