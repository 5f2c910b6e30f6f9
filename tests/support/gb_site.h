#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "config/vhost.h"
#include "session/gb28181/platform.h"
#include "support/gb_device.h"
#include "support/media_desk_fake.h"
#include "support/send_desk_fake.h"

namespace weir::test {

// A platform and its devices on a clock that a test turns. Messages between them arrive in order and at once, unless
// `loses` says that one is lost.
class GbSite : public session::gb28181::Outside {
 public:
  using Platform = session::gb28181::Platform;

  explicit GbSite(const std::function<void(Platform::Settings&)>& change = {}) {
    Platform::Settings settings{.id = "34020000002000000001", .domain = "3402000000", .on_demand = true};
    settings.make_id = [n = 0]() mutable { return "id" + std::to_string(++n); };
    settings.secret = {7};
    if (change) change(settings);
    platform = std::make_unique<Platform>(*this, std::move(settings));
  }

  // Devices are told apart by their ports.
  void plug(GbDevice& device, std::uint64_t connection = 0) {
    device.tcp = connection != 0;
    const sip::Way way{.connection = connection,
                       .address = device.address,
                       .port = device.port,
                       .local_address = "203.0.113.5",
                       .local_port = 5060};
    device.send = [this, way](std::string text) {
      ++to_platform;
      if (loses && loses(text)) return;
      queue_.push_back({nullptr, way, std::move(text)});
    };
    plugged_.push_back({&device, way});
  }
  // Delivers what is under way, until nothing is.
  void settle() {
    while (!queue_.empty()) {
      Letter letter = std::move(queue_.front());
      queue_.pop_front();
      if (letter.to) {
        letter.to->input(letter.text);
      } else if (auto message = sip::parse(letter.text)) {
        platform->input(*std::move(message), letter.way);
      } else {
        platform->bad_message();
      }
    }
  }
  void advance(base::Millis time) {
    const base::Instant end = now_ + time;
    while (now_ < end) {
      now_ = std::min<base::Instant>(end, now_ + base::Millis(100));
      platform->tick();
      settle();
    }
  }
  // It says REGISTER, and hears what becomes of it.
  void registers(GbDevice& device, unsigned expires = 3600) {
    device.register_now(expires);
    settle();
  }
  // The same of a device that was not there before.
  void joins(GbDevice& device, std::uint64_t connection = 0) {
    plug(device, connection);
    registers(device);
  }
  void keeps_alive(GbDevice& device) {
    device.keepalive();
    settle();
  }
  void register_all() {
    for (const Plug& one : plugged_) one.device->register_now();
    settle();
  }
  hub::Request request(const std::string& stream, const std::string& app = "live") {
    hub::Request out;
    out.vhost = vhost_;
    out.app = app;
    out.stream = stream;
    return out;
  }
  // A player asks for it.
  base::StreamKey want(const std::string& stream) {
    const hub::Request asked = request(stream);
    const auto place = platform->names().find(asked.app, asked.stream);
    if (place) platform->want(asked, *place);
    settle();
    return asked.key();
  }
  FakeMediaDesk::Place& place(std::size_t index) { return *media.places.at(index); }

  base::Instant now() const override { return now_; }
  session::gb28181::WallTime wall() const override { return session::gb28181::WallTime(std::chrono::hours(500'000)); }
  void send(const sip::Outgoing& message) override {
    for (const Plug& one : plugged_) {
      if (one.way.port != message.way.port || one.way.address != message.way.address) continue;
      if (loses && loses(message.bytes)) return;
      queue_.push_back({one.device, message.way, message.bytes});
    }
    if (wire) wire(message);
    sent.push_back(message);
  }
  session::gb28181::MediaDesk& desk() override { return media; }
  void reach(const std::string& address, std::uint16_t port, bool by_tcp, std::weak_ptr<Reached> then) override {
    ++reaches;
    std::optional<sip::Way> way;
    if (reachable) {
      way = sip::Way{.connection = by_tcp ? 1'000U + reaches : 0U,
                     .address = resolves_to.empty() ? address : resolves_to,
                     .port = port,
                     .local_address = "203.0.113.5",
                     .local_port = 5060};
    }
    if (const auto answer = then.lock()) (*answer)(way);
  }
  void let_go(std::uint64_t connection) override { let_go_of.push_back(connection); }
  session::gb28181::SendDesk& sending() override { return sender; }
  bool available(const hub::Request& asked) const override { return asked.stream != absent; }
  std::optional<hub::Request> request_of(const std::string&, const std::string& app,
                                         const std::string& stream) override {
    return request(stream, app);
  }
  void tell(const session::gb28181::DeviceEvent& event) override {
    using Kind = session::gb28181::DeviceEvent::Kind;
    constexpr const char* names[] = {"online", "offline", "alarm", "position", "talk", "talk over"};
    std::string text = std::string(names[static_cast<std::size_t>(event.kind)]) + " " + event.device.id;
    if (event.kind == Kind::offline) text += ": " + event.reason;
    if (event.kind == Kind::talk) text += " " + event.channel;
    if (event.kind == Kind::talk_over) text += " " + event.channel + ": " + event.reason;
    if (event.alarm) text += " " + event.channel + " " + event.alarm->method;
    told.push_back(std::move(text));
  }
  void cannot_start(const base::StreamKey& key, base::ErrorCode why) override { failures.push_back({key.stream, why}); }

  std::unique_ptr<Platform> platform;
  FakeMediaDesk media;
  FakeSendDesk sender;
  bool reachable = true;
  std::string absent = "absent";  // a stream that nobody has
  std::string resolves_to;        // the address of who is reached by name
  std::size_t reaches = 0;
  std::vector<std::uint64_t> let_go_of;
  std::vector<std::string> told;
  std::vector<std::pair<std::string, base::ErrorCode>> failures;
  std::vector<sip::Outgoing> sent;
  std::function<bool(const std::string&)> loses;
  std::function<void(const sip::Outgoing&)> wire;  // hears all that is sent
  std::size_t to_platform = 0;

 private:
  struct Letter {
    GbDevice* to;
    sip::Way way;
    std::string text;
  };
  struct Plug {
    GbDevice* device;
    sip::Way way;
  };
  std::shared_ptr<const config::Vhost> vhost_ = [] {
    config::Vhost vhost;
    vhost.name = std::string(config::default_vhost_name);
    return std::make_shared<const config::Vhost>(std::move(vhost));
  }();
  std::vector<Plug> plugged_;
  std::deque<Letter> queue_;
  base::Instant now_{std::chrono::seconds(1'000)};
};

}  // namespace weir::test
