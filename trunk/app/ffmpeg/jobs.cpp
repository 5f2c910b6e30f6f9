#include "app/ffmpeg/jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/ffmpeg/arguments.h"
#include "config/ffmpeg_rules.h"
#include "proto/stream_url.h"
#include "session/common/path_pattern.h"

namespace weir::ffmpeg {

namespace {

std::uint16_t port_of(const config::Config& config) {
  return config.rtmp.listen.empty() ? std::uint16_t{1935} : config.rtmp.listen.front().port;
}

struct Names {
  std::string_view vhost, app, stream, param, engine;
};

// URLs take the words of a publisher as they are; of a file's path they may not lead elsewhere.
std::optional<std::string> filled(const std::string& pattern, const config::Config& config, const Names& names) {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const session::Lookup lookup = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "port") return std::to_string(port_of(config));
    if (name == "engine") return std::string(names.engine);
    if (name == "param") return std::string(names.param);
    session::PathValues values;
    values.vhost = names.vhost;
    values.app = names.app;
    values.stream = names.stream;
    values.time = now;
    return session::path_variable(name, values);
  };
  const bool is_url = pattern.find("://") != std::string::npos;
  return is_url ? session::fill_word(pattern, lookup) : session::fill_file(pattern, lookup);
}

// An element of the name of a file: whatever a publisher named leads to no other folder.
std::string log_path(const config::Config& config, std::string_view kind, const Names& names) {
  if (config.process.ff_log_dir == "/dev/null") return config.process.ff_log_dir;
  const auto safe = [](std::string_view text) { return session::safe_value("stream", text); };
  return fmt::format("{}/{}-{}-{}-{}.log", config.process.ff_log_dir, kind, safe(names.vhost), safe(names.app),
                     safe(names.stream));
}

enum class Way : bool { rtmp, pipes };

Plan plan_of(std::string name, Job job, const config::Config& config, std::string_view kind, const Names& names,
             Way way = Way::rtmp) {
  Plan plan{.name = std::move(name), .command = {}, .makes = {}, .fault = {}};
  plan.fault = job.program.empty() ? "it names no program" : config::fault_of(job.engine, job.copies);
  if (plan.fault.empty() && way == Way::pipes) plan.fault = config::fault_of_piped(job.engine);
  if (!plan.fault.empty()) return plan;
  auto output = filled(job.engine.output, config, names);
  if (!output) {
    plan.fault = "what the publisher named cannot stand in its output";
    return plan;
  }
  job.output = *std::move(output);
  job.log_level = config.process.ff_log_level;
  plan.makes = own_stream(config, job.output);
  const std::string log = log_path(config, kind, names);
  if (way == Way::pipes) {
    plan.log_file = log;
    plan.form = job.engine.iformat == "mpegts" ? exec::Pipe::Form::ts : exec::Pipe::Form::fitting;
    job.input = "pipe:0";
    job.output = "pipe:1";
    job.engine.iformat = "mpegts";
    plan.command_for_ts.words = arguments_of(job);
    job.engine.iformat = "flv";
    plan.command.words = arguments_of(job);
    if (!plan.makes) plan.fault = "its output is no stream of this server";
    return plan;
  }
  plan.command.words = arguments_of(job);
  plan.command.redirects = {{.descriptor = 1, .path = log, .append = true},
                            {.descriptor = 2, .path = log, .append = true}};
  return plan;
}

bool applies(const std::string& scope, const hub::Request& stream) {
  return scope.empty() || scope == stream.app || scope == stream.app + "/" + stream.stream;
}

}  // namespace

std::optional<base::StreamKey> own_stream(const config::Config& config, const std::string& url) {
  const auto parsed = proto::parse_stream_url(url, "");
  if (!parsed || parsed->scheme != "rtmp" || parsed->stream.empty()) return std::nullopt;
  const bool here = parsed->host == "127.0.0.1" || parsed->host == "localhost" || parsed->host == "::1";
  const std::uint16_t port = parsed->port == 0 ? 1935 : parsed->port;
  const bool ours = std::any_of(config.rtmp.listen.begin(), config.rtmp.listen.end(),
                                [&](const config::Endpoint& one) { return one.port == port; });
  const auto vhost = config.match_vhost(parsed->vhost);
  if (!here || !ours || !vhost) return std::nullopt;
  return base::StreamKey{vhost->name, parsed->app, std::string(proto::without_extension(parsed->stream))};
}

namespace {

std::vector<Plan> transcodes_by(Way way, const config::Config& config, const hub::Request& stream) {
  std::vector<Plan> plans;
  const base::StreamKey key = stream.key();
  for (const config::Transcode& transcode : stream.vhost->transcodes) {
    if (!transcode.enabled || transcode.pipe != (way == Way::pipes) || !applies(transcode.scope, stream)) continue;
    for (const config::Engine& engine : transcode.engines) {
      if (!engine.enabled) continue;
      const Names names{key.vhost, key.app, key.stream, stream.param, engine.name};
      Job job{.program = transcode.ffmpeg, .log_level = {}, .engine = engine, .input = {}, .output = {}};
      job.input = fmt::format("rtmp://127.0.0.1:{}/{}?vhost={}/{}", port_of(config), key.app, key.vhost, key.stream);
      const bool means_it = proto::means(job.input, key.vhost, key.app, key.stream);
      Plan plan = plan_of(fmt::format("transcode {} of {}/{}", engine.name, key.app, key.stream), std::move(job),
                          config, "ffmpeg-encoder", names, way);
      if (plan.makes && *plan.makes == key) plan.fault = "its output is its input";
      if (plan.fault.empty() && way == Way::rtmp && !means_it)
        plan.fault = "by its address here the stream would be another one";
      plans.push_back(std::move(plan));
    }
  }
  return plans;
}

Plan plan_of(const config::StreamProcess& process, const config::Config& config, const hub::Request& stream) {
  const base::StreamKey key = stream.key();
  Plan plan{.name = fmt::format("process {} of {}/{}", process.name, key.app, key.stream),
            .command = {},
            .makes = {},
            .fault = config::fault_of(process)};
  if (!plan.fault.empty()) return plan;
  const exec::Facts facts{stream, port_of(config), std::chrono::system_clock::now(), process.name};
  std::string at_fault;
  auto command = exec::command_of(process.exec, facts, &at_fault);
  const Names names{key.vhost, key.app, key.stream, stream.param, process.name};
  const auto output = filled(process.output, config, names);
  if (!command) {
    plan.fault = command.error().message() + (at_fault.empty() ? "" : " (variable [" + at_fault + "])");
  } else if (!output ||
             !proto::check_names(output->substr(0, output->rfind('/')), output->substr(output->rfind('/') + 1))) {
    plan.fault = "what the publisher named cannot stand in its output";
  } else {
    plan.command = *std::move(command);
    plan.command_for_ts = plan.command;
    plan.log_file = log_path(config, "process-" + session::safe_value("stream", process.name), names);
    plan.form = process.format == config::StreamProcess::Format::ts ? exec::Pipe::Form::ts : exec::Pipe::Form::flv;
    plan.only = process.tracks == config::StreamProcess::Tracks::video   ? pack::Only::video
                : process.tracks == config::StreamProcess::Tracks::audio ? pack::Only::audio
                                                                         : pack::Only::all;
    plan.makes = base::StreamKey{key.vhost, output->substr(0, output->rfind('/')),
                                 std::string(proto::without_extension(output->substr(output->rfind('/') + 1)))};
    if (*plan.makes == key) plan.fault = "its output is its input";
  }
  return plan;
}

}  // namespace

std::vector<Plan> transcodes_of(const config::Config& config, const hub::Request& stream) {
  return transcodes_by(Way::rtmp, config, stream);
}

std::vector<Plan> pipes_of(const config::Config& config, const hub::Request& stream) {
  std::vector<Plan> plans = transcodes_by(Way::pipes, config, stream);
  for (const config::StreamProcess& process : stream.vhost->processes) {
    if (!process.enabled || !config::applies(process, stream.app, stream.stream)) continue;
    plans.push_back(plan_of(process, config, stream));
  }
  return plans;
}

std::vector<Plan> ingests_of(const config::Config& config, const std::shared_ptr<const config::Vhost>& vhost) {
  std::vector<Plan> plans;
  for (const config::Ingest& ingest : vhost->ingests) {
    if (!ingest.enabled || ingest.ffmpeg.empty()) continue;
    // SRS starts one for each engine that is on, or one that copies where none is.
    std::vector<config::Engine> engines;
    for (const config::Engine& engine : ingest.engines) {
      if (engine.enabled) engines.push_back(engine);
    }
    if (engines.empty() && !ingest.engines.empty()) engines.push_back(ingest.engines.front());
    for (const config::Engine& engine : engines) {
      Job job{.program = ingest.ffmpeg, .log_level = {}, .engine = engine, .input = ingest.input_url, .output = {}};
      job.paced = ingest.input_type == config::Ingest::Input::file;
      job.copies = !engine.enabled || (engine.vcodec.empty() && engine.acodec.empty());
      const std::string name = "ingest " + ingest.id;
      const auto output = filled(engine.output, config, {vhost->name, "", ingest.id, "", engine.name});
      const auto made = proto::parse_stream_url(output.value_or(""), "");
      const std::string app = made ? made->app : std::string(), stream = made ? made->stream : ingest.id;
      const Names names{vhost->name, app, stream, "", engine.name};
      plans.push_back(plan_of(name, std::move(job), config, "ffmpeg-ingest", names));
      if (ingest.input_url.empty()) plans.back().fault = "it names no input";
    }
  }
  return plans;
}

}  // namespace weir::ffmpeg
