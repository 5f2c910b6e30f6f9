#include "app/cluster/place.h"

#include "app/cluster/coworkers.h"
#include "session/common/protocol.h"
#include "support/catch.h"

namespace weir::test::place_test {

using cluster::Origin;
namespace protocols = session::protocols;

namespace {

const Origin there{"10.0.0.2", 19350, 8081};

hub::Request request_of(const session::Protocol& protocol, const std::string& param = "") {
  auto vhost = std::make_shared<config::Vhost>();
  vhost->name = config::default_vhost_name;
  hub::Request request;
  request.protocol = protocol.id;
  request.vhost = vhost;
  request.app = "live";
  request.stream = "cam";
  request.param = param;
  return request;
}

}  // namespace

TEST_CASE("a player is sent elsewhere in its own protocol, with all that it said", "[cluster]") {
  const auto url = [](const session::Protocol& protocol, const std::string& param = "") {
    return cluster::url_at(there, request_of(protocol, param));
  };
  CHECK(url(protocols::rtmp) == "rtmp://10.0.0.2:19350/live/cam");
  CHECK(url(protocols::rtmp, "?token=a/b&x=1") == "rtmp://10.0.0.2:19350/live/cam?token=a/b&x=1");
  CHECK(url(protocols::flv, "?token=1") == "http://10.0.0.2:8081/live/cam.flv?token=1");
  CHECK(url(protocols::ts) == "http://10.0.0.2:8081/live/cam.ts");
  CHECK(url(protocols::mp4) == "http://10.0.0.2:8081/live/cam.mp4");
  CHECK(url(protocols::hls, "?hls_ctx=abc&token=1") == "http://10.0.0.2:8081/live/cam.m3u8?token=1");
  CHECK(url(protocols::dash) == "http://10.0.0.2:8081/live/cam.mpd");
  CHECK(url(protocols::rtc, "token=1") == "http://10.0.0.2:8081/live/cam/whep?token=1");
  CHECK(url(protocols::srt).empty());
  CHECK(cluster::url_at({"2001:db8::1", 1935, 80}, request_of(protocols::flv)) ==
        "http://[2001:db8::1]:80/live/cam.flv");
}

TEST_CASE("its virtual host goes with it, and names stay what they are", "[cluster]") {
  hub::Request request = request_of(protocols::rtmp);
  auto vhost = std::make_shared<config::Vhost>();
  vhost->name = "live.example.com";
  request.vhost = vhost;
  CHECK(cluster::url_at(there, request) == "rtmp://10.0.0.2:19350/live/cam?vhost=live.example.com");
  request.param = "?domain=live.example.com";
  CHECK(cluster::url_at(there, request) == "rtmp://10.0.0.2:19350/live/cam?domain=live.example.com");
  request.param = "";
  request.protocol = protocols::flv.id;
  request.app = "a/b c";
  request.stream = "x?y";
  CHECK(cluster::url_at(there, request) == "http://10.0.0.2:8081/a/b%20c/x%3Fy.flv?vhost=live.example.com");
}

TEST_CASE("a server knows itself by what it listens on and by what it tells others", "[cluster]") {
  config::Config config;
  config.rtmp.listen = {{.address = "10.0.0.2", .port = 19350}};
  config::Vhost vhost;
  CHECK(cluster::is_self(there, config, vhost));
  CHECK_FALSE(cluster::is_self({"10.0.0.2", 1935}, config, vhost));
  vhost.cluster.advertise = "a.example";
  CHECK(cluster::is_self({"a.example", 19350}, config, vhost));
  CHECK_FALSE(cluster::is_self({"b.example", 19350}, config, vhost));
  vhost.cluster.advertise = "a.example:1";
  CHECK(cluster::is_self({"a.example", 1}, config, vhost));
  CHECK_FALSE(cluster::is_self({"a.example", 19350}, config, vhost));
}

}  // namespace weir::test::place_test
