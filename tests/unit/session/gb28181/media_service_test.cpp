#include "session/gb28181/media_service.h"

#include <future>

#include "net/worker_pool.h"
#include "support/catch.h"
#include "support/gb_sender.h"
#include "support/media_files.h"
#include "support/ps_maker.h"
#include "support/soon.h"

namespace weir::test::media_service_test {

using namespace std::chrono_literals;
using session::gb28181::MediaAnswer;
using session::gb28181::MediaErrc;
using session::gb28181::MediaFigures;
using session::gb28181::MediaOrder;
using session::gb28181::MediaPlace;
using session::gb28181::MediaTransport;
using test::GbSender;

namespace {

// Two workers with their desks. Places are opened on the first; media comes to both.
class Desks {
 public:
  template <class F>
  auto on(std::size_t worker, F work) {
    std::promise<decltype(work())> done;
    pool_[worker].post([&] { done.set_value(work()); });
    return done.get_future().get();
  }

  explicit Desks(const std::string& ports) {
    config::Config config;
    config.vhosts.push_back(std::make_shared<config::Vhost>());
    config::StreamCaster caster;
    caster.enabled = true;
    caster.caster = config::StreamCaster::Kind::gb28181;
    caster.media_ports = ports;
    caster.listen = {{"127.0.0.1", 0}};
    caster.sip.timeout = 1'500ms;
    config.stream_casters.push_back(caster);
    vhost = config.vhosts.front();
    const auto shared = std::make_shared<const config::Config>(config);
    peers_.resize(2);
    for (std::size_t i = 0; i < 2; ++i) {
      hubs_.push_back(std::make_unique<hub::Hub>(pool_[i], directory_, formats_, peers_, shared));
      peers_[i] = hubs_.back().get();
      services_.push_back(std::make_unique<session::gb28181::MediaService>(*hubs_.back(), media, nullptr));
      media.peers.push_back(services_.back().get());
    }
    pool_.start();
  }
  ~Desks() {
    for (std::size_t i = 0; i < 2; ++i) {
      on(i, [&, i] {
        pool_[i].stop_sessions(net::Errc::stopped, false);
        return 0;
      });
    }
    test::soon([&] {
      std::size_t left = 0;
      for (std::size_t i = 0; i < 2; ++i) left += on(i, [&, i] { return pool_[i].session_count(); });
      return left == 0;
    });
    pool_.stop();
  }
  MediaOrder order(const std::string& stream, std::uint32_t ssrc, MediaTransport transport) const {
    MediaOrder out{.request = {}, .ssrc = ssrc, .transport = transport};
    out.request.vhost = vhost;
    out.request.app = "live";
    out.request.stream = stream;
    out.request.origin = hub::Origin::pull;
    return out;
  }
  session::gb28181::MediaService& desk() { return *services_[0]; }

  std::shared_ptr<const config::Vhost> vhost;
  session::gb28181::MediaShared media;

 private:
  hub::Directory directory_;
  hub::Formats formats_;
  hub::Hub::Peers peers_;
  std::unique_ptr<log::Logger> logger_ = log::Logger::make_silent();
  net::WorkerPool pool_{2, logger_.get()};
  std::vector<std::unique_ptr<hub::Hub>> hubs_;
  std::vector<std::unique_ptr<session::gb28181::MediaService>> services_;
};

// Who ordered a place: what it was told.
struct Signalling final : session::gb28181::MediaListener {
  explicit Signalling(Desks& all) : desks(all) {}
  ~Signalling() override { close(); }
  void on_media() override { ++media; }
  void on_end(base::ErrorCode code, const std::string& reason) override {
    why = code;
    words = reason;
    ++ends;
  }
  base::ErrorCode open(MediaOrder order) {
    return desks.on(0, [&] {
      auto opened = desks.desk().open(std::move(order), *this);
      if (!opened) return opened.error();
      place = std::move(*opened);
      port = place->port();
      return base::ErrorCode();
    });
  }
  void close() {
    desks.on(0, [&] {
      place.reset();
      return 0;
    });
  }
  void answered(const MediaAnswer& answer) {
    desks.on(0, [&] {
      place->answered(answer);
      return 0;
    });
  }
  MediaFigures figures() {
    return desks.on(0, [&] { return place->figures(); });
  }

  Desks& desks;
  std::unique_ptr<MediaPlace> place;
  std::uint16_t port = 0;
  std::atomic<int> media{0}, ends{0};
  base::ErrorCode why;
  std::string words;
};

void send_clip(GbSender& sender) {
  const auto clip = test::read_ts(test::test_file("ts/h264_aac.ts"));
  test::PsMaker maker(clip.tracks, {});
  for (const auto& frame : clip.frames) {
    sender.send(maker.pack(*frame), static_cast<std::uint32_t>(frame->dts.count()));
  }
}

std::string some_ports(std::size_t count) {
  const test::GbListener free;
  const auto low = static_cast<unsigned>(free.port() & ~1U) % 60'000 + 2;
  return std::to_string(low) + "-" + std::to_string(low + 2 * count - 1);
}

}  // namespace

TEST_CASE("tcp_active connects to the address of the answer, and again when the device closes", "[gb28181]") {
  Desks desks(some_ports(20));
  Signalling signalling(desks);
  REQUIRE_FALSE(signalling.open(desks.order("cam", 5, MediaTransport::tcp_active)));
  CHECK(test::soon([&] { return signalling.figures().why == "the device has not answered yet"; }));
  test::GbListener device;
  signalling.answered({.ssrc = 6, .address = "127.0.0.1", .port = device.port()});
  {
    GbSender first(device.accept(), 6);
    send_clip(first);
    CHECK(test::soon([&] { return signalling.media == 1; }));
  }
  GbSender second(device.accept(), 6);
  send_clip(second);
  CHECK(test::soon([&] { return signalling.figures().frames > 60; }));
  CHECK(signalling.media == 1);
  CHECK(signalling.figures().ssrc == 6);
  CHECK(signalling.figures().tcp);
  signalling.close();
  CHECK(second.closed());
  CHECK(signalling.ends == 0);
}

TEST_CASE("an answer without an address, or with one where nobody is, ends the place with a reason", "[gb28181]") {
  Desks desks(some_ports(20));
  Signalling named(desks), closed(desks);
  REQUIRE_FALSE(named.open(desks.order("a", 5, MediaTransport::tcp_active)));
  named.answered({.ssrc = {}, .address = "camera.example", .port = 5'000});
  CHECK(test::soon([&] { return named.ends == 1; }));
  CHECK(named.why == MediaErrc::no_such_address);
  CHECK(named.words.find("camera.example") != std::string::npos);
  std::uint16_t nobody = 0;
  {
    const test::GbListener gone;
    nobody = gone.port();
  }
  REQUIRE_FALSE(closed.open(desks.order("b", 5, MediaTransport::tcp_active)));
  closed.answered({.ssrc = {}, .address = "127.0.0.1", .port = nobody});
  CHECK(test::soon([&] { return closed.ends == 1; }));
  CHECK(closed.words.find("127.0.0.1:" + std::to_string(nobody)) != std::string::npos);
}

TEST_CASE("ports are given out one for each stream, and come back", "[gb28181]") {
  Desks desks(some_ports(2));
  Signalling a(desks), b(desks), c(desks);
  REQUIRE_FALSE(a.open(desks.order("a", 1, MediaTransport::udp)));
  REQUIRE_FALSE(b.open(desks.order("b", 1, MediaTransport::tcp_passive)));  // equal SSRCs are no matter here
  CHECK(a.port != b.port);
  CHECK(a.port % 2 == 0);
  CHECK(c.open(desks.order("c", 2, MediaTransport::udp)) == MediaErrc::no_free_port);
  CHECK(c.open(desks.order("a", 2, MediaTransport::udp)) == MediaErrc::stream_taken);
  a.close();
  CHECK(test::soon([&] { return !c.open(desks.order("c", 2, MediaTransport::udp)); }));
}

TEST_CASE("a silent device is told of once, and its place is free again", "[gb28181]") {
  Desks desks(some_ports(20));
  Signalling signalling(desks);
  REQUIRE_FALSE(signalling.open(desks.order("cam", 5, MediaTransport::udp)));
  CHECK(test::soon([&] { return signalling.ends == 1; }));
  CHECK(signalling.why == MediaErrc::no_packet);
  CHECK(signalling.words == "no packet came to port " + std::to_string(signalling.port) + " (TCP and UDP)");
  CHECK(test::soon([&] { return desks.media.table.size() == 0; }));
  CHECK(desks.media.totals.silent_ends == 1);
}

TEST_CASE("a paused stream may be silent, and goes on at another time", "[gb28181]") {
  Desks desks(some_ports(20));
  Signalling signalling(desks);
  REQUIRE_FALSE(signalling.open(desks.order("record", 5, MediaTransport::udp)));
  desks.on(0, [&] {
    signalling.place->pause(true);
    signalling.place->when_key_wanted([] {});
    return 0;
  });
  GbSender device(signalling.port, GbSender::Way::udp, 5);
  send_clip(device);
  REQUIRE(test::soon([&] { return signalling.media == 1; }));
  Signalling other(desks);  // ends while the paused one does not
  REQUIRE_FALSE(other.open(desks.order("other", 6, MediaTransport::udp)));
  CHECK(test::soon([&] { return other.ends == 1; }));
  CHECK(signalling.ends == 0);
  desks.on(0, [&] {
    signalling.place->sought();
    signalling.place->pause(false);
    return 0;
  });
  CHECK(test::soon([&] { return signalling.ends == 1; }));
  CHECK(signalling.why == MediaErrc::went_silent);
}

}  // namespace weir::test::media_service_test
