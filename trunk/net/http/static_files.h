#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/blocking_pool.h"
#include "net/http/conditions.h"
#include "net/http/exchange.h"
#include "net/http/file.h"
#include "net/http/squeezed.h"

namespace weir::http {

// Files below a folder: index.html, MIME types, validators, Range, and SRS's VOD (`x.flv?start=BYTES`,
// `x.mp4?range=a-b`). Nothing outside the folder is reachable, by "..", by coding or by symbolic link. One per worker
// and mount; files are opened and read on the pool, which and this outlive the requests.
class StaticFiles {
 public:
  // Who may have a file, where that is for something else to say than its path.
  struct Leave {
    enum class Kind : std::uint8_t { anybody, asker_alone, refused };  // refused: the exchange has its answer
    Kind kind = Kind::anybody;
    std::shared_ptr<void> held{};  // until the answer is over
  };
  // `path`: of the file, as it was asked for below the root.
  using Judge = std::function<net::Task<Leave>(Exchange& exchange, std::string path, std::shared_ptr<const File> file)>;

  struct Options {
    std::string root;
    std::string prefix = "/";  // the part of the request path that stands for the root, with its last '/'
    // What a player needs before media from the middle of an FLV file (its header and sequence headers), found in the
    // file's beginning; empty if that is no FLV. `?start=` is not looked at if unset.
    std::function<base::Buffer(base::Bytes beginning)> flv_lead;
    Headers headers{};            // that go out with every file
    std::string cache_control{};  // empty: by the type of the file
    bool kept_back_too = false;   // who may have the files was decided already
    bool squeezes = false;        // text goes out by gzip to whom takes it
    Judge judge{};                // unset: anybody may have what is not kept back
    std::string name{};           // by which the type is told; empty: by the path of the request
  };
  StaticFiles(Options options, net::BlockingPool& pool)
      : options_(std::move(options)),
        pool_(pool),
        squeezed_(options_.squeezes ? std::make_unique<SqueezedFiles>() : nullptr) {}

  // Answers the exchange: the file, 302 to a folder's slash, 304, 403, 404, 405, 412, 416, or 503 when the pool is
  // full.
  net::Task<void> serve(Exchange& exchange) const;
  // The same, but false without an answer where there is no file.
  net::Task<bool> serve_if_found(Exchange& exchange) const;
  // This file, whatever the path says; without asking the judge.
  net::Task<void> serve_file(Exchange& exchange, std::shared_ptr<const File> file) const {
    return serve_file(exchange, std::move(file), Leave{});
  }
  const std::string& root() const { return options_.root; }
  const std::string& prefix() const { return options_.prefix; }
  // How much of the path names this place; 0 if it lies elsewhere.
  std::size_t covers(const std::string& path) const {
    return path.starts_with(options_.prefix) ? options_.prefix.size() : 0;
  }

 private:
  // What goes out: first some bytes of our own, then a part of the file.
  struct Plan {
    int status = 200;
    Headers headers;
    base::Buffer lead;
    ByteRange range;
  };
  net::Task<void> serve_judged(Exchange& exchange, std::string relative, std::shared_ptr<const File> file) const;
  net::Task<void> serve_file(Exchange& exchange, std::shared_ptr<const File> file, Leave leave) const;
  net::Task<base::Result<Plan>> plan_of(const Exchange& exchange, std::shared_ptr<const File> file, bool alone) const;
  std::string_view name_of(const Request& request) const;
  bool opens_kept_back() const { return options_.kept_back_too || options_.judge; }
  net::Task<void> send(Exchange& exchange, std::shared_ptr<const File> file, Plan plan) const;
  // The file by gzip; empty where it is not to go out so, or there is no leave to read it now.
  net::Task<base::SharedBytes> squeezed(const Exchange& exchange, std::shared_ptr<const File> file,
                                        const Plan& plan) const;

  // given
  Options options_;
  net::BlockingPool& pool_;

  // owned
  std::unique_ptr<SqueezedFiles> squeezed_;
};

std::string_view mime_type(std::string_view path);

}  // namespace weir::http
