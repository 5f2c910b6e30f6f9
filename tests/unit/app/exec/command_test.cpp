#include "app/exec/command.h"

#include "session/common/protocol.h"
#include "support/catch.h"

namespace weir::test::command_test {

using exec::Command;
using exec::command_of;
using exec::Errc;

namespace {

hub::Request request_of(const std::string& stream, const std::string& vhost, const std::string& app) {
  auto host = std::make_shared<config::Vhost>();
  host->name = vhost;
  hub::Request request;
  request.vhost = std::move(host);
  request.app = app;
  request.stream = stream;
  request.facts.set(session::facts::tc_url, "rtmp://a.example/live");
  return request;
}

base::Result<Command> made(const std::vector<std::string>& words, const std::string& stream = "cam",
                           const std::string& vhost = config::default_vhost_name, const std::string& app = "live") {
  const hub::Request request = request_of(stream, vhost, app);
  return command_of(words, {request, 19350, std::chrono::system_clock::time_point{}});
}

}  // namespace

TEST_CASE("the words of a program are filled in one by one", "[exec]") {
  const auto command = made({"ffmpeg", "-i", "[url]", "-y", "./[app]-[stream].flv", "[tcUrl]", "[port]"});
  REQUIRE(command.has_value());
  CHECK(command->words == std::vector<std::string>{"ffmpeg", "-i", "rtmp://127.0.0.1:19350/live/cam", "-y",
                                                   "./live-cam.flv", "rtmp://a.example/live", "19350"});
  CHECK(made({"x", "[url]"}, "cam", "b.example")->words[1] == "rtmp://127.0.0.1:19350/live?vhost=b.example/cam");
}

TEST_CASE("what a publisher names stays one word, whatever is in it", "[exec]") {
  const auto command = made({"ffmpeg", "-i", "[url]"}, "a b; rm -rf $(pwd) > x");
  REQUIRE(command.has_value());
  CHECK(command->words.size() == 3);
  CHECK(command->words[2] == "rtmp://127.0.0.1:19350/live/a b; rm -rf $(pwd) > x");
  CHECK(command->redirects.empty());
}

TEST_CASE("redirections are taken out of the words", "[exec]") {
  using Redirect = Command::Redirect;
  const auto command = made({"ls", ">", "/tmp/[stream].log", "2>>/tmp/errors.log", "1>>", "./o", "-l"});
  REQUIRE(command.has_value());
  CHECK(command->words == std::vector<std::string>{"ls", "-l"});
  CHECK(command->redirects ==
        std::vector<Redirect>{{1, "/tmp/cam.log", false}, {2, "/tmp/errors.log", true}, {1, "./o", true}});
}

TEST_CASE("a program without a name and a file without one, or in a folder that a publisher chose, are refused",
          "[exec]") {
  CHECK_FALSE(made({}).has_value());
  CHECK_FALSE(made({">", "/tmp/x"}).has_value());
  CHECK_FALSE(made({"ls", ">"}).has_value());
  for (const char* stream : {"../../etc/cron.d/x", "a/b", ".hidden", ".."}) {
    INFO(stream);
    CHECK_FALSE(made({"ls", "> ", ">", "/tmp/[stream]"}, stream).has_value());
    CHECK_FALSE(made({"ls", "2>/tmp/[stream]"}, stream).has_value());
  }
}

TEST_CASE("no variable leads a redirection out of its folder", "[exec]") {
  for (const char* app : {"../../escaped", "live/../..", "/etc", ".git", "live//x", ".."}) {
    INFO(app);
    CHECK(made({"ls", ">", "/tmp/[app]/x"}, "cam", "a.example", app).error() == Errc::bad_file);
    CHECK(made({"ls", ">[app]/x"}, "cam", "a.example", app).error() == Errc::bad_file);
  }
  for (const char* name : {"[url]", "[tcUrl]", "[swfUrl]/x", ".[swfUrl]", "[pageUrl]"}) {
    INFO(name);
    CHECK(made({"ls", std::string("2>/tmp/") + name}).error() == Errc::bad_file);
  }
  CHECK(made({"ls", ">/tmp/[app]/[stream][engine].[port]"}, "cam", "a.example", "live/x")->redirects[0].path ==
        "/tmp/live/x/cam.19350");
  CHECK(made({"ls", ">../logs/./[stream]"})->redirects[0].path == "../logs/./cam");
}

TEST_CASE("no variable leads an argument out of its folder, and the one that would is named", "[exec]") {
  const std::string host = config::default_vhost_name;
  CHECK(made({"touch", "./objs/[app]/[stream].flv"}, "cam", host, "live/../../..").error() == Errc::option);
  CHECK(made({"touch", "--to=/d/[app]/x"}, "cam", host, "..").error() == Errc::option);
  CHECK(made({"touch", "[pageUrl]", "/d/[stream]"}, "..").error() == Errc::option);
  CHECK(made({"touch", "/d/[stream]"}, "a..b")->words[1] == "/d/a..b");
  const hub::Request request = request_of("cam", host, "live/..");
  std::string at_fault;
  CHECK_FALSE(command_of({"touch", "[stream]", "/d/[app]"}, {request, 1935, {}}, &at_fault).has_value());
  CHECK(at_fault == "app");
}

TEST_CASE("the address of a stream here means no other stream", "[exec]") {
  const std::string host = config::default_vhost_name;
  CHECK(made({"x", "[url]"}, "cam", host, "live...vhost...secure.example.com").error() == Errc::bad_url);
  CHECK(made({"x", "[url]"}, "cam...vhost...secure.example.com", host).error() == Errc::bad_url);
  CHECK(made({"x", "-i=[url]"}, "cam", "b.example", "live/_definst_").error() == Errc::bad_url);
  CHECK(made({"x", "[app]"}, "cam", host, "live...vhost...secure.example.com").has_value());
}

TEST_CASE("a variable is filled once, whatever came in with it", "[exec]") {
  CHECK(made({"x", "[stream]"}, "[tcUrl]")->words[1] == "[tcUrl]");
  CHECK(made({"x", "[url]"}, "[port]")->words[1] == "rtmp://127.0.0.1:19350/live/[port]");
  CHECK(made({"x", ">/tmp/[stream]"}, "[tcUrl]")->redirects[0].path == "/tmp/[tcUrl]");
}

TEST_CASE("what a publisher names is no option and chooses no program", "[exec]") {
  CHECK(made({"x", "-i", "[stream]"}, "-y").error() == Errc::option);
  CHECK(made({"x", "[engine][stream]"}, "--output=/etc/passwd").error() == Errc::option);
  CHECK(made({"x", "[app]"}, "cam", "a.example", "-f").error() == Errc::option);
  CHECK(made({"x", "--name=[stream]", "-[stream]"}, "-y")->words[2] == "--y");
  CHECK(made({"x", "[stream]"}, std::string("a\0b", 3)).error() == Errc::option);
  CHECK(made({"[stream]"}, "sh").error() == Errc::no_program);
  CHECK(made({"/opt/[stream]/run"}, "..").error() == Errc::bad_file);
}

}  // namespace weir::test::command_test
