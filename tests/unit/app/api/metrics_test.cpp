#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::metrics_test {

using test::body_of;
using test::contains;
using test::ServerInABox;

TEST_CASE("metrics have SRS's names and types", "[api]") {
  ServerInABox box([](config::Config& config) { config.exporter.label = "cn-\"1\"\n"; });
  box.publish(0, box.request("live", "cam1", "fmle-publish"), {}, 5000, 0);
  const std::string answer = box.get("/metrics");
  CHECK(contains(answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  const std::string text = body_of(answer);
  for (const char* line :
       {"# TYPE weir_build_info gauge\nweir_build_info{version=\"",
        "# TYPE process_cpu_seconds_total counter\n",
        "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes ",
        "# TYPE process_start_time_seconds gauge\n",
        "# TYPE process_max_fds gauge\n",
        "# TYPE srs_node_uname_info gauge\nsrs_node_uname_info{sysname=\"Linux\",nodename=\"",
        "# TYPE srs_build_info gauge\n",
        "srs_build_info{server=\"vid-0a1b2c3\",service=\"7x9k2m4p\",pid=\"4242\",build_date=\"",
        ",label=\"cn-\\\"1\\\"\\n\"} 1\n",
        "# TYPE srs_cpu_percent gauge\nsrs_cpu_percent ",
        "# TYPE srs_memory gauge\nsrs_memory ",
        "# TYPE srs_send_bytes_total counter\nsrs_send_bytes_total ",
        "# TYPE srs_receive_bytes_total counter\nsrs_receive_bytes_total ",
        "# TYPE srs_streams gauge\nsrs_streams 1\n",
        "# TYPE srs_clients gauge\nsrs_clients 1\n",
        "# TYPE srs_clients_total counter\nsrs_clients_total 1\n",
        "# TYPE srs_clients_errs_total counter\nsrs_clients_errs_total 0\n",
        "weir_worker_lag_seconds{worker=\"1\"} ",
        ",major=\"",
        "weir_publishers{protocol=\"rtmp\"} 1\n",
        "weir_sessions_total{protocol=\"rtmp\"} 1\n",
        "weir_stream_errors_total{vhost=\"__defaultVhost__\",app=\"live\",stream=\"cam1\"} 0\n",
        "# TYPE weir_worker_batches_total counter\nweir_worker_batches_total{worker=\"0\"} ",
        "weir_stream_receive_bytes_total{vhost=\"__defaultVhost__\",app=\"live\",stream=\"cam1\"} 5000\n"}) {
    INFO(line << "\n" << text);
    CHECK(contains(text, line));
  }
  const std::string small = box.send("GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
  CHECK(contains(small, "Content-Encoding: gzip\r\n"));
  CHECK(body_of(small).size() < text.size() / 2);
  ServerInABox off([](config::Config& config) { config.http_api.metrics = false; });
  ServerInABox elsewhere([](config::Config& config) {
    config.http_api.metrics = false;
    config.exporter.enabled = true;
  });
  CHECK(elsewhere.ask("/metrics")["code"] == 1090);
  CHECK(off.ask("/metrics").dump() == R"({"code":1090,"message":"metrics are off: exporter, or metrics of http_api"})");
}

TEST_CASE("what the dashboard and the alerts ask for is there", "[api]") {
  const hooks::Figures hook_figures;
  const auth::Figures auth_figures;
  const auth::ConnectionGate connections;
  ServerInABox box;
  box.context->hooks = &hook_figures;
  box.context->auth = &auth_figures;
  box.context->connections = &connections;
  const auto parameters =
      std::make_shared<const media::CodecParameters>(media::CodecParameters{.codec = media::Codec::h264});
  box.publish(0, box.request("live", "a", "fmle-publish"),
              [&](hub::Input& source) { source.set_tracks({{media::TrackId::video, 1, parameters}}); });
  box.play(1, box.request("live", "a", "flv-play"));
  const std::string text = body_of(box.get("/metrics"));
  std::size_t names = 0;
  for (const char* file : {"dashboard.json", "alerts.yaml"}) {
    std::ifstream in(std::string(WEIR_SOURCE_DIR) + "/research/monitoring/" + file);
    const std::string asked{std::istreambuf_iterator<char>(in), {}};
    const std::regex name("(weir|srs)_[a-z_]+");
    for (std::sregex_iterator it(asked.begin(), asked.end(), name); it != std::sregex_iterator(); ++it) {
      INFO(it->str());
      std::string family = it->str();
      if (family.ends_with("_bucket")) family.resize(family.size() - 7);
      CHECK(contains(text, "\n# TYPE " + family + " "));
      ++names;
    }
  }
  CHECK(names > 20);
}

TEST_CASE("OpenMetrics by negotiation: each family once, with its own samples, to the end", "[api]") {
  hooks::Figures hook_figures;
  hook_figures.of(hooks::Hook::on_play).took.note(std::chrono::milliseconds(3));
  ServerInABox box;
  box.context->hooks = &hook_figures;
  box.context->revision = "0123456789ab";
  box.publish(0, box.request("live", "cam1", "fmle-publish"));
  box.play(1, box.request("live", "cam1", "flv-play"));
  const std::string answer =
      box.get("/metrics", 0, "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5\r\n");
  CHECK(contains(answer, "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
  CHECK(contains(answer, "Vary: Accept, Accept-Encoding\r\n"));
  std::string text = body_of(answer);
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK(contains(text, "# TYPE weir_build info\nweir_build_info{version=\""));
  CHECK(contains(text, "\",revision=\"0123456789ab\"} 1\n"));
  CHECK(contains(text, "weir_hook_duration_seconds_bucket{hook=\"on_play\",le=\"0.005\"} 1\n"));
  CHECK(contains(text, "# TYPE weir_delivery_seconds histogram\n# UNIT weir_delivery_seconds seconds\n"));

  std::set<std::string> families;
  std::string family, type;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line != "# EOF";) {
    INFO(line);
    std::istringstream words(line);
    std::string mark, keyword, name;
    words >> mark >> keyword;
    if (mark == "#") {
      words >> name;
      if (keyword == "TYPE") words >> type;
      if (keyword == "HELP") CHECK(families.insert(family = name).second);
      CHECK(name == family);
      if (keyword == "UNIT") CHECK(family.ends_with("_" + line.substr(line.rfind(' ') + 1)));
      continue;
    }
    const std::string sample = line.substr(0, line.find_first_of("{ "));
    REQUIRE(sample.starts_with(family));
    const std::string suffix = sample.substr(family.size());
    const std::set<std::string> known = type == "counter" ? std::set<std::string>{"_total", "_created"}
                                        : type == "info"  ? std::set<std::string>{"_info"}
                                        : type == "histogram"
                                            ? std::set<std::string>{"_bucket", "_sum", "_count", "_created"}
                                            : std::set<std::string>{""};
    CHECK(known.contains(suffix));
  }
  CHECK(families.size() > 60);
}

TEST_CASE("promtool finds nothing to say about the metrics", "[api]") {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    WARN("promtool is not installed: not checked");
    return;
  }
  ServerInABox box;
  box.publish(0, box.request("live", "a\"b\\c", "fmle-publish"));
  box.publish(1, box.request("live", "tracks", "fmle-publish"), [](hub::Input& source) {
    const auto parameters =
        std::make_shared<const media::CodecParameters>(media::CodecParameters{.codec = media::Codec::h264});
    source.set_tracks({{media::TrackId::video, 1, parameters}});
  });
  box.play(1, box.request("live", "\xe6\xb5\x81\xff", "flv-play"));
  const auto file = std::filesystem::temp_directory_path() / ("weir-metrics-" + std::to_string(::getpid()));
  std::ofstream(file) << body_of(box.get("/metrics"));
  const std::string command = "promtool check metrics <" + file.string();
  CHECK(std::system(command.c_str()) == 0);
  std::filesystem::remove(file);
}

}  // namespace weir::test::metrics_test
