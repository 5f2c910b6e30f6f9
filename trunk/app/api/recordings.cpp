#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "app/api/call.h"
#include "app/api/dvr_files.h"
#include "app/api/error.h"
#include "app/record/owner.h"
#include "app/record/path.h"
#include "app/record/retention.h"
#include "base/text.h"
#include "base/url.h"
#include "net/http/static_files.h"
#include "session/hls/vod.h"

// Recordings on the disk, of this run of the server and of earlier ones. Beyond SRS.
namespace weir::api {

namespace {

using record::Recorded;

struct Row {
  std::string vhost;  // as the file's mark says, else as its path does
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

// Waits for the disk: on the pool.
Found look(const std::vector<RecordingPlace>& places) {
  Found found;
  for (const RecordingPlace& place : places) {
    for (Recorded& file : record::find_recordings(place.path_template, most_files)) {
      record::PathFacts facts = record::facts_of(place.path_template, file.path);
      std::string vhost = place.vhost;
      if (auto key = record::owner_of(http::read_mark(file.path).owner)) {
        vhost = std::move(key->vhost);
        facts.app = std::move(key->app);
        facts.stream = std::move(key->stream);
      }
      found.rows.push_back({std::move(vhost), std::move(facts), std::move(file)});
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

// Whether `url` is for those alone who may play the stream.
bool is_guarded(const config::Config& config, const std::string& name) {
  const auto vhost = config.match_vhost(name);
  return vhost && record::is_guarded(*vhost);
}

Answer list(Call& call) {
  auto work = [places = recording_places(call.config())] { return look(places); };
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
    const std::string url = url_of_recording(call.config(), row.vhost, row.file.path);
    const bool is_film = session::hls::vod_path_of(url + ".m3u8").has_value();
    out.begin_object()
        .field("vhost", row.vhost)
        .field("app", row.facts.app)
        .field("stream", row.facts.stream)
        .field("file", row.file.path)
        .field("url", url)
        .field("hls", is_film ? url + ".m3u8" : std::string())
        .field("guarded", is_guarded(call.config(), row.vhost))
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
  auto work = [places = recording_places(call.config()), path] {
    for (const RecordingPlace& place : places) {
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

// The file itself, in parts where the client asks for them: also of a stream that the operator could not play.
Answer download(Call& call) {
  const std::string path = call.request.query_value("file").value_or("");
  auto work = [places = recording_places(call.config()), path] { return open_recording(places, path); };
  const auto opened = co_await call.context.files->run(std::move(work));
  if (!opened) co_return error(call, 503, 503);
  if (opened->status != http::File::Status::ok) co_return error(call, code::no_recording, 404);
  const std::string name = path.substr(path.rfind('/') + 1);
  http::StaticFiles::Options options{.cache_control = "private, no-cache", .name = name};
  options.headers.add("Content-Disposition",
                      "inline; filename*=UTF-8''" + base::percent_encode(name));  // RFC 6266 4.3
  const http::StaticFiles files(std::move(options), *call.context.files);
  co_await files.serve_file(*call.exchange, opened->file);
  co_return net::Errc::stopped;  // it has its answer
}

}  // namespace

Answer recordings(Call& call) {
  if (!call.context.files) co_return error(call, code::not_available, code::not_available);
  if (call.rest == "download") {
    if (!call.reads()) co_return method_not_allowed("GET, HEAD");
    co_return co_await download(call);
  }
  if (call.jsonp.method == "DELETE") co_return co_await remove(call);
  if (!call.reads()) co_return method_not_allowed("GET, HEAD, DELETE");
  co_return co_await list(call);
}

}  // namespace weir::api
