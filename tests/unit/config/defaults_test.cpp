#include <algorithm>
#include <map>
#include <sstream>

#include "config/schema.h"
#include "unit/config/spec_defaults.h"
#include "unit/config/support.h"

namespace weir::test::defaults_test {

using namespace weir::config;
using test::good;

namespace {

struct Listed {
  const Directive* row;
  bool readable;
};

std::map<std::string, Listed> every_row() {
  std::map<std::string, Listed> rows;
  const auto visit = [&](const std::string& path, const Directive& row, bool readable) {
    rows[path] = {&row, readable};
  };
  walk(root_rows(), "", visit);
  return rows;
}

std::string type_letters(const Type& type) {
  switch (type.kind) {
    case Kind::flag_off:
      return "B-";
    case Kind::flag_on:
      return "B+";
    case Kind::integer:
      return "I";
    case Kind::number:
      return "F";
    case Kind::duration:
      return type.unit_ms == 1000 ? "s" : "ms";
    case Kind::bytes:
      return "b";
    case Kind::text:
      return "S";
    case Kind::words:
      return "L";
    case Kind::endpoints:
      return "E";
    case Kind::choice:
      return "C";
    default:
      return "?";
  }
}

}  // namespace

TEST_CASE("each default, type and variable is that of the specification", "[config]") {
  const auto rows = every_row();
  std::istringstream list(std::string(test::spec_server) + test::spec_vhost + test::spec_segments);
  std::size_t count = 0;
  for (std::string line; std::getline(list, line);) {
    std::istringstream in(line);
    std::string path, type, fallback, variable;
    if (!(in >> path >> type >> fallback)) continue;
    in >> variable;
    INFO(line);
    const auto found = rows.find(path);
    REQUIRE(found != rows.end());
    const auto& [row, readable] = found->second;
    // Two flags where SRS has one reading if they are written and the other default if not.
    if (path != "query_latest_version") CHECK(type_letters(row->type) == type);
    CHECK(row->fallback == (fallback == "-" ? "" : fallback));
    if (!variable.empty()) {
      const auto names = environment_names(*row, path);
      CHECK(readable);
      CHECK(std::find(names.begin(), names.end(), variable) != names.end());
    }
    ++count;
  }
  CHECK(count > 240);
}

TEST_CASE("the defaults of the structs are those of the schema", "[config]") {
  const auto loaded = good(test::load("listen 1935; vhost __defaultVhost__ {}"));
  const Config plain;
  CHECK(loaded->rtmp.listen == std::vector<Endpoint>{{"", 1935}});
  CHECK(loaded->rtmp.chunk_size == plain.rtmp.chunk_size);
  CHECK(loaded->rtmp.max_message_bytes == plain.rtmp.max_message_bytes);
  CHECK(loaded->rtmp.handshake_timeout == plain.rtmp.handshake_timeout);
  CHECK(loaded->rtmp.connect_timeout == plain.rtmp.connect_timeout);
  CHECK(loaded->rtmps == plain.rtmps);
  CHECK(loaded->log == plain.log);
  CHECK(loaded->process == plain.process);
  CHECK(loaded->workers == plain.workers);
  CHECK(loaded->pithy_print == plain.pithy_print);
  CHECK(loaded->empty_ip_ok == plain.empty_ip_ok);
  CHECK(loaded->limits == plain.limits);
  CHECK(loaded->tls == plain.tls);
  CHECK(loaded->trusted_proxies == plain.trusted_proxies);
  CHECK(loaded->circuit_breaker == plain.circuit_breaker);
  CHECK(loaded->heartbeat == plain.heartbeat);
  CHECK(loaded->otlp == plain.otlp);
  CHECK(loaded->registry == plain.registry);
  CHECK(loaded->stats == plain.stats);
  CHECK(loaded->exporter == plain.exporter);
  CHECK(loaded->http_server == plain.http_server);
  CHECK(loaded->http_api == plain.http_api);
  CHECK(loaded->srt_servers == plain.srt_servers);
  CHECK(loaded->rtc_server == plain.rtc_server);
  CHECK(loaded->rtsp_server == plain.rtsp_server);

  const Vhost& vhost = *loaded->vhosts.at(0);
  const Vhost bare;
  CHECK(vhost.play == bare.play);
  CHECK(vhost.publish == bare.publish);
  CHECK(vhost.refer == bare.refer);
  CHECK(vhost.security == bare.security);
  CHECK(vhost.auth == bare.auth);
  CHECK(vhost.stream_limits == bare.stream_limits);
  CHECK(vhost.exec == bare.exec);
  CHECK(vhost.cluster == bare.cluster);
  CHECK(vhost.forward == bare.forward);
  CHECK(vhost.http_hooks == bare.http_hooks);
  CHECK(vhost.http_static == bare.http_static);
  CHECK(vhost.http_remux == bare.http_remux);
  CHECK(vhost.hls == bare.hls);
  CHECK(vhost.dash == bare.dash);
  CHECK(vhost.hds == bare.hds);
  CHECK(vhost.dvr == bare.dvr);
  CHECK(vhost.rtc == bare.rtc);
  CHECK(vhost.srt == bare.srt);
  CHECK(vhost.rtsp == bare.rtsp);
  CHECK(vhost == bare);
}

TEST_CASE("the defaults of repeated blocks too", "[config]") {
  const auto config = good(test::load(
      "stream_caster {} vhost a { transcode { engine e {} } ingest i { engine {} } process p { enabled off; } }"));
  CHECK(config->stream_casters.at(0).sip == StreamCaster::Sip{});
  const Vhost& vhost = *config->vhosts.at(0);
  Engine engine;
  CHECK(vhost.ingests.at(0).engines.at(0) == engine);
  engine.name = "e";
  CHECK(vhost.transcodes.at(0).engines.at(0) == engine);
  Ingest ingest;
  ingest.id = "i";
  ingest.engines = {Engine{}};
  CHECK(vhost.ingests.at(0) == ingest);
  StreamProcess process;
  process.name = "p";
  process.enabled = false;
  CHECK(vhost.processes.at(0) == process);
  CHECK_FALSE(vhost.transcodes.at(0).pipe);
}

TEST_CASE("every row of the schema is whole", "[config]") {
  for (const auto& [path, listed] : every_row()) {
    INFO(path);
    const Directive& row = *listed.row;
    CHECK_FALSE(row.meaning.empty());
    CHECK(row.meaning.back() != ' ');
    if (row.is_block()) {
      CHECK(row.children != nullptr);
      continue;
    }
    CHECK((row.store != nullptr || row.read != nullptr || row.type.kind == Kind::ignored));
    if (row.fallback.empty()) continue;
    const auto reading = read_value(row.type, split_words(row.fallback));
    CHECK(reading.error.empty());
    CHECK(reading.warning.empty());
    CHECK(reading.value);
  }
}

}  // namespace weir::test::defaults_test
