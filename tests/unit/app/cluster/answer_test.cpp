#include "app/cluster/answer.h"

#include "support/catch.h"

namespace weir::test::answer_test {

using cluster::AnswerErrc;
using cluster::Origin;
using cluster::parse_answer;

namespace {

std::string answer(const std::string& origin) {
  return R"({"code":0,"server":"vid-1","data":{"query":{"ip":"a","vhost":"v"},"origin":)" + origin + "}}";
}

// "host RTMP-port HTTP-port", "none", or what is wrong.
std::string said(const std::string& origin, const std::string& asked = "10.0.0.2") {
  const auto found = parse_answer(answer(origin), asked);
  if (found.has_error()) return found.error().message();
  if (!found->has_value()) return "none";
  const Origin& there = **found;
  return there.host + " " + std::to_string(there.rtmp_port) + " " + std::to_string(there.http_port);
}

}  // namespace

TEST_CASE("a coworker says where a stream is, or that it does not have it", "[cluster]") {
  // As SRS 5 answers.
  CHECK(said(R"({"ip":"192.168.1.10","port":19350,"vhost":"__defaultVhost__","api":"192.168.1.10:9090",)"
             R"("routers":["192.168.1.10:9090"]})") == "192.168.1.10 19350 8080");
  CHECK(said(R"({"ip":"a.example","port":1,"http_port":80})") == "a.example 1 80");
  CHECK(said(R"({"ip":"2001:db8::1","port":65535})") == "2001:db8::1 65535 8080");
  CHECK(said("null") == "none");
}

TEST_CASE("an address that leads nowhere from elsewhere is the one that was asked", "[cluster]") {
  for (const std::string ip : {"", "0.0.0.0", "::", "127.0.0.1", "::1", "localhost"}) {
    CHECK(said("{\"ip\":\"" + ip + "\",\"port\":1935}") == "10.0.0.2 1935 8080");
  }
  CHECK(said(R"({"ip":"127.0.0.3","port":1935})", "127.0.0.2") == "127.0.0.3 1935 8080");
}

TEST_CASE("an answer that is malformed is none", "[cluster]") {
  const auto fault = [](const std::string& text) {
    const auto found = parse_answer(text, "10.0.0.2");
    return found.has_error() ? found.error() : base::ErrorCode();
  };
  for (const char* text : {"", "{", "[]", "null", "\"a\"", "<html>", "{\"code\":0,\"data\":"}) {
    CHECK(fault(text) == AnswerErrc::not_json);
  }
  CHECK(fault(std::string(100'000, '[')) == AnswerErrc::not_json);
  for (const char* text : {"{}", R"({"code":1})", R"({"code":"0"})", R"({"code":0.5})", R"({"code":null})"}) {
    CHECK(fault(text) == AnswerErrc::no_success);
  }
  for (const char* text : {R"({"code":0})", R"({"code":0,"data":[]})", R"({"code":0,"data":{}})"}) {
    CHECK(fault(text) == AnswerErrc::bad_origin);
  }
  for (const char* origin :
       {"[]", "1", "{}", R"({"ip":"a"})", R"({"port":1})", R"({"ip":1,"port":1})", R"({"ip":"a","port":"1"})",
        R"({"ip":"a","port":0})", R"({"ip":"a","port":65536})", R"({"ip":"a","port":-1})", R"({"ip":"a/b","port":1})",
        R"({"ip":"a b","port":1})", R"({"ip":"a\r\nSet-Cookie: x","port":1})", R"({"ip":"-a","port":1})",
        R"({"ip":"a@b","port":1})", R"({"ip":"a?b","port":1})"}) {
    INFO(origin);
    CHECK(fault(answer(origin)) == AnswerErrc::bad_origin);
  }
  CHECK(fault(answer(R"({"ip":")" + std::string(300, 'a') + R"(","port":1})")) == AnswerErrc::bad_origin);
}

}  // namespace weir::test::answer_test
