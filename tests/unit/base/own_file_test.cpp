#include "base/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.h"

namespace weir::test::own_file_test {

namespace {

constexpr uid_t stranger = 65'534;

// A folder of root's that only root writes to, below one that is so too: not below /tmp.
class Place {
 public:
  Place() {
    std::string name = "/var/lib/weir-own-file-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Place() { std::filesystem::remove_all(path_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::string folder(const std::string& name, uid_t owner) const {
    std::filesystem::create_directory(*this / name);
    REQUIRE(::chown((*this / name).c_str(), owner, owner) == 0);
    return *this / name;
  }

 private:
  std::string path_;
};

int opened(const std::string& path, int flags = O_WRONLY) {
  const auto file = base::open_own_file(path, flags);
  if (!file) return file.error().value();
  ::close(*file);
  return 0;
}

}  // namespace

TEST_CASE("root's own files: no link that somebody else could have put there is followed", "[own_file]") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can give folders away");
    return;
  }
  const Place place;
  const std::string theirs = place.folder("theirs", stranger), secret = place.folder("secret", 0);
  std::filesystem::create_directory_symlink(secret, theirs + "/logs");
  std::filesystem::create_directory_symlink(theirs, place / "link");        // root's, to theirs
  std::filesystem::create_directory_symlink(secret, place / "way");         // root's, to root's
  std::filesystem::create_directory_symlink("link/logs", place / "round");  // root's, through theirs
  std::filesystem::create_directory_symlink("ring", place / "ring");
  std::ofstream(secret + "/shadow") << "kept";

  CHECK(opened(theirs + "/weir.log") == 0);
  CHECK(opened(place / "link/weir.log") == 0);
  CHECK(opened(place / "way/weir.log") == 0);
  CHECK(opened(place / "way/../way/weir.log") == 0);
  for (const char* path :
       {"theirs/logs/shadow", "link/logs/shadow", "round/shadow", "theirs/logs/new", "ring/shadow"}) {
    INFO(path);
    CHECK(opened(place / path, O_WRONLY | O_TRUNC) == ELOOP);
    const auto given = base::give_file(place / path, stranger, stranger);
    REQUIRE_FALSE(given);
    CHECK(given.error().value() == ELOOP);
  }
  CHECK_FALSE(std::filesystem::exists(secret + "/new"));
  CHECK(std::filesystem::file_size(secret + "/shadow") == 4);
  struct stat status{};
  REQUIRE(::stat((secret + "/shadow").c_str(), &status) == 0);
  CHECK(status.st_uid == 0);
}

TEST_CASE("root's own files: a folder in which others write is not trusted with links", "[own_file]") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can give folders away");
    return;
  }
  const Place place;
  const std::string shared = place.folder("shared", 0);
  REQUIRE(::chmod(shared.c_str(), 01777) == 0);
  std::filesystem::create_directory(place / "real");
  std::filesystem::create_directory_symlink(place / "real", shared + "/link");
  CHECK(opened(shared + "/link/weir.log") == ELOOP);
  CHECK(opened(shared + "/weir.log") == 0);
  CHECK(opened(place / "none/weir.log") == ENOENT);
  CHECK(opened(place / "real/weir.log") == 0);
  CHECK(opened(place / "real/weir.log/below") == ENOTDIR);
}

TEST_CASE("own files: neither a link nor a second name", "[own_file]") {
  const std::string folder = std::filesystem::temp_directory_path() / "weir-own-file-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/real") << "kept";
  std::filesystem::create_symlink(folder + "/real", folder + "/link");
  std::filesystem::create_hard_link(folder + "/real", folder + "/second");
  CHECK(opened(folder + "/link") == ELOOP);
  CHECK(opened(folder + "/second", O_WRONLY | O_TRUNC) == EMLINK);
  CHECK(std::filesystem::file_size(folder + "/real") == 4);
  std::filesystem::remove(folder + "/second");
  CHECK(opened(folder + "/real", O_WRONLY | O_TRUNC) == 0);
  CHECK(std::filesystem::file_size(folder + "/real") == 0);
  std::filesystem::remove_all(folder);
}

}  // namespace weir::test::own_file_test
