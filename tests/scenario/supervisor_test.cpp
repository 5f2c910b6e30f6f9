#include "main/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "support/catch.h"

namespace weir::test::supervisor_test {

// sd_notify(3): what systemd hears.

namespace {

struct Listener {
  explicit Listener(const std::string& name)
      : descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)), path(name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~Listener() {
    ::close(descriptor);
    if (path.front() != '@') ::unlink(path.c_str());
  }
  std::string heard() const {
    char room[256];
    const ssize_t count = ::recv(descriptor, room, sizeof room, 0);
    return count < 0 ? "" : std::string(room, static_cast<std::size_t>(count));
  }
  int descriptor;
  std::string path;
};

}  // namespace

TEST_CASE("states go to a path and to an abstract name", "[supervisor]") {
  for (const std::string& name :
       {"/tmp/weir-notify-" + std::to_string(::getpid()), "@weir-notify-" + std::to_string(::getpid())}) {
    const Listener listener(name);
    const process::Supervisor supervisor(name, std::chrono::microseconds(0));
    supervisor.tell("READY=1");
    CHECK(listener.heard() == "READY=1");
    supervisor.tell_reloading();
    CHECK(listener.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  }
}

TEST_CASE("nobody, or an impossible name, is told nothing", "[supervisor]") {
  process::Supervisor("", std::chrono::microseconds(0)).tell("READY=1");
  process::Supervisor("/nonexistent/socket", std::chrono::microseconds(0)).tell("READY=1");
  process::Supervisor(std::string(300, 'x'), std::chrono::microseconds(0)).tell("READY=1");
}

TEST_CASE("the variables are taken, so that children do not inherit them", "[supervisor]") {
  const Listener listener("@weir-taken-" + std::to_string(::getpid()));
  ::setenv("NOTIFY_SOCKET", listener.path.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  const auto supervisor = process::Supervisor::from_environment();
  supervisor.tell("WATCHDOG=1");
  CHECK(listener.heard() == "WATCHDOG=1");
  CHECK(supervisor.watchdog() == std::chrono::seconds(3));
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) CHECK(std::getenv(name) == nullptr);

  ::setenv("WATCHDOG_USEC", "3000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);  // meant for another process
  CHECK(process::Supervisor::from_environment().watchdog().count() == 0);
  ::setenv("WATCHDOG_USEC", "soon", 1);
  CHECK(process::Supervisor::from_environment().watchdog().count() == 0);
}

}  // namespace weir::test::supervisor_test
