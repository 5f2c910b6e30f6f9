#include "config/lexer.h"

namespace weir::config {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // some editors put it in front

bool ends_line(char c) { return c == '\r' || c == '\n'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || ends_line(c); }

}  // namespace

Lexer::Lexer(std::string_view text) : text_(text) {
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
}

void Lexer::skip_blank() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#') {
      while (at_ < text_.size() && !ends_line(text_[at_])) ++at_;
      continue;
    }
    if (!is_blank(c)) return;
    ++at_;
    if (!ends_line(c)) continue;
    if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
  }
}

Token Lexer::next() {
  skip_blank();
  Token token{.kind = Token::Kind::end, .text = {}, .line = line_};
  if (at_ == text_.size()) return token;

  const char first = text_[at_];
  if (first == ';' || first == '{' || first == '}') {
    ++at_;
    token.kind = first == ';' ? Token::Kind::semicolon : first == '{' ? Token::Kind::open : Token::Kind::close;
    return token;
  }
  if (first == '"' || first == '\'') return quoted(first);

  const std::size_t begin = at_;
  while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != ';' && text_[at_] != '{') ++at_;
  token.kind = Token::Kind::word;
  token.text = text_.substr(begin, at_ - begin);
  return token;
}

Token Lexer::quoted(char quote) {
  const std::size_t begin = ++at_;
  while (at_ < text_.size() && text_[at_] != quote && !ends_line(text_[at_])) ++at_;
  const bool closed = at_ < text_.size() && text_[at_] == quote;
  const auto inside = text_.substr(begin, at_ - begin);
  if (closed) ++at_;
  return {.kind = Token::Kind::word, .text = inside, .line = line_, .unclosed_quote = !closed};
}

}  // namespace weir::config
