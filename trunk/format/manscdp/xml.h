#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/manscdp/error.h"

namespace weir::manscdp {

inline constexpr std::size_t most_bytes = 64 * 1024;
inline constexpr std::size_t most_depth = 8;
inline constexpr std::size_t most_elements = 4'096;

// Reads XML as devices write it: elements and text. Attributes, comments and processing instructions are skipped, a
// document type is refused, and the five entities of XML are the only ones: others stay as they are written.
class XmlReader {
 public:
  // UTF-8, which outlives the reader.
  explicit XmlReader(std::string_view text) : rest_(text) {}

  struct Token {
    enum class Kind : std::uint8_t { start, text, end } kind = Kind::start;
    std::string value{};  // the name of an element, or text with its entities replaced
  };
  // None at the end.
  base::Result<std::optional<Token>> next();

 private:
  base::Result<std::optional<Token>> tag();
  base::Result<bool> skip_declaration();

  std::string_view rest_;
  std::vector<std::string> open_;
  std::size_t elements_ = 0;
  bool ends_at_once_ = false;  // "<a/>": the end of what has just begun
  bool begun_ = false;
};

struct Element {
  std::string name;
  std::string text;  // without blanks around
  std::vector<Element> children;

  // The first of that name, compared without case; null if there is none.
  const Element* find(std::string_view child) const;
  // Its text; empty if there is none.
  std::string_view text_of(std::string_view child) const;
};

// The whole of it. Errc.
base::Result<Element> parse_xml(std::string_view utf8);

// The value of encoding="..." in the declaration; empty if there is none.
std::string_view declared_encoding(std::string_view bytes);

// Writes one document, from UTF-8 in GB 18030, of which the GB2312 that it declares is a part. Text is escaped.
class XmlWriter {
 public:
  explicit XmlWriter(std::string_view root);
  XmlWriter& field(std::string_view name, std::string_view value);
  XmlWriter& field(std::string_view name, std::uint64_t value) { return field(name, std::to_string(value)); }
  // With attributes as they are written: `Num="1"`.
  XmlWriter& begin(std::string_view name, std::string_view attributes = {});
  XmlWriter& end();
  std::string finish();

 private:
  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace weir::manscdp
