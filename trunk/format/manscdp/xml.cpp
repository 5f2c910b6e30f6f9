#include "format/manscdp/xml.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "format/manscdp/charset.h"

namespace weir::manscdp {

using base::Result;
using Token = XmlReader::Token;

namespace {

struct Entity {
  std::string_view name;
  char character;
};
constexpr std::array entities{Entity{"&lt;", '<'}, Entity{"&gt;", '>'}, Entity{"&amp;", '&'}, Entity{"&quot;", '"'},
                              Entity{"&apos;", '\''}};

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto at = std::min(text.find('&'), text.size());
    out += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty()) break;
    const auto found =
        std::find_if(entities.begin(), entities.end(), [&](const Entity& one) { return text.starts_with(one.name); });
    // Devices write a bare '&' in names.
    out += found == entities.end() ? '&' : found->character;
    text.remove_prefix(found == entities.end() ? 1 : found->name.size());
  }
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto found =
        std::find_if(entities.begin(), entities.end(), [&](const Entity& one) { return one.character == c; });
    if (found != entities.end()) {
      out += found->name;
    } else {
      out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
}

bool blank(std::string_view text) { return base::trim(text).empty(); }

}  // namespace

// "<?...?>", "<!--...-->" or "<!DOCTYPE": true if one was there and is skipped.
Result<bool> XmlReader::skip_declaration() {
  std::string_view end;
  if (rest_.starts_with("<?")) end = "?>";
  if (rest_.starts_with("<!--")) end = "-->";
  if (end.empty()) {
    if (rest_.starts_with("<!")) return Errc::has_dtd;
    return false;
  }
  const auto at = rest_.find(end, 2);
  if (at == std::string_view::npos) return Errc::cut_off;
  rest_.remove_prefix(at + end.size());
  return true;
}

Result<std::optional<Token>> XmlReader::next() {
  if (ends_at_once_) {
    ends_at_once_ = false;
    Token token{Token::Kind::end, std::move(open_.back())};
    open_.pop_back();
    return std::optional(std::move(token));
  }
  for (;;) {
    if (rest_.empty()) {
      if (!open_.empty()) return Errc::cut_off;
      if (!begun_) return Errc::no_element;
      return std::optional<Token>();
    }
    constexpr std::string_view cdata = "<![CDATA[";
    if (!open_.empty() && rest_.starts_with(cdata)) {
      const auto end = rest_.find("]]>");
      if (end == std::string_view::npos) return Errc::cut_off;
      Token token{Token::Kind::text, std::string(rest_.substr(cdata.size(), end - cdata.size()))};
      rest_.remove_prefix(end + 3);
      return std::optional(std::move(token));
    }
    if (rest_.front() == '<') {
      TRY(const bool skipped, skip_declaration());
      if (skipped) continue;
      return tag();
    }
    const std::string_view text = rest_.substr(0, rest_.find('<'));
    rest_.remove_prefix(text.size());
    // Outside the root there is nothing to say, whatever stands there.
    if (open_.empty() || blank(text)) continue;
    return std::optional(Token{Token::Kind::text, unescape(text)});
  }
}

Result<std::optional<Token>> XmlReader::tag() {
  // A '>' inside the quotes of an attribute does not end the tag.
  std::size_t end = 1;
  char quote = 0;
  for (; end < rest_.size() && (quote != 0 || rest_[end] != '>'); ++end) {
    if (quote != 0 ? rest_[end] == quote : rest_[end] == '"' || rest_[end] == '\'') {
      quote = quote != 0 ? 0 : rest_[end];
    }
  }
  if (end >= rest_.size()) return Errc::cut_off;
  std::string_view inside = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  const bool closes = inside.starts_with('/');
  if (closes) inside.remove_prefix(1);
  const bool empty = !closes && inside.ends_with('/');
  if (empty) inside.remove_suffix(1);
  const std::string_view name = inside.substr(0, inside.find_first_of(" \t\r\n"));
  if (name.empty() || name.size() > 64 || name.find_first_of("<&\"'") != std::string_view::npos) return Errc::bad_tag;
  if (closes) {
    if (open_.empty() || open_.back() != name) return Errc::bad_tag;
    open_.pop_back();
    return std::optional(Token{Token::Kind::end, std::string(name)});
  }
  if (open_.empty() && begun_) return Errc::bad_tag;  // a second root
  if (open_.size() == most_depth) return Errc::too_deep;
  if (++elements_ > most_elements) return Errc::too_many;
  begun_ = true;
  open_.emplace_back(name);
  ends_at_once_ = empty;
  return std::optional(Token{Token::Kind::start, std::string(name)});
}

const Element* Element::find(std::string_view child) const {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const Element& one) { return base::iequals(one.name, child); });
  return found == children.end() ? nullptr : &*found;
}

std::string_view Element::text_of(std::string_view child) const {
  const Element* found = find(child);
  return found ? std::string_view(found->text) : std::string_view();
}

Result<Element> parse_xml(std::string_view utf8) {
  if (utf8.size() > most_bytes) return Errc::too_long;
  if (utf8.starts_with("\xef\xbb\xbf")) utf8.remove_prefix(3);
  XmlReader reader(utf8);
  Element root;
  std::vector<Element> open;  // each is put into the one before when it ends
  for (;;) {
    TRY(auto token, reader.next());
    if (!token) return root;
    switch (token->kind) {
      case Token::Kind::start:
        open.push_back({.name = std::move(token->value)});
        break;
      case Token::Kind::text:
        open.back().text += token->value;
        break;
      case Token::Kind::end: {
        Element done = std::move(open.back());
        open.pop_back();
        done.text = std::string(base::trim(done.text));
        if (open.empty()) {
          root = std::move(done);
        } else {
          open.back().children.push_back(std::move(done));
        }
        break;
      }
    }
  }
}

std::string_view declared_encoding(std::string_view bytes) {
  if (!bytes.starts_with("<?xml")) return {};
  const std::string_view declaration = bytes.substr(0, bytes.find("?>"));
  const auto at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  const std::string_view behind = declaration.substr(at + 8);
  const auto open = behind.find_first_of("\"'");
  if (open == std::string_view::npos) return {};
  const auto close = behind.find(behind[open], open + 1);
  return close == std::string_view::npos ? std::string_view() : behind.substr(open + 1, close - open - 1);
}

XmlWriter::XmlWriter(std::string_view root) {
  out_ = "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n";
  begin(root);
}

XmlWriter& XmlWriter::field(std::string_view name, std::string_view value) {
  out_ += '<';
  out_ += name;
  out_ += '>';
  append_escaped(out_, value);
  out_ += "</";
  out_ += name;
  out_ += ">\r\n";
  return *this;
}

XmlWriter& XmlWriter::begin(std::string_view name, std::string_view attributes) {
  open_.emplace_back(name);
  out_ += '<';
  out_ += name;
  if (!attributes.empty()) out_ += ' ';
  out_ += attributes;
  out_ += ">\r\n";
  return *this;
}

XmlWriter& XmlWriter::end() {
  out_ += "</" + open_.back() + ">\r\n";
  open_.pop_back();
  return *this;
}

std::string XmlWriter::finish() {
  while (!open_.empty()) end();
  return to_gb18030(out_);
}

}  // namespace weir::manscdp
