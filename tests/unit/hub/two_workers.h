#pragma once

#include <algorithm>
#include <optional>

#include "hub/hub.h"
#include "hub/pump.h"
#include "net/notifier.h"
#include "support/memory_stream.h"
#include "unit/hub/text_packager.h"

namespace weir::test {

// Two workers with their hubs on the test's own thread: their loops are polled and never started, so that what happens
// between them happens when the test says so.
class TwoWorkers {
 public:
  // A session that publishes until it is cut off or stopped.
  struct Publisher {
    std::optional<hub::Input> input;
    base::ErrorCode refused;
    net::Life* life = nullptr;
    net::Notifier* end = nullptr;
    bool ended = false;

    // A second of pictures of the publisher's own time, with a key frame first.
    void send(int from_ms = 0, int count = 25) {
      for (int i = 0; i < count; ++i) input->append(picture(from_ms + 40 * i, i == 0));
    }
  };
  struct Player {
    MemoryStream stream;
    std::optional<hub::Subscription> subscription;
    std::unique_ptr<hub::Pump> pump;
    net::Notifier* end = nullptr;
  };

  TwoWorkers() {
    vhost = add_vhost(config::default_vhost_name);
    peers_.resize(2);
    for (std::size_t i = 0; i < 2; ++i) {
      workers_[i] = std::make_unique<net::Worker>(base::WorkerIndex(static_cast<std::uint16_t>(i)), logger_.get());
      hubs_[i] = std::make_unique<hub::Hub>(*workers_[i], directory, formats_, peers_, snapshot());
      peers_[i] = hubs_[i].get();
    }
  }
  ~TwoWorkers() {
    for (const auto& worker : workers_) worker->stop_sessions(net::Errc::stopped, false);
    settle();
  }
  TwoWorkers(const TwoWorkers&) = delete;

  std::shared_ptr<config::Vhost> add_vhost(const std::string& name) {
    auto made = std::make_shared<config::Vhost>();
    made->name = name;
    made->min_latency = true;
    config.vhosts.push_back(made);
    return made;
  }
  std::shared_ptr<const config::Config> snapshot() const { return std::make_shared<const config::Config>(config); }
  void reload() {
    for (const auto& hub : hubs_) hub->set_config(snapshot());
  }
  hub::Hub& hub(std::size_t index) { return *hubs_[index]; }

  void settle() {
    for (std::size_t work = 1; work > 0;) {
      work = 0;
      for (const auto& worker : workers_) {
        worker->io().restart();
        work += worker->io().poll();
      }
    }
  }
  void settle(std::size_t worker) {
    workers_[worker]->io().restart();
    workers_[worker]->io().poll();
  }

  std::shared_ptr<Publisher> publish(std::size_t worker, const std::string& param = "",
                                     std::shared_ptr<const config::Vhost> at = nullptr) {
    auto publisher = std::make_shared<Publisher>();
    workers_[worker]->spawn("publisher", [=, this, request = request_of(param, at)](net::Life& life) {
      return run_publisher(life, *hubs_[worker], request, publisher);
    });
    settle();
    if (publisher->input) publisher->input->set_tracks(picture_and_sound());
    return publisher;
  }
  std::shared_ptr<Player> play(std::size_t worker, std::shared_ptr<const config::Vhost> at = nullptr) {
    auto player = std::make_shared<Player>();
    workers_[worker]->spawn("player", [=, this, request = request_of("", at)](net::Life& life) {
      return run_player(life, *hubs_[worker], request, player);
    });
    settle();
    return player;
  }
  void leave(Player& player) {
    player.end->notify();
    settle();
  }
  void run(std::size_t worker, net::Worker::Session session) { workers_[worker]->spawn("test", std::move(session)); }
  // As if its connection was lost.
  void cut_off(Publisher& publisher) {
    publisher.end->notify();
    settle();
  }

  config::Config config;
  std::shared_ptr<config::Vhost> vhost;
  hub::Directory directory;
  hub::Origin origin = hub::Origin::client;  // of whoever publishes next
  static inline const base::StreamKey key{std::string(config::default_vhost_name), "live", "cam"};

 private:
  hub::Request request_of(const std::string& param, const std::shared_ptr<const config::Vhost>& at) const {
    hub::Request request;
    request.origin = origin;
    request.vhost = at ? at : vhost;
    request.app = "live";
    request.stream = "cam";
    request.param = param;
    return request;
  }
  static net::Task<void> run_publisher(net::Life& life, hub::Hub& hub, hub::Request request,
                                       std::shared_ptr<Publisher> publisher) {
    auto input = co_await hub.publish(life, std::move(request), nullptr);
    if (!input) {
      publisher->refused = input.error();
      co_return;
    }
    net::Notifier end(hub.worker().io());
    publisher->input.emplace(std::move(*input));
    publisher->life = &life;
    publisher->end = &end;
    (void)co_await end.wait();
    publisher->input.reset();
    publisher->ended = true;
  }
  static net::Task<void> run_player(net::Life& life, hub::Hub& hub, hub::Request request,
                                    std::shared_ptr<Player> player) {
    auto subscription = co_await hub.subscribe(life, std::move(request), text_format, nullptr);
    if (!subscription) co_return;
    net::Notifier end(hub.worker().io());
    player->subscription.emplace(std::move(*subscription));
    player->pump = std::make_unique<hub::Pump>(player->subscription->feed(), player->stream, [] {});
    player->pump->start();
    player->end = &end;
    (void)co_await end.wait();
    player->pump.reset();
    player->subscription.reset();
  }

  std::unique_ptr<log::Logger> logger_ = log::Logger::make_silent();
  hub::Formats formats_ = TextPackager::formats();
  hub::Hub::Peers peers_;
  std::array<std::unique_ptr<net::Worker>, 2> workers_;
  std::array<std::unique_ptr<hub::Hub>, 2> hubs_;
};

}  // namespace weir::test
