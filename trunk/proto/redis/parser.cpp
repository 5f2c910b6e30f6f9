#include "proto/redis/parser.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace weir::redis {

using base::Result;

namespace {

Result<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return Errc::bad_number;
  return value;
}

Value text_value(Value::Kind kind, std::string_view text) {
  Value value;
  value.kind = kind;
  value.text = std::string(text);
  return value;
}

Value integer_value(Value::Kind kind, std::int64_t integer) {
  Value value;
  value.kind = kind;
  value.integer = integer;
  return value;
}

}  // namespace

const char* describe(Errc code) {
  switch (code) {
    case Errc::ok:
      return "ok";
    case Errc::unknown_type:
      return "a value begins with a byte that stands for no type of RESP 3";
    case Errc::bad_number:
      return "a size, a count or an integer is no number that can be";
    case Errc::bad_end:
      return "a value does not end with CR LF";
    case Errc::long_line:
      return "a line is longer than 4096 bytes";
    case Errc::too_large:
      return "a text is larger than 1 MiB, or all of a value than 8 MiB";
    case Errc::too_many:
      return "a value has more than 65536 elements";
    case Errc::too_deep:
      return "lists are more than 8 deep";
    case Errc::unasked:
      return "an answer came to no question";
  }
  return "unknown redis error";
}

// One element.
Result<Parser::Step> Parser::step() {
  const std::string_view rest = std::string_view(bytes_).substr(at_);
  const std::size_t line_end = rest.find('\n');
  if (line_end == std::string_view::npos) {
    if (rest.size() > longest_line) return Errc::long_line;
    return Step::incomplete;
  }
  if (line_end > longest_line) return Errc::long_line;
  if (line_end < 2 || rest[line_end - 1] != '\r') return line_end == 0 ? Errc::unknown_type : Errc::bad_end;
  const char type = rest.front();
  const std::string_view line = rest.substr(1, line_end - 2);
  const std::size_t behind = line_end + 1;
  switch (type) {
    case '+':
    case ',':
    case '(':
      at_ += behind;
      put(text_value(Value::Kind::text, line));
      return Step::read;
    case '-':
      at_ += behind;
      put(text_value(Value::Kind::error, line));
      return Step::read;
    case ':': {
      TRY(const std::int64_t value, number_of(line));
      at_ += behind;
      put(integer_value(Value::Kind::integer, value));
      return Step::read;
    }
    case '#':
      if (line != "t" && line != "f") return Errc::bad_number;
      at_ += behind;
      put(integer_value(Value::Kind::boolean, line == "t" ? 1 : 0));
      return Step::read;
    case '_':
      at_ += behind;
      put({});
      return Step::read;
    case '$':
    case '!':
    case '=': {
      TRY(const std::int64_t size, number_of(line));
      if (size == -1 && type == '$') {  // RESP 2's null
        at_ += behind;
        put({});
        return Step::read;
      }
      if (size < 0) return Errc::bad_number;
      const auto bytes = static_cast<std::size_t>(size);
      if (bytes > largest_text || text_bytes_ + bytes > largest_value) return Errc::too_large;
      if (rest.size() < behind + bytes + 2) return Step::incomplete;
      if (rest.substr(behind + bytes, 2) != "\r\n") return Errc::bad_end;
      std::string_view text = rest.substr(behind, bytes);
      if (type == '=' && text.size() >= 4) text.remove_prefix(4);  // "txt:"
      at_ += behind + bytes + 2;
      text_bytes_ += bytes;
      put(text_value(type == '!' ? Value::Kind::error : Value::Kind::text, text));
      return Step::read;
    }
    case '*':
    case '~':
    case '>':
    case '%':
    case '|': {
      TRY(const std::int64_t count, number_of(line));
      if (count == -1 && type == '*') {  // the same
        at_ += behind;
        put({});
        return Step::read;
      }
      const bool pairs = type == '%' || type == '|';
      if (count < 0) return Errc::bad_number;
      if (static_cast<std::uint64_t>(count) > most_elements) return Errc::too_many;
      at_ += behind;
      TRY_VOID(begin(type == '>' ? Value::Kind::push : Value::Kind::list, pairs ? count * 2 : count,
                     /*attribute=*/type == '|'));
      return Step::read;
    }
    default:
      return Errc::unknown_type;
  }
}

Result<void> Parser::begin(Value::Kind kind, std::int64_t count, bool attribute) {
  elements_ += static_cast<std::size_t>(count);
  if (elements_ > most_elements) return Errc::too_many;
  if (open_.size() >= deepest) return Errc::too_deep;
  Open one;
  one.value.kind = kind;
  one.left = static_cast<std::size_t>(count);
  one.attribute = attribute;
  if (one.left > 0) {
    open_.push_back(std::move(one));
  } else if (!attribute) {
    put(std::move(one.value));
  }
  return {};
}

// Into the list that is open, or as a whole value. What it completes goes the same way; an attribute says something
// about the value behind it, and is dropped.
void Parser::put(Value value) {
  while (!open_.empty()) {
    Open& last = open_.back();
    last.value.items.push_back(std::move(value));
    if (--last.left > 0) return;
    value = std::move(last.value);
    const bool dropped = last.attribute;
    open_.pop_back();
    if (dropped) return;
  }
  elements_ = text_bytes_ = 0;
  done_.push_back(std::move(value));
}

Result<void> Parser::input(base::Bytes bytes) {
  bytes_.append(base::as_text(bytes));
  for (;;) {
    if (at_ == bytes_.size()) break;
    TRY(const Step done, step());
    if (done == Step::incomplete) break;
  }
  bytes_.erase(0, std::exchange(at_, 0));
  return {};
}

std::optional<Value> Parser::poll() {
  if (done_.empty()) return std::nullopt;
  Value value = std::move(done_.front());
  done_.pop_front();
  return value;
}

}  // namespace weir::redis
