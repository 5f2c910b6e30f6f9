#include "app/api/call.h"
#include "app/api/dvr_files.h"
#include "app/api/error.h"
#include "app/api/services.h"
#include "app/record/error.h"
#include "app/stats/ask.h"

namespace weir::api {

namespace {

using record::FileRow;
using record::Recorder;
using record::RecordingRow;

struct Found {
  std::vector<RecordingRow> recordings;
  std::vector<FileRow> files;
};

std::int64_t unix_ms(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void write_recording(JsonWriter& out, VhostIds& vhosts, const RecordingRow& row) {
  out.begin_object()
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("url", row.url)
      .field("state", row.state)
      .field("plan", row.plan)
      .field("by_api", row.by_api)
      .field("file", row.path)
      .field("since_ms", row.path.empty() ? std::int64_t{0} : unix_ms(row.since))
      .field("duration", row.duration_seconds)
      .field("bytes", row.bytes)
      .field("backlog_bytes", row.backlog_bytes)
      .field("frames", row.frames)
      .field("retries", row.retries)
      .field("error", row.error)
      .end_object();
}

void write_file(JsonWriter& out, VhostIds& vhosts, const config::Config& config, const FileRow& row) {
  out.begin_object()
      .field("vhost", vhosts.of(row.vhost))
      .field("app", row.app)
      .field("stream", row.stream)
      .field("file", row.path)
      .field("url", url_of_recording(config, row.vhost, row.path))
      .field("since_ms", unix_ms(row.since))
      .field("until_ms", unix_ms(row.until))
      .field("duration", row.duration_seconds)
      .field("bytes", row.bytes)
      .field("error", row.error)
      .end_object();
}

Answer list(Call& call) {
  const stats::Filter filter = filter_of(call.request);
  std::function<Found(net::Worker&)> collect = [&recorders = call.context.recorders, filter](net::Worker& worker) {
    const Recorder& recorder = *recorders[static_cast<std::size_t>(worker.index())];
    Found found;
    for (RecordingRow& row : recorder.recordings()) {
      if (filter.admits_stream(row.vhost, row.app, row.stream)) found.recordings.push_back(std::move(row));
    }
    for (const FileRow& row : recorder.files()) {
      if (filter.admits_stream(row.vhost, row.app, row.stream)) found.files.push_back(row);
    }
    return found;
  };
  CO_TRY(const auto all, co_await stats::ask_all<Found>(*call.context.workers, call.home(), std::move(collect)));
  JsonWriter out;
  VhostIds vhosts(call);
  out.begin_array("dvrs");
  for (const Found& found : all) {
    for (const RecordingRow& row : found.recordings) write_recording(out, vhosts, row);
  }
  out.end_array().begin_array("files");
  for (const Found& found : all) {
    for (const FileRow& row : found.files) write_file(out, vhosts, call.config(), row);
  }
  out.end_array();
  CO_TRY(const record::Totals totals, co_await totals_of(call, call.context.recorders));
  out.begin_object("totals")
      .field("recordings", totals.recordings)
      .field("files", totals.files)
      .field("bytes", totals.bytes)
      .field("failures", totals.failures)
      .field("retries", totals.retries)
      .field("completed", totals.completed)
      .end_object();
  co_return ok(call, out);
}

int code_of(base::ErrorCode failure) {
  if (failure == record::Errc::already_recorded) return code::already_recorded;
  if (failure == record::Errc::not_recorded) return code::not_recorded;
  return code::no_stream;
}

// Done at the stream's home.
Answer command(Call& call, base::Result<void> (Recorder::*what)(const base::StreamKey&)) {
  hub::Request wanted;
  wanted.vhost = call.config().match_vhost(call.request.query_value("vhost").value_or(config::default_vhost_name));
  if (!wanted.vhost) co_return error(call, code::no_vhost);
  wanted.app = call.request.query_value("app").value_or("");
  wanted.stream = call.request.query_value("stream").value_or("");
  const base::StreamKey key = wanted.key();
  const auto home = call.hub.directory().home(key);
  if (!home) co_return error(call, code::no_stream);
  net::Worker& worker = call.context.workers->at(*home);
  Recorder* recorder = call.context.recorders[static_cast<std::size_t>(*home)];
  std::function<int()> work = [recorder, key, what] {
    const auto done = (recorder->*what)(key);
    return done ? 0 : code_of(done.error());
  };
  CO_TRY(const int failure, co_await stats::ask<int>(call.home(), worker, std::move(work)));
  if (failure != 0) co_return error(call, failure);
  co_return ok(call, JsonWriter());
}

}  // namespace

// beyond SRS
Answer dvrs(Call& call) {
  if (!call.context.workers) co_return error(call, code::not_available);
  if (call.rest.empty()) {
    if (!call.reads()) co_return method_not_allowed("GET, HEAD");
    co_return co_await list(call);
  }
  if (call.rest != "start" && call.rest != "stop" && call.rest != "split") co_return error(call, 404, 404);
  if (call.jsonp.method != "POST") co_return method_not_allowed("POST");
  co_return co_await command(call, call.rest == "start"  ? &Recorder::start
                                   : call.rest == "stop" ? &Recorder::stop
                                                         : &Recorder::split);
}

}  // namespace weir::api
