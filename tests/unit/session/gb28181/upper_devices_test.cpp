#include "format/manscdp/ptz.h"
#include "hub/error.h"
#include "session/gb28181/platform.h"
#include "support/catch.h"
#include "support/gb_cascade.h"

namespace weir::test::upper_devices_test {

// A platform above asks devices of ours, through us.
using namespace std::chrono_literals;
using namespace session::gb28181;
using test::Cascade;
using test::channel_id;
using test::GbDevice;
using test::lower_id;

namespace {

const std::string camera = "34020000001320000041";
constexpr std::int64_t start = 1'767'322'800, stop = 1'767'326'400;

// The first channel that is shown above is one of a recorder; the second is a stream of somebody else.
struct Shown {
  using Control = config::StreamCaster::Upper::Control;
  explicit Shown(Control control = Control::ptz)
      : cascade(
            {},
            [this, control](config::StreamCaster::Upper& upper) {
              upper.channels.at(0).stream = "live/" + recorder.id + "_" + camera;
              upper.control = control;
            },
            2) {
    recorder.channels = {camera};
    cascade.below.joins(recorder);
    REQUIRE(cascade.registers());
  }
  std::string last_control() {
    return recorder.commands.empty() ? "" : std::string(recorder.commands.back().root.text_of("PTZCmd"));
  }
  void ask(const std::string& name, const std::string& value, int channel = 1) {
    REQUIRE(cascade.above.platform->command(lower_id, channel_id(channel), name, value).has_value());
    cascade.settle();
  }
  DeviceRecords records(int channel = 1) {
    DeviceRecords got;
    REQUIRE(cascade.above.platform
                ->query_records(lower_id, channel_id(channel), "2026-01-02T00:00:00", "2026-01-03T00:00:00",
                                [&](DeviceRecords found) { got = std::move(found); })
                .has_value());
    cascade.advance(10s);
    return got;
  }
  base::StreamKey play_back() {
    const auto key = cascade.above.platform->invite(
        {.device = lower_id, .channel = channel_id(1), .purpose = Purpose::playback, .span = {start, stop}});
    REQUIRE(key.has_value());
    cascade.settle();
    return *key;
  }

  GbDevice recorder;
  Cascade cascade;
};

}  // namespace

TEST_CASE("movements and commands from above go to the device, under its own id", "[gb28181]") {
  Shown shown;
  shown.ask("PTZCmd", "A50F010800640021");
  CHECK(shown.last_control() == "A50F010800640021");
  CHECK(shown.recorder.commands.back().device == camera);
  shown.ask("IFameCmd", "Send");
  CHECK(shown.recorder.commands.back().root.text_of("IFameCmd") == "Send");
  const std::size_t before = shown.recorder.commands.size();
  shown.ask("PTZCmd", "A50F01080064002");      // not as long as it is
  shown.ask("PTZCmd", "A50F0108<64>0021");     // nor in hexadecimal
  shown.ask("PTZCmd", "A50F010800640022");     // a wrong sum
  shown.ask("TeleBoot", "Boot");               // not from afar
  shown.ask("PTZCmd", "A50F010800640021", 2);  // no device's
  CHECK(shown.recorder.commands.size() == before);
}

TEST_CASE("what a platform above may do to devices is configured, and most of it is not let through unasked",
          "[gb28181]") {
  using Control = Shown::Control;
  for (const Control control : {Control::ptz, Control::off, Control::on}) {
    Shown shown(control);
    const std::size_t before = shown.recorder.commands.size();
    shown.ask("PTZCmd", "A50F010800640021");
    shown.ask("IFameCmd", "Send");
    CHECK(shown.recorder.commands.size() == before + (control == Control::off ? 0 : 2));
    // The lens is movement; what is set, switched or set going is not.
    const std::size_t turned = shown.recorder.commands.size();
    shown.ask("PTZCmd", manscdp::ptz_lens(manscdp::Lens::focus_near, 80));
    shown.ask("PTZCmd", manscdp::ptz_lens(manscdp::Lens::stop, 0));
    CHECK(shown.recorder.commands.size() == turned + (control == Control::off ? 0 : 2));
    const std::size_t focused = shown.recorder.commands.size();
    shown.ask("PTZCmd", manscdp::ptz_preset(manscdp::Preset::set, 1));
    shown.ask("PTZCmd", manscdp::ptz_preset(manscdp::Preset::call, 1));
    shown.ask("PTZCmd", "A50F018C00010042");  // A.3.7: an auxiliary switch, on
    shown.ask("PTZCmd", "A50F01880100003E");  // A.3.5: a cruise
    CHECK(shown.recorder.commands.size() == focused + (control == Control::on ? 4 : 0));
    const std::size_t moved = shown.recorder.commands.size();
    shown.ask("GuardCmd", "SetGuard");
    shown.ask("AlarmCmd", "ResetAlarm");
    shown.ask("RecordCmd", "StopRecord");
    CHECK(shown.recorder.commands.size() == moved + (control == Control::on ? 3 : 0));
    if (control == Control::on) CHECK(shown.recorder.commands.back().root.text_of("RecordCmd") == "StopRecord");
    // What it looks at is not control.
    CHECK(shown.records().items.size() == 2);
  }
}

TEST_CASE("how large a download is goes up as the device said it", "[gb28181]") {
  Shown shown;
  shown.recorder.file_bytes = 123'456'789;
  const auto key = shown.cascade.above.platform->invite(
      {.device = lower_id, .channel = channel_id(1), .purpose = Purpose::download, .span = {start, stop}, .speed = 4});
  REQUIRE(key.has_value());
  shown.cascade.settle();
  shown.cascade.below.place(0).listener.on_media();
  shown.cascade.ready();
  CHECK(shown.cascade.above.platform->calls().at(0).file_bytes == 123'456'789);
  REQUIRE(shown.cascade.above.platform->bye(*key).has_value());
  shown.cascade.settle();
  CHECK(shown.recorder.calls[0].ended);
}

TEST_CASE("recordings are asked for through us, piece by piece", "[gb28181]") {
  Shown shown;
  const DeviceRecords found = shown.records();
  CHECK(found.complete);
  REQUIRE(found.items.size() == 2);
  CHECK(found.items[0].id == channel_id(1));
  CHECK(found.items[1].start == "2026-01-02T01:00:00");
  // Of a stream that is no device's there are none, and who does not answer has none either.
  CHECK(shown.records(2).complete);
  CHECK(shown.records(2).items.empty());
  shown.recorder.answers_anything = false;
  CHECK(shown.records().items.empty());
}

TEST_CASE("a recording is played back to the platform above, and controlled from there", "[gb28181]") {
  Shown shown;
  const auto key = shown.play_back();
  REQUIRE(shown.recorder.calls.size() == 1);
  CHECK(shown.recorder.calls[0].session == "Playback");
  CHECK(shown.recorder.calls[0].channel == camera);
  CHECK(shown.recorder.calls[0].start == start);
  CHECK(shown.recorder.calls[0].stop == stop);
  auto& cascade = shown.cascade;
  CHECK(cascade.sending().order.request.stream == shown.recorder.id + "_" + camera + "_1767322800_1767326400");
  cascade.below.place(0).listener.on_media();
  cascade.ready();
  CHECK(cascade.sending().begun);
  REQUIRE(cascade.above.platform->control(key, {.action = manscdp::Playback::Action::pause}).has_value());
  cascade.settle();
  REQUIRE(shown.recorder.infos.size() == 1);
  CHECK(shown.recorder.infos[0].starts_with("PAUSE "));
  SECTION("the platform ends it") {
    REQUIRE(cascade.above.platform->bye(key).has_value());
    cascade.settle();
    CHECK(cascade.sending().closed);
  }
  SECTION("it is at its end") {
    cascade.sending().listener.on_end(hub::Errc::unpublished);
    cascade.settle();
    CHECK(cascade.above.platform->calls().at(0).why == "the recording is over");
  }
  SECTION("this server leaves") { cascade.below.platform->stop(); }
  cascade.settle();
  CHECK(shown.recorder.calls[0].ended);
  CHECK(cascade.below.platform->totals().sendings == 0);
}

TEST_CASE("two who play the same recording do not end it for one another", "[gb28181]") {
  Shown shown;
  auto& cascade = shown.cascade;
  (void)shown.play_back();
  // The same again, of another dialogue.
  std::string invite;
  for (const auto& one : cascade.above.sent) {
    if (one.bytes.starts_with("INVITE ")) invite = one.bytes;
  }
  const auto call = sip::parse(invite)->call_id;
  for (auto at = invite.find(call); at != std::string::npos; at = invite.find(call))
    invite.replace(at, call.size(), "x");
  for (auto at = invite.find("branch="); at != std::string::npos; at = std::string::npos)
    invite.insert(at + 7, "z9hG4bKother");
  const sip::Way way{.address = "198.51.100.9", .port = 5060, .local_address = "203.0.113.5", .local_port = 5060};
  cascade.below.platform->input(*sip::parse(invite), way);
  cascade.below.settle();
  REQUIRE(cascade.below.sender.places.size() == 2);
  CHECK(shown.recorder.calls.size() == 1);
  cascade.below.sender.places[0]->listener.on_end(hub::Errc::unpublished);
  cascade.below.settle();
  CHECK_FALSE(shown.recorder.calls[0].ended);
  cascade.below.sender.places[1]->listener.on_end(hub::Errc::unpublished);
  cascade.below.settle();
  CHECK(shown.recorder.calls[0].ended);
}

TEST_CASE("who leaves says so, with the password that is asked for", "[gb28181]") {
  Cascade cascade;
  REQUIRE(cascade.registers());
  cascade.below.platform->stop();
  CHECK_FALSE(cascade.below.platform->left());
  cascade.settle();
  CHECK(cascade.below.platform->left());
  CHECK(cascade.above.platform->totals().online == 0);
  CHECK(cascade.above.platform->device(lower_id)->why == "it has signed off");
}

TEST_CASE("who leaves waits for nobody that says nothing", "[gb28181]") {
  Cascade cascade;
  REQUIRE(cascade.registers());
  cascade.loses = [](const std::string&) { return true; };
  cascade.below.platform->stop();
  cascade.advance(40s);
  CHECK(cascade.below.platform->left());
  Cascade alone;
  alone.below.platform->stop();
  CHECK(alone.below.platform->left());
}

TEST_CASE("a platform above is reached by its name, and known by the address that this has", "[gb28181]") {
  Cascade cascade({}, [](config::StreamCaster::Upper& upper) { upper.server = {{"gb.example.org", 5060}}; });
  cascade.below.resolves_to = "198.51.100.9";
  REQUIRE(cascade.registers());
  CHECK(cascade.row().server == "gb.example.org:5060");
  cascade.want(1);
  CHECK(cascade.below.sender.places.size() == 1);
}

}  // namespace weir::test::upper_devices_test
