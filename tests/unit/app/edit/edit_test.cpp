// The configuration's file, edited: checked, written as a whole, and taken back.
#include "app/edit/edit.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.h"

namespace weir::test::edit_test {

using edit::Change;
using edit::Outcome;
using overlay::File;
using What = edit::Change::What;

namespace {

const std::string first = "listen 1935;\nmax_connections 100;\n";
const std::string second = "listen 1935;\nmax_connections 200;\n";

struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("weir-edit-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    put("weir.conf", first);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  void put(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  std::string text(const std::string& name) const {
    std::ifstream in(path / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
  }
  std::filesystem::path path;
};

struct Running {
  explicit Running(const Folder& folder, const std::string& name = "weir.conf", File::Write write = File::write_some)
      : file((folder.path / name).string(), std::move(write), File::Mode::as_it_was) {
    config = config::load_text("weir.conf", first, {}).config;
    REQUIRE(config);
  }
  Outcome decide(Change change) const { return edit::decide(*config, change, "weir.conf", file, {}); }
  Outcome put(const std::string& text) const {
    return decide({.what = What::put, .text = text, .of = decide({}).digest});
  }
  File file;
  std::shared_ptr<const config::Config> config;
};

}  // namespace

TEST_CASE("the configuration is read, written anew and taken back", "[edit]") {
  const Folder folder;
  const Running server(folder);
  REQUIRE(::chmod((folder.path / "weir.conf").c_str(), 0640) == 0);
  const Outcome look = server.decide({});
  CHECK(look.error.empty());
  CHECK(look.text == first);
  CHECK(look.digest.size() == 64);
  CHECK_FALSE(look.can_undo);
  CHECK(look.read_only.empty());
  const Outcome put = server.put(second);
  CHECK(put.error.empty());
  REQUIRE(put.report.config);
  CHECK(put.report.config->limits.max_connections == 200);
  REQUIRE(put.changes.size() == 1);
  CHECK(put.changes.front().path == "max_connections");
  CHECK(folder.text("weir.conf") == second);
  CHECK(folder.text("weir.conf.before") == first);
  CHECK(folder.files() == 2);
  struct stat info{};
  REQUIRE(::stat((folder.path / "weir.conf").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
  CHECK(server.decide({}).digest == put.digest);
  CHECK(server.decide({}).can_undo);
  // Back, and back again.
  CHECK(server.decide({.what = What::undo}).error.empty());
  CHECK(folder.text("weir.conf") == first);
  CHECK(folder.text("weir.conf.before") == second);
  REQUIRE(::stat((folder.path / "weir.conf").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
  CHECK(server.decide({.what = What::undo}).error.empty());
  CHECK(folder.text("weir.conf") == second);
}

TEST_CASE("what is not good is not written", "[edit]") {
  const Folder folder;
  const Running server(folder);
  const Outcome mistaken = server.put("listen 1935;\nmax_conections 7;\nvhost a {\n");
  CHECK(mistaken.status == 422);
  REQUIRE_FALSE(mistaken.report.errors.empty());
  CHECK(mistaken.report.errors.front().line > 1);
  CHECK(server.put("").status == 422);
  CHECK(server.put(std::string(edit::largest + 1, '#')).status == 413);
  // Who has not seen what is there does not overwrite it.
  CHECK(server.decide({.what = What::put, .text = second}).status == 412);
  const std::string seen = server.decide({}).digest;
  folder.put("weir.conf", first + "# by hand\n");
  CHECK(server.decide({.what = What::put, .text = second, .of = seen}).status == 412);
  CHECK(server.decide({.what = What::undo}).status == 409);  // there is none before
  CHECK(folder.text("weir.conf") == first + "# by hand\n");
  CHECK(folder.files() == 1);
}

TEST_CASE("a configuration is not written through a link, nor by half", "[edit]") {
  const Folder folder;
  std::filesystem::rename(folder.path / "weir.conf", folder.path / "elsewhere");
  std::filesystem::create_symlink(folder.path / "elsewhere", folder.path / "weir.conf");
  const Running server(folder);
  CHECK(server.decide({}).status == 409);
  CHECK(server.decide({}).error.find("symbolic link") != std::string::npos);
  CHECK(server.put(second).status == 409);
  CHECK(folder.text("elsewhere") == first);
  folder.put("real.conf", first);
  std::filesystem::create_symlink(folder.path / "elsewhere", folder.path / "real.conf.before");
  const Running other(folder, "real.conf");
  CHECK(other.decide({}).read_only.find("symbolic link") != std::string::npos);
  CHECK(other.put(second).status == 409);
  CHECK(folder.text("elsewhere") == first);
  CHECK(folder.text("real.conf") == first);
  // The disk is full after some bytes.
  folder.put("full.conf", first);
  const Running full(folder, "full.conf", [](int descriptor, std::string_view text) -> base::Result<std::size_t> {
    if (text.size() < 30) return base::ErrorCode(ENOSPC, boost::system::system_category());
    return File::write_some(descriptor, text.substr(0, 5));
  });
  CHECK(full.put(second).status == 507);
  CHECK(folder.text("full.conf") == first);
  CHECK_FALSE(std::filesystem::exists(folder.path / "full.conf.new"));
}

}  // namespace weir::test::edit_test
