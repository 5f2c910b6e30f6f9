#pragma once

#include <utility>
#include <vector>

#include "proto/rtmp/chunk_reader.h"
#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test {

// A chunk reader with what it gave until its first error.
struct ReaderRun {
  rtmp::ChunkReader reader;
  std::vector<rtmp::Message> messages;
  base::Result<void> result;
};

inline void feed_reader(ReaderRun& run, base::Bytes in) {
  while (run.result && !in.empty()) {
    auto message = run.reader.next(in);
    if (!message) {
      run.result = message.error();
    } else if (*message) {
      run.messages.push_back(std::move(**message));
    }
  }
}

// Whole, by bytes and in two parts; none may fail.
template <class Check>
void read_every_way(const ByteVector& wire, Check check) {
  feed_every_way(
      wire, [] { return ReaderRun{}; }, feed_reader,
      [&](ReaderRun& run) {
        INFO(run.reader.diagnostic().sentence());
        REQUIRE(run.result);
        CHECK(run.reader.offset() == wire.size());
        check(run);
      });
}

// The same for bytes that must fail, at the same place however they are cut.
inline void fail_every_way(const ByteVector& wire, rtmp::Errc code, std::uint64_t offset,
                           rtmp::ChunkLimits limits = {}) {
  feed_every_way(
      wire, [&] { return ReaderRun{rtmp::ChunkReader(limits), {}, {}}; }, feed_reader,
      [&](ReaderRun& run) {
        REQUIRE_FALSE(run.result);
        INFO(run.reader.diagnostic().sentence());
        CHECK(run.result.error() == code);
        CHECK(run.reader.diagnostic().offset == offset);
        CHECK_FALSE(run.reader.diagnostic().text.empty());
      });
}

}  // namespace weir::test
