#include "app/hooks/body.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"
#include "unit/app/auth/request_of.h"

namespace weir::test::body_test {

using hooks::Origin;
using hooks::Subject;

namespace {

const Origin origin{"vid-0a1b2c3", "7x9k2m4p", "/usr/local/srs"};
const auto client = base::SessionId::from("k3x09q1z");

hub::Request example(const std::string& type = "fmle-publish") {
  auto request = test::request_of(type);
  request.facts.set(session::facts::tc_url, "rtmp://media.example/live?key=abc");
  request.param = "?key=abc";
  request.facts.set(session::facts::page_url, "https://site.example/p.html");
  return request;
}

// What every body begins with.
std::string head(const std::string& action) {
  return R"({"server_id":"vid-0a1b2c3","service_id":"7x9k2m4p","action":")" + action +
         R"(","client_id":"k3x09q1z","ip":"192.0.2.10","vhost":"__defaultVhost__","app":"live")";
}

}  // namespace

TEST_CASE("bodies have SRS's members in SRS's order", "[hooks]") {
  const auto request = example();
  const Subject subject{client, request, "vid-9d8c7b6"};
  const std::string stream = R"(,"tcUrl":"rtmp://media.example/live?key=abc","stream":"cam1","param":"?key=abc")";
  const std::string end = R"(,"stream_url":"/live/cam1","stream_id":"vid-9d8c7b6"})";
  CHECK(hooks::on_session(origin, "on_publish", subject) == head("on_publish") + stream + end);
  CHECK(hooks::on_session(origin, "on_unpublish", subject) == head("on_unpublish") + stream + end);
  CHECK(hooks::on_session(origin, "on_stop", subject) == head("on_stop") + stream + end);
  CHECK(hooks::on_connect(origin, subject) ==
        head("on_connect") + R"(,"stream":"cam1","param":"?key=abc","tcUrl":"rtmp://media.example/live?key=abc",)" +
            R"("pageUrl":"https://site.example/p.html"})");
  CHECK(hooks::on_close(origin, subject, 3042, 910'233) ==
        head("on_close") + R"(,"send_bytes":3042,"recv_bytes":910233})");
  CHECK(hooks::on_play(origin, subject) ==
        head("on_play") + R"(,"stream":"cam1","tcUrl":"rtmp://media.example/live?key=abc","param":"?key=abc",)" +
            R"("pageUrl":"https://site.example/p.html")" + end);
  CHECK(hooks::on_dvr(origin, subject, "./objs/cam1.flv") ==
        head("on_dvr") + stream + R"(,"cwd":"/usr/local/srs","file":"./objs/cam1.flv")" + end);
  CHECK(hooks::on_forward(origin, subject) ==
        R"({"action":"on_forward","server_id":"vid-0a1b2c3","service_id":"7x9k2m4p","client_id":"k3x09q1z",)"
        R"("ip":"192.0.2.10","vhost":"__defaultVhost__","app":"live","tcUrl":"rtmp://media.example/live?key=abc",)"
        R"("stream":"cam1","param":"?key=abc"})");
}

TEST_CASE("a segment is told with its URL", "[hooks]") {
  const auto request = example();
  const Subject subject{client, request, "vid-9d8c7b6"};
  hub::HlsSegment segment{.publisher = client,
                          .request = request,
                          .path = "./objs/nginx/html/live/cam1-15.ts",
                          .uri = "cam1-15.ts",
                          .playlist_path = "./objs/nginx/html/live/cam1.m3u8",
                          .playlist_url = "live/cam1.m3u8",
                          .sequence_number = 15,
                          .duration = std::chrono::duration<double>(9.96)};
  CHECK(hooks::on_hls(origin, subject, segment) ==
        head("on_hls") + R"(,"tcUrl":"rtmp://media.example/live?key=abc","stream":"cam1","param":"?key=abc",)" +
            R"("duration":9.960,"cwd":"/usr/local/srs","file":"./objs/nginx/html/live/cam1-15.ts",)" +
            R"("url":"live/cam1-15.ts","m3u8":"./objs/nginx/html/live/cam1.m3u8","m3u8_url":"live/cam1.m3u8",)" +
            R"("seq_no":15,"stream_url":"/live/cam1","stream_id":"vid-9d8c7b6"})");
  CHECK(hooks::hls_notify_url("http://h/n?a=[app]&s=[stream]&t=[ts_url]&p=[param]&i=[server_id][service_id][x]", origin,
                              segment) == "http://h/n?a=live&s=cam1&t=cam1-15.ts&p=?key=abc&i=vid-0a1b2c37x9k2m4p[x]");
  segment.uri = "https://cdn.example/live/cam1-15.ts";
  CHECK(hooks::hls_notify_url("http://h/[ts_url]", origin, segment) == "https://cdn.example/live/cam1-15.ts");
  CHECK(hooks::on_hls(origin, subject, segment).find(R"("url":"https://cdn.example/live/cam1-15.ts")") !=
        std::string::npos);
}

TEST_CASE("names of clients stay within their place", "[hooks]") {
  auto request = example("srt-publish");
  request.stream = "a\"b\\c\n\x01<script>\xff";
  const std::string body = hooks::on_session(origin, "on_publish", {client, request, ""});
  CHECK(nlohmann::json::parse(body)["stream"] == "a\"b\\c\n\x01<script>\xef\xbf\xbd");
  CHECK(body.find("\"param\":\"key=abc\"") != std::string::npos);  // SRT has it without '?'
  CHECK(body.find("stream_id") == std::string::npos);

  request.stream = "x y\r\nHost: evil\r\n[param]";
  const hub::HlsSegment segment{.publisher = client, .request = request, .uri = "s.ts"};
  CHECK(hooks::hls_notify_url("http://h/[stream]", origin, segment) == "http://h/x%20y%0D%0AHost:%20evil%0D%0A[param]");
}

TEST_CASE("hooks of devices say who, from where, and what", "[hooks][gb28181]") {
  session::gb28181::Device device;
  device.id = "34020000001110000001";
  device.name = "gate";
  device.source = {.address = "192.0.2.7", .port = 5060};
  using Event = session::gb28181::DeviceEvent;
  const auto start = [](const std::string& action) {
    return R"({"server_id":"vid-0a1b2c3","service_id":"7x9k2m4p","action":")" + action +
           R"(","ip":"192.0.2.7","port":5060,"vhost":"v","device":"34020000001110000001","name":"gate")";
  };
  CHECK(hooks::on_device(origin, "on_device_online", "v", {.kind = Event::Kind::online, .device = device}) ==
        start("on_device_online") + "}");
  CHECK(hooks::on_device(origin, "on_device_offline", "v",
                         {.kind = Event::Kind::offline, .device = device, .reason = "it has signed off"}) ==
        start("on_device_offline") + R"(,"reason":"it has signed off"})");
  CHECK(
      hooks::on_device(origin, "on_device_talk", "v", {.kind = Event::Kind::talk, .device = device, .channel = "c"}) ==
      start("on_device_talk") + R"(,"channel":"c"})");
  CHECK(hooks::on_device(origin, "on_device_talk_over", "v",
                         {.kind = Event::Kind::talk_over, .device = device, .reason = "r", .channel = "c"}) ==
        start("on_device_talk_over") + R"(,"channel":"c","reason":"r"})");
  const manscdp::Alarm alarm{.priority = "1", .method = "5", .type = "2", .time = "t", .description = "\"x\""};
  CHECK(hooks::on_device(origin, "on_device_alarm", "v",
                         {.kind = Event::Kind::alarm, .device = device, .channel = "c", .alarm = &alarm}) ==
        start("on_device_alarm") +
            R"(,"channel":"c","priority":"1","method":"5","type":"2","time":"t","description":"\"x\""})");
}

TEST_CASE("the question for a passphrase names a stream, and nobody who calls", "[hooks][srt]") {
  CHECK(hooks::on_srt_passphrase(origin, {"v", "live", "a\"b", true}) ==
        R"({"server_id":"vid-0a1b2c3","service_id":"7x9k2m4p","action":"on_srt_passphrase","vhost":"v","app":"live",)"
        R"("stream":"a\"b","mode":"publish"})");
  CHECK(hooks::on_srt_passphrase(origin, {"v", "live", "a", false}).ends_with(R"("stream":"a","mode":"play"})"));
}

}  // namespace weir::test::body_test
