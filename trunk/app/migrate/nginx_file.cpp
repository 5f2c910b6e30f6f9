#include "app/migrate/nginx_file.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "config/lexer.h"

namespace weir::migrate {

namespace {

using config::Token;

constexpr unsigned deepest_block = 16;

class NginxReader {
 public:
  explicit NginxReader(std::string_view text) : lexer_(text) {}

  NginxFile read() {
    NginxFile file;
    file.directives = block(0);
    file.mistake = mistake_;
    return file;
  }

 private:
  std::vector<NginxDirective> block(unsigned depth) {
    std::vector<NginxDirective> all;
    std::optional<NginxDirective> open;
    while (mistake_.empty()) {
      const Token token = lexer_.next();
      switch (token.kind) {
        case Token::Kind::word:
          if (open) {
            open->words.emplace_back(token.text);
          } else {
            open.emplace();
            open->name = token.text;
            open->line = token.line;
          }
          continue;
        case Token::Kind::semicolon:
          if (!open) return fail(token, "';' without a directive before it");
          break;
        case Token::Kind::open:
          if (!open) return fail(token, "'{' without a name before it");
          if (depth == deepest_block) return fail(token, "blocks are nested deeper than 16");
          open->children = block(depth + 1);
          break;
        case Token::Kind::close:
          if (depth == 0) return fail(token, "'}' without a '{' before it");
          if (open) return fail(token, "'" + open->name + "' is not ended by ';'");
          return all;
        case Token::Kind::end:
          if (depth > 0 || open) return fail(token, "the file ends inside a block or a directive");
          return all;
      }
      all.push_back(std::move(*open));
      open.reset();
    }
    return all;
  }

  std::vector<NginxDirective> fail(const Token& at, const std::string& why) {
    mistake_ = fmt::format("line {}: {}", at.line, why);
    return {};
  }

  config::Lexer lexer_;
  std::string mistake_;
};

}  // namespace

std::string NginxDirective::text() const {
  std::string all = name;
  for (const std::string& word : words) all += ' ' + word;
  return all;
}

NginxFile read_nginx(std::string_view text) { return NginxReader(text).read(); }

}  // namespace weir::migrate
