#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "app/api/call.h"
#include "app/api/dvr_files.h"
#include "app/api/error.h"
#include "app/record/path.h"
#include "app/record/retention.h"
#include "base/text.h"

// Recordings on the disk, of this run of the server and of earlier ones. Beyond SRS.
namespace weir::api {

namespace {

using record::Recorded;

struct Place {
  std::string vhost, path_template;
};

struct Row {
  std::string vhost;
  record::PathFacts facts;
  Recorded file;
};

struct Disk {
  std::string folder;
  std::uint64_t free_bytes = 0, bytes = 0;
};

struct Found {
  std::vector<Row> rows;  // the newest first
  std::vector<Disk> disks;
};

constexpr std::size_t most_files = 20'000;  // that are looked at

std::int64_t unix_ms(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::vector<Place> places_of(const config::Config& config) {
  std::vector<Place> places;
  for (const auto& vhost : config.vhosts) {
    if (vhost->dvr.path.empty()) continue;
    Place place{vhost->name, record::complete_template(vhost->dvr.path)};
    const auto is_same = [&](const Place& other) { return other.path_template == place.path_template; };
    if (std::none_of(places.begin(), places.end(), is_same)) places.push_back(std::move(place));
  }
  return places;
}

// Waits for the disk: on the pool.
Found look(const std::vector<Place>& places) {
  Found found;
  for (const Place& place : places) {
    for (Recorded& file : record::find_recordings(place.path_template, most_files)) {
      record::PathFacts facts = record::facts_of(place.path_template, file.path);
      found.rows.push_back({place.vhost, std::move(facts), std::move(file)});
    }
    struct statvfs disk{};
    const std::string folder = record::fixed_folder(place.path_template);
    if (::statvfs(folder.c_str(), &disk) != 0) continue;
    found.disks.push_back(
        {folder, std::uint64_t{disk.f_bavail} * disk.f_frsize, std::uint64_t{disk.f_blocks} * disk.f_frsize});
  }
  std::ranges::sort(found.rows, [](const Row& a, const Row& b) { return a.file.modified > b.file.modified; });
  return found;
}

bool admits(const stats::Filter& filter, std::int64_t since, std::int64_t until, const Row& row) {
  const std::int64_t time = unix_ms(row.file.modified);
  return filter.admits_stream(row.vhost, row.facts.app, row.facts.stream) && time >= since && time <= until &&
         (filter.contains.empty() || filter.is_part_of(row.file.path));
}

Answer list(Call& call) {
  auto work = [places = places_of(call.config())] { return look(places); };
  const auto found = co_await call.context.files->run(std::move(work));
  if (!found) co_return error(call, 503, 503);
  const auto moment = [&](std::string_view name, std::uint64_t without) {
    return static_cast<std::int64_t>(base::parse_number(call.request.query_value(name).value_or("")).value_or(without));
  };
  const std::int64_t since = moment("since_ms", 0),
                     until = moment("until_ms", std::numeric_limits<std::int64_t>::max());
  const stats::Filter filter = filter_of(call.request);
  const Paging paging = paging_of(call.request);
  JsonWriter out;
  std::size_t total = 0, written = 0;
  std::uint64_t bytes = 0;
  out.begin_array("recordings");
  for (const Row& row : found->rows) {
    if (!admits(filter, since, until, row)) continue;
    bytes += row.file.bytes;
    if (total++ < paging.start || written == paging.count) continue;
    out.begin_object()
        .field("vhost", row.vhost)
        .field("app", row.facts.app)
        .field("stream", row.facts.stream)
        .field("file", row.file.path)
        .field("url", url_of_recording(call.config(), row.vhost, row.file.path))
        .field("until_ms", unix_ms(row.file.modified))
        .field("bytes", row.file.bytes)
        .end_object();
    if (is_pause(written++)) co_await pause();
  }
  out.end_array().field("total", total).field("bytes", bytes).begin_array("disks");
  for (const Disk& disk : found->disks) {
    out.begin_object()
        .field("folder", disk.folder)
        .field("free_bytes", disk.free_bytes)
        .field("bytes", disk.bytes)
        .end_object();
  }
  co_return ok(call, out.end_array());
}

// Only what the list tells of is removed: a file that dvr_path may have named, below its folder, and no link.
Answer remove(Call& call) {
  const std::string path = call.request.query_value("file").value_or("");
  auto work = [places = places_of(call.config()), path] {
    for (const Place& place : places) {
      for (const Recorded& file : record::find_recordings(place.path_template, most_files)) {
        if (file.path != path) continue;
        std::error_code failure;
        return std::filesystem::remove(path, failure) ? std::string() : failure.message();
      }
    }
    return std::string("-");
  };
  const auto why = co_await call.context.files->run(std::move(work));
  if (!why) co_return error(call, 503, 503);
  if (*why == "-") co_return error(call, code::no_recording, 404);
  if (!why->empty()) co_return refusal(500, path + ": " + *why);
  log::info({call.hub.worker().logger(), {}, {}}, "API: removed the recording {}", base::printable(path));
  co_return ok(call, JsonWriter());
}

}  // namespace

Answer recordings(Call& call) {
  if (!call.context.files) co_return error(call, code::not_available, code::not_available);
  if (call.jsonp.method == "DELETE") co_return co_await remove(call);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD, DELETE");
  co_return co_await list(call);
}

}  // namespace weir::api
