#include "unit/config/support.h"

namespace weir::test::uppers_test {

using namespace weir::config;
using test::all;

TEST_CASE("a second stream caster of GB28181 is refused with its line", "[config]") {
  const std::string one = "stream_caster { enabled on; caster gb28181; listen 9000; }\n";
  const auto errors_of = [](const std::string& text) {
    return all(load_text("t.conf", "listen 1935;\n" + text, {}).errors);
  };
  CHECK(errors_of(one).empty());
  CHECK(errors_of(one + one).starts_with("t.conf:3: a second stream_caster of gb28181"));
  CHECK(errors_of(one + "stream_caster { enabled off; caster gb28181; listen 9002; }").empty());
}

TEST_CASE("a platform above is named whole, with streams under ids", "[config]") {
  const auto errors_of = [](const std::string& upper) {
    return all(load_text("t.conf",
                         "listen 1935;\nstream_caster { enabled on; caster gb28181; listen 9000; sip { \nupper a { " +
                             upper + " } } }",
                         {})
                   .errors);
  };
  const std::string server = "server 203.0.113.9:5060; server_id 34020000002000000009; ";
  const std::string channel = "channel 34020000001320000001 { stream live/cam; } ";
  CHECK(errors_of(server + channel).empty());
  CHECK(errors_of(channel + "server_id 34020000002000000009;") ==
        "t.conf:3: upper a: 'server' is one address or name and a port, as 203.0.113.9:5060\n");
  CHECK(errors_of("server 5060; server_id 34020000002000000009; " + channel).find("one address") != std::string::npos);
  CHECK(errors_of("server gb.example.org:5060; server_id 34020000002000000009; " + channel).empty());
  for (const char* wrong : {"203.0.113:5060", "gb.example.org", "gb/x:5060", "gb.example.org:0", ":5060"}) {
    CHECK_FALSE(errors_of(std::string("server ") + wrong + "; server_id 34020000002000000009; " + channel).empty());
  }
  CHECK(errors_of("server 203.0.113.9:5060; " + channel) == "t.conf:3: upper a: server_id '' is not 20 digits\n");
  CHECK(errors_of(server + "channel 7 { stream live/cam; }") == "t.conf:3: upper a: channel '7' is not 20 digits\n");
  CHECK(errors_of(server + channel + channel).find("is there twice") != std::string::npos);
  CHECK(errors_of(server + "channel 34020000001320000001 { stream cam; }").find("names no stream") !=
        std::string::npos);
  CHECK(errors_of(server + "enabled off;").empty());
  for (const char* control : {"ptz", "off", "on"}) {
    CHECK(errors_of(server + channel + "control " + control + ";").empty());
  }
  CHECK_FALSE(errors_of(server + channel + "control some;").empty());
}

}  // namespace weir::test::uppers_test
