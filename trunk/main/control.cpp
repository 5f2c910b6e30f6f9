#include "main/control.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <optional>

#include "base/own_file.h"
#include "base/random.h"
#include "base/redact.h"
#include "base/scope_exit.h"
#include "base/version.h"
#include "main/process.h"
#include "main/server.h"

namespace weir::server {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto stop_grace = 3s;
constexpr auto looks_at_parent = 500ms;
constexpr auto looks_at_memory = 500ms;
constexpr auto looks_at_commands = 50ms;

// The signals of the process as a descriptor; blocked in all threads, so that they come here alone.
class Signals {
 public:
  Signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGQUIT}) sigaddset(&set, signal);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~Signals() { ::close(descriptor_); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int descriptor() const { return descriptor_; }
  std::optional<int> next() {
    signalfd_siginfo info{};
    if (::read(descriptor_, &info, sizeof info) != sizeof info) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
  }

 private:
  int descriptor_ = -1;
};

// Tells when the configuration file was written. Its directory is watched: editors and config maps replace the file.
class FileWatch {
 public:
  explicit FileWatch(const std::filesystem::path& path) : name_(path.filename()) {
    const auto directory = path.parent_path();
    descriptor_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ::inotify_add_watch(descriptor_, directory.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE);
  }
  ~FileWatch() { ::close(descriptor_); }
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  int descriptor() const { return descriptor_; }
  bool changed() {
    alignas(inotify_event) char buffer[4096];
    bool ours = false;
    for (ssize_t size = 0; (size = ::read(descriptor_, buffer, sizeof buffer)) > 0;) {
      for (char* at = buffer; at < buffer + size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        // "..data" is what a Kubernetes config map moves.
        if (event->len > 0 && (name_ == event->name || std::string_view("..data") == event->name)) ours = true;
        at += sizeof(inotify_event) + event->len;
      }
    }
    return ours;
  }

 private:
  std::string name_;
  int descriptor_ = -1;
};

// Tells systemd that the server is not hung: as long as each worker has answered since the last time.
class Watchdog {
 public:
  explicit Watchdog(const process::Supervisor& supervisor) : supervisor_(supervisor) {}

  Clock::time_point next() const { return enabled() ? next_ : Clock::time_point::max(); }
  void look(Server& server) {
    if (!enabled() || Clock::now() < next_) return;
    next_ = Clock::now() + supervisor_.watchdog() / 4;  // asked and told within half of the time
    if (answered_->load() == asked_) {
      supervisor_.tell("WATCHDOG=1");
      answered_->store(0);
      asked_ = server.ask_workers([answered = answered_] { ++*answered; });
    }
  }

 private:
  bool enabled() const { return supervisor_.watchdog().count() > 0; }

  // given
  const process::Supervisor& supervisor_;

  // state
  Clock::time_point next_ = Clock::now();
  std::size_t asked_ = 0;
  std::shared_ptr<std::atomic<std::size_t>> answered_ = std::make_shared<std::atomic<std::size_t>>(0);
};

// What other threads want of the main one.
class Posts {
 public:
  Posts() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Posts() { ::close(descriptor_); }
  Posts(const Posts&) = delete;
  Posts& operator=(const Posts&) = delete;

  int descriptor() const { return descriptor_; }
  void post(std::function<void()> work) {
    {
      const std::scoped_lock lock(mutex_);
      all_.push_back(std::move(work));
    }
    const std::uint64_t one = 1;
    (void)!::write(descriptor_, &one, sizeof one);
  }
  void run() {
    std::uint64_t count = 0;
    if (::read(descriptor_, &count, sizeof count) != sizeof count) return;
    std::vector<std::function<void()>> all;
    {
      const std::scoped_lock lock(mutex_);
      all.swap(all_);
    }
    for (const auto& work : all) work();
  }

 private:
  int descriptor_ = -1;
  std::mutex mutex_;
  std::vector<std::function<void()>> all_;
};

class Loop {
 public:
  explicit Loop(const Control& control)
      : control_(control), who_{&control.logger, {}, {}}, server_(control.config, control.logger, about()) {
    const config::Process& process = control.config->process;
    if (!control.line.file.empty() &&
        (process.inotify_auto_reload || (control.docker && process.auto_reload_for_docker))) {
      watch_.emplace(control.file);
    }
  }

  int run() {
    const auto begun = Clock::now();
    if (!server_.start()) {
      control_.logger.flush();
      return 1;
    }
    if (!change_user()) {
      server_.stop(std::chrono::milliseconds(0));
      control_.logger.flush();
      return 1;
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
    log::info(who_, "{} {} is up after {} ms, process {}", base::server_name, base::version, took.count(), ::getpid());
    for (const std::string& line : server_.urls()) log::info(who_, "{}", line);
    control_.supervisor.tell("READY=1");
    if (control_.started) control_.started();
    auto next_summary = Clock::now() + server_.config().pithy_print;
    while (!ending_) {
      const bool soon = server_.look_at_variables();
      wait(std::min(next_summary, Clock::now() + (soon ? looks_at_commands : looks_at_memory)));
      if (ending_) break;
      server_.look_at_memory();
      look_at_parent();
      watchdog_.look(server_);
      if (!ending_ && Clock::now() >= next_summary) {
        server_.log_summary();
        next_summary = Clock::now() + server_.config().pithy_print;
      }
    }
    log::info(who_, "stopped");
    control_.logger.flush();
    return 0;
  }

 private:
  // A reload that the API asks for comes as the signal that any operator sends.
  Server::About about() {
    const config::Process& process = control_.config->process;
    const std::string path = process::id_path(process.pid);
    base::Result<void> kept;
    std::string id = process::server_id(process.server_id, path, kept);
    if (!kept) {
      log::warn(who_, "cannot keep the server's id in {}: {}; the next run will have another", path,
                kept.error().message());
    }
    return {.server_id = std::move(id),
            .argv = control_.argv,
            .revision = control_.revision,
            .read_configuration = [this] { return read_configuration(); },
            .request_reload = [] { ::kill(::getpid(), SIGHUP); },
            .reload_state =
                [this] {
                  const std::scoped_lock lock(reload_mutex_);
                  return reload_state_;
                },
            .on_main = [this](std::function<void()> work) { posts_.post(std::move(work)); },
            .edit_file = control_.line.environment_only
                             ? std::function<edit::Outcome(const edit::Change&)>()
                             : [this](const edit::Change& change) { return edit_file(change); },
            .surroundings = control_.surroundings,
            .directory = control_.directory};
  }

  // What the server writes again later must be the user's: pid file, id, log.
  bool change_user() {
    const config::Config& config = server_.config();
    const config::Process& process = config.process;
    if (process.user.empty()) return true;
    const auto give = [&](unsigned user, unsigned group) -> base::Result<void> {
      TRY_VOID(control_.give_files(user, group));
      if (const std::string& overlay = config.http_api.overlay; !overlay.empty()) {
        for (const char* end : {"", ".before"}) {
          TRY_VOID(base::give_file((control_.directory / (overlay + end)).string(), user, group));
        }
      }
      return base::give_file(process::id_path(process.pid), user, group);
    };
    if (const auto become = process::become_user(process.user, give); !become) {
      log::error(who_, "cannot become user {}: {}", process.user, become.error().message());
      return false;
    }
    log::info(who_, "runs as user {}", process.user);
    return true;
  }

  // asprocess: who started the server wants it to go when it goes itself.
  void look_at_parent() {
    if (!server_.config().process.asprocess || ::getppid() == parent_) return;
    log::info(who_, "the parent process {} is gone", parent_);
    stop();
  }

  void set_reload_state(int error, const std::string& message, int state) {
    const std::scoped_lock lock(reload_mutex_);
    reload_state_ = {error, message, state, base::random_text(7)};
    server_.tell_reload(error, message);
  }

  void wait(Clock::time_point until) {
    if (server_.config().process.asprocess) until = std::min(until, Clock::now() + looks_at_parent);
    until = std::min(until, watchdog_.next());
    pollfd descriptors[3] = {{signals_.descriptor(), POLLIN, 0},
                             {watch_ ? watch_->descriptor() : -1, POLLIN, 0},
                             {posts_.descriptor(), POLLIN, 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    ::poll(descriptors, 3, static_cast<int>(std::max<std::int64_t>(0, left.count() + 1)));
    if (watch_ && watch_->changed()) reload();
    posts_.run();
    while (const auto signal = signals_.next()) handle(*signal);
  }

  void handle(int signal) {
    const config::Process& process = server_.config().process;
    switch (signal) {
      case SIGHUP:
        reload();
        break;
      case SIGUSR1:
        if (const auto reopened = control_.logger.reopen(); !reopened) {
          log::error(who_, "cannot open the log file anew: {}", reopened.error().message());
        }
        break;
      case SIGQUIT:
        quit_gracefully();
        break;
      case SIGTERM:
        if (process.force_grace_quit) {
          quit_gracefully();
          break;
        }
        [[fallthrough]];
      case SIGINT:
        stop();
        break;
      default:
        break;
    }
  }

  // Any thread.
  config::Report read_configuration() const {
    const config::Surroundings& surroundings = server_.surroundings();
    return control_.line.environment_only ? config::load_environment(surroundings)
                                          : config::load_file(control_.line.file, surroundings);
  }

  void reload() {
    control_.supervisor.tell_reloading();
    const base::ScopeExit over([this] { control_.supervisor.tell("READY=1"); });
    log::info(who_, "reload {}", control_.line.environment_only ? "of the environment" : control_.line.file);
    use(read_configuration());
  }

  void use(config::Report report) {
    for (const config::Problem& warning : report.warnings) log::warn(who_, "{}", warning.text());
    for (const config::Problem& error : report.errors) log::error(who_, "{}", error.text());
    if (!report.config) {
      log::error(who_, "reload refused, the configuration stays as it was");
      set_reload_state(1023, report.errors.front().text(), 10);
      return;
    }
    control_.logger.set_level(static_cast<log::Level>(report.config->log.level));
    control_.logger.set_lines_per_address(report.config->log.lines_per_address);
    server_.reload(std::move(report.config));
    set_reload_state(0, "Success", 90);
  }

  // What the API writes runs at once, as after a reload.
  edit::Outcome edit_file(const edit::Change& change) {
    const overlay::File file(control_.file.string(), overlay::File::write_some, overlay::File::Mode::as_it_was);
    const std::string& name = control_.line.file;
    edit::Outcome outcome = edit::decide(server_.config(), change, name, file, server_.surroundings());
    if (change.what == edit::Change::What::look) return outcome;
    if (!outcome.error.empty()) {
      log::warn(who_, "API: {} may not write the configuration: {}", change.by, base::shown(outcome.error));
      return outcome;
    }
    log::info(who_, "API: {} wrote the configuration {} anew; the one before is {}.before", change.by, name,
              control_.file.string());
    use(outcome.report);
    return outcome;
  }

  // A second signal while stopping ends the process where it is.
  void stop() {
    log::info(who_, "stopping");
    ending_ = true;
    control_.supervisor.tell("STOPPING=1");
    const std::jthread impatient([this](const std::stop_token& done) {
      while (!done.stop_requested()) {
        if (const auto again = signals_.next(); again && *again != SIGHUP && *again != SIGUSR1) ::_exit(1);
        std::this_thread::sleep_for(20ms);
      }
    });
    server_.stop(stop_grace);
  }

  void quit_gracefully() {
    const config::Process& process = server_.config().process;
    log::info(who_, "graceful quit: waiting for the clients to end");
    // Not STOPPING=1 yet: that starts systemd's limit of time for a stop.
    control_.supervisor.tell("STATUS=graceful quit: waiting for the clients to end");
    server_.leave();  // first of all /readyz says no, so that load balancers look elsewhere before the ports are closed
    if (pause(process.grace_start_wait)) {
      server_.close_listeners(Server::Listeners::of_clients);
      const bool idle = server_.wait_until_idle([this] { return !pause(100ms); });
      if (idle) pause(process.grace_final_wait);
    }
    stop();
  }

  // Sleeps; false if a stronger signal came.
  bool pause(std::chrono::milliseconds time) {
    const auto until = Clock::now() + time;
    while (Clock::now() < until) {
      if (const auto signal = signals_.next(); signal && (*signal == SIGTERM || *signal == SIGINT)) return false;
      watchdog_.look(server_);
      std::this_thread::sleep_for(std::min<Clock::duration>(20ms, until - Clock::now()));
    }
    return true;
  }

  // given
  const Control& control_;
  log::Context who_;
  pid_t parent_ = ::getppid();

  // owned; the signals are blocked before the server starts its threads
  std::mutex reload_mutex_;
  api::ReloadState reload_state_{.state = 0};
  Signals signals_;
  Posts posts_;
  Server server_;
  std::optional<FileWatch> watch_;
  Watchdog watchdog_{control_.supervisor};

  // state
  bool ending_ = false;
};

}  // namespace

int control(const Control& given) { return Loop(given).run(); }

}  // namespace weir::server
