#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "proto/redis/error.h"
#include "proto/redis/value.h"

namespace weir::redis {

// Makes values of bytes that come in any pieces. After an error it is of no further use.
//
//   TRY_VOID(parser.input(bytes));
//   while (auto value = parser.poll()) ...;
class Parser {
 public:
  static constexpr std::size_t longest_line = 4096, largest_text = 1U << 20U, deepest = 8;
  static constexpr std::size_t most_elements = 65'536;     // of one value with all that is in it
  static constexpr std::size_t largest_value = 8U << 20U;  // bytes of its texts together

  base::Result<void> input(base::Bytes bytes);
  std::optional<Value> poll();

 private:
  struct Open {
    Value value;
    std::size_t left = 0;  // elements that are still to come
    bool attribute = false;
  };
  enum class Step : std::uint8_t { read, incomplete };
  base::Result<Step> step();
  base::Result<void> begin(Value::Kind kind, std::int64_t count, bool attribute);
  void put(Value value);

  std::string bytes_;
  std::size_t at_ = 0;  // what is before it was read
  std::vector<Open> open_;
  std::size_t elements_ = 0, text_bytes_ = 0;  // of the value that is being read
  std::deque<Value> done_;
};

}  // namespace weir::redis
