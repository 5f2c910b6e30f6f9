#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/log.h"
#include "base/own_file.h"
#include "main/process.h"
#include "support/catch.h"

namespace weir::test::own_files_test {

// What a server that starts as root and becomes a user does with links that this user put into its folders.

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-own-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    std::ofstream(file("precious")) << "precious";
    std::filesystem::create_symlink("precious", path_ / "symbolic");
    std::filesystem::create_hard_link(path_ / "precious", path_ / "hard");
    std::filesystem::create_symlink("nothing", path_ / "dangling");
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return (path_ / name).string(); }
  bool is_untouched() const {
    std::string text;
    std::ifstream(file("precious")) >> text;
    return text == "precious" && !std::filesystem::exists(path_ / "nothing");
  }

 private:
  std::filesystem::path path_;
};

int code(const base::Result<void>& result) { return result ? 0 : result.error().value(); }

}  // namespace

TEST_CASE("a pid file, an id and a log are not written through a link", "[process]") {
  const Folder folder;
  for (const auto& [name, why] :
       {std::pair("symbolic", ELOOP), std::pair("hard", EMLINK), std::pair("dangling", ELOOP)}) {
    INFO(name);
    const auto pid = process::PidFile::make(folder.file(name));
    REQUIRE_FALSE(pid.has_value());
    CHECK(pid.error().value() == why);

    base::Result<void> kept;
    CHECK(process::server_id("vid-abc", folder.file(name), kept) == "vid-abc");
    CHECK(code(kept) == why);

    log::Options options;
    options.to_file = true;
    options.path = folder.file(name);
    options.follow_links = false;
    const auto logger = log::Logger::make(options);
    REQUIRE_FALSE(logger);
    CHECK(logger.error().value() == why);
  }
  CHECK(folder.is_untouched());
}

TEST_CASE("what is given away is what was opened", "[process]") {
  const Folder folder;
  const uid_t user = ::getuid() == 0 ? 4242 : ::getuid();
  const gid_t group = ::getgid();
  CHECK(code(base::give_file(folder.file("symbolic"), user, group)) == ELOOP);
  CHECK(code(base::give_file(folder.file("hard"), user, group)) == EMLINK);
  CHECK(code(base::give_file(folder.file("absent"), user, group)) == 0);
  CHECK(code(base::give_file("", user, group)) == 0);

  log::Options options;
  options.to_file = true;
  options.path = folder.file("weir.log");
  options.follow_links = false;
  auto logger = log::Logger::make(options).value();
  const auto pid = process::PidFile::make(folder.file("weir.pid")).value();
  // Another file takes the names in the meantime.
  for (const char* name : {"weir.log", "weir.pid"}) {
    std::filesystem::rename(folder.file(name), folder.file(name) + ".moved");
    std::filesystem::create_symlink("precious", folder.file(name));
  }
  CHECK(logger->give_to(user, group));
  CHECK(pid.give_to(user, group));
  struct stat status{};
  for (const char* name : {"weir.log.moved", "weir.pid.moved"}) {
    REQUIRE(::stat(folder.file(name).c_str(), &status) == 0);
    CHECK(status.st_uid == user);
  }
  REQUIRE(::stat(folder.file("precious").c_str(), &status) == 0);
  CHECK(status.st_uid == ::getuid());
  CHECK(folder.is_untouched());
}

TEST_CASE("without a user to become, a log may be a link", "[process]") {
  const Folder folder;
  log::Options options;
  options.to_file = true;
  options.path = folder.file("dangling");
  CHECK(log::Logger::make(options));
}

}  // namespace weir::test::own_files_test
