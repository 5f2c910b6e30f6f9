#include "net/http/static_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "net/http/server.h"
#include "support/catch.h"
#include "support/scripted_stream.h"

namespace weir::test::static_files_test {

using namespace weir::http;
namespace fs = std::filesystem;

namespace {

// A folder with files, and one beside it that must never be served.
class Folder {
 public:
  Folder() {
    std::string name = fs::temp_directory_path() / "weir-static-XXXXXX";
    base_ = ::mkdtemp(name.data());
    fs::create_directories(root() / "sub");
    write("index.html", "<p>start</p>");
    write("sub/index.html", "<p>sub</p>");
    write("a b.txt", "0123456789");
    write("film.flv", "FLV-header-and-tags");
    write("film.mp4", "abcdefghij");
    write("empty.bin", "");
    write("big.bin", std::string(300'000, 'x') + "end");
    std::ofstream(base_ / "secret.txt") << "secret";
    fs::create_symlink("../secret.txt", root() / "out.txt");
    fs::create_symlink(base_ / "secret.txt", root() / "far.txt");
    fs::create_symlink("..", root() / "up");
    fs::create_symlink("a b.txt", root() / "in.txt");
    REQUIRE(::mkfifo((root() / "pipe").c_str(), 0600) == 0);
  }
  ~Folder() { fs::remove_all(base_); }
  fs::path root() const { return base_ / "www"; }
  void write(const std::string& name, const std::string& content) const { std::ofstream(root() / name) << content; }

 private:
  fs::path base_;
};

struct Site {
  Folder folder;
  net::BlockingPool pool{2, 16};
  std::string prefix = "/";
  bool squeezes = false;

  std::string ask(const std::string& target, const std::string& more = "", const std::string& method = "GET") {
    StaticFiles::Options options{.root = folder.root(),
                                 .prefix = prefix,
                                 .flv_lead =
                                     [](base::Bytes beginning) {
                                       base::Buffer lead;
                                       if (base::as_text(beginning).starts_with("FLV"))
                                         lead.append(base::as_bytes("LEAD-"));
                                       return lead;
                                     },
                                 .squeezes = squeezes};
    const StaticFiles files(std::move(options), pool);
    boost::asio::io_context io;
    test::ScriptedStream stream(io);
    Router router;
    router.add("/", Access::page, [&files](Exchange& exchange) { return files.serve(exchange); });
    ServerOptions server;
    net::Watchdog watchdog;
    stream.input = {method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n"};
    test::run(io, serve_connection(stream, router, server, watchdog));
    return stream.output;
  }
};

std::string header(const std::string& answer, const std::string& name) {
  const std::size_t at = answer.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size() + 4;
  return answer.substr(from, answer.find("\r\n", from) - from);
}
std::string body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }
std::string status(const std::string& answer) { return answer.substr(9, 3); }

}  // namespace

TEST_CASE("a file with its headers", "[http]") {
  Site site;
  const std::string answer = site.ask("/a%20b.txt");
  CHECK(status(answer) == "200");
  CHECK(header(answer, "Content-Type") == "text/plain; charset=utf-8");
  CHECK(header(answer, "Content-Length") == "10");
  CHECK(header(answer, "Connection") == "keep-alive");
  CHECK(body(answer) == "0123456789");
  const std::string tag = header(answer, "ETag");
  const std::string date = header(answer, "Last-Modified");
  CHECK(status(site.ask("/a%20b.txt", "If-None-Match: " + tag + "\r\n")) == "304");
  CHECK(body(site.ask("/a%20b.txt", "If-None-Match: " + tag + "\r\n")).empty());
  CHECK(status(site.ask("/a%20b.txt", "If-Modified-Since: " + date + "\r\n")) == "304");
  site.folder.write("a b.txt", "changed");
  CHECK(status(site.ask("/a%20b.txt", "If-None-Match: " + tag + "\r\n")) == "200");
  CHECK(status(site.ask("/missing")) == "404");
  CHECK(status(site.ask("/a%20b.txt", "", "DELETE")) == "405");
  CHECK(header(site.ask("/empty.bin"), "Content-Length") == "0");
}

TEST_CASE("HEAD, folders and large files", "[http]") {
  Site site;
  const std::string head = site.ask("/big.bin", "", "HEAD");
  CHECK(header(head, "Content-Length") == "300003");
  CHECK(body(head).empty());
  CHECK(body(site.ask("/big.bin")).ends_with("xend"));
  CHECK(body(site.ask("/big.bin")).size() == 300'003);
  CHECK(body(site.ask("/")) == "<p>start</p>");
  CHECK(header(site.ask("/"), "Content-Type") == "text/html; charset=utf-8");
  CHECK(body(site.ask("/sub/")) == "<p>sub</p>");
  CHECK(header(site.ask("/sub?x=1"), "Location") == "/sub/?x=1");
  site.prefix = "/files/";
  CHECK(body(site.ask("/files/a%20b.txt")) == "0123456789");
  CHECK(status(site.ask("/a%20b.txt")) == "404");
}

TEST_CASE("nothing outside the root is served", "[http]") {
  Site site;
  for (const char* target : {"/../secret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt", "/out.txt", "/far.txt",
                             "/up/secret.txt", "/..%2fsecret.txt", "//../secret.txt", "/a%00.txt"}) {
    INFO(target);
    const std::string answer = site.ask(target);
    CHECK((status(answer) == "400" || status(answer) == "403"));
    CHECK(answer.find("secret\n") == std::string::npos);
    CHECK(body(answer) != "secret");
  }
  CHECK(body(site.ask("/in.txt")) == "0123456789");  // a link that stays inside
  CHECK(status(site.ask("/pipe")) == "403");
  CHECK(status(site.ask("/" + std::string(300, 'a'))) == "404");
}

TEST_CASE("ranges of a file", "[http]") {
  Site site;
  const std::string part = site.ask("/a%20b.txt", "Range: bytes=2-4\r\n");
  CHECK(status(part) == "206");
  CHECK(header(part, "Content-Range") == "bytes 2-4/10");
  CHECK(header(part, "Content-Length") == "3");
  CHECK(body(part) == "234");
  CHECK(body(site.ask("/a%20b.txt", "Range: bytes=-3\r\n")) == "789");
  const std::string none = site.ask("/a%20b.txt", "Range: bytes=10-\r\n");
  CHECK(status(none) == "416");
  CHECK(header(none, "Content-Range") == "bytes */10");
  CHECK(status(site.ask("/a%20b.txt", "Range: bytes=0-1,4-5\r\n")) == "200");
  CHECK(status(site.ask("/a%20b.txt", "Range: bytes=0-1\r\nIf-Range: \"old\"\r\n")) == "200");
}

TEST_CASE("seeking as SRS has it", "[http]") {
  Site site;
  CHECK(body(site.ask("/film.flv?start=11")) == "LEAD-and-tags");
  CHECK(header(site.ask("/film.flv?start=11"), "Content-Length") == "13");
  CHECK(body(site.ask("/film.flv?start=0")) == "FLV-header-and-tags");
  CHECK(body(site.ask("/film.flv?start=x")) == "FLV-header-and-tags");
  CHECK(status(site.ask("/film.flv?start=1000")) == "416");
  CHECK(body(site.ask("/film.mp4?range=2-4")) == "cde");
  CHECK(status(site.ask("/film.mp4?bytes=2-4")) == "206");
  CHECK(status(site.ask("/film.mp4?bytes=20-40")) == "416");
  site.folder.write("film.flv", "not flv, but long");
  CHECK(body(site.ask("/film.flv?start=11")) == "not flv, but long");
}

TEST_CASE("a full pool answers 503", "[http]") {
  Folder folder;
  net::BlockingPool pool(1, 0);
  boost::asio::io_context io;
  const auto result = test::run(io, pool.run([] { return 1; }));
  CHECK_FALSE(result);
}

TEST_CASE("text goes out by gzip to whom takes it", "[http]") {
  Site site;
  site.squeezes = true;
  const std::string text = std::string(5000, 'a') + "end";
  site.folder.write("page.js", text);
  const std::string plain = site.ask("/page.js");
  CHECK(body(plain) == text);
  CHECK(header(plain, "Vary").find("Origin") == 0);
  CHECK(plain.find("\r\nVary: Accept-Encoding\r\n") != std::string::npos);
  const std::string small = site.ask("/page.js", "Accept-Encoding: br, gzip\r\n");
  CHECK(header(small, "Content-Encoding") == "gzip");
  CHECK(header(small, "Content-Type") == "text/javascript; charset=utf-8");
  CHECK(header(small, "Content-Length") == std::to_string(body(small).size()));
  CHECK(body(small).size() < 200);
  CHECK(body(small).substr(0, 2) == "\x1f\x8b");
  CHECK(header(small, "Accept-Ranges").empty());
  CHECK(header(small, "ETag") == "W/" + header(plain, "ETag"));
  CHECK(status(site.ask("/page.js", "If-None-Match: " + header(small, "ETag") + "\r\n")) == "304");
  CHECK(body(site.ask("/page.js", "Accept-Encoding: gzip\r\n", "HEAD")).empty());
  // Parts, refusals, media and what is small go out as they lie there.
  CHECK(body(site.ask("/page.js", "Accept-Encoding: gzip\r\nRange: bytes=0-3\r\n")) == "aaaa");
  CHECK(body(site.ask("/page.js", "Accept-Encoding: gzip;q=0\r\n")) == text);
  CHECK(header(site.ask("/a%20b.txt", "Accept-Encoding: gzip\r\n"), "Content-Encoding").empty());
  CHECK(header(site.ask("/big.bin", "Accept-Encoding: gzip\r\n"), "Content-Encoding").empty());
  site.squeezes = false;
  CHECK(header(site.ask("/page.js", "Accept-Encoding: gzip\r\n"), "Content-Encoding").empty());
}

TEST_CASE("what is kept by gzip is bounded", "[http]") {
  SqueezedFiles files;
  const auto bytes = base::SharedBytes::copy_of(base::as_bytes(std::string(SqueezedFiles::most_bytes / 2, 'x')));
  files.keep("a", bytes);
  files.keep("b", bytes);
  CHECK_FALSE(files.find("a").empty());
  files.keep("b", bytes);
  files.keep("c", bytes);
  CHECK(files.find("a").empty());
  CHECK_FALSE(files.find("c").empty());
}

TEST_CASE("a file named by its content is kept for a year", "[http]") {
  CHECK(is_named_by_content("/console/main.0123456789abcdef.js"));
  CHECK(is_named_by_content("/x/style-0123456789abcdef0.css"));
  for (const char* path : {"/main.js", "/0123456789abcdef.js", "/main.0123456789abcde.js", "/main.0123456789ABCDEF.js",
                           "/main.0123456789abcdef", "/a.0123456789abcdef/main.js", "/main.0123456789abcdeg.js", ""}) {
    CHECK_FALSE(is_named_by_content(path));
  }
  Site site;
  site.folder.write("main.0123456789abcdef.js", "1");
  CHECK(header(site.ask("/main.0123456789abcdef.js"), "Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(header(site.ask("/index.html"), "Cache-Control") == "no-cache");
}

TEST_CASE("MIME types", "[http]") {
  CHECK(mime_type("/live/x.m3u8") == "application/vnd.apple.mpegurl");
  CHECK(mime_type("/x.TS") == "video/MP2T");
  CHECK(mime_type("/dir.html/x") == "application/octet-stream");
  CHECK(mime_type("/x.js") == "text/javascript; charset=utf-8");
}

}  // namespace weir::test::static_files_test
