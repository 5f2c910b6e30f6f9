#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/auth/connection_gate.h"
#include "app/auth/figures.h"
#include "app/auth/lockout.h"
#include "app/cluster/figures.h"
#include "app/cluster/readiness.h"
#include "app/edit/edit.h"
#include "app/events/board.h"
#include "app/exec/variables.h"
#include "app/ffmpeg/service.h"
#include "app/heartbeat/figures.h"
#include "app/hooks/figures.h"
#include "app/overlay/change.h"
#include "app/record/recorder.h"
#include "app/snapshot/service.h"
#include "app/stats/statistics.h"
#include "app/trace/figures.h"
#include "base/durations.h"
#include "config/load.h"
#include "hub/hub.h"
#include "net/blocking_pool.h"
#include "net/http/router.h"
#include "net/http2/figures.h"
#include "net/proxy/figures.h"
#include "session/forward/service.h"
#include "session/gb28181/media_service.h"
#include "session/hls/service.h"
#include "session/pull/service.h"
#include "session/srt/figures.h"
#include "session/webrtc/figures.h"

namespace weir::session::gb28181 {
class SipService;
class PublishDoor;
}  // namespace weir::session::gb28181

namespace weir::registry {
class Registry;
}  // namespace weir::registry

namespace weir::api {

// What `rpc=reload-fetch` tells of the last reload.
struct ReloadState {
  int error = 0;  // SRS's number; 0: it went well
  std::string message = "Success";
  int state = 90;  // 0 none yet, 10 parsing, 20 transforming, 30 applying, 90 done
  std::string id;  // of that reload, seven characters
};

// What the endpoints stand on. Filled in main before the workers start, then read by all of them; the functions are
// called on any worker.
struct Context {
  stats::Statistics& statistics;
  net::WorkerPool* workers = nullptr;                  // null: there is no DVR
  std::vector<record::Recorder*> recorders{};          // one for each worker
  std::vector<session::forward::Service*> forwards{};  // the same; empty: nothing is sent on
  std::vector<session::pull::Service*> pulls{};        // the same; empty: nothing is fetched
  std::vector<ffmpeg::Service*> programs{};            // the same; empty: none is run
  const session::hls::Shared* segments = nullptr;      // null: there is no HLS
  std::string server_id;                               // "vid-0a1b2c3"
  std::string service_id;                              // eight characters, new with each process
  int pid = 0;
  std::string argv;
  std::string cwd;
  std::string host_name{};  // of the machine, lower case
  std::string revision{};   // the commit that it was built from; empty: not known
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::chrono::system_clock::time_point born = std::chrono::system_clock::now();

  std::unique_ptr<auth::Lockout> lockout = std::make_unique<auth::Lockout>();
  // How long answers took to make, those that do not end left out.
  std::unique_ptr<base::SharedDurations> requests = std::make_unique<base::SharedDurations>();

  // What of the server has figures of its own; unset where it has none.
  const hub::MemoryBudget* memory = nullptr;
  const hooks::Figures* hooks = nullptr;
  const auth::Figures* auth = nullptr;
  const auth::ConnectionGate* connections = nullptr;
  events::Board* events = nullptr;
  const proxy::Figures* proxies = nullptr;
  const session::srt::Figures* srt = nullptr;
  const heartbeat::Figures* heartbeat = nullptr;
  const cluster::Figures* cluster = nullptr;
  registry::Registry* registry = nullptr;  // on the first worker; null: none is configured
  const hub::AudioBridge* bridge = nullptr;
  const session::webrtc::Figures* rtc = nullptr;
  const snapshot::Figures* snapshots = nullptr;
  std::vector<session::gb28181::MediaService*> media{};  // one for each worker; empty: there is no GB28181
  std::vector<session::gb28181::PublishDoor*> doors{};   // the same
  const session::gb28181::MediaTotals* media_totals = nullptr;
  session::gb28181::SipService* gb28181 = nullptr;  // SIP: devices that register here

  net::BlockingPool* files = nullptr;                    // for looks at the disk; null: there are none
  std::function<config::Report()> read_configuration{};  // as a reload would; waits for the disk
  std::function<void()> request_reload;                  // returns at once
  // What it would make of this text, and how many files that it names were not read. Any thread.
  std::function<config::Report(const std::string& text, std::size_t& unread)> check_configuration{};
  overlay::Ask change_overlay;                        // the same; unset: nothing can be changed
  const exec::VariableCommands* variables = nullptr;  // null: no command is run
  std::function<ReloadState()> reload_state;
  cluster::Readiness* readiness = nullptr;  // null: it takes newcomers from the first moment to the last
  const http2::Figures* http2 = nullptr;
  const trace::Figures* traces = nullptr;
  edit::Ask edit_file{};  // as change_overlay; unset: there is no file, or no main thread
};

enum class Mount {
  own_port,     // "/" is the map of the API
  shared_port,  // "/" is somebody else's: the HTTP server's static files
};

// Adds every endpoint to the router of one worker. `context` and `hub` (that worker's) outlive the router.
void add_routes(http::Router& router, const Context& context, hub::Hub& hub, Mount mount = Mount::own_port);

// /streams.json for the page at the HTTP server's port: the list of /api/v1/streams/, under the same rules. It is there
// where the API is on; a password guards it only where the list is not public.
void add_page_streams(http::Router& router, const Context& context, hub::Hub& hub);

// Only /metrics, for the exporter's own port.
void add_metrics(http::Router& router, const Context& context, hub::Hub& hub);

// Who may what on the routers of a worker, of the API and of the HTTP server: by the access of the route that matched,
// the address, the password, the host that was asked for and the page that a browser asks for. See wiki/en/security.md.
http::Router::Gate make_gate(const Context& context, hub::Hub& hub);

}  // namespace weir::api
