#include "session/common/upstream/destination.h"

#include "support/catch.h"

namespace weir::test::destination_test {

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
  const auto& url = std::get<proto::StreamUrl>(destination->urls.front());
  return proto::tc_url_of(url) + " " + proto::stream_name_of(url);
}

std::string shown(const std::string& text, const hub::Request& request) { return destination_of(text, request)->shown; }

}  // namespace

TEST_CASE("a stream whose name says something else in an address goes nowhere", "[session]") {
  auto request = request_of(config::default_vhost_name);
  config::Cluster cluster;
  cluster.origin = {"10.0.0.1"};
  for (const char* app : {"live...vhost...secure.example.com", "live/..", "live/_definst_", "live?vhost=secure"}) {
    INFO(app);
    request.app = app;
    for (const char* text : {"10.0.0.1", "rtmp://b.example/other", "srt://b.example:10080?streamid=#!::r=a/b"}) {
      CHECK(destination_of(text, request).has_error());
    }
    CHECK(session::upstream::origins_of(cluster, request, "publish").has_error());
  }
  request.app = "live";
  CHECK(session::upstream::origins_of(cluster, request, "publish").has_value());
}

TEST_CASE("by HTTP a stream goes to the path that is named, with what is filled in", "[session]") {
  using session::upstream::HttpTarget;
  const auto request = request_of("a.example");
  const auto plain = destination_of("http://b.example/[app]/[stream].flv?key=s3cret", request);
  REQUIRE(plain.has_value());
  const auto& target = std::get<HttpTarget>(plain->urls.front());
  CHECK(target.url.target == "/live/cam.flv?key=s3cret");
  CHECK(target.url.port == 80);
  CHECK(target.authorization.empty());
  CHECK(plain->shown.find("s3cret") == std::string::npos);
  CHECK(session::upstream::without_secrets_of(*plain, "no key=s3cret") == "no ***");
  const auto guarded = destination_of("https://user:word@[::1]:8443/[vhost]/x.flv", request);
  REQUIRE(guarded.has_value());
  const auto& other = std::get<HttpTarget>(guarded->urls.front());
  CHECK(other.url.secure());
  CHECK(other.url.host == "::1");
  CHECK(other.url.target == "/a.example/x.flv");
  CHECK(other.authorization == "Basic dXNlcjp3b3Jk");
  CHECK(guarded->shown.find("word") == std::string::npos);
  for (const char* bad : {"http://", "http:///x.flv", "https://b.example:99999/x.flv", "http://b.example/\r\nX: y"}) {
    INFO(bad);
    CHECK(destination_of(bad, request).has_error());
  }
}

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

TEST_CASE("what is no URL of a stream is no destination", "[session]") {
  const auto request = request_of(config::default_vhost_name);
  for (const char* text : {"", "ftp://b/live/cam", "file:///etc/passwd", "rtmp://", "srt://b", "b:port", ":1935"}) {
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
  CHECK_FALSE(session::upstream::origins_of(cluster, request_of("a.example"), "request").has_value());
  cluster.origin = {"o1:19350", "o2"};
  const auto origins = session::upstream::origins_of(cluster, request_of("a.example"), "request");
  REQUIRE(origins.has_value());
  REQUIRE(origins->urls.size() == 2);
  CHECK(proto::stream_name_of(std::get<proto::StreamUrl>(origins->urls[0])) == "cam?vhost=a.example");
  CHECK(origins->shown == "rtmp://o1:19350/live/cam rtmp://o2/live/cam");
  cluster.vhost = "same.edge.srs.com";
  const auto renamed = session::upstream::origins_of(cluster, request_of("a.example"), "request");
  CHECK(proto::stream_name_of(std::get<proto::StreamUrl>(renamed->urls[1])) == "cam?vhost=same.edge.srs.com");
}

namespace {

std::string id_of(const session::upstream::Destination& destination, std::size_t which = 0) {
  return std::string(std::get<config::SrtUrl>(destination.urls.at(which)).text_of("streamid"));
}
std::string srt_id(const std::string& text, const hub::Request& request, std::string_view way = {}) {
  const auto destination = destination_of(text, request, way);
  return destination ? id_of(*destination) : destination.error().message();
}

}  // namespace

TEST_CASE("a place that is called by SRT is told by its stream id what the stream is", "[session][srt]") {
  const auto usual = request_of(config::default_vhost_name, "?token=x1y2");
  CHECK(srt_id("srt://b:1", usual) == "#!::r=live/cam,m=publish");
  CHECK(srt_id("srt://b:1", request_of("a.example")) == "#!::h=a.example,r=live/cam,m=publish");
  CHECK(srt_id("srt://b:1?streamid=x/[vhost]/[app]/[stream]", usual) == "x/__defaultVhost__/live/cam");
  CHECK(srt_id("srt://b:1?streamid=", usual).empty());
  // The way goes along where there is a place for it.
  CHECK(srt_id("srt://b:1", usual, "a1,b2") == "#!::r=live/cam,m=publish,weir_way=a1.b2");
  CHECK(srt_id("srt://b:1?streamid=cam", usual, "a1,b2") == "cam");
  auto odd = usual;
  odd.stream = "cam,m=request";
  CHECK(srt_id("srt://b:1", odd) == "no SRT stream id can say what the stream is called");
  odd.stream = std::string(600, 'x');
  CHECK(srt_id("srt://b:1", odd) == "no SRT stream id can say what the stream is called");
  CHECK(srt_id("srt://b:1?mode=listener", odd).empty());
}

TEST_CASE("what is secret of an SRT URL is shown nowhere", "[session][srt]") {
  const auto request = request_of(config::default_vhost_name);
  const auto place = destination_of("srt://b:1?passphrase=0123456789&streamid=a-key", request);
  REQUIRE(place.has_value());
  CHECK(place->shown == "srt://b:1");
  CHECK(without_secrets_of(*place, "a-key of 0123456789") == "*** of ***");
}

TEST_CASE("origins may be called by SRT, beside others", "[session][srt]") {
  config::Cluster cluster;
  cluster.origin = {"srt://o1:10080?latency=200", "o2"};
  const auto origins = session::upstream::origins_of(cluster, request_of(config::default_vhost_name), "request");
  REQUIRE(origins.has_value());
  REQUIRE(origins->urls.size() == 2);
  CHECK(id_of(*origins) == "#!::r=live/cam,m=request");
  CHECK(origins->shown == "srt://o1:10080 rtmp://o2/live/cam");
}

}  // namespace weir::test::destination_test
