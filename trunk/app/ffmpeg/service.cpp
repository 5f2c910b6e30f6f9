#include "app/ffmpeg/service.h"

#include <algorithm>

#include "base/log_flood.h"
#include "base/redact.h"
#include "net/worker.h"

namespace weir::ffmpeg {

namespace {

constexpr std::uintmax_t largest_log_bytes = 16 << 20;

bool is_same(const Plan& one, const Plan& other) {
  return one.name == other.name && one.command.words == other.command.words;
}

}  // namespace

Service::Service(hub::Hub& hub, Outputs& outputs, std::size_t workers)
    : hub_(hub),
      outputs_(outputs),
      workers_(workers),
      pipes_(hub, outputs, [this] { return programs_.size() + pipes_.size() < most_programs; }) {
  hub_.events().observe([this](const hub::Event& event) { on_event(event); });
  hub_.worker().every_tick([this] { tick(); });
}

void Service::on_event(const hub::Event& event) {
  if (event.kind == hub::Event::Kind::unpublish) {
    for (Of& one : programs_) {
      if (one.publisher == event.id && one.request) end(one);
    }
  }
  if (event.kind != hub::Event::Kind::publish) return;
  if (event.request.vhost->transcodes.empty()) return;
  if (outputs_.contains(event.request.key())) return;  // one of our own makes it
  std::shared_ptr<const hub::Request> request;
  for (Plan& plan : transcodes_of(*hub_.config(), event.request)) {
    if (!request) request = std::make_shared<const hub::Request>(event.request);
    begin(std::move(plan), event.request.vhost->name, request, event.id);
  }
}

void Service::begin(Plan plan, const std::string& vhost, std::shared_ptr<const hub::Request> request,
                    const base::SessionId& publisher) {
  const log::Context who{hub_.worker().logger(), publisher, {}, request ? log::origin_of(request->peer.address) : 0};
  if (plan.fault.empty() && programs_.size() + pipes_.size() >= most_programs) plan.fault = "too many programs run";
  if (!plan.fault.empty()) {
    ++refused_;
    log::error(who, "{}: not started, {}", plan.name, plan.fault);
    return;
  }
  exec::Program::Given given{.name = plan.name, .command = plan.command, .log = who};
  given.largest_log_bytes = largest_log_bytes;
  std::unique_ptr<Outputs::Mark> mark;
  if (plan.makes) {
    // What is ingested may be transcoded as what is published is.
    if (request) mark = std::make_unique<Outputs::Mark>(outputs_, *plan.makes);
    given.has_media = [this, key = *plan.makes] { return hub_.directory().live(key); };
  }
  log::info(who, "{}: {}", plan.name, base::shown(plan.command.words));
  programs_.push_back({.plan = std::move(plan),
                       .vhost = vhost,
                       .request = std::move(request),
                       .publisher = publisher,
                       .mark = std::move(mark),
                       .program = exec::Program(std::move(given))});
}

void Service::end(Of& one) {
  one.leaving = true;
  one.program.end(exec::Program::Clock::now());
}

void Service::settings_changed() {
  const auto& config = hub_.config();
  std::vector<std::pair<Plan, std::string>> wanted;
  for (const auto& vhost : config->vhosts) {
    if (!vhost->enabled) continue;
    for (Plan& plan : ingests_of(*config, vhost)) {
      const std::size_t worker = std::hash<std::string>{}(vhost->name + plan.name) % workers_;
      if (worker == static_cast<std::size_t>(hub_.worker().index())) wanted.emplace_back(std::move(plan), vhost->name);
    }
  }
  for (Of& one : programs_) {
    if (one.leaving) continue;
    if (!one.request) {
      const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const auto& plan) {
        return plan.second == one.vhost && is_same(plan.first, one.plan);
      });
      if (found == wanted.end()) {
        end(one);
      } else {
        wanted.erase(found);
      }
      continue;
    }
    // A transcode goes on as it is, or ends; a publisher that is there begins the new ones as well, below.
    const auto vhost = config->match_vhost(one.request->vhost->name);
    if (!vhost || vhost->name != one.request->vhost->name || vhost->transcodes != one.request->vhost->transcodes) {
      end(one);
    }
  }
  for (auto& [plan, vhost] : wanted) begin(std::move(plan), vhost, nullptr, {});
  begin_changed_transcodes();
  pipes_.settings_changed();
}

// Streams that are published here, in virtual hosts whose transcode blocks changed.
void Service::begin_changed_transcodes() {
  std::vector<std::pair<base::SessionId, std::shared_ptr<const hub::Request>>> publishers;
  hub_.registry().each([&](const hub::Record& record) {
    if (!record.publishing || outputs_.contains(record.request.key())) return;
    const auto vhost = hub_.config()->match_vhost(record.request.vhost->name);
    if (!vhost || vhost->name != record.request.vhost->name) return;
    const bool runs = std::any_of(programs_.begin(), programs_.end(), [&](const Of& one) {
      return one.publisher == record.id && one.request && !one.leaving;
    });
    if (runs || vhost->transcodes.empty()) return;
    auto request = std::make_shared<hub::Request>(record.request);
    request->vhost = vhost;
    publishers.emplace_back(record.id, std::move(request));
  });
  for (const auto& [id, request] : publishers) {
    for (Plan& plan : transcodes_of(*hub_.config(), *request)) {
      begin(std::move(plan), request->vhost->name, request, id);
    }
  }
}

void Service::tick() {
  const auto now = exec::Program::Clock::now();
  programs_.remove_if([&](Of& one) {
    one.program.tick(now);
    if (!one.program.over()) return false;
    starts_of_ended_ += one.program.starts();
    return true;
  });
  pipes_.tick();
}

std::vector<Row> Service::rows() const {
  std::vector<Row> rows;
  for (const Of& one : programs_) {
    rows.push_back({.name = one.plan.name,
                    .vhost = one.vhost,
                    .running = one.program.running(),
                    .starts = one.program.starts(),
                    .fault = one.program.fault(),
                    .pipe = {}});
  }
  pipes_.add_to(rows);
  return rows;
}

Totals Service::totals() const {
  Totals totals{.starts = starts_of_ended_, .refused = refused_};
  for (const Of& one : programs_) {
    ++(one.program.running() ? totals.running : totals.waiting);
    totals.starts += one.program.starts();
  }
  pipes_.add_to(totals);
  return totals;
}

}  // namespace weir::ffmpeg
