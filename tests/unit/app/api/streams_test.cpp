#include "session/common/protocol.h"
#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::streams_test {

using test::Json;
using test::ServerInABox;
using test::shape;

namespace {

media::Track track(media::TrackId id, media::CodecParameters parameters) {
  return {id, 1, std::make_shared<const media::CodecParameters>(std::move(parameters))};
}

void feed(hub::Input& source) {
  source.set_tracks(
      {track(media::TrackId::video,
             {.codec = media::Codec::h264, .width = 768, .height = 320, .profile = "High", .level = "3.2"}),
       track(media::TrackId::audio,
             {.codec = media::Codec::aac, .sample_rate = 44100, .channels = 2, .profile = "LC"})});
  for (int i = 0; i < 7; ++i) {
    auto frame = std::make_shared<media::Frame>();
    frame->codec = media::Codec::h264;
    frame->key = i == 0;
    frame->dts = std::chrono::milliseconds(40 * i);
    frame->payload = base::SharedBytes::copy_of(base::as_bytes("frame"));
    source.append(std::move(frame));
  }
}

constexpr const char* envelope = "code:int server:text service:text pid:text ";
constexpr const char* stream_shape =
    "id:text name:text vhost:text app:text tcUrl:text url:text live_ms:int clients:int frames:int send_bytes:int "
    "recv_bytes:int kbps:object publish:object video:object audio:object";

}  // namespace

TEST_CASE("a stream is listed field by field as the specification has it", "[api]") {
  ServerInABox box;
  const std::string publisher = box.publish(1, box.request("live", "cam1", "fmle-publish"), feed, 799112, 3000);
  box.play(0, box.request("live", "cam1", "rtmp-play"));
  box.play(0, box.request("live", "cam1", "flv-play"));
  for (const std::size_t worker : {0u, 1u}) {
    const Json body = box.ask("/api/v1/streams/", worker);
    CHECK(shape(body).starts_with(std::string(envelope) + "streams:list"));
    CHECK(body["code"] == 0);
    CHECK(body["server"] == "vid-0a1b2c3");
    CHECK(body["service"] == "7x9k2m4p");
    CHECK(body["pid"] == "4242");
    REQUIRE(body["streams"].size() == 1);
    const Json& stream = body["streams"][0];
    CHECK(shape(stream).starts_with(stream_shape));
    CHECK(stream["id"].get<std::string>().starts_with("vid-"));
    CHECK(stream["id"].get<std::string>().size() == 11);
    CHECK(stream["name"] == "cam1");
    CHECK(stream["app"] == "live");
    CHECK(stream["tcUrl"] == "rtmp://192.0.2.1/live");
    CHECK(stream["url"] == "/live/cam1");
    CHECK(stream["live_ms"] > 1'700'000'000'000);
    CHECK(stream["clients"] == 3);
    CHECK(stream["frames"] == 7);
    CHECK(stream["recv_bytes"] == 799112);
    CHECK(stream["kbps"].dump() == R"({"recv_30s":0,"send_30s":0})");
    CHECK(stream["publish"].dump() == R"({"active":true,"cid":")" + publisher + R"("})");
    CHECK(stream["video"].dump() == R"({"codec":"H264","profile":"High","level":"3.2","width":768,"height":320})");
    CHECK(stream["audio"].dump() == R"({"codec":"AAC","sample_rate":44100,"channel":2,"profile":"LC"})");
    const Json vhosts = box.ask("/api/v1/vhosts/", worker);
    CHECK(stream["vhost"] == vhosts["vhosts"][0]["id"]);
    const Json one = box.ask("/api/v1/streams/" + stream["id"].get<std::string>(), worker);
    CHECK(shape(one) == std::string(envelope) + "stream:object");
    CHECK(one["stream"]["name"] == "cam1");
  }
}

TEST_CASE("players are counted by the protocol that they use", "[api]") {
  ServerInABox box;
  box.publish(0, box.request("live", "a", "fmle-publish"));
  for (const session::Protocol& protocol : session::protocols::all) {
    hub::Request request = box.request("live", "a", "rtmp-play");
    request.protocol = protocol.id;
    box.play(1, std::move(request));
  }
  const Json players = box.ask("/api/v1/streams/")["streams"][0]["players"];
  for (const session::Protocol& protocol : session::protocols::all) {
    INFO(protocol.name);
    CHECK(players.value(std::string(protocol.name), 0) == 1);
  }
}

TEST_CASE("rows are chosen by a part of their names", "[api]") {
  ServerInABox box;
  box.publish(0, box.request("live", "Camera-7", "fmle-publish"));
  box.play(1, box.request("live", "Camera-7", "rtmp-play"));
  box.publish(1, box.request("studio", "b", "fmle-publish"));
  const auto count = [&](const std::string& list, const std::string& query) {
    const Json answer = box.ask("/api/v1/" + list + "/?" + query);
    CHECK(answer[list].size() == answer["total"]);
    return answer["total"].get<int>();
  };
  CHECK(count("streams", "contains=cAM") == 1);
  CHECK(count("streams", "contains=ive%2Fcamera-7") == 1);
  CHECK(count("streams", "contains=") == 2);
  CHECK(count("streams", "contains=x") == 0);
  CHECK(count("streams", "contains=cam&app=studio") == 0);
  CHECK(count("clients", "contains=cam") == 2);
  CHECK(count("clients", "contains=cam&type=rtmp-play") == 1);
  CHECK(count("clients", "stream=Camera-7&contains=live") == 2);
  CHECK(count("clients", "stream=Camera-7&contains=studio") == 0);
  const std::string id = box.ask("/api/v1/clients/")["clients"][0]["id"].get<std::string>();
  CHECK(count("clients", "contains=" + id) == 1);
}

TEST_CASE("a stream that is only waited for has no publisher and no tracks", "[api]") {
  ServerInABox box;
  box.play(1, box.request("live", "soon", "rtmp-play"));
  const Json stream = box.ask("/api/v1/streams/")["streams"][0];
  CHECK(stream["publish"].dump() == R"({"active":false})");
  CHECK(stream["video"].is_null());
  CHECK(stream["audio"].is_null());
  CHECK(stream["clients"] == 1);
}

TEST_CASE("an unknown stream, and methods that streams do not have", "[api]") {
  ServerInABox box;
  CHECK(box.ask("/api/v1/streams/vid-nothere").dump() == R"({"code":2048,"message":"no such stream"})");
  CHECK(box.ask("/api/v1/streams/vid-nothere", 1, "DELETE").dump() == R"({"code":2048,"message":"no such stream"})");
  const std::string answer = box.send("POST /api/v1/streams/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  CHECK(test::status_of(answer) == 405);
  CHECK(test::contains(answer, "Allow: GET, HEAD, DELETE\r\n"));
  CHECK(test::contains(answer, R"({"code":405,"message":"methods of this path: GET, HEAD, DELETE"})"));
  CHECK(box.ask("/api/v1/streams?count=3")["total"] == 0);  // without the slash that SRS has
}

TEST_CASE("ten streams at least are served, in order of their ids, and pages do not overlap", "[api]") {
  ServerInABox box;
  for (int i = 0; i < 25; ++i) {
    box.publish(static_cast<std::size_t>(i % 2), box.request("live", "s" + std::to_string(i), "fmle-publish"));
  }
  std::vector<std::string> ids;
  const auto add_page = [&](const std::string& query) {
    const Json body = box.ask("/api/v1/streams/" + query);
    CHECK(body["total"] == 25);
    for (const Json& stream : body["streams"]) ids.push_back(stream["id"]);
    return body["streams"].size();
  };
  CHECK(add_page("") == 10);
  CHECK(add_page("?start=10&count=3") == 10);
  CHECK(add_page("?start=20&count=12") == 5);
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  CHECK(add_page("?count=25") == 25);
  CHECK(add_page("?start=25") == 0);
  CHECK(add_page("?start=99999999999999999999&count=-1") == 10);
  CHECK(add_page("?count=18446744073709551615") == 25);
}

TEST_CASE("streams can be filtered by name", "[api]") {
  ServerInABox box;
  box.publish(0, box.request("live", "a", "fmle-publish"));
  box.publish(1, box.request("show", "a", "fmle-publish"));
  box.publish(1, box.request("show", "b", "fmle-publish"));
  CHECK(box.ask("/api/v1/streams/?app=show")["total"] == 2);
  CHECK(box.ask("/api/v1/streams/?stream=a")["total"] == 2);
  CHECK(box.ask("/api/v1/streams/?stream=a&app=show")["streams"].size() == 1);
  CHECK(box.ask("/api/v1/streams/?vhost=other")["streams"].empty());
}

TEST_CASE("a stream tells its players by protocol, and can be found by how it is published", "[api]") {
  ServerInABox box;
  box.publish(1, box.request("live", "a", "fmle-publish"), feed);
  box.publish(0, box.request("live", "b", "srt-publish"), feed);
  box.play(0, box.request("live", "a", "flv-play"));
  box.play(1, box.request("live", "a", "flv-play"));
  box.play(1, box.request("live", "a", "rtmp-play"));
  box.play(1, box.request("live", "c", "hls-play"));
  const Json a = box.ask("/api/v1/streams/?protocol=rtmp")["streams"];
  REQUIRE(a.size() == 1);
  CHECK(a[0]["name"] == "a");
  CHECK(a[0]["type"] == "fmle-publish");
  CHECK(a[0]["players"].dump() == R"({"rtmp":1,"flv":2})");
  CHECK(a[0]["skips"] == 0);
  CHECK(a[0]["errors"] == 0);
  CHECK(a[0]["video_kbps"] == 0);  // until three seconds have passed
  CHECK(box.ask("/api/v1/streams/?type=srt-publish")["total"] == 1);
  CHECK(box.ask("/api/v1/streams/?protocol=srt&start=1")["streams"].empty());
  CHECK(box.ask("/api/v1/streams/?protocol=srt&start=1")["total"] == 1);
  CHECK(box.ask("/api/v1/streams/?protocol=rtc")["total"] == 0);
}

TEST_CASE("a stream leaves the list when its last client has left", "[api]") {
  ServerInABox box;
  box.publish(0, box.request("live", "a", "fmle-publish"));
  box.play(1, box.request("live", "a", "rtmp-play"));
  const std::string id = box.ask("/api/v1/streams/")["streams"][0]["id"];
  const Json kicked = box.ask("/api/v1/streams/" + id, 1, "DELETE");
  CHECK(kicked["code"] == 0);
  CHECK(kicked["kicked"] == 2);
  for (int i = 0; i < 1000 && box.ask("/api/v1/streams/")["total"] != 0; ++i) {
  }
  CHECK(box.ask("/api/v1/streams/")["streams"].empty());
  const Json vhost = box.ask("/api/v1/vhosts/")["vhosts"][0];  // never removed
  CHECK(vhost["clients"] == 0);
  CHECK(vhost["streams"] == 0);
}

TEST_CASE("a name that is no UTF-8 or holds markup cannot break the answer", "[api]") {
  ServerInABox box;
  box.publish(0, box.request("live", "x\xff\"</script>\n", "fmle-publish"));
  const Json stream = box.ask("/api/v1/streams/")["streams"][0];
  CHECK(stream["name"] == "x\xef\xbf\xbd\"</script>\n");
  CHECK(test::contains(box.get("/metrics"), "stream=\"x\xef\xbf\xbd\\\"</script>\\n\"}"));
}

TEST_CASE("of several publishers the one that is sent on is told, wherever the stream is at home", "[api]") {
  ServerInABox box([](config::Config& config) {
    auto vhost = std::make_shared<config::Vhost>();
    vhost->publish.standby = true;
    config.vhosts = {vhost};
  });
  const std::string main = box.publish(1, box.request("live", "a", "fmle-publish"), feed);
  const std::string backup = box.publish(0, box.request("live", "a", "fmle-publish"), feed);
  REQUIRE_FALSE(main.empty());
  REQUIRE_FALSE(backup.empty());
  for (const std::size_t worker : {0u, 1u}) {
    box.on(1, [] { return 0; });  // the second one has come to the home by then
    const Json stream = box.ask("/api/v1/streams/", worker)["streams"][0];
    CHECK(shape(stream["source"]) == "state:text active:text inputs:int switches:int");
    CHECK(stream["source"]["state"] == "live");
    CHECK(stream["source"]["active"] == main);
    CHECK(stream["source"]["inputs"] == 2);
    CHECK(stream["publish"]["cid"] == main);
  }
}

}  // namespace weir::test::streams_test
