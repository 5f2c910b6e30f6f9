#include "config/hls_origins.h"

#include "support/catch.h"

namespace weir::test::hls_origins_test {

using config::Cluster;

namespace {

std::string names(const Cluster& cluster) {
  std::string all;
  for (const config::HlsOrigin& one : config::hls_origins_of(cluster)) all += one.name + " ";
  return all;
}

}  // namespace

TEST_CASE("an HTTP server that has the HLS of an edge is a host or a URL without a path", "[config][hls_relay]") {
  CHECK(config::hls_origin_of("10.0.0.1")->name == "http://10.0.0.1:8080");
  CHECK(config::hls_origin_of("10.0.0.1:81")->name == "http://10.0.0.1:81");
  CHECK(config::hls_origin_of("http://a")->name == "http://a:80");
  CHECK(config::hls_origin_of("https://a/")->name == "https://a:443");
  CHECK(config::hls_origin_of("https://a:8443")->secure);
  CHECK(config::hls_origin_of("http://[2001:db8::1]:8080")->name == "http://[2001:db8::1]:8080");
  for (const char* bad : {"", "rtmp://a", "http://a/live", "http://a?x=1", "http://user:word@a", "http://", "a b",
                          "a:0x1", "a:70000", "a/live"}) {
    INFO(bad);
    CHECK_FALSE(config::hls_origin_of(bad));
  }
}

TEST_CASE("without any they are the origins, at the port that their HTTP server usually has", "[config][hls_relay]") {
  Cluster cluster;
  CHECK(names(cluster).empty());
  cluster.origin = {"10.0.0.1:1935", "b", "srt://c:9000", "http://d:8081/[app]/[stream].flv", "b:1936", "exec:x"};
  CHECK(names(cluster) == "http://10.0.0.1:8080 http://b:8080 http://d:8081 ");
  cluster.protocol = Cluster::Protocol::flv;
  CHECK(names(cluster) == "http://10.0.0.1:1935 http://b:8080 http://d:8081 http://b:1936 ");
  cluster.protocol = Cluster::Protocol::flvs;
  CHECK(names(cluster) == "https://10.0.0.1:1935 https://b:443 http://d:8081 https://b:1936 ");
  cluster.hls_origin = {"e:8080", "e", "https://f"};
  CHECK(names(cluster) == "http://e:8080 https://f:443 ");
}

}  // namespace weir::test::hls_origins_test
