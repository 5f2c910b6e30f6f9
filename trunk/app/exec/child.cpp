#include "app/exec/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::exec {

namespace {

class Actions {
 public:
  Actions() { ::posix_spawn_file_actions_init(&value_); }
  ~Actions() { ::posix_spawn_file_actions_destroy(&value_); }
  Actions(const Actions&) = delete;
  posix_spawn_file_actions_t* get() { return &value_; }

 private:
  posix_spawn_file_actions_t value_;
};

// A group of its own; no signal blocked or ignored, as the server's threads have them.
class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&value_);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&value_, &none);
    ::posix_spawnattr_setsigdefault(&value_, &all);
    ::posix_spawnattr_setpgroup(&value_, 0);
    ::posix_spawnattr_setflags(&value_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { ::posix_spawnattr_destroy(&value_); }
  Attributes(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &value_; }

 private:
  posix_spawnattr_t value_;
};

}  // namespace

base::Result<Child> Child::start(const Command& command) {
  Actions actions;
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  for (const Command::Redirect& redirect : command.redirects) {
    const int flags = redirect.input ? O_RDONLY : O_WRONLY | O_CREAT | (redirect.append ? O_APPEND : O_TRUNC);
    ::posix_spawn_file_actions_addopen(actions.get(), redirect.descriptor, redirect.path.c_str(), flags, 0644);
  }
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), STDERR_FILENO + 1);  // the server's sockets are not for it
  std::vector<std::string> words = command.words;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const Attributes attributes;
  pid_t pid = 0;
  if (const int error =
          ::posix_spawnp(&pid, arguments.front(), actions.get(), attributes.get(), arguments.data(), environ)) {
    return base::ErrorCode(error, boost::system::system_category());
  }
  return Child(pid);
}

Child::~Child() {
  if (pid_ == 0) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::optional<std::string> Child::ended() {
  int status = 0;
  if (pid_ == 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  ::kill(-pid_, SIGKILL);  // what it left behind
  pid_ = 0;
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

void Child::ask_to_end() const {
  if (pid_ > 0) ::kill(-pid_, SIGTERM);
}

}  // namespace weir::exec
