#include "app/ffmpeg/pipes.h"

#include <algorithm>

#include "base/redact.h"
#include "net/worker.h"
#include "session/common/upstream/way.h"
#include "session/pull/source.h"

namespace weir::ffmpeg {

namespace {

bool is_same_pipe(const Plan& one, const Plan& other) {
  const auto is_same_command = [](const exec::Command& a, const exec::Command& b) {
    return a.words == b.words && a.redirects == b.redirects;
  };
  return one.name == other.name && one.makes == other.makes && one.form == other.form && one.only == other.only &&
         one.log_file == other.log_file && is_same_command(one.command, other.command) &&
         is_same_command(one.command_for_ts, other.command_for_ts);
}

}  // namespace

Pipes::Pipes(hub::Hub& hub, Outputs& outputs, std::function<bool()> room)
    : hub_(hub), outputs_(outputs), room_(std::move(room)) {
  hub_.events().observe_streams([this](const hub::StreamEvent& event) { observe(event); });
}

void Pipes::observe(const hub::StreamEvent& event) {
  using Kind = hub::StreamEvent::Kind;
  if (event.kind == Kind::ended) {
    for (Of& one : pipes_) {
      if (one.reads != event.stream.key()) continue;
      one.leaving = true;
      one.pipe->finish(exec::Pipe::Clock::now());
    }
  }
  if (event.kind != Kind::began || !is_read(event.stream)) return;
  for (Plan& plan : pipes_of(*hub_.config(), *event.stream.origin().request)) begin(event.stream, std::move(plan));
}

// What one of our own makes is read by no other: so no scope runs in a circle.
bool Pipes::is_read(const hub::Stream& stream) const {
  const auto& request = stream.origin().request;
  if (!request || outputs_.contains(stream.key())) return false;
  const config::Vhost& vhost = *request->vhost;
  return !vhost.processes.empty() ||
         std::ranges::any_of(vhost.transcodes, [](const config::Transcode& one) { return one.pipe; });
}

void Pipes::refuse(const hub::Stream& stream, const std::string& name, const std::string& fault) {
  ++done_.refused;
  log::error({hub_.worker().logger(), stream.origin().id, {}}, "{}: not started, {}", name, fault);
}

void Pipes::begin(const hub::Stream& stream, Plan plan) {
  const auto& request = stream.origin().request;
  std::string fault = plan.fault;
  if (fault.empty() && !request->facts.find(session::upstream::on_demand_fact).empty()) {
    fault = "its stream is fetched on demand, and would be for ever";
  }
  if (fault.empty() && !room_()) fault = "too many programs run";
  const auto vhost = fault.empty() ? hub_.config()->match_vhost(plan.makes->vhost) : nullptr;
  if (fault.empty() && !vhost) fault = "its output is in no virtual host";
  if (!fault.empty()) return refuse(stream, plan.name, fault);
  log::info({hub_.worker().logger(), stream.origin().id, {}}, "{}: {}", plan.name, base::shown(plan.command.words));
  exec::Pipe::Given given{.hub = hub_,
                          .tls = tls_,
                          .name = plan.name,
                          .for_flv = plan.command,
                          .for_ts = plan.command_for_ts,
                          .log_file = plan.log_file,
                          .reads = request,
                          .makes = session::pull::request_of(vhost, plan.makes->app, plan.makes->stream),
                          .form = plan.form,
                          .only = plan.only,
                          .publisher = stream.origin().id};
  auto mark = std::make_unique<Outputs::Mark>(outputs_, *plan.makes);
  pipes_.push_back({.plan = std::move(plan),
                    .reads = stream.key(),
                    .mark = std::move(mark),
                    .pipe = std::make_shared<exec::Pipe>(std::move(given))});
}

void Pipes::settings_changed() {
  hub_.each_stream([this](const hub::Stream& stream) {
    if (!stream.source() || !stream.origin().request) return;
    hub::Request request = *stream.origin().request;
    const auto vhost = hub_.config()->match_vhost(request.vhost->name);
    std::vector<Plan> wanted;
    if (vhost && vhost->name == request.vhost->name) {
      request.vhost = vhost;
      if (!outputs_.contains(stream.key())) wanted = pipes_of(*hub_.config(), request);
    }
    for (Of& one : pipes_) {
      if (one.leaving || one.reads != stream.key()) continue;
      const auto same = std::ranges::find_if(
          wanted, [&](const Plan& plan) { return plan.fault.empty() && is_same_pipe(plan, one.plan); });
      if (same != wanted.end()) {
        wanted.erase(same);
        continue;
      }
      one.leaving = true;
      one.pipe->end(exec::Pipe::Clock::now());
    }
    for (Plan& plan : wanted) begin(stream, std::move(plan));
  });
}

// One before it still says its last words to the same stream.
bool Pipes::waits(const Of& one) const {
  return !one.leaving && std::ranges::any_of(pipes_, [&](const Of& other) {
    return other.leaving && other.pipe != one.pipe && other.plan.makes == one.plan.makes;
  });
}

void Pipes::tick() {
  const auto now = exec::Pipe::Clock::now();
  for (Of& one : pipes_) {
    if (!waits(one)) one.pipe->tick(now);
  }
  std::erase_if(pipes_, [&](const Of& one) {
    if (!one.leaving || !one.pipe->over()) return false;
    count(done_, *one.pipe);
    return true;
  });
}

void Pipes::count(Totals& totals, const exec::Pipe& pipe) {
  const auto figures = pipe.figures();
  totals.starts += pipe.starts();
  totals.read_bytes += figures.read_bytes;
  totals.written_bytes += figures.written_bytes;
  totals.skips += figures.skips;
}

void Pipes::add_to(std::vector<Row>& rows) const {
  for (const Of& one : pipes_) {
    const auto figures = one.pipe->figures();
    rows.push_back({.name = one.plan.name,
                    .vhost = one.reads.vhost,
                    .running = one.pipe->running(),
                    .starts = one.pipe->starts(),
                    .fault = one.pipe->fault(),
                    .pipe = Row::Pipe{.makes = one.plan.makes->app + "/" + one.plan.makes->stream,
                                      .format = std::string(figures.format),
                                      .read_bytes = figures.read_bytes,
                                      .written_bytes = figures.written_bytes,
                                      .frames = figures.frames,
                                      .skips = figures.skips,
                                      .behind_seconds = figures.behind.count()}});
  }
}

void Pipes::add_to(Totals& totals) const {
  totals += done_;
  for (const Of& one : pipes_) {
    ++(one.pipe->running() ? totals.running : totals.waiting);
    count(totals, *one.pipe);
  }
}

}  // namespace weir::ffmpeg
