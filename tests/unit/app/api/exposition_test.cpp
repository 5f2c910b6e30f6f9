#include "app/api/exposition.h"

#include "support/catch.h"

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
