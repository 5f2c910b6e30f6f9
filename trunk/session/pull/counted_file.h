#pragma once

#include <memory>

#include "net/blocking_pool.h"
#include "net/http/file.h"
#include "net/meter.h"

namespace weir::session::pull {

// A file whose bytes are read on a pool and counted.
class CountedFile {
 public:
  CountedFile(net::BlockingPool& pool, std::shared_ptr<const http::File> file, net::Meter& meter)
      : pool_(pool), file_(std::move(file)), meter_(meter) {}

  // Fewer at its end. upstream::LocalErrc::too_busy.
  net::Task<base::Result<base::Buffer>> read(std::uint64_t offset, std::size_t size);
  net::BlockingPool& pool() { return pool_; }
  const std::shared_ptr<const http::File>& file() const { return file_; }

 private:
  net::BlockingPool& pool_;
  std::shared_ptr<const http::File> file_;
  net::Meter& meter_;
};

}  // namespace weir::session::pull
