#include "app/api/exposition.h"

#include "support/catch.h"

namespace weir::test::exposition_test {

using weir::api::Exposition;

TEST_CASE("the text format: help, type, samples, escapes", "[api]") {
  Exposition out;
  out.metric("a_total", "counter", "What it counts.");
  out.sample(std::uint64_t{18446744073709551615u});
  out.metric("b", "gauge", "Another.");
  out.sample(0.25, {{"x", "1"}, {"empty", ""}, {"y", "a\"b\\c\nd\te"}});
  CHECK(out.take() ==
        "# HELP a_total What it counts.\n# TYPE a_total counter\na_total 18446744073709551615\n"
        "# HELP b Another.\n# TYPE b gauge\nb{x=\"1\",y=\"a\\\"b\\\\c\\nd e\"} 0.25\n");
}

TEST_CASE("label values are UTF-8 whatever came in", "[api]") {
  const auto coded = [](std::string_view value) {
    Exposition out;
    out.metric("m", "gauge", "h");
    out.sample(1.0, {{"l", value}});
    const std::string text = out.take();
    const std::size_t begin = text.find("l=\"") + 3;
    return text.substr(begin, text.rfind('"') - begin);
  };
  const std::string lost = "\xef\xbf\xbd";
  CHECK(coded("\xe6\xb5\x81\xf0\x9f\x8e\xa5") == "\xe6\xb5\x81\xf0\x9f\x8e\xa5");
  CHECK(coded("a\xff"
              "b") == "a" + lost + "b");
  CHECK(coded("\xe6\xb5") == lost + lost);                        // cut short
  CHECK(coded("\xc0\xaf") == lost + lost);                        // overlong '/'
  CHECK(coded("\xe0\x80\xaf") == lost + lost + lost);             // overlong
  CHECK(coded("\xed\xa0\x80") == lost + lost + lost);             // surrogate
  CHECK(coded("\xf4\x90\x80\x80") == lost + lost + lost + lost);  // beyond U+10FFFF
}

TEST_CASE("OpenMetrics: families, units, when counting began, the end", "[api]") {
  Exposition out(Exposition::Format::open_metrics, 1'500'000'000.25);
  out.metric("a_bytes_total", "counter", "What it counts.");
  out.sample(std::uint64_t{7}, {{"x", "1"}});
  out.metric("s_total", "counter", "Of a stream.", Exposition::Since::unknown);
  out.sample(std::uint64_t{8});
  out.metric("b_info", "gauge", "Which it is.");
  out.sample(std::uint64_t{1}, {{"version", "2"}});
  out.metric("c", "gauge", "Now.");
  out.sample(0.5);
  out.metric("c_total", "counter", "Ever.");  // its family would have the gauge's name
  out.sample(std::uint64_t{9});
  CHECK(out.take() ==
        "# HELP a_bytes What it counts.\n# TYPE a_bytes counter\n# UNIT a_bytes bytes\n"
        "a_bytes_total{x=\"1\"} 7\na_bytes_created{x=\"1\"} 1500000000.250\n"
        "# HELP s Of a stream.\n# TYPE s counter\ns_total 8\n"
        "# HELP b Which it is.\n# TYPE b info\nb_info{version=\"2\"} 1\n"
        "# HELP c Now.\n# TYPE c gauge\nc 0.5\n"
        "# HELP c_total Ever.\n# TYPE c_total unknown\nc_total 9\n# EOF\n");
}

TEST_CASE("a histogram adds up its buckets and has the same names in both formats", "[api]") {
  weir::base::Durations took;
  took.note(std::chrono::microseconds(100));
  took.note(std::chrono::milliseconds(900));
  took.note(std::chrono::seconds(31));
  for (const auto format : {Exposition::Format::text, Exposition::Format::open_metrics}) {
    Exposition out(format, 1'500'000'000);
    out.metric("d_seconds", "histogram", "How long.");
    out.sample(took, {{"x", "1"}});
    const std::string text = out.take();
    for (const char* line :
         {"# TYPE d_seconds histogram\n", "\nd_seconds_bucket{x=\"1\",le=\"0.0001\"} 1\n",
          "\nd_seconds_bucket{x=\"1\",le=\"0.5\"} 1\n", "\nd_seconds_bucket{x=\"1\",le=\"1.0\"} 2\n",
          "\nd_seconds_bucket{x=\"1\",le=\"30.0\"} 2\n", "\nd_seconds_bucket{x=\"1\",le=\"+Inf\"} 3\n",
          "\nd_seconds_sum{x=\"1\"} 31.9001\n", "\nd_seconds_count{x=\"1\"} 3\n"}) {
      INFO(line << "\n" << text);
      CHECK(text.find(line) != std::string::npos);
    }
    const bool open = format == Exposition::Format::open_metrics;
    CHECK((text.find("\nd_seconds_created{x=\"1\"} 1500000000.000\n") != std::string::npos) == open);
    CHECK((text.find("# UNIT d_seconds seconds\n") != std::string::npos) == open);
  }
}

TEST_CASE("OpenMetrics goes to whoever prefers it", "[api]") {
  using weir::api::format_wanted;
  const auto is_open = [](std::string_view accept) {
    return format_wanted(accept) == Exposition::Format::open_metrics;
  };
  CHECK(is_open("application/openmetrics-text; version=1.0.0"));
  CHECK(is_open("Application/OpenMetrics-Text;Version=\"1.0.0\";charset=utf-8"));
  // As Prometheus 2.42 asks.
  CHECK(
      is_open("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
              "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
  CHECK(is_open("text/plain;q=0.5, application/openmetrics-text;q=0.5"));
  for (const char* accept :
       {"", "*/*", "text/plain", "application/openmetrics-text;version=2.0.0", "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=nan", "application/openmetrics-text;q=0.4,text/plain;q=0.5", ",,;;=,",
        "application/openmetrics-text;q=x"}) {
    INFO(accept);
    CHECK_FALSE(is_open(accept));
  }
}

}  // namespace weir::test::exposition_test
