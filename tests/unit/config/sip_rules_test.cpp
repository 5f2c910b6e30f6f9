#include "support/catch.h"
#include "unit/config/support.h"

namespace weir::test::sip_rules_test {

namespace {

std::string errors_of(const std::string& sip) {
  const auto report = config::load_text("test.conf",
                                        "listen 1935; max_connections 100;\nstream_caster { enabled on; caster "
                                        "gb28181; output rtmp://127.0.0.1/live/[stream]; "
                                        "listen 9000;\nsip {\n" +
                                            sip + "\n} }\nvhost __defaultVhost__ { }\n",
                                        {});
  std::string out;
  for (const auto& one : report.errors) out += one.text() + "\n";
  return out;
}

}  // namespace

TEST_CASE("what SIP cannot do is told with its place", "[config]") {
  CHECK(errors_of("listen 5060; id 34020000002000000001; password x;") == "");
  CHECK(errors_of("id 3402;").find("test.conf:4") != std::string::npos);
  CHECK(errors_of("id 3402;").find("sip id '3402' is not 20 digits") != std::string::npos);
  CHECK(errors_of("domain camera.example;").find("is not 8 to 20 digits") != std::string::npos);
  CHECK(errors_of("candidate media.example.org;").find("is no IP address") != std::string::npos);
  CHECK(errors_of("candidate 203.0.113.5;") == "");
  CHECK(errors_of("device 34020000001320000001 { password x; }\ndevice 34020000001320000001 { }")
            .find("is there twice") != std::string::npos);
  CHECK(errors_of("device ../../x { }").find("is not 1 to 20 letters and digits") != std::string::npos);
  CHECK(errors_of("enabled off; id 3402;") == "");
}

}  // namespace weir::test::sip_rules_test
