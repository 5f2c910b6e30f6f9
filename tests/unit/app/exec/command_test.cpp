#include "app/exec/command.h"

#include "support/catch.h"

using namespace weir;
using exec::Command;
using exec::command_of;

namespace {

hub::Request request_of(const std::string& stream, const std::string& vhost) {
  auto host = std::make_shared<config::Vhost>();
  host->name = vhost;
  hub::Request request;
  request.vhost = std::move(host);
  request.app = "live";
  request.stream = stream;
  request.tc_url = "rtmp://a.example/live";
  return request;
}

std::optional<Command> made(const std::vector<std::string>& words, const std::string& stream = "cam",
                            const std::string& vhost = config::default_vhost_name) {
  const hub::Request request = request_of(stream, vhost);
  return command_of(words, {request, 19350, std::chrono::system_clock::time_point{}});
}

}  // namespace

TEST_CASE("the words of a program are filled in one by one", "[exec]") {
  const auto command = made({"ffmpeg", "-i", "[url]", "-y", "./[app]-[stream].flv", "[tcUrl]", "[port]"});
  REQUIRE(command);
  CHECK(command->words == std::vector<std::string>{"ffmpeg", "-i", "rtmp://127.0.0.1:19350/live/cam", "-y",
                                                   "./live-cam.flv", "rtmp://a.example/live", "19350"});
  CHECK(made({"x", "[url]"}, "cam", "b.example")->words[1] == "rtmp://127.0.0.1:19350/live?vhost=b.example/cam");
}

TEST_CASE("what a publisher names stays one word, whatever is in it", "[exec]") {
  const auto command = made({"ffmpeg", "-i", "[url]"}, "a b; rm -rf $(pwd) > x");
  REQUIRE(command);
  CHECK(command->words.size() == 3);
  CHECK(command->words[2] == "rtmp://127.0.0.1:19350/live/a b; rm -rf $(pwd) > x");
  CHECK(command->redirects.empty());
}

TEST_CASE("redirections are taken out of the words", "[exec]") {
  using Redirect = Command::Redirect;
  const auto command = made({"ls", ">", "/tmp/[stream].log", "2>>/tmp/errors.log", "1>>", "./o", "-l"});
  REQUIRE(command);
  CHECK(command->words == std::vector<std::string>{"ls", "-l"});
  CHECK(command->redirects ==
        std::vector<Redirect>{{1, "/tmp/cam.log", false}, {2, "/tmp/errors.log", true}, {1, "./o", true}});
}

TEST_CASE("a program without a name and a file without one, or in a folder that a publisher chose, are refused",
          "[exec]") {
  CHECK_FALSE(made({}));
  CHECK_FALSE(made({">", "/tmp/x"}));
  CHECK_FALSE(made({"ls", ">"}));
  for (const char* stream : {"../../etc/cron.d/x", "a/b", ".hidden", ".."}) {
    INFO(stream);
    CHECK_FALSE(made({"ls", "> ", ">", "/tmp/[stream]"}, stream));
    CHECK_FALSE(made({"ls", "2>/tmp/[stream]"}, stream));
  }
}
