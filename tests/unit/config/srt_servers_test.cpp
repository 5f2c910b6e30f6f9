#include "config/srt_servers.h"

#include "config/diff.h"
#include "unit/config/support.h"

namespace weir::test::srt_servers_test {

// Several SRT servers side by side, and whose secret counts.
using namespace weir::config;
using test::good;
using test::load;
using Direction = SrtServer::Direction;

namespace {

std::string errors(const std::string& text) { return test::all(load(text).errors); }

constexpr auto three = R"(
listen 1935;
srt_server { enabled on; listen 10080; }
srt_server in { enabled on; listen 10081 10082; direction in; passphrase of-those-within; }
srt_server out { enabled off; listen 10080; direction out; }
vhost __defaultVhost__ { srt { enabled on; } }
)";

}  // namespace

TEST_CASE("SRT servers stand side by side, named or not", "[config][srt]") {
  const auto config = good(load(three));
  REQUIRE(config->srt_servers.size() == 3);
  CHECK(config->srt_servers[0].name.empty());
  CHECK(config->srt_servers[0].direction == Direction::both);
  CHECK(config->srt_servers[1].name == "in");
  CHECK(config->srt_servers[1].direction == Direction::in);
  CHECK(config->srt_servers[2].direction == Direction::out);
  CHECK(listens_for_srt(*config));
  CHECK(srt_server_at(*config, {"", 10080}) == &config->srt_servers[0]);
  CHECK(srt_server_at(*config, {"", 10082}) == &config->srt_servers[1]);
  CHECK(srt_server_at(*config, {"", 10083}) == nullptr);
  CHECK(srt_server_for(*config, Direction::in) == &config->srt_servers[0]);
  CHECK(srt_server_for(*config, Direction::out) == &config->srt_servers[0]);
  CHECK(config->written.at("srt_server.enabled") == "on");
  CHECK(config->written.at("srt_server[in].direction") == "in");
  CHECK(shown_value("srt_server[in].passphrase", "of-those-within") == "(hidden)");

  const auto unnamed = good(load("listen 1935; srt_server a { enabled on; } srt_server { enabled on; listen 2; }"));
  CHECK(unnamed->written.contains("srt_server[#1].listen"));
}

TEST_CASE("without a block there is one SRT server, and variables reach the first", "[config][srt]") {
  const auto bare = good(load("listen 1935;"));
  REQUIRE(bare->srt_servers.size() == 1);
  CHECK_FALSE(listens_for_srt(*bare));
  const auto by_variable = good(load("listen 1935;", {{"SRS_SRT_SERVER_ENABLED", "on"}}));
  REQUIRE(by_variable->srt_servers.size() == 1);
  CHECK(by_variable->srt_servers[0].enabled);
  const auto beside = good(load(three, {{"SRS_SRT_SERVER_LISTEN", "10090"}}));
  CHECK(beside->srt_servers[0].listen.at(0).port == 10090);
  CHECK(beside->srt_servers[1].listen.at(0).port == 10081);
}

TEST_CASE("a port belongs to one SRT server", "[config][srt]") {
  CHECK(errors("srt_server { enabled on; } srt_server b { enabled on; }") ==
        "t.conf:1: '10080' is that of another srt_server already (the default of 'listen')\n");
  CHECK(errors("srt_server { enabled on; listen 127.0.0.1:9; }\nsrt_server b { enabled on; listen 9; }") ==
        "t.conf:2: '9' is that of another srt_server already\n");
  CHECK(errors("srt_server { enabled on; listen [::1]:9; } srt_server b { enabled on; listen 9; }").empty());
  CHECK(errors("srt_server a { listen 9; } srt_server b { enabled on; listen 9; }").empty());
  CHECK(errors("srt_server a {}\nsrt_server a {}") == "t.conf:2: 'srt_server a' is already there in line 1\n");
  CHECK(errors("srt_server a {}\nsrt_server b { passphrase short; }") ==
        "t.conf:2: the passphrase must have 10 to 79 characters\n");
  CHECK(errors("srt_server { direction up; }").find("both, in, out") != std::string::npos);
}

TEST_CASE("the most precise pattern's secret goes before the virtual host's, and that before the server's",
          "[config][srt]") {
  const auto config = good(load(R"(
listen 1935;
srt_server { enabled on; passphrase of-the-server; pbkeylen 24; }
vhost __defaultVhost__ { srt { enabled on; passphrase of-the-vhost;
  stream live/* { passphrase of-all-live; pbkeylen 16; }
  stream live/cam* { passphrase of-cameras; }
  stream live/cam1 { passphrase of-camera-one; pbkeylen 32; }
  stream *1 { passphrase of-all-ones; }
} }
vhost other { srt { enabled on; } }
)"));
  const Vhost& vhost = *config->vhosts.at(0);
  const SrtServer& server = config->srt_servers[0];
  CHECK(srt_secret_of(vhost, server, "live/x") == SrtSecret{"of-all-live", 16});
  CHECK(srt_secret_of(vhost, server, "live/cam2") == SrtSecret{"of-cameras", 24});
  CHECK(srt_secret_of(vhost, server, "live/cam1") == SrtSecret{"of-camera-one", 32});
  CHECK(srt_secret_of(vhost, server, "live/cam11") == SrtSecret{"of-cameras", 24});
  CHECK(srt_secret_of(vhost, server, "app/1") == SrtSecret{"of-all-ones", 24});
  CHECK(srt_secret_of(vhost, server, "app/x") == SrtSecret{"of-the-vhost", 24});
  CHECK(srt_secret_of(*config->vhosts.at(1), server, "live/x") == SrtSecret{"of-the-server", 24});
  CHECK(shown_value("vhost[a].srt.stream[live/*].passphrase", "of-all-live") == "(hidden)");
}

TEST_CASE("a stream of SRT has a pattern and a passphrase", "[config][srt]") {
  const auto in_srt = [](const std::string& text) { return errors("vhost a { srt { " + text + " } }"); };
  CHECK(in_srt("stream { passphrase 0123456789; }").find("'stream' needs the streams") != std::string::npos);
  CHECK(in_srt("stream live/a {}") == "t.conf:1: 'stream live/a' has no passphrase\n");
  CHECK(in_srt("stream live/a { passphrase letmein; }") == "t.conf:1: the passphrase must have 10 to 79 characters\n");
  CHECK(in_srt("stream a { passphrase 0123456789; } stream a { passphrase 0123456789; }").find("already there") !=
        std::string::npos);
}

}  // namespace weir::test::srt_servers_test
