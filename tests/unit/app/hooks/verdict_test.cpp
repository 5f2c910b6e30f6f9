#include "app/hooks/verdict.h"

#include "support/catch.h"

namespace weir::test::verdict_test {

using hooks::Errc;

namespace {

base::ErrorCode verdict(int status, std::string_view body) {
  const auto judged = hooks::judge(status, body);
  return judged ? base::ErrorCode() : judged.error();
}

}  // namespace

TEST_CASE("answers of hook servers mean what they mean to SRS", "[hooks]") {
  CHECK_FALSE(verdict(200, "0"));
  CHECK_FALSE(verdict(201, "0"));
  CHECK_FALSE(verdict(200, R"({"code":0})"));
  CHECK_FALSE(verdict(200, R"( {"code" : 0, "data": null, "msg": "ok"} )"));
  for (const int status : {100, 202, 204, 301, 302, 307, 400, 401, 403, 404, 500, 503}) {
    CAPTURE(status);
    CHECK(verdict(status, "0") == Errc::bad_status);
  }
  CHECK(verdict(200, "") == Errc::empty_answer);
  for (const char* body : {"1", "00", "0.0", "\"0\"", "ok", "[]", "[0]", "null", "true", "{", "{\"code\":0", "<html>",
                           "0 0", "\xff\xfe", "{\"code\":0}}"}) {
    CAPTURE(body);
    CHECK(verdict(200, body) == Errc::not_an_answer);
  }
  for (const char* body : {"{}", R"({"code":"0"})", R"({"code":0.0})", R"({"code":null})", R"({"code":false})",
                           R"({"Code":0})", R"({"data":{"code":0}})"}) {
    CAPTURE(body);
    CHECK(verdict(200, body) == Errc::no_code);
  }
  for (const char* body : {R"({"code":1})", R"({"code":-1})", R"({"code":18446744073709551615})"}) {
    CAPTURE(body);
    CHECK(verdict(200, body) == Errc::denied);
  }
  CHECK(verdict(200, std::string(60'000, '[')) == Errc::not_an_answer);
  CHECK(verdict(200, "{\"code\":" + std::string(60'000, '[')) == Errc::not_an_answer);
}

TEST_CASE("a forward backend names URLs", "[hooks]") {
  const auto urls =
      hooks::forward_urls(200, R"({"code":0,"data":{"urls":["rtmp://a/live/x","",7,"rtmp://b/live/x"]}})");
  REQUIRE(urls.has_value());
  CHECK(*urls == std::vector<std::string>{"rtmp://a/live/x", "rtmp://b/live/x"});
  CHECK(hooks::forward_urls(200, R"({"code":0,"data":{"urls":[]}})")->empty());
  for (const char* body : {R"({"code":0})", R"({"code":0,"data":[]})", R"({"code":0,"data":{}})",
                           R"({"code":0,"data":{"urls":"rtmp://a"}})", "0"}) {
    CAPTURE(body);
    const auto bad = hooks::forward_urls(200, body);
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error() == Errc::no_urls);
  }
  CHECK(hooks::forward_urls(500, "0").error() == Errc::bad_status);
  CHECK(hooks::forward_urls(200, R"({"code":1,"data":{"urls":[]}})").error() == Errc::denied);
}

TEST_CASE("an answer brings the passphrase of an SRT stream, or nothing of its own", "[hooks][srt]") {
  using session::srt::KeyAnswer;
  const auto good = hooks::srt_key(200, R"({"code":0,"data":{"passphrase":"0123456789","pbkeylen":24,"ttl":30}})");
  REQUIRE(good.has_value());
  CHECK(good->kind == KeyAnswer::Kind::key);
  CHECK(good->secret.passphrase == "0123456789");
  CHECK(good->secret.key_bytes == 24);
  CHECK(good->good_for == std::chrono::seconds(30));
  for (const char* none : {"0", R"({"code":0})", R"({"code":0,"data":null})", R"({"code":0,"data":{}})"}) {
    CAPTURE(none);
    const auto answer = hooks::srt_key(200, none);
    REQUIRE(answer.has_value());
    CHECK(answer->kind == KeyAnswer::Kind::key);
    CHECK(answer->secret.passphrase.empty());
    CHECK(answer->good_for.count() == 0);
  }
  for (const char* bad : {R"({"code":0,"data":{"passphrase":""}})", R"({"code":0,"data":{"passphrase":"short"}})",
                          R"({"code":0,"data":{"passphrase":1234567890}})", R"({"code":0,"data":"0123456789"})",
                          R"({"code":0,"data":{"passphrase":"0123456789","pbkeylen":17}})",
                          R"({"code":0,"data":{"passphrase":"0123456789","pbkeylen":"16"}})",
                          R"({"code":0,"data":{"passphrase":"0123456789","ttl":0}})",
                          R"({"code":0,"data":{"passphrase":"0123456789","ttl":86401}})",
                          R"({"code":0,"data":{"passphrase":"0123456789","ttl":1.5}})"}) {
    CAPTURE(bad);
    const auto answer = hooks::srt_key(200, bad);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error() == Errc::bad_key);
  }
  const auto denied = hooks::srt_key(200, R"({"code":1,"data":{"passphrase":"0123456789"}})");
  REQUIRE_FALSE(denied.has_value());
  CHECK(denied.error() == Errc::denied);
  const std::string longest(79, 'x'), too_long(80, 'x');
  CHECK(hooks::srt_key(200, R"({"code":0,"data":{"passphrase":")" + longest + "\"}}").has_value());
  CHECK_FALSE(hooks::srt_key(200, R"({"code":0,"data":{"passphrase":")" + too_long + "\"}}").has_value());
}

}  // namespace weir::test::verdict_test
