// What the API makes of a request to add, remove and take back.
#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::changes_test {

using test::Json;
using test::ServerInABox;
using What = overlay::Change::What;

namespace {

struct Box {
  ServerInABox box{[](config::Config& config) { config.http_api.overlay = "o.conf"; }};
  std::vector<overlay::Change> asked;
  overlay::Outcome outcome;
  Box() {
    box.context->change_overlay = [this](overlay::Change change, std::function<void(overlay::Outcome)> done) {
      asked.push_back(std::move(change));
      done(outcome);
    };
  }
  std::string send(const std::string& method, const std::string& target, const std::string& body = "") {
    return box.send(method + " /api/v1/" + target +
                    " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
};

std::string text_of(const config::Node& node) {
  std::string text = node.name;
  for (const auto& word : node.words) text += " " + word;
  for (const auto& child : node.children) text += "; " + text_of(child);
  return text;
}

}  // namespace

TEST_CASE("a source is added by JSON", "[api][overlay]") {
  Box box;
  box.outcome.name = "0a1b2c3d";
  const std::string answer = box.send("POST", "sources/",
                                      R"({"app":"live","stream":"cam","urls":["http://h/a.flv","rtmp://h/b/c"],)"
                                      R"("on_demand":true,"priority":7,"standby":"warm","restart_every":3600})");
  CHECK(test::status_of(answer) == 201);
  CHECK(test::body_of(answer) == R"({"code":0,"name":"0a1b2c3d"})");
  REQUIRE(box.asked.size() == 1);
  CHECK(box.asked[0].what == What::add);
  CHECK(box.asked[0].vhost == "__defaultVhost__");
  CHECK(text_of(box.asked[0].entry) ==
        "source live/cam; url http://h/a.flv rtmp://h/b/c; on_demand on; priority 7; standby warm; restart_every 3600");
  CHECK(test::status_of(box.send("POST", "forwards/", R"({"vhost":"v","url":"rtmp://h/a/b"})")) == 201);
  CHECK(text_of(box.asked[1].entry) == "push; url rtmp://h/a/b");
  CHECK(box.asked[1].vhost == "v");
  CHECK(test::status_of(box.send("POST", "forwards/", R"({"app":"a","url":"rtmp://h/a/b","audio":"m.aac"})")) == 201);
  CHECK(text_of(box.asked[2].entry) == "push a; url rtmp://h/a/b; audio m.aac");
}

TEST_CASE("a body that is not understood is refused in words", "[api][overlay]") {
  Box box;
  for (const char* body :
       {"", "{", "[]", R"({"app":1})", R"({"app":"a","nonsense":1})", R"({"app":"a","url":1})",
        R"({"app":"a","urls":"x"})", R"({"app":"a","priority":-1})", R"({"app":"a","on_demand":"on"})",
        R"({"stream":"s","url":"http://h/x"})", R"({"app":"a b","url":"http://h/x"})"}) {
    INFO(body);
    const std::string answer = box.send("POST", "sources/", body);
    CHECK(test::status_of(answer) == 400);
    CHECK_FALSE(Json::parse(test::body_of(answer))["message"].get<std::string>().empty());
  }
  CHECK(test::status_of(box.send("POST", "forwards/", R"({"url":"rtmp://h/a/b","priority":1})")) == 400);
  CHECK(test::status_of(box.send("DELETE", "sources/")) == 400);
  CHECK(box.asked.empty());
}

TEST_CASE("what became of a change is the answer", "[api][overlay]") {
  Box box;
  box.outcome = {.status = 507, .error = "o.conf: No space left on device"};
  const std::string full = box.send("DELETE", "sources/0a1b2c3d?vhost=v");
  CHECK(test::status_of(full) == 507);
  CHECK(test::body_of(full) == R"({"code":4094,"message":"o.conf: No space left on device"})");
  CHECK(box.asked[0].kind == "source");
  CHECK(box.asked[0].name == "0a1b2c3d");
  CHECK(box.asked[0].vhost == "v");
  box.outcome = {.file = "o.conf", .text = "vhost a { }", .can_undo = true, .undoable = {{"a.b", "", "c"}}};
  const Json look = box.box.ask("/api/v1/overlay");
  CHECK(look["text"] == "vhost a { }");
  CHECK(look["can_undo"] == true);
  CHECK(look["undoable"].dump() == R"([{"path":"a.b","from":"","to":"c"}])");
  box.outcome = {};
  CHECK(test::status_of(box.send("POST", "overlay/undo")) == 200);
  CHECK(box.asked.back().what == What::undo);
  CHECK(test::status_of(box.send("GET", "overlay/undo")) == 405);
  CHECK(test::status_of(box.send("POST", "overlay")) == 405);
  CHECK(test::status_of(box.send("GET", "overlay/nothing")) == 404);
}

TEST_CASE("a variable is set and removed by the API", "[api][overlay][variables]") {
  Box box;
  box.outcome = {.name = "key"};
  const std::string answer = box.send("POST", "variables/", R"({"name":"key","value":"s3cret"})");
  CHECK(test::status_of(answer) == 201);
  CHECK(test::body_of(answer) == R"({"code":0,"name":"key"})");
  CHECK(box.asked.back().what == What::set);
  CHECK(box.asked.back().name == "key");
  CHECK(box.asked.back().entry.words == std::vector<std::string>{"s3cret"});
  for (const char* body : {"", "[]", R"({"name":"key"})", R"({"name":"key","value":7})", R"({"value":"x"})"}) {
    INFO(body);
    CHECK(test::status_of(box.send("POST", "variables/", body)) == 400);
  }
  CHECK(test::status_of(box.send("DELETE", "variables/key")) == 200);
  CHECK(box.asked.back().what == What::remove);
  CHECK(box.asked.back().kind == "variable");
  CHECK(box.asked.back().name == "key");
  CHECK(test::status_of(box.send("GET", "variables/key")) == 404);
  CHECK(test::status_of(box.send("PUT", "variables/")) == 405);
  CHECK(box.box.ask("/api/v1/variables")["variables"].empty());
}

TEST_CASE("without an overlay nothing can be added", "[api][overlay]") {
  ServerInABox box;
  for (const char* target :
       {"POST /api/v1/sources/", "POST /api/v1/forwards/", "DELETE /api/v1/sources/x", "POST /api/v1/variables/",
        "DELETE /api/v1/variables/x", "GET /api/v1/overlay", "POST /api/v1/overlay/undo"}) {
    const std::string answer = box.send(std::string(target) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    INFO(target << answer);
    CHECK(test::status_of(answer) == 409);
    CHECK(Json::parse(test::body_of(answer))["code"] == 4093);
  }
}

}  // namespace weir::test::changes_test
