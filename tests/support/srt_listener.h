#pragma once

#include <array>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/coroutine.h"
#include "net/srt/caller.h"
#include "net/srt/library.h"
#include "net/srt/listener.h"
#include "net/worker_pool.h"
#include "support/soon.h"

namespace weir::test {

struct SrtTestDoor final : net::SrtDoor {
  net::SrtAnswer answer(const net::SrtCall& call) override {
    heard = std::string(call.stream_id);
    from = call.peer.address;
    return say;
  }
  net::SrtAnswer say;
  std::string heard, from;  // read when the caller was answered
};

// A listener whose connections are served by a function.
struct SrtServer {
  using Serve = std::function<net::Task<void>(net::Life&, net::SrtSocket&)>;
  explicit SrtServer(Serve given, const net::ListenAddress& address = {"127.0.0.1", 0}) : serve(std::move(given)) {
    auto made = net::SrtListener::open(
        address, 1, {.receive_latency = std::chrono::milliseconds{40}, .send_latency = std::chrono::milliseconds{40}},
        door);
    if (!made) throw std::runtime_error(made.error().message());
    port = made->front()->port();
    auto listener = std::make_shared<std::unique_ptr<net::SrtListener>>(std::move(made->front()));
    worker.start();
    worker.post([this, listener] {
      worker.spawn("listener", [this, listener](net::Life&) {
        return net::srt_accept_loop(poller, std::move(*listener), [this](std::unique_ptr<net::SrtSocket> socket) {
          const std::shared_ptr<net::SrtSocket> held(std::move(socket));
          worker.spawn("srt", [this, held](net::Life& life) { return serve(life, *held); });
        });
      });
    });
  }
  ~SrtServer() {
    worker.post([this] { worker.stop_sessions(net::Errc::stopped, false); });
    test::soon([this] { return sessions() == 0; });
    worker.stop();
  }
  std::size_t sessions() {
    std::promise<std::size_t> count;
    worker.post([&] { count.set_value(worker.session_count()); });
    return count.get_future().get();
  }

  std::unique_ptr<log::Logger> logger = log::Logger::make_silent();
  net::SrtLibrary library{logger.get()};
  SrtTestDoor door;
  net::Worker worker{base::WorkerIndex{0}, logger.get()};
  net::SrtPoller poller{worker};
  net::SrtCaller caller{poller};  // calls out from the same worker
  Serve serve;
  std::uint16_t port = 0;
};

// Sends back what comes.
inline net::Task<void> srt_echo(net::Life&, net::SrtSocket& socket) {
  std::array<std::uint8_t, net::SrtSocket::largest_message> room;
  for (;;) {
    const auto count = socket.try_read(room);
    if (count) {
      if (!socket.try_write(base::Bytes(room).first(*count))) co_return;
    } else if (count.error() != net::Errc::would_block || !co_await socket.readable()) {
      co_return;
    }
  }
}

}  // namespace weir::test
