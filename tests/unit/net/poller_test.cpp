#include "net/poller.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>

#include "support/catch.h"

using weir::net::Poller;

namespace {

struct Pair {
  std::array<int, 2> ends{};
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0); }
  ~Pair() {
    for (const int end : ends) ::close(end);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  void say(const std::string& text) const {
    REQUIRE(::send(ends[1], text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }
};

struct Witness final : Poller::Client {
  int readable = 0, writable = 0;
  std::function<void()> then;
  void on_readable() override {
    ++readable;
    if (then) then();
  }
  void on_writable() override { ++writable; }
};

}  // namespace

TEST_CASE("a change is told once", "[net]") {
  Poller poller;
  const Pair pair;
  Witness witness;
  REQUIRE(poller.add(pair.ends[0], witness) != 0);
  poller.serve();
  CHECK(witness.readable == 0);
  CHECK(witness.writable == 1);
  pair.say("a");
  poller.serve();
  poller.serve();
  CHECK(witness.readable == 1);  // although nothing was read
  pair.say("b");
  poller.serve();
  CHECK(witness.readable == 2);
}

TEST_CASE("the end of a stream is readable, even behind bytes that were told of", "[net]") {
  Poller poller;
  const Pair pair;
  Witness witness;
  poller.add(pair.ends[0], witness);
  pair.say("a");
  poller.serve();
  REQUIRE(witness.readable == 1);
  ::shutdown(pair.ends[1], SHUT_WR);
  poller.serve();
  CHECK(witness.readable == 2);
}

TEST_CASE("a writer without room is told when there is some", "[net]") {
  Poller poller;
  const Pair pair;
  Witness witness;
  poller.add(pair.ends[0], witness);
  poller.serve();
  std::array<char, 4096> block{};
  while (::send(pair.ends[0], block.data(), block.size(), 0) > 0) {
  }
  poller.serve();
  const int before = witness.writable;
  while (::recv(pair.ends[1], block.data(), block.size(), 0) > 0) {
  }
  poller.serve();
  CHECK(witness.writable == before + 1);
}

TEST_CASE("a client that left hears nothing, nor does who came in its place", "[net]") {
  Poller poller;
  const Pair first, second;
  Witness gone, heir;
  const auto ticket = poller.add(first.ends[0], gone);
  first.say("a");
  poller.remove(ticket);  // the descriptor stays open here: the system still has an event of the old entry
  const auto next = poller.add(second.ends[0], heir);
  CHECK(next != ticket);
  poller.serve();
  poller.tell_readable(ticket);
  poller.tell_writable(ticket);
  CHECK(gone.readable + gone.writable == 0);
  CHECK(heir.readable == 0);
  second.say("b");
  poller.serve();
  CHECK(heir.readable == 1);
  poller.remove(ticket);  // twice is nothing
  second.say("c");
  poller.serve();
  CHECK(heir.readable == 2);
}

TEST_CASE("a client may end others while it is told, whose events are then dropped", "[net]") {
  Poller poller;
  const Pair first, second;
  Witness one, two;
  const auto ticket_one = poller.add(first.ends[0], one);
  const auto ticket_two = poller.add(second.ends[0], two);
  poller.serve();
  one.then = [&] { poller.remove(ticket_two); };
  two.then = [&] { poller.remove(ticket_one); };
  first.say("a");
  second.say("b");
  poller.serve();
  CHECK(one.readable + two.readable == 1);
}

TEST_CASE("a descriptor that cannot be watched is refused", "[net]") {
  Poller poller;
  Witness witness;
  CHECK(poller.add(-1, witness) == 0);
  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK(poller.add(file, witness) == 0);  // EPERM: always ready, so epoll takes none
  ::close(file);
  const Pair pair;
  CHECK(poller.add(pair.ends[0], witness) != 0);
}
