#include <set>

#include "session/common/protocol.h"
#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::clients_test {

using test::Json;
using test::ServerInABox;
using test::shape;

namespace {

constexpr const char* client_shape =
    "id:text vhost:text stream:text ip:text pageUrl:text swfUrl:text tcUrl:text url:text name:text type:text "
    "publish:bool "
    "alive:number send_bytes:int recv_bytes:int kbps:object";

}  // namespace

TEST_CASE("clients are listed field by field as the specification has them", "[api]") {
  ServerInABox box;
  const std::string publisher = box.publish(0, box.request("live", "cam1", "fmle-publish"), {}, 5000, 100);
  const std::string player = box.play(1, box.request("live", "cam1", "flv-play"), 70, 9000);
  const Json body = box.ask("/api/v1/clients/", 1);
  CHECK(shape(body).starts_with("code:int server:text service:text pid:text clients:list"));
  REQUIRE(body["clients"].size() == 2);
  const Json& first = body["clients"][0];
  CHECK(shape(first).starts_with(client_shape));
  CHECK(first["id"] == publisher);
  CHECK(first["publish"] == true);
  CHECK(first["type"] == "fmle-publish");
  CHECK(first["recv_bytes"] == 5000);
  CHECK(first["send_bytes"] == 100);
  const Json one = box.ask("/api/v1/clients/" + player, 0)["client"];
  CHECK(shape(one).starts_with(client_shape));
  CHECK(one["id"] == player);
  CHECK(one["stream"] == box.ask("/api/v1/streams/")["streams"][0]["id"]);
  CHECK(one["vhost"] == first["vhost"]);
  CHECK(one["ip"] == "192.0.2.9");
  CHECK(one["pageUrl"] == "http://page/");
  CHECK(one["url"] == "/live/cam1");
  CHECK(one["name"] == "cam1");
  CHECK(one["publish"] == false);
  CHECK(one["alive"] >= 0);
  CHECK(one["alive"] < 60);
  CHECK(one["send_bytes"] == 9000);
  CHECK(one["kbps"].dump() == R"({"recv_30s":0,"send_30s":0})");
  CHECK(one["behind_ms"] == 120);
  CHECK(one["worker"] == 1);
}

TEST_CASE("the page and the program of a client are told without what their addresses carry", "[api]") {
  ServerInABox box;
  hub::Request request = box.request("live", "cam1", "fmle-publish");
  request.facts.set(session::facts::page_url, "http://page/?session=X");
  request.facts.set(session::facts::swf_url, "http://u:p@page/player.swf?token=X");
  (void)box.publish(0, request, {}, 5000, 100);
  const Json client = box.ask("/api/v1/clients/", 0)["clients"][0];
  CHECK(client["pageUrl"] == "http://page/?session=***");
  CHECK(client["swfUrl"] == "http://***@page/player.swf?token=***");
}

TEST_CASE("a client by WebRTC tells its state, addresses and tracks", "[api]") {
  ServerInABox box;
  box.statistics().describe_rtc(base::WorkerIndex{1}, [](const base::SessionId&) {
    session::webrtc::Report report{.state = "no check arrived at udp/8000 in 5 s", .local = "192.0.2.1:8000"};
    report.tracks.push_back(
        {.video = true, .codec = media::Codec::h264, .ssrc = 7, .bitrate_bps = 500'000, .lost = -1, .jitter = {}});
    return std::optional(std::move(report));
  });
  const std::string player = box.play(1, box.request("live", "cam1", "rtc-play"), 70, 9000);
  const Json one = box.ask("/api/v1/clients/" + player, 0)["client"]["webrtc"];
  CHECK(one["state"] == "no check arrived at udp/8000 in 5 s");
  CHECK(one["local"] == "192.0.2.1:8000");
  CHECK(one["remote"] == "");
  REQUIRE(one["tracks"].size() == 1);
  CHECK(one["tracks"][0]["kind"] == "video");
  CHECK(one["tracks"][0]["codec"] == "H264");
  CHECK(one["tracks"][0]["kbps"] == 500);
  CHECK(one["tracks"][0]["lost"] == -1);
}

TEST_CASE("unknown clients are 2049, whoever asks and however", "[api]") {
  ServerInABox box;
  for (const char* id : {"zzzzzzzz", "short", "much-too-long-for-an-id", "a/b"}) {
    CHECK(box.ask(std::string("/api/v1/clients/") + id).dump() == R"({"code":2049,"message":"no such client"})");
    CHECK(box.ask(std::string("/api/v1/clients/") + id, 1, "DELETE").dump() ==
          R"({"code":2049,"message":"no such client"})");
  }
  CHECK(box.ask("/api/v1/clients/", 0, "DELETE").dump() == R"({"code":2049,"message":"no such client"})");
  CHECK(test::status_of(box.send("PUT /api/v1/clients/ HTTP/1.1\r\nHost: a\r\n\r\n")) == 405);
}

TEST_CASE("DELETE ends a client on whichever worker it is", "[api]") {
  ServerInABox box;
  const std::string publisher = box.publish(0, box.request("live", "a", "fmle-publish"));
  const std::string player = box.play(1, box.request("live", "a", "rtmp-play"));
  const Json answer = box.ask("/api/v1/clients/" + player, 0, "DELETE");
  CHECK(answer.dump() == R"({"code":0,"server":"vid-0a1b2c3","service":"7x9k2m4p","pid":"4242"})");
  for (int i = 0; i < 1000 && box.ask("/api/v1/clients/")["total"] != 1; ++i) {
  }
  CHECK(box.ask("/api/v1/clients/" + player).dump() == R"({"code":2049,"message":"no such client"})");
  CHECK(box.ask("/api/v1/clients/" + publisher)["code"] == 0);
  // The same through JSONP, where a browser can only GET.
  const std::string jsonp = box.get("/api/v1/clients/" + publisher + "?callback=done&method=DELETE", 1);
  CHECK(test::contains(jsonp, "Content-Type: text/javascript\r\n"));
  CHECK(test::body_of(jsonp).starts_with("done({\"code\":0,"));
  for (int i = 0; i < 1000 && box.ask("/api/v1/clients/")["total"] != 0; ++i) {
  }
  CHECK(box.ask("/api/v1/clients/")["clients"].empty());
}

TEST_CASE("pages of clients are stable, complete and without overlap over two workers", "[api]") {
  ServerInABox box;
  std::set<std::string> all;
  for (int i = 0; i < 60; ++i) {
    all.insert(box.play(i % 3 == 0 ? 1 : 0, box.request("live", "a", i % 2 ? "rtmp-play" : "flv-play")));
  }
  std::set<std::string> seen;
  std::size_t rows = 0;
  for (int start = 0; start < 60; start += 13) {
    const Json page = box.ask("/api/v1/clients/?count=13&start=" + std::to_string(start), 1);
    CHECK(page["total"] == 60);
    for (const Json& client : page["clients"]) seen.insert(client["id"].get<std::string>());
    rows += page["clients"].size();
  }
  CHECK(rows == 60);
  CHECK(seen == all);
  CHECK(box.ask("/api/v1/clients/?count=1")["clients"].size() == 10);
  CHECK(box.ask("/api/v1/clients/?count=1000")["clients"].size() == 60);
  CHECK(box.ask("/api/v1/clients/?type=rtmp&count=100")["clients"].size() == 30);
  CHECK(box.ask("/api/v1/clients/?type=flv-play&start=25")["clients"].size() == 5);
  CHECK(box.ask("/api/v1/clients/?protocol=flv&count=100")["total"] == 30);
  CHECK(box.ask("/api/v1/clients/?stream=b")["total"] == 0);
}

TEST_CASE("clients of one stream are found by its name, whatever else there is", "[api]") {
  ServerInABox box;
  for (int i = 0; i < 30; ++i) {
    const auto worker = static_cast<std::size_t>(i % 2);
    box.play(worker, box.request(i % 3 == 0 ? "show" : "live", "a", i < 10 ? "rtmp-play" : "flv-play"));
    box.play(worker, box.request("live", "b", "rtmp-play"));
  }
  const auto total = [&](const std::string& query) { return box.ask("/api/v1/clients/?" + query)["total"].get<int>(); };
  CHECK(total("stream=a") == 30);
  CHECK(total("stream=a&app=show") == 10);
  CHECK(total("stream=a&app=show&protocol=rtmp") == 4);
  CHECK(total("stream=a&vhost=other") == 0);
  CHECK(total("app=live") == 50);
  std::set<std::string> seen;
  for (int start = 0; start < 30; start += 10) {
    const Json page = box.ask("/api/v1/clients/?stream=a&start=" + std::to_string(start));
    for (const Json& client : page["clients"]) {
      CHECK(client["name"] == "a");
      seen.insert(client["id"].get<std::string>());
    }
  }
  CHECK(seen.size() == 30);
}

}  // namespace weir::test::clients_test
