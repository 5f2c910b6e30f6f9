#include "config/parser.h"

#include "unit/config/support.h"

namespace weir::test::parser_test {

using namespace weir::config;
using test::all;

namespace {

struct Parsed {
  std::vector<Node> nodes;
  Report report;
};

Parsed parse_text(std::string_view text) {
  Parsed parsed;
  Problems problems;
  parsed.nodes = parse(text, std::make_shared<const std::string>("t.conf"), problems);
  std::move(problems).move_to(parsed.report);
  return parsed;
}

std::string show(const std::vector<Node>& nodes) {
  std::string text;
  for (const Node& node : nodes) {
    text += fmt::format("{}:{}", node.place.line, node.name);
    for (const auto& word : node.words) text += "," + word;
    text += node.is_block ? "{" + show(node.children) + "}" : ";";
  }
  return text;
}

}  // namespace

TEST_CASE("directives and blocks with their lines", "[config]") {
  const auto parsed = parse_text("listen 1935 19350;\n\nvhost a.b {\n\tplay {\n  gop_cache on; }\n}\nlast x;");
  CHECK(all(parsed.report.errors).empty());
  CHECK(show(parsed.nodes) == "1:listen,1935,19350;3:vhost,a.b{4:play{5:gop_cache,on;}}7:last,x;");
}

TEST_CASE("every kind of line end counts one line", "[config]") {
  CHECK(show(parse_text("a 1;\nb 2;\r\nc 3;\rd 4;\n\re 5;").nodes) == "1:a,1;2:b,2;3:c,3;4:d,4;6:e,5;");
}

TEST_CASE("quotes, comments and odd characters in words", "[config]") {
  const auto one = [](std::string_view text) { return show(parse_text(text).nodes); };
  CHECK(one(R"(a "b c" 'd "e"';)") == R"(1:a,b c,d "e";)");
  CHECK(one(R"(a "x#;{}y" z;)") == "1:a,x#;{}y,z;");
  CHECK(one(R"(a "";)") == "1:a,;");
  CHECK(one("a b#c; # d e;\n# f g;\nh;") == "1:a,b#c;3:h;");  // '#' begins a comment only where a word could begin
  CHECK(one(R"(a b"c"d;)") == R"(1:a,b"c"d;)");
  CHECK(one(R"(a \n;)") == "1:a,\\n;");  // no escapes
  CHECK(one("a x}y;") == "1:a,x}y;");
  CHECK(one("a{b;}") == "1:a{1:b;}");
  CHECK(one("\xef\xbb\xbf"
            "a;") == "1:a;");
  CHECK(one("# only a comment") == "");
  CHECK(one("") == "");
}

TEST_CASE("each grammar mistake is told with its line", "[config]") {
  const auto errors = [](std::string_view text) { return all(parse_text(text).report.errors); };
  CHECK(errors("a;\nlisten 1935\nb;") == "t.conf:2: 'listen' is not ended by ';' or '{' on its line\n");
  CHECK(errors("\na b\n;c;") == "t.conf:2: 'a' is not ended by ';' or '{' on its line\n");
  CHECK(errors("vhost x\n{\n}\n") == "t.conf:1: 'vhost' is not ended by ';' or '{' on its line\n");
  CHECK(errors("v {\n a 1 }\n") == "t.conf:2: 'a' is not ended by ';' or '{' on its line\n");
  CHECK(errors("a;\n;\n") == "t.conf:2: ';' without a directive before it\n");
  CHECK(errors("a {\n};\n") == "t.conf:2: ';' without a directive before it\n");
  CHECK(errors("\n}\n") == "t.conf:2: '}' without a '{' before it\n");
  CHECK(errors("\n{ a; }\n") == "t.conf:2: '{' without a name before it\n");
  CHECK(errors("a;\nv {\n b;\n") == "t.conf:2: the block 'v' is not closed by '}'\n");
  CHECK(errors("a;\nb c") == "t.conf:2: the file ends inside 'b': its ';' is missing\n");
  CHECK(errors("a;\nb \"c;\nd;") ==
        "t.conf:2: a quote is not closed on its line\nt.conf:2: 'b' is not ended by ';' or '{' on its line\n");
  CHECK(errors(std::string_view("a \0b;", 5)) == "t.conf:1: a control character stands in a word\n");
}

TEST_CASE("after a mistake reading goes on", "[config]") {
  const auto parsed = parse_text("a 1\nb 2;\n;\nc {\n d 3\n}\ne 4");
  CHECK(show(parsed.nodes) == "1:a,1;2:b,2;4:c{5:d,3;}7:e,4;");
  CHECK(parsed.report.errors.size() == 4);
}

TEST_CASE("nesting, number of directives and of messages are bounded", "[config]") {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a {";
  CHECK(all(parse_text(deep).report.errors) == "t.conf:1: blocks are nested deeper than 32\n");

  std::string many;
  for (int i = 0; i < 100'001; ++i) many += "a;";
  CHECK(all(parse_text(many).report.errors) == "t.conf:1: too many directives\n");

  const auto report = parse_text(std::string(1000, ';')).report;
  CHECK(report.errors.size() == 201);
  CHECK(report.errors.back().text() == "t.conf: and 800 more");
}

}  // namespace weir::test::parser_test
