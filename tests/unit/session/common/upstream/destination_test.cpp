#include "session/common/upstream/destination.h"

#include "support/catch.h"

using namespace weir;
using session::upstream::destination_of;

namespace {

hub::Request request_of(const std::string& vhost, const std::string& param = "") {
  auto made = std::make_shared<config::Vhost>();
  made->name = vhost;
  hub::Request request;
  request.vhost = made;
  request.app = "live";
  request.stream = "cam";
  request.param = param;
  return request;
}

std::string url_of(const std::string& text, const hub::Request& request) {
  const auto destination = destination_of(text, request);
  if (!destination) return destination.error().message();
  const proto::StreamUrl& url = destination->urls.front();
  return proto::tc_url_of(url) + " " + proto::stream_name_of(url);
}

std::string shown(const std::string& text, const hub::Request& request) { return destination_of(text, request)->shown; }

}  // namespace

TEST_CASE("what a destination does not say is as it is here", "[session]") {
  const auto request = request_of(config::default_vhost_name);
  CHECK(url_of("10.0.0.1", request) == "rtmp://10.0.0.1/live cam");
  CHECK(url_of("10.0.0.1:19350", request) == "rtmp://10.0.0.1:19350/live cam");
  CHECK(url_of("[::1]:19350", request) == "rtmp://[::1]:19350/live cam");
  CHECK(url_of("b.example:19350/other", request) == "rtmp://b.example:19350/other cam");
  CHECK(url_of("rtmp://b.example/other", request) == "rtmp://b.example/other cam");
  CHECK(url_of("rtmp://b.example/other/key?a=b", request) == "rtmp://b.example/other key?a=b");
  CHECK(url_of("rtmps://b.example:443/live2/key", request) == "rtmps://b.example:443/live2 key");
  CHECK(url_of("rtmp://b.example/a/b/key", request) == "rtmp://b.example/a/b key");
}

TEST_CASE("the parameters of the publisher and its virtual host go with it", "[session]") {
  const std::string usual = config::default_vhost_name;
  CHECK(url_of("b:1", request_of(usual, "?token=x")) == "rtmp://b:1/live cam?token=x");
  CHECK(url_of("b:1", request_of("a.example")) == "rtmp://b:1/live cam?vhost=a.example");
  CHECK(url_of("b:1", request_of("a.example", "?token=x")) == "rtmp://b:1/live cam?token=x&vhost=a.example");
  CHECK(url_of("b:1", request_of("a.example", "?vhost=a.example")) == "rtmp://b:1/live cam?vhost=a.example");
  CHECK(url_of("b:1", request_of(usual, "#fragment")) == "rtmp://b:1/live cam");
  // Who names the stream names all of it.
  CHECK(url_of("rtmp://b:1/live/key", request_of("a.example", "?token=x")) == "rtmp://b:1/live key");
}

TEST_CASE("what is no RTMP URL of a stream is no destination", "[session]") {
  const auto request = request_of(config::default_vhost_name);
  for (const char* text : {"", "http://b/live/cam", "file:///etc/passwd", "rtmp://", "srt://b:1", "b:port", ":1935"}) {
    INFO(text);
    CHECK_FALSE(destination_of(text, request).has_value());
  }
}

TEST_CASE("neither logs nor the API show a key or a parameter", "[session]") {
  const auto request = request_of(config::default_vhost_name, "?token=x1y2");
  CHECK(shown("b:1", request) == "rtmp://b:1/live/cam");
  CHECK(shown("rtmp://b/live2/abcd-efgh?k=v", request) == "rtmp://b/live2/***");
  const auto destination = destination_of("rtmp://b/live2/abcd-efgh?k=v1v2", request);
  CHECK(without_secrets_of(*destination, "NetStream.Publish.BadName: abcd-efgh?k=v1v2 is busy") ==
        "NetStream.Publish.BadName: ***?*** is busy");
  CHECK(without_secrets_of(*destination_of("b:1", request), "cam?token=x1y2 is busy") == "cam?*** is busy");
}

TEST_CASE("an edge sends what is published there to one of its origins", "[session]") {
  config::Cluster cluster;
  CHECK_FALSE(session::upstream::origins_of(cluster, request_of("a.example")).has_value());
  cluster.origin = {"o1:19350", "o2"};
  const auto origins = session::upstream::origins_of(cluster, request_of("a.example"));
  REQUIRE(origins.has_value());
  REQUIRE(origins->urls.size() == 2);
  CHECK(proto::stream_name_of(origins->urls[0]) == "cam?vhost=a.example");
  CHECK(origins->shown == "rtmp://o1:19350/live/cam rtmp://o2/live/cam");
  cluster.vhost = "same.edge.srs.com";
  const auto renamed = session::upstream::origins_of(cluster, request_of("a.example"));
  CHECK(proto::stream_name_of(renamed->urls[1]) == "cam?vhost=same.edge.srs.com");
}
