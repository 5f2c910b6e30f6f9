#include "session/common/upstream/rtmp_link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "net/worker.h"
#include "proto/rtmp/server.h"
#include "support/catch.h"

namespace weir::test::rtmp_link_test {

using namespace std::chrono_literals;
namespace upstream = session::upstream;

namespace {

// Another server: for each connection that comes, what the test says is done with it.
class Other {
 public:
  using Serve = std::function<void(int descriptor)>;
  explicit Other(Serve serve) : serve_(std::move(serve)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 8);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (;;) {
        const int one = ::accept(listener_, nullptr, nullptr);
        if (one < 0) return;
        ++connections_;
        serve_(one);
        ::close(one);
      }
    });
  }
  ~Other() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "rtmp://127.0.0.1:" + std::to_string(port_) + "/live/cam"; }
  int connections() const { return connections_; }

 private:
  Serve serve_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

void send_all(int descriptor, const base::Buffer& bytes) {
  (void)!::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

// Talks RTMP until the peer publishes, and does then what is said.
void talk(int descriptor, const std::function<void(rtmp::Server&)>& when_it_publishes) {
  rtmp::Server server{rtmp::ServerOptions()};
  std::array<std::uint8_t, 4096> room;
  for (;;) {
    const ssize_t count = ::recv(descriptor, room.data(), room.size(), 0);
    if (count <= 0 || !server.input(base::Bytes(room).first(static_cast<std::size_t>(count)))) return;
    while (auto event = server.poll()) {
      if (std::holds_alternative<rtmp::ConnectRequested>(*event)) (void)server.accept_connect({});
      if (std::holds_alternative<rtmp::PublishRequested>(*event)) when_it_publishes(server);
    }
    send_all(descriptor, server.take_output());
  }
}

void wait_for_its_end(int descriptor) {
  std::array<std::uint8_t, 4096> room;
  while (::recv(descriptor, room.data(), room.size(), 0) > 0) {
  }
}

struct Outcome {
  base::ErrorCode error;
  std::string why;
};

Outcome open(const std::string& url, std::chrono::milliseconds step = 30s) {
  const auto logger = log::Logger::make_silent();
  net::Worker worker(base::WorkerIndex{0}, logger.get());
  upstream::TlsClients tls;
  std::promise<Outcome> promise;
  worker.start();
  worker.post([&] {
    worker.spawn("test", [&](net::Life& life) -> net::Task<void> {
      Outcome outcome;
      upstream::Call call{.url = *upstream::parse_rtmp_url(url)};
      call.step = step;
      const auto link = co_await upstream::RtmpLink::open(life, tls, std::move(call), outcome.why);
      outcome.error = link ? base::ErrorCode() : net::why_ended(life, link.error());
      promise.set_value(outcome);
    });
  });
  auto future = promise.get_future();
  REQUIRE(future.wait_for(60s) == std::future_status::ready);
  const Outcome outcome = future.get();
  worker.stop();
  return outcome;
}

}  // namespace

TEST_CASE("a link is there once the other server takes the stream", "[session]") {
  Other other([](int descriptor) { talk(descriptor, [](rtmp::Server& server) { (void)server.accept_publish(); }); });
  CHECK_FALSE(open(other.url()).error);
}

TEST_CASE("each step of a link has its limit and is named", "[session]") {
  Other silent(wait_for_its_end);
  const Outcome outcome = open(silent.url(), 200ms);
  CHECK(outcome.error == net::Errc::timed_out);
  CHECK(outcome.why == "the answer to connect");
  Other mute([](int descriptor) { talk(descriptor, [](rtmp::Server&) {}); });
  const Outcome later = open(mute.url(), 500ms);
  CHECK(later.error == net::Errc::timed_out);
  CHECK(later.why == "the answer to publish");
}

TEST_CASE("a server that refuses says why, and one that talks nonsense is told by where", "[session]") {
  Other busy([](int descriptor) {
    talk(descriptor, [](rtmp::Server& server) { (void)server.reject_publish("NetStream.Publish.BadName", "taken"); });
  });
  const Outcome refused = open(busy.url());
  CHECK(refused.error == upstream::Errc::refused);
  CHECK(refused.why == "NetStream.Publish.BadName: taken");
  Other web([](int descriptor) {
    base::Buffer text;
    text.append(base::as_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
    send_all(descriptor, text);
    wait_for_its_end(descriptor);
  });
  CHECK(open(web.url(), 2s).error);
  Other gone([](int) {});
  CHECK(open(gone.url()).error);
}

TEST_CASE("redirects are followed, and not for ever", "[session]") {
  Other last([](int descriptor) { talk(descriptor, [](rtmp::Server& server) { (void)server.accept_publish(); }); });
  Other first([&](int descriptor) {
    talk(descriptor, [&](rtmp::Server& server) { server.redirect("rtmp://unused/live", last.url()); });
  });
  CHECK_FALSE(open(first.url()).error);
  CHECK(last.connections() == 1);

  std::string next, own;
  Other circle([&](int descriptor) {
    talk(descriptor, [&](rtmp::Server& server) { server.redirect("rtmp://unused/live", next += "x"); });
  });
  own = next = circle.url();
  CHECK(open(own).error == upstream::Errc::too_many_redirects);
  CHECK(circle.connections() == 1 + static_cast<int>(upstream::RtmpLink::most_redirects));

  Other itself([&](int descriptor) {
    talk(descriptor, [&](rtmp::Server& server) { server.redirect("rtmp://unused/live", own); });
  });
  own = itself.url();
  CHECK(open(own).error == upstream::Errc::too_many_redirects);
  CHECK(itself.connections() == 1);

  Other away([](int descriptor) {
    talk(descriptor, [](rtmp::Server& server) { server.redirect("http://b/live", "file:///etc/passwd"); });
  });
  CHECK(open(away.url()).error == upstream::Errc::bad_redirect);
}

}  // namespace weir::test::rtmp_link_test
