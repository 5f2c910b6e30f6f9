// Names that stand for texts in URLs.
#include "config/variables.h"

#include "config/source_rules.h"
#include "unit/config/support.h"

namespace weir::test::variables_test {

using namespace weir::config;
using test::all;
using test::good;

namespace {

const std::vector<Variable> known{{"host", "10.0.0.1"}, {"key", "s3cret"}, {"host2", "b"}};

Report load(const std::string& variables, const std::string& vhost) {
  Surroundings surroundings;
  surroundings.environment = {{"KEY", "s3cret"}};
  surroundings.read_file = test::reader({{"k.txt", "s3cret\n"}, {"odd.txt", "a\nb"}});
  return load_text("t.conf", "listen 1935;\nvariables { " + variables + " }\nvhost a { " + vhost + " }", surroundings);
}

}  // namespace

TEST_CASE("a variable is called by a dollar sign", "[config][variables]") {
  const auto filled = [](std::string_view text) { return fill_variables(text, known).text; };
  CHECK(filled("rtmp://$host/live/$key") == "rtmp://10.0.0.1/live/s3cret");
  CHECK(filled("$host2$host") == "b10.0.0.1");
  CHECK(filled("${host}2") == "10.0.0.12");
  CHECK(filled("a$$b") == "a$b");
  CHECK(filled("plain").empty() == false);
  CHECK(fill_variables("$key", known).secrets == std::vector<std::string>{"s3cret"});
  CHECK(fill_variables("$nobody", known).fault.find("no variable 'nobody'") != std::string::npos);
  CHECK_FALSE(fill_variables("${host", known).fault.empty());
  CHECK_FALSE(fill_variables("$", known).fault.empty());
  CHECK_FALSE(fill_variables("${}", known).fault.empty());
}

TEST_CASE("variables are filled in before URLs are looked at, and are not shown", "[config][variables]") {
  for (const char* said : {"key s3cret;", "key env:KEY;", "key file:k.txt;"}) {
    INFO(said);
    const auto config = good(load(said,
                                  "source live/x { url http://h/$key.flv; } push live { url rtmp://h/app/$key; } "
                                  "forward { enabled on; destination $key:1935; }"));
    const Vhost& vhost = *config->vhosts.front();
    CHECK(vhost.sources[0].urls[0] == "http://h/s3cret.flv");
    CHECK(vhost.sources[0].written.urls[0] == "http://h/$key.flv");
    CHECK(vhost.pushes[0].url == "rtmp://h/app/s3cret");
    CHECK(vhost.forward.destination[0] == "s3cret:1935");
    for (const auto& [path, value] : config->written) {
      CHECK((path == "variables" || value.find("s3cret") == std::string::npos));
      CHECK(shown_value(path, value).find("s3cret") == std::string::npos);
    }
  }
  CHECK(all(load("key ftp;", "source live/x { url $key://s3cret/x; }").errors) ==
        "t.conf:3: source live/x: '$key://s3cret/x' cannot be fetched: streams are fetched by rtmp, rtmps, srt, rist, "
        "udp, "
        "rtp, "
        "tcp, http, https, file and exec alone\n");
  // The name of a source does not tell what its variables hold.
  const auto one = good(load("key a;", "source live/x { url http://h/$key.flv; }"));
  const auto other = good(load("key b;", "source live/x { url http://h/$key.flv; }"));
  CHECK(name_of(one->vhosts[0]->sources[0]) == name_of(other->vhosts[0]->sources[0]));
}

TEST_CASE("what is wrong with a variable is told with its line", "[config][variables]") {
  const auto errors = [](const std::string& variables, const std::string& vhost = "") {
    return all(load(variables, vhost).errors);
  };
  CHECK(errors("key env:NONE;") == "t.conf:2: the environment has no variable 'NONE'\n");
  CHECK(errors("key file:none.txt;").find("t.conf:2: 'none.txt' cannot be read: ") == 0);
  CHECK(errors("key file:odd.txt;") == "t.conf:2: what 'key' stands for is too long, or has a control character\n");
  CHECK(errors("key a b;") == "t.conf:2: a variable is NAME VALUE; its name has letters, digits and '_'\n");
  CHECK(errors("k-y a;") == "t.conf:2: a variable is NAME VALUE; its name has letters, digits and '_'\n");
  CHECK(errors("key a; key b;") == "t.conf:2: 'key' is written twice\n");
  CHECK(errors("key a;", "source live/x { url http://h/$kez; }") ==
        "t.conf:3: 'http://h/$kez': there is no variable 'kez'; a dollar sign is written $$\n");
}

TEST_CASE("where there are no variables a dollar sign is one", "[config][variables]") {
  const auto config = good(test::load("vhost a { source live/x { url http://h/a$b.flv; } }"));
  CHECK(config->vhosts.front()->sources[0].urls[0] == "http://h/a$b.flv");
}

TEST_CASE("an overlay has variables if it may", "[config][variables][overlay]") {
  const auto errors = [](const std::string& allow) {
    Surroundings surroundings;
    surroundings.read_file = test::reader({{"o.conf", "vhost a { push live { url rtmp://h/app/$key; } }"}});
    return all(
        load_text("t.conf",
                  "listen 1935;\nvariables { key s3cret; }\nhttp_api { overlay o.conf; " + allow + " }\nvhost a { }",
                  surroundings)
            .errors);
  };
  CHECK(errors("") ==
        "o.conf:1: a variable cannot be used here unless 'overlay_allow variables;' of http_api says so\n");
  CHECK(errors("overlay_allow variables;").empty());
}

TEST_CASE("a variable whose command has said nothing yet holds up what names it", "[config][variables]") {
  Surroundings surroundings;
  std::optional<std::string> said;
  surroundings.said_by_command = [&](const Variable& variable) {
    CHECK(variable.command == std::vector<std::string>{"get-key", "--of", "a b"});
    CHECK(variable.every == std::chrono::seconds(30));
    CHECK(variable.timeout == std::chrono::seconds(2));
    return said;
  };
  const std::string text =
      "listen 1935;\nvariables { key { command get-key --of 'a b'; every 30; timeout 2; } }\nvhost a {"
      " source live/x { url http://h/$key.flv; } push live { url rtmp://h/app/$key; }"
      " forward { enabled on; destination $key:1935 other:1935; } }";
  const auto waits = good(load_text("t.conf", text, surroundings));
  CHECK_FALSE(waits->vhosts[0]->sources[0].enabled);
  CHECK(waits->vhosts[0]->sources[0].written.waits_for == "key");
  CHECK_FALSE(waits->vhosts[0]->pushes[0].enabled);
  CHECK(waits->vhosts[0]->forward.destination.empty());
  CHECK_FALSE(waits->variables[0].known);
  said = "s3cret";
  const auto goes = good(load_text("t.conf", text, surroundings));
  CHECK(goes->vhosts[0]->sources[0].enabled);
  CHECK(goes->vhosts[0]->sources[0].urls[0] == "http://h/s3cret.flv");
  CHECK(goes->vhosts[0]->pushes[0].url == "rtmp://h/app/s3cret");
  CHECK(goes->vhosts[0]->forward.destination == std::vector<std::string>{"s3cret:1935", "other:1935"});
  CHECK(goes->variables[0].known);
  // `weir -t` runs nothing.
  CHECK_FALSE(good(load_text("t.conf", text, {}))->vhosts[0]->sources[0].enabled);
}

TEST_CASE("what is wrong with the command of a variable is told with its line", "[config][variables]") {
  const auto errors = [](const std::string& variables) { return all(load(variables, "").errors); };
  CHECK(errors("key { command x; }").empty());
  CHECK(errors("key { every 5; }") == "t.conf:2: 'key' names no command\n");
  CHECK(errors("key { command; }") == "t.conf:2: 'key' names no command\n");
  CHECK(errors("key { command x; every 0; }") == "t.conf:2: 'every' is a number of seconds from 1 to 2592000\n");
  CHECK(errors("key { command x; timeout 61; }") == "t.conf:2: 'timeout' is a number of seconds from 1 to 60\n");
  CHECK(errors("key { command x; shell on; }") == "t.conf:2: a variable has no 'shell': command, every and timeout\n");
  CHECK(errors("key { command { x; } }").find("t.conf:2: 'command' is no block\n") == 0);
}

TEST_CASE("what the API set is a text, and leads where the API may lead", "[config][variables][overlay]") {
  const auto load_with = [](const std::string& value, const std::string& allow) {
    Surroundings surroundings;
    surroundings.environment = {{"HOME", "/root"}};
    surroundings.read_file = test::reader({{"o.conf", "variables { key " + value + "; }"}});
    return load_text("t.conf",
                     "listen 1935;\nhttp_api { overlay o.conf; overlay_allow " + allow +
                         "; }\nvhost a { source live/x { url $key; } }",
                     surroundings);
  };
  CHECK(all(load_with("http://example.org/a.flv", "local").errors) ==
        "o.conf:1: variables cannot be set here unless 'overlay_allow variables;' of http_api says so\n");
  const auto config = good(load_with("http://example.org/a.flv", "variables"));
  CHECK(config->vhosts[0]->sources[0].urls[0] == "http://example.org/a.flv");
  CHECK(config->vhosts[0]->sources[0].public_only);
  CHECK(config->variables[0].from == Variable::From::api);
  CHECK(all(load_with("exec:sh", "variables").errors) ==
        "t.conf:3: a program cannot be added here unless 'overlay_allow exec;' of http_api says so\n");
  CHECK(all(load_with("http://127.0.0.1/a.flv", "variables").errors).find("an address of this machine") !=
        std::string::npos);
  CHECK_FALSE(good(load_with("http://127.0.0.1/a.flv", "variables local"))->vhosts[0]->sources[0].public_only);
  CHECK_FALSE(load_with("env:HOME", "variables").config);  // is no URL, and nobody's environment
  CHECK_FALSE(load_with("{ command sh; }", "variables exec").config);
}

TEST_CASE("what a variable stands for is in no fault of the URL that it is filled into", "[config][variables]") {
  Surroundings surroundings;
  surroundings.environment = {{"KEY", "passphrase=0123456789&s3cr3tword"}};
  for (const std::string url :
       {"srt://192.0.2.1:9000?$key", "rist://192.0.2.1:9000?$key", "udp://192.0.2.1:9000?$key"}) {
    for (const std::string& block : {"source live/x { url " + url + "; }", "push live/x { url " + url + "; }",
                                     "forward { enabled on; destination " + url + "; }"}) {
      const auto report =
          load_text("t.conf", "listen 1935;\nvariables { key env:KEY; }\nvhost a { " + block + " }", surroundings);
      INFO(block << all(report.errors));
      CHECK_FALSE(report.config);
      CHECK(all(report.errors).find("s3cr3tword") == std::string::npos);
      CHECK(all(report.errors).find("0123456789") == std::string::npos);
    }
  }
  // What stands in the file is told.
  const auto report = load_text(
      "t.conf", "listen 1935;\nvariables { key v; }\nvhost a { source live/x { url srt://192.0.2.1:9000?od=$key; } }",
      surroundings);
  CHECK(all(report.errors).find("SRT has no option 'od'") != std::string::npos);
}

}  // namespace weir::test::variables_test
