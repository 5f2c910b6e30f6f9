// What the API adds: decided, kept, and taken back.
#include "app/overlay/change.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/source_rules.h"
#include "support/catch.h"

namespace weir::test::change_test {

using overlay::Change;
using overlay::File;
using overlay::Outcome;
using What = overlay::Change::What;

namespace {

struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("weir-overlay-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file() const { return (path / "o.conf").string(); }
  std::string text(const std::string& end = "") const {
    std::ifstream in(file() + end);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }
  std::filesystem::path path;
};

// A server that runs what is decided.
struct Running {
  explicit Running(const Folder& folder, const std::string& allow = "", File::Write write = File::write_some)
      : file(folder.file(), std::move(write)) {
    const std::string text = "listen 1935;\nhttp_api { overlay " + folder.file() + "; " + allow +
                             " }\nvhost a { source live/old { url http://h/old.flv; } }\n";
    const auto report = config::load_text("m.conf", text, {});
    INFO((report.errors.empty() ? "" : report.errors.front().text()));
    REQUIRE(report.config);
    config = report.config;
  }
  Outcome decide(Change change) {
    Outcome outcome = overlay::decide(*config, change, file, {});
    if (outcome.config) config = outcome.config;
    return outcome;
  }
  Outcome add(const std::string& kind, const std::string& scope, const std::string& url) {
    config::Node entry{.name = kind, .words = {scope}, .is_block = true};
    entry.children.push_back({.name = "url", .words = {url}});
    return decide({.what = What::add, .vhost = "a", .entry = entry});
  }
  Outcome remove(const std::string& kind, const std::string& name) {
    return decide({.what = What::remove, .kind = kind, .name = name});
  }
  const config::Vhost& vhost() const { return *config->vhosts.front(); }

  File file;
  std::shared_ptr<const config::Config> config;
};

}  // namespace

TEST_CASE("what is added runs, is kept, and can be removed", "[overlay]") {
  const Folder folder;
  Running server(folder);
  const Outcome added = server.add("source", "live/x", "http://h.example/x.flv");
  CHECK(added.error.empty());
  CHECK(added.name == config::name_of(server.vhost().sources.back()));
  CHECK(server.vhost().sources.size() == 2);
  struct stat info{};
  REQUIRE(::stat(folder.file().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(folder.files() == 2);  // it and the one before
  const Outcome pushed = server.add("push", "live", "rtmp://h.example/app/key");
  CHECK(pushed.error.empty());
  CHECK(server.vhost().pushes.size() == 1);
  // A start, or a reload, reads it.
  CHECK(Running(folder).vhost().sources.size() == 2);
  CHECK(Running(folder).vhost().pushes.size() == 1);
  CHECK(server.remove("source", added.name).error.empty());
  CHECK(server.vhost().sources.size() == 1);
  CHECK(server.vhost().pushes.size() == 1);
  CHECK(server.remove("push", pushed.name).error.empty());
  CHECK(folder.text().find("vhost") == std::string::npos);
  CHECK(server.remove("push", pushed.name).status == 404);
}

TEST_CASE("what is configured stays", "[overlay]") {
  const Folder folder;
  Running server(folder);
  const Outcome outcome = server.remove("source", config::name_of(server.vhost().sources.front()));
  CHECK(outcome.status == 409);
  CHECK(outcome.error == "it is configured, at m.conf:3: what the API did not add it does not remove");
  CHECK(folder.files() == 0);
}

TEST_CASE("what is not good is refused, and nothing is written", "[overlay]") {
  const Folder folder;
  Running server(folder);
  CHECK(server.add("source", "live/x", "gopher://h/x").status == 400);
  CHECK(server.add("source", "live/x", "exec:rm -rf x").error.find("overlay_allow exec;") != std::string::npos);
  CHECK(server.add("source", "live/x", "http://127.0.0.1/x.flv").status == 400);
  CHECK(server.add("source", "live/x", "a\"b'c").status == 400);
  CHECK(server.decide({.what = What::add, .vhost = "b"}).status == 404);
  CHECK(folder.files() == 0);
  CHECK(server.add("source", "live/x", "http://h.example/x.flv").error.empty());
  CHECK(server.add("source", "live/x", "http://h.example/x.flv").status == 409);
  CHECK(server.vhost().sources.size() == 2);
}

TEST_CASE("what is added stays in its place", "[overlay]") {
  const Folder folder;
  Running server(folder);
  const std::string odd = "live/x; } } listen 1; vhost b { #";
  CHECK(server.add("source", odd, "http://h.example/x;y{z}.flv").error.empty());
  CHECK(server.config->vhosts.size() == 1);
  CHECK(server.vhost().sources.back().scope == odd);
  CHECK(Running(folder).vhost().sources.back().scope == odd);
}

TEST_CASE("one step is taken back", "[overlay]") {
  const Folder folder;
  Running server(folder);
  CHECK(server.decide({.what = What::undo}).status == 409);
  server.add("source", "live/x", "http://h.example/x.flv");
  server.add("source", "live/y", "rtmp://u:secret@h.example/live/y");
  const Outcome look = server.decide({.what = What::look});
  CHECK(look.can_undo);
  CHECK(look.text.find("live/y") != std::string::npos);
  CHECK(look.text.find("secret") == std::string::npos);
  REQUIRE_FALSE(look.undoable.empty());
  CHECK(look.undoable.front().path.find("vhost[a].source[live/y]") == 0);
  CHECK(server.decide({.what = What::undo}).error.empty());
  CHECK(server.vhost().sources.size() == 2);
  CHECK(Running(folder).vhost().sources.size() == 2);
  CHECK(server.decide({.what = What::undo}).status == 409);
}

TEST_CASE("a full disk changes nothing", "[overlay]") {
  const Folder folder;
  bool full = false;
  int calls = 0;
  Running server(folder, "", [&](int descriptor, std::string_view text) -> base::Result<std::size_t> {
    // A few bytes at a time, and of the second file there is only a part.
    if (full && ++calls > 3) return base::ErrorCode(ENOSPC, boost::system::system_category());
    return File::write_some(descriptor, text.substr(0, 50));
  });
  CHECK(server.add("source", "live/x", "http://h.example/x.flv").error.empty());
  const std::string before = folder.text();
  full = true;
  for (const auto& outcome : {server.add("source", "live/y", "http://h.example/y.flv"),
                              server.remove("source", config::name_of(server.vhost().sources.back()))}) {
    CHECK(outcome.status == 507);
    CHECK(outcome.error.find("No space left") != std::string::npos);
    CHECK(outcome.config == nullptr);
    calls = 0;
  }
  CHECK(folder.text() == before);
  CHECK(folder.files() == 2);
  CHECK(server.vhost().sources.size() == 2);
}

TEST_CASE("nothing is written through a link, and what others left is in nobody's way", "[overlay]") {
  const Folder folder;
  Running server(folder);
  std::ofstream(folder.path / "elsewhere") << "vhost a { }\n";
  std::filesystem::create_symlink(folder.path / "elsewhere", folder.path / "o.conf");
  CHECK(server.add("source", "live/x", "http://h.example/x.flv").config == nullptr);
  std::filesystem::remove(folder.path / "o.conf");
  std::filesystem::create_symlink(folder.path / "elsewhere", folder.path / "o.conf.new");
  CHECK(server.add("source", "live/x", "http://h.example/x.flv").error.empty());
  std::ifstream in(folder.path / "elsewhere");
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "vhost a { }\n");
  std::filesystem::remove(folder.path / "o.conf.before");
  std::filesystem::create_symlink(folder.path / "elsewhere", folder.path / "o.conf.before");
  CHECK(server.add("source", "live/y", "http://h.example/y.flv").config == nullptr);
  CHECK(server.decide({.what = What::undo}).status == 500);
}

TEST_CASE("an overlay that was spoilt by hand is told with its line", "[overlay]") {
  const Folder folder;
  Running server(folder);
  std::ofstream(folder.file()) << "vhost a {\n nonsense on;\n}\n";
  const Outcome outcome = server.add("source", "live/x", "http://h.example/x.flv");
  CHECK(outcome.status == 409);
  CHECK(outcome.error.find("o.conf:2: 'nonsense'") != std::string::npos);
}

TEST_CASE("a variable is set, set again and removed, and its value is in no answer", "[overlay][variables]") {
  const Folder folder;
  Running running(folder, "overlay_allow variables; } variables { own x;");
  const auto set = [&](const std::string& name, const std::string& value) {
    return running.decide({.what = What::set, .entry = {.words = {value}}, .name = name});
  };
  CHECK(set("key", "s3cret").name == "key");
  REQUIRE(running.add("push", "live", "rtmp://h.example/app/$key").error.empty());
  CHECK(running.vhost().pushes[0].url == "rtmp://h.example/app/s3cret");
  CHECK(set("key", "other value; }").error.empty());
  CHECK(running.vhost().pushes[0].url == "rtmp://h.example/app/other value; }");
  CHECK(folder.text().find("key \"other value; }\";") != std::string::npos);
  const Outcome look = running.decide({.what = What::look});
  CHECK(look.text.find("other value") == std::string::npos);
  CHECK(look.text.find("key (hidden);") != std::string::npos);
  // What undo would take back: the variable has another text, and its text is not told.
  CHECK(std::ranges::count(look.undoable,
                           config::Change{"variables.key", "(hidden)", "(hidden)", config::Effect::live}) == 1);
  CHECK(set("own", "y").status == 409);
  CHECK(set("own", "y").error.find("m.conf:2") != std::string::npos);
  CHECK(set("a-b", "y").status == 400);
  CHECK(set("key", std::string(4097, 'x')).status == 400);
  CHECK(set("key", "a\nb").status == 400);
  CHECK(set("key", "a\"b'c").status == 400);
  CHECK(set("key", "exec:rm -rf").error.find("s3cret") == std::string::npos);
  CHECK(running.remove("variable", "key").status == 400);  // a push names it
  CHECK(running.remove("variable", "none").status == 404);
  CHECK(running.remove("push", config::name_of(running.vhost().pushes[0])).error.empty());
  CHECK(running.remove("variable", "key").error.empty());
  CHECK(running.config->variables.size() == 1);
  CHECK(running.decide({.what = What::look}).undoable ==
        std::vector<config::Change>{{"variables.key", "(hidden)", "", config::Effect::live}});
  CHECK(running.decide({.what = What::undo}).error.empty());
  CHECK(running.config->variables.size() == 2);
  CHECK(running.remove("variable", "key").error.empty());
  Running closed(folder, "");
  CHECK(closed.decide({.what = What::set, .entry = {.words = {"v"}}, .name = "key"}).status == 409);
}

TEST_CASE("the sound of a push that is added is looked at, and is a file that the API may name", "[overlay]") {
  const Folder folder;
  config::Surroundings surroundings;
  surroundings.fault_of_sound = [](const config::Config&, const std::string& file) {
    return std::string(file == "good.aac" ? "" : "there is no such file");
  };
  const auto add = [&](const Running& running, const std::string& audio) {
    config::Node entry{.name = "push", .words = {"live/a"}, .is_block = true};
    entry.children.push_back({.name = "url", .words = {"rtmp://h/live/a"}});
    entry.children.push_back({.name = "audio", .words = {audio}});
    const Change change{.what = What::add, .vhost = "a", .entry = entry};
    return overlay::decide(*running.config, change, running.file, surroundings);
  };
  CHECK(add(Running(folder), "good.aac").error.find("overlay_allow file") != std::string::npos);
  Running running(folder, "overlay_allow file;");
  const Outcome bad = add(running, "bad.aac");
  CHECK(bad.status == 400);
  CHECK(bad.error == "audio 'bad.aac': there is no such file");
  CHECK(add(running, "../good.aac").status == 400);
  CHECK(folder.text().empty());
  const Outcome good = add(running, "good.aac");
  REQUIRE(good.config);
  CHECK(good.config->vhosts.front()->pushes.at(0).audio == "good.aac");
  // A file that is gone keeps no server from starting that had it from the API.
  surroundings.fault_of_sound = [](const config::Config&, const std::string&) { return std::string("it is gone"); };
  const std::string text = "listen 1935;\nhttp_api { overlay " + folder.file() +
                           "; overlay_allow file; }\nvhost a { source live/old { url http://h/old.flv; } }\n";
  const auto again = config::load_text("m.conf", text, surroundings);
  CHECK(again.config);
  CHECK(again.warnings.size() == 1);
}

}  // namespace weir::test::change_test
