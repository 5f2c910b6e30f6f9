#include <algorithm>
#include <chrono>
#include <memory>

#include "app/record/recorder.h"
#include "session/hls/service.h"
#include "support/catch.h"
#include "support/soon.h"
#include "unit/app/api/server_in_a_box.h"
#include "unit/session/hls/frames.h"

namespace weir::test::publish_cost_test {

// What is done for a stream that comes must not grow with those that are there: no walk over all streams, listings or
// sessions for an event.
using namespace std::chrono_literals;

namespace {

// Everything that observes a publisher: statistics, HLS and DASH, recording.
class House {
 public:
  House() {
    for (std::size_t i = 0; i < 2; ++i) {
      box.on(i, [&] {
        services_[i] = std::make_unique<session::hls::Service>(box.hub(i), files_, files_, shared_);
        recorders_[i] = std::make_unique<record::Recorder>(box.hub(i), record::DiskFile::Pools{files_, files_});
        return true;
      });
    }
  }

  // What observes a hub goes before it, and after the ticks of its worker.
  ~House() {
    box.stop();
    for (std::size_t i = 0; i < 2; ++i) {
      recorders_[i].reset();
      services_[i].reset();
    }
  }

  enum class With : std::uint8_t { nothing, segments };
  void publish(std::size_t streams, With what = With::segments) {
    for (std::size_t i = 0; i < streams; ++i) {
      const std::string name = "s" + std::to_string(count_++);
      CHECK_FALSE(
          box.publish(0, box.request("live", name, "fmle-publish"), what == With::segments ? feed : nothing).empty());
    }
  }
  // CPU time of both workers for each of some streams that come.
  double cost() {
    constexpr std::size_t batch = 50;
    const auto before = spent();
    publish(batch);
    return std::chrono::duration<double, std::micro>(spent() - before).count() / batch;
  }

 private:
  static void nothing(hub::Input&) {}
  static void feed(hub::Input& input) {
    input.set_tracks({test::h264_track()});
    for (const std::int64_t at : {0, 500, 1'000}) {
      input.append(std::make_shared<media::Frame>(test::video_frame(at, at != 500)));
    }
  }
  std::chrono::nanoseconds spent() {
    return box.on(0, [] { return net::thread_cpu_time(); }) + box.on(1, [] { return net::thread_cpu_time(); });
  }

  net::BlockingPool files_{1, 100};
  session::hls::Shared shared_;
  std::unique_ptr<session::hls::Service> services_[2];
  std::unique_ptr<record::Recorder> recorders_[2];
  std::size_t count_ = 0;

 public:
  test::ServerInABox box{[](config::Config& config) {
    config::Vhost vhost;
    vhost.hls.enabled = vhost.dash.enabled = true;
    vhost.hls.to_disk = false;
    vhost.hls.fragment = vhost.dash.fragment = 1s;
    config.vhosts.front() = std::make_shared<const config::Vhost>(vhost);
  }};
};

}  // namespace

TEST_CASE("a stream costs as much to publish among 10,000 as among 10", "[cost]") {
  House house;
  house.publish(10);
  double few = house.cost();
  for (int i = 0; i < 4; ++i) few = std::min(few, house.cost());
  house.publish(1'000);
  house.publish(9'000, House::With::nothing);
  // Whatever else the machine does adds to it: the least of several is what it costs.
  double many = house.cost();
  for (int i = 0; i < 20 && many > few * 1.5; ++i) many = std::min(many, house.cost());
  INFO(few << " us among few, " << many << " us among many");
  CHECK(many <= few * 1.5);
}

TEST_CASE("names that are asked for and left, and that nobody publishes, leave nothing behind", "[cost]") {
  test::ServerInABox box;
  for (int i = 0; i < 300; ++i) box.play(0, box.request("live", "unknown" + std::to_string(i), "flv-play"));
  CHECK(box.hub(0).directory().size() == 300);
  box.on(0, [&] {
    box.pool()[0].stop_sessions(net::Errc::stopped, false);
    return true;
  });
  CHECK(test::soon(
      [&] { return box.hub(0).directory().size() == 0; }));  // a feed that had something is kept for ten seconds
}

}  // namespace weir::test::publish_cost_test
