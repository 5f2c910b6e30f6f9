#include "config/rist_url.h"

#include "config/overlay.h"
#include "unit/config/support.h"

namespace weir::test::rist_url_test {

using namespace weir::config;
using namespace std::chrono_literals;

namespace {

RistUrl source(std::string_view text) {
  std::string fault;
  const auto url = parse_rist_source(text, fault);
  INFO(fault);
  REQUIRE(url);
  return *url;
}

std::string fault_of_source(std::string_view text) {
  std::string fault;
  CHECK(parse_rist_source(text, fault).has_value() == fault.empty());
  return fault;
}
std::string fault_of_target(std::string_view text) {
  std::string fault;
  CHECK(parse_rist_target(text, fault).has_value() == fault.empty());
  return fault;
}

std::string errors(const std::string& text) { return test::all(test::load(text).errors); }

}  // namespace

TEST_CASE("a URL of RIST says who calls, by which profile, and with which secret", "[config][rist]") {
  const RistUrl calls = source("rist://head-end.example:5000");
  CHECK((!calls.listens && calls.host == "head-end.example" && calls.port == 5000));
  CHECK((calls.profile == RistUrl::Profile::main && calls.secret.empty() && calls.aes_bits == 0));
  const RistUrl waits = source("rist://@:5000?secret=a%26b&aes-type=256&program=2");
  CHECK((waits.listens && waits.host.empty() && waits.secret == "a&b" && waits.aes_bits == 256 && waits.program == 2));
  CHECK(source("rist://@:5000?secret=abc").aes_bits == 128);
  CHECK(source("RIST://@[::1]:5000/").host == "::1");
  CHECK(source("rist://@127.0.0.1:5000?profile=simple").profile == RistUrl::Profile::simple);
  const RistUrl all = source(
      "rist://h:1?buffer=500&reorder-buffer=30&rtt-min=5&rtt-max=200&session-timeout=4000&keepalive-interval=500&"
      "bandwidth=20000&return-bandwidth=100&min-retries=2&max-retries=9&congestion-control=0&cname=we&virt-dst-port=7");
  CHECK((all.buffer_min == 500ms && all.buffer_max == 500ms && all.reorder_buffer == 30ms && all.rtt_min == 5ms));
  CHECK((all.rtt_max == 200ms && all.session_timeout == 4s && all.keepalive == 500ms && all.bandwidth_kbps == 20'000));
  CHECK((all.return_bandwidth_kbps == 100 && all.min_retries == 2 && all.max_retries == 9));
  CHECK((all.congestion_control == 0 && all.cname == "we" && all.virtual_port == 7));
  CHECK(shown(calls) == "rist://head-end.example:5000");
  CHECK(shown(waits) == "rist://@:5000");
  CHECK(shown(source("rist://@[::1]:5000")) == "rist://@[::1]:5000");
}

TEST_CASE("what is wrong with a URL of RIST is said", "[config][rist]") {
  CHECK(fault_of_source("udp://h:1") == "it is no URL of RIST");
  CHECK(fault_of_source("rist://") == "it names no port");
  CHECK(fault_of_source("rist://host") == "it names no port");
  CHECK(fault_of_source("rist://:5000").starts_with("it names no host"));
  CHECK(fault_of_source("rist://u@[::1]:5000") == "this is no name of a host");
  CHECK(fault_of_source("rist://@name:5000") == "the address behind '@' is not numeric");
  CHECK(fault_of_source("rist://h:1?profile=advanced") == "profile is simple or main");
  CHECK(fault_of_source("rist://h:1?aes-type=128") == "aes-type without a secret");
  CHECK(fault_of_source("rist://h:1?secret=a&aes-type=192") == "aes-type is 128 or 256");
  CHECK(fault_of_source("rist://h:1?secret=" + std::string(128, 'a')) == "secret has 1 to 127 characters");
  CHECK(fault_of_source("rist://h:1?secret=a%00b") == "secret has 1 to 127 characters");
  CHECK(fault_of_source("rist://h:1?buffer=0") == "buffer is a number of milliseconds from 1 to 30000");
  CHECK(fault_of_source("rist://h:1?buffer-min=9&buffer-max=8") == "buffer-min is above buffer-max");
  CHECK(fault_of_source("rist://h:1?weight=5") == "RIST has no option 'weight'");
  CHECK(fault_of_target("rist://h:1?program=5") == "RIST has no option 'program' for who sends");
  CHECK(fault_of_source("rist://h:2?profile=simple").starts_with("in the simple profile who sends calls"));
  CHECK(fault_of_target("rist://@:2?profile=simple").starts_with("in the simple profile who sends calls"));
  CHECK(fault_of_source("rist://@:3?profile=simple").starts_with("the simple profile needs an even port"));
  CHECK(fault_of_source("rist://@:2?profile=simple&secret=abc") == "the simple profile has no encryption");
  CHECK(fault_of_source("rist://@:2?profile=simple&virt-dst-port=9") == "virt-dst-port is of the main profile");
  CHECK(fault_of_source("rist://h:1?x=" + std::string(1100, 'a')) == "it is no URL of RIST");
}

TEST_CASE("RIST stands where sources, targets and casters do, and its secrets are shown nowhere", "[config][rist]") {
  if (!has_rist()) return;
  const auto in_vhost = [](const std::string& text) { return errors("vhost a { " + text + " }"); };
  CHECK(in_vhost("source live/a { url rist://@:5000?secret=of-ours; }").empty());
  CHECK(in_vhost("ingest a { enabled on; input { type stream; url rist://h:5000; } }").empty());
  CHECK(in_vhost("push live/a { url rist://h:5000; }").empty());
  CHECK(in_vhost("forward { enabled on; destination rist://h:5000; }").empty());
  const std::string bad = in_vhost("source live/a { url \"rist://@:5000?secret=of-ours&aes-type=1\"; }");
  CHECK(bad.find("aes-type is 128 or 256") != std::string::npos);
  CHECK(bad.find("of-ours") == std::string::npos);
  const auto caster = [](const std::string& text) {
    return errors("stream_caster { enabled on; caster rist; output rtmp://127.0.0.1/live/a; " + text + " }");
  };
  CHECK(caster("listen 5000; secret of-ours; aes_type 256; buffer 300;").empty());
  CHECK(caster("listen 5000; profile simple;").empty());
  CHECK(caster("listen 5001; profile simple;").find("even port") != std::string::npos);
  CHECK(caster("").find("rist listens on one port") != std::string::npos);
  const auto config =
      test::good(test::load("stream_caster { caster rist; listen 5000; secret of-ours; aes_type 256; }"));
  CHECK(rist_url_of(config->stream_casters[0]) == "rist://@:5000?profile=main&buffer=1000&secret=of-ours&aes-type=256");
  CHECK(shown_value("stream_caster[0].secret", "of-ours") == "(hidden)");
  CHECK(shown_value("vhost[a].push[live/a].url", "rist://h:5000?secret=of-ours").find("of-ours") == std::string::npos);
}

TEST_CASE("the API adds RIST only where it may add what is local", "[config][rist]") {
  const std::vector<std::string> none, local{"local"};
  CHECK(fault_of_added_url("rist://@:5000", none).find("overlay_allow local") != std::string::npos);
  CHECK(fault_of_added_url("rist://a.example:5000", none).find("overlay_allow local") != std::string::npos);
  CHECK(fault_of_added_url("rist://@:5000", local).empty());
}

TEST_CASE("several places of RIST are one stream over several ways", "[config][rist]") {
  std::string fault;
  const auto two =
      parse_rist_target("rist://a.example:5000?secret=of-one,x&buffer=300,rist://[::1]:5002?secret=of-two", fault);
  REQUIRE(two);
  CHECK(two->host == "a.example");
  CHECK(two->secret == "of-one,x");
  REQUIRE(two->more.size() == 1);
  CHECK(two->more[0].host == "::1");
  CHECK(two->more[0].port == 5002);
  CHECK(shown(*two) == "rist://a.example:5000,rist://[::1]:5002");
  CHECK(secrets_of(*two) == std::vector<std::string>{"of-one,x", "of-two"});
  CHECK_FALSE(waits(*two));
  const auto ports = parse_rist_source("rist://@:5000?program=2,rist://@:5002", fault);
  REQUIRE(ports);
  CHECK(waits(*ports));
  CHECK(ports->program == 2);
  const auto shares = parse_rist_target("rist://a:1?weight=5,rist://b:1?weight=10", fault);
  REQUIRE(shares);
  CHECK(shares->weight == 5U);
  CHECK(shares->more[0].weight == 10U);
  std::string many = "rist://a:1";
  for (int i = 2; i <= 8; ++i) many += ",rist://a:" + std::to_string(i);
  CHECK(parse_rist_source(many, fault));
  CHECK(fault_of_source(many + ",rist://a:9") == "more than 8 places");
  CHECK(fault_of_source("rist://a:1,rist://a:1") == "a place stands there twice");
  CHECK(fault_of_source("rist://@:2,rist://@:4?profile=simple") == "all places are of one profile");
  CHECK(fault_of_source("rist://@:2,rist://@:4?program=1") == "program stands with the first place");
  CHECK(fault_of_source("rist://a:1,") == "it names no port");
  CHECK(fault_of_source("rist://a:1,udp://b:1") == "this is no name of a host");
  CHECK(fault_of_source("rist://a:1,rist://b") == "it names no port");
  CHECK(fault_of_target("rist://a:1?weight=5") == "weight is of one of several places");
  CHECK(fault_of_target("rist://a:1?weight=5,rist://b:1") == "either every place has a weight, or none");
  CHECK(fault_of_target("rist://a:1?weight=101,rist://b:1") == "weight is a number from 0 to 100");
  CHECK(shown_value("vhost[a].push[live/a].url", "rist://h:5000?buffer=1,rist://h:2?secret=of-ours").find("of-ours") ==
        std::string::npos);
}

}  // namespace weir::test::rist_url_test
