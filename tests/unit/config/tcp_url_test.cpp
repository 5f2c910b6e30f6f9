#include "config/tcp_url.h"

#include "config/source_rules.h"
#include "support/catch.h"

namespace weir::test::tcp_url_test {

using namespace weir::config;

TEST_CASE("a TCP port of ours is named by a URL", "[config]") {
  CHECK(tcp_port_of("tcp://:9000") == Endpoint{"", 9000});
  CHECK(tcp_port_of("TCP://192.0.2.1:1/") == Endpoint{"192.0.2.1", 1});
  CHECK(tcp_port_of("tcp://[::1]:1") == Endpoint{"::1", 1});
  for (const char* bad :
       {"tcp://", "tcp://:0", "tcp://host:1", "tcp://:x", "tcp:9000", "udp://:9000", "tcp://1.2.3.4", ""}) {
    INFO(bad);
    CHECK_FALSE(tcp_port_of(bad));
  }
  CHECK(fault_of_source_url("tcp://:9000").empty());
  CHECK_FALSE(fault_of_source_url("tcp://host:9000").empty());
}

}  // namespace weir::test::tcp_url_test
