#include "config/parser.h"

#include <algorithm>
#include <utility>

#include "config/lexer.h"

namespace weir::config {
namespace {

constexpr std::size_t most_directives = 100'000;
constexpr unsigned deepest_nesting = 32;

class Parser {
 public:
  Parser(std::string_view text, std::shared_ptr<const std::string> file, Problems& problems)
      : lexer_(text), file_(std::move(file)), problems_(problems), token_(lexer_.next()) {}

  std::vector<Node> run() {
    std::vector<Node> nodes;
    block(nodes, nullptr, 0);
    return nodes;
  }

 private:
  // Reads directives up to the end of the block that `opener` opened, or of the file if there is none.
  void block(std::vector<Node>& into, const Node* opener, unsigned depth) {
    if (depth > deepest_nesting) {
      return give_up(opener->place.line, "blocks are nested deeper than " + std::to_string(deepest_nesting));
    }
    for (;;) {
      const Token token = take();
      switch (token.kind) {
        case Token::Kind::word:
          into.push_back(directive(token, depth));
          break;
        case Token::Kind::semicolon:
          error(token.line, "';' without a directive before it");
          break;
        case Token::Kind::open: {
          error(token.line, "'{' without a name before it");
          Node nameless{.name = "?", .is_block = true, .place = {file_, token.line}};
          block(nameless.children, &nameless, depth + 1);
          break;
        }
        case Token::Kind::close:
          if (opener) return;
          error(token.line, "'}' without a '{' before it");
          break;
        case Token::Kind::end:
          if (opener) error(opener->place.line, "the block '" + opener->name + "' is not closed by '}'");
          return;
      }
    }
  }

  Node directive(const Token& first, unsigned depth) {
    Node node{.name = word_of(first), .place = {file_, first.line}};
    if (++directives_ > most_directives) give_up(first.line, "too many directives");
    bool reported = false;
    for (;;) {
      if (token_.kind == Token::Kind::end) {
        if (!reported) error(first.line, "the file ends inside '" + node.name + "': its ';' is missing");
        return node;
      }
      if (token_.line != first.line || token_.kind == Token::Kind::close) {
        if (!reported) error(first.line, "'" + node.name + "' is not ended by ';' or '{' on its line");
        reported = true;
        // What follows is the next directive; but a late ';' or '{' still belongs to this one.
        if (token_.kind != Token::Kind::semicolon && token_.kind != Token::Kind::open) return node;
      }
      const Token token = take();
      if (token.kind == Token::Kind::semicolon) return node;
      if (token.kind == Token::Kind::open) {
        node.is_block = true;
        block(node.children, &node, depth + 1);
        return node;
      }
      node.words.push_back(word_of(token));
    }
  }

  std::string word_of(const Token& token) {
    if (token.unclosed_quote) error(token.line, "a quote is not closed on its line");
    const bool printable = std::none_of(token.text.begin(), token.text.end(),
                                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!printable) error(token.line, "a control character stands in a word");
    return std::string(token.text);
  }

  Token take() { return std::exchange(token_, lexer_.next()); }

  void error(unsigned line, std::string reason) {
    if (!gave_up_) problems_.error({file_, line}, std::move(reason));
  }

  void give_up(unsigned line, std::string reason) {
    error(line, std::move(reason));
    gave_up_ = true;
    lexer_.skip_to_end();
    token_ = lexer_.next();
  }

  Lexer lexer_;
  std::shared_ptr<const std::string> file_;
  Problems& problems_;
  Token token_;
  std::size_t directives_ = 0;
  bool gave_up_ = false;
};

}  // namespace

std::vector<Node> parse(std::string_view text, std::shared_ptr<const std::string> file, Problems& problems) {
  return Parser(text, std::move(file), problems).run();
}

}  // namespace weir::config
