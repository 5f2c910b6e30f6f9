#pragma once

#include <string_view>

namespace weir::config {

struct Token {
  enum class Kind { word, semicolon, open, close, end };
  Kind kind = Kind::end;
  std::string_view text;  // of a word, without its quotes
  unsigned line = 0;
  bool unclosed_quote = false;
};

// Cuts a configuration file into words and punctuation. Words are separated by space and tab; "..." and '...' quote,
// with no escapes inside; '#' begins a comment, and '}' closes, only where a word could begin. CR, LF and CR LF end a
// line.
class Lexer {
 public:
  explicit Lexer(std::string_view text);

  Token next();
  void skip_to_end() { at_ = text_.size(); }

 private:
  void skip_blank();
  Token quoted(char quote);

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
};

}  // namespace weir::config
