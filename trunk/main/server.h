#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "app/api/context.h"
#include "app/exec/variables.h"
#include "app/heartbeat/heartbeat.h"
#include "app/registry/door.h"
#include "app/stats/statistics.h"
#include "config/config.h"
#include "config/load.h"
#include "main/gb_ports.h"
#include "main/guard.h"
#include "main/memory.h"
#include "main/rtc_ports.h"
#include "main/shard.h"
#include "main/sip_ports.h"
#include "main/srt_ports.h"
#include "net/worker_pool.h"

namespace weir::server {

// The server: builds workers, shards and listeners, and takes them down again. Everything here runs on the main thread,
// which touches no stream; what it wants of a worker it posts.
class Server {
 public:
  // `about` is what the API says of the process; its statistics are the server's own.
  struct About {
    std::string server_id, argv, revision;               // revision: the commit that it was built from
    std::function<config::Report()> read_configuration;  // any thread
    std::function<void()> request_reload;
    std::function<api::ReloadState()> reload_state;
    // Has it run on the main thread soon, from any other. Unset: the API changes nothing.
    std::function<void(std::function<void()>)> on_main;
    std::function<edit::Outcome(const edit::Change&)> edit_file;  // on the main thread; unset: there is no file
    config::Surroundings surroundings;                            // with which the configuration was loaded
    std::filesystem::path directory;                              // that names of files in it begin in
  };
  Server(std::shared_ptr<const config::Config> config, log::Logger& logger, About about = {});
  ~Server();

  // Opens every port, reads every certificate, then starts the workers. False after it logged why: a port in use, an
  // unreadable certificate.
  bool start();
  // Every URL that a user can use, a line each.
  std::vector<std::string> urls() const;
  // A new configuration, whole and checked: what can be applied to running sessions is, the rest is named in the log.
  void reload(std::shared_ptr<const config::Config> config);
  // Those who listen to events hear how a reload went; `error` as in api::ReloadState.
  void tell_reload(int error, const std::string& message) { events_->tell_reload(error, message); }
  // Ends everything within `grace`: no new connections, players told, then whoever remains cut off.
  void stop(std::chrono::milliseconds grace);
  // Waits until no client is connected any more (graceful quit); whoever asks the API is none. False when
  // `interrupted`, which waits between two looks, says so.
  bool wait_until_idle(const std::function<bool()>& interrupted);
  enum class Listeners : std::uint8_t { all, of_clients };  // the latter: not those of the API and of metrics
  void close_listeners(Listeners which = Listeners::all);
  // From now on /readyz says no, and no heartbeat is sent; everybody is served as before.
  void leave() { readiness_.leave(); }
  // Has `answer` called on each worker, soon, without waiting for it. How many they are.
  std::size_t ask_workers(const std::function<void()>& answer);
  // Tells the budget what the process has, and gives back to the system what a peak left. Twice a second or so.
  void look_at_memory();
  // Runs the commands of variables, and has what they say act. Often; soon again while it says so.
  bool look_at_variables();
  // With which a configuration is read while this runs. Any thread.
  const config::Surroundings& surroundings() const { return surroundings_; }
  // One line about streams, sessions, traffic and load.
  void log_summary();

  const config::Config& config() const { return *config_; }

 private:
  overlay::Outcome change_overlay(const overlay::Change& change);
  void read_variables_again();
  struct Open {
    Service service;
    net::ListenAddress address;
    std::vector<net::ListenSocket> sockets;
  };
  bool open(Service service, const std::vector<config::Endpoint>& endpoints, std::vector<Open>& out);
  void renew_certificates(const config::Config& next);
  bool load_certificate(const Offer& offer);
  void move_rtmp_listeners(const config::Config& next);
  // Runs `work` on every worker and waits for all.
  void on_all(const std::function<void(Shard&)>& work);
  std::size_t sessions();
  std::size_t clients();
  void join_cluster();
  void post_traces();
  void finish_segments();
  void finish_recordings();
  std::vector<record::Recorder*> recorders() const;

  // given
  std::shared_ptr<const config::Config> config_;
  log::Logger& logger_;
  log::Context log_;
  std::function<void(std::function<void()>)> on_main_;
  config::Surroundings surroundings_;
  std::filesystem::path start_directory_;

  // owned; the order is that of construction, and destruction is its reverse: shards before the workers they live on
  auth::ConnectionGate connections_;
  proxy::Figures proxy_figures_;
  http2::Figures http2_figures_;
  heartbeat::Figures heartbeat_figures_;
  cluster::Readiness readiness_;
  hub::Directory directory_;
  const std::uint64_t memory_limit_ = process::memory_limit();
  hub::MemoryBudget memory_;
  process::HeapTrimmer trimmer_;
  hub::Formats formats_;
  hub::Hub::Peers peers_;
  session::hls::Shared segments_;
  session::webrtc::Shared rtc_;
  session::gb28181::MediaShared gb28181_;
  session::forward::Shared forwards_;
  ffmpeg::Outputs transcoded_;
  snapshot::Shared snapshots_;
  std::unique_ptr<events::Board> events_;            // told of sessions until the last of them is gone
  std::unique_ptr<heartbeat::Heartbeat> heartbeat_;  // a report under way ends with the workers at the latest
  std::unique_ptr<registry::Registry> registry_;     // the same holds for its tasks, and for what they tell the doors
  std::vector<std::unique_ptr<registry::Door>> doors_;
  std::unique_ptr<hub::AudioBridge> bridge_;
  net::RistLibrary rist_;  // takes down what sessions leave, which go with the workers at the latest
  net::WorkerPool pool_;
  std::unique_ptr<net::BlockingPool> files_, segment_writers_, recording_writers_, recording_finishers_, sound_makers_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::unique_ptr<SrtPorts> srt_;
  std::unique_ptr<SipPorts> sip_;
  std::unique_ptr<stats::Statistics> statistics_;
  std::unique_ptr<Guards> guards_;
  std::unique_ptr<api::Context> api_;
  exec::VariableCommands variables_{log_};
  RtcPorts rtc_ports_{shards_, log_};
  GbPorts gb_ports_{shards_, gb28181_, log_};

  // state
  bool running_ = false;
  hub::Pressure pressure_told_ = hub::Pressure::none;
  std::uint64_t skips_before_ = 0, sent_before_ = 0, received_before_ = 0;
  std::chrono::steady_clock::time_point summary_at_ = std::chrono::steady_clock::now();
};

}  // namespace weir::server
