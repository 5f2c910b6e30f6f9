#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

using namespace weir;
using test::body_of;
using test::contains;
using test::ServerInABox;

TEST_CASE("metrics have SRS's names and types", "[api]") {
  ServerInABox box([](config::Config& config) { config.exporter.label = "cn-\"1\"\n"; });
  box.publish(0, box.request("live", "cam1", "fmle-publish"), {}, 5000, 0);
  const std::string answer = box.get("/metrics");
  CHECK(contains(answer, "Content-Type: text/plain; charset=utf-8\r\n"));
  const std::string text = body_of(answer);
  for (const char* line :
       {"# TYPE srs_node_uname_info gauge\nsrs_node_uname_info{sysname=\"Linux\",nodename=\"",
        "# TYPE srs_build_info gauge\n",
        "srs_build_info{server=\"vid-0a1b2c3\",service=\"7x9k2m4p\",pid=\"4242\",major=\"",
        ",label=\"cn-\\\"1\\\"\\n\"} 1\n", "# TYPE srs_cpu_percent gauge\nsrs_cpu_percent ",
        "# TYPE srs_memory gauge\nsrs_memory ", "# TYPE srs_send_bytes_total counter\nsrs_send_bytes_total ",
        "# TYPE srs_receive_bytes_total counter\nsrs_receive_bytes_total ", "# TYPE srs_streams gauge\nsrs_streams 1\n",
        "# TYPE srs_clients gauge\nsrs_clients 1\n", "# TYPE srs_clients_total counter\nsrs_clients_total 1\n",
        "# TYPE srs_clients_errs_total counter\nsrs_clients_errs_total 0\n", "weir_worker_lag_seconds{worker=\"1\"} ",
        "weir_stream_receive_bytes_total{vhost=\"__defaultVhost__\",app=\"live\",stream=\"cam1\"} 5000\n"}) {
    INFO(line << "\n" << text);
    CHECK(contains(text, line));
  }
  ServerInABox off([](config::Config& config) { config.http_api.metrics = false; });
  CHECK(off.ask("/metrics").dump() == R"({"code":1090})");
}

TEST_CASE("promtool finds nothing to say about the metrics", "[api]") {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    WARN("promtool is not installed: not checked");
    return;
  }
  ServerInABox box;
  box.publish(0, box.request("live", "a\"b\\c", "fmle-publish"));
  box.play(1, box.request("live", "\xe6\xb5\x81\xff", "flv-play"));
  const auto file = std::filesystem::temp_directory_path() / ("weir-metrics-" + std::to_string(::getpid()));
  std::ofstream(file) << body_of(box.get("/metrics"));
  const std::string command = "promtool check metrics <" + file.string();
  CHECK(std::system(command.c_str()) == 0);
  std::filesystem::remove(file);
}
