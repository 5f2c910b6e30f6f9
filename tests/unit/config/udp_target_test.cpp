#include "config/udp_target.h"

#include "config/udp_url.h"

#include "support/catch.h"

namespace weir::test::udp_target_test {

using namespace weir::config;

namespace {

std::string fault_of(std::string_view text) {
  std::string fault;
  const auto target = parse_udp_target(text, fault);
  CHECK(target.has_value() == fault.empty());
  return fault;
}

}  // namespace

TEST_CASE("a target of UDP says where, by which way and with which FEC", "[config][udp]") {
  std::string fault;
  const auto plain = parse_udp_target("udp://encoder.example:5000", fault);
  REQUIRE(plain);
  CHECK((plain->host == "encoder.example" && plain->port == 5000 && !plain->rtp));
  CHECK((plain->ttl == 0 && plain->interface.empty() && plain->fec_rows == 0));
  const auto group = parse_udp_target("rtp://@239.1.2.3:5004?ttl=16&interface=eth1&fec=10x5&fec_level=a", fault);
  REQUIRE(group);
  CHECK((group->host == "239.1.2.3" && group->rtp && group->ttl == 16 && group->interface == "eth1"));
  CHECK((group->fec_columns == 10 && group->fec_rows == 5 && !group->fec_by_rows));
  CHECK(shown(*group) == "rtp://239.1.2.3:5004");
  const auto six = parse_udp_target("UDP://[ff15::1]:5000?interface=2&fec=0", fault);
  REQUIRE(six);
  CHECK(shown(*six) == "udp://[ff15::1]:5000");
}

TEST_CASE("a target of UDP has a constant rate under the names of ffmpeg", "[config][udp]") {
  std::string fault;
  const auto rate_of = [&](const std::string& query) {
    const auto target = parse_udp_target("udp://1.2.3.4:5000?" + query, fault);
    return target ? target->muxrate : 0;
  };
  CHECK(rate_of("ttl=2") == 0);
  CHECK(rate_of("muxrate=8000000") == 8'000'000);
  CHECK(rate_of("muxrate=8M") == 8'000'000);
  CHECK(rate_of("bitrate=2500k") == 2'500'000);
  CHECK(rate_of("bitrate=2500k&muxrate=2500000") == 2'500'000);
  CHECK(fault_of("udp://1.2.3.4:1?muxrate=99999") == "muxrate is a number of bits a second from 100k to 500M");
  CHECK(fault_of("udp://1.2.3.4:1?bitrate=501M") == "bitrate is a number of bits a second from 100k to 500M");
  CHECK(fault_of("udp://1.2.3.4:1?muxrate=8m") == "muxrate is a number of bits a second from 100k to 500M");
  CHECK(fault_of("udp://1.2.3.4:1?muxrate=M") == "muxrate is a number of bits a second from 100k to 500M");
  CHECK(fault_of("udp://1.2.3.4:1?muxrate=8M&bitrate=9M") ==
        "muxrate and bitrate are the same, and say different things");
}

TEST_CASE("what is wrong with a target of UDP is said in words", "[config][udp]") {
  CHECK(fault_of("udp://:5000") == "it names no host and port");
  CHECK(fault_of("udp://1.2.3.4") == "it names no host and port");
  CHECK(fault_of("udp://1.2.3.4:0") == "it names no host and port");
  CHECK(fault_of("http://1.2.3.4:1") == "it is no URL of UDP");
  CHECK(fault_of("udp://1.2.3.4:1?ttl=256") == "ttl is a number from 1 to 255");
  CHECK(fault_of("udp://1.2.3.4:1?program=2") == "a target of UDP has no option 'program'");
  CHECK(fault_of("udp://1.2.3.4:1?fec=10x10") == "fec is of RTP: rtp://");
  CHECK(fault_of("rtp://1.2.3.4:1?fec=20x20") == std::string(fec_matrix_rule));
  CHECK(fault_of("rtp://1.2.3.4:65532?fec=5x5") == "fec needs two ports more, 2 and 4 above");
  CHECK(fault_of("rtp://1.2.3.4:1?fec_level=c") == "fec_level is a, of columns alone, or b, of columns and rows");
  CHECK(fault_of("udp://1.2.3.4:1?interface=") == "interface is a name, a number or an address of one");
}

}  // namespace weir::test::udp_target_test
