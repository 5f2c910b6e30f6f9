#include "config/reference.h"

#include <fmt/format.h>

#include <optional>

#include "config/schema.h"

namespace weir::config {
namespace {

constexpr std::size_t widest_line = 110;

constexpr std::string_view introduction =
    "Every directive of Weir with its default, or with an example where it has none (then the comment says so).\n"
    "Made from the table that the server itself reads the configuration by; a test keeps this file true.\n"
    "It can be loaded, but start from weir.conf or a smaller one: what is not written has its default anyway.\n"
    "\n"
    "A directive is 'name value ...;' on one line, a block 'name { ... }'. Values with blanks stand in quotes. What\n"
    "follows '#' is a comment. 'include FILE ...;' may stand anywhere and is replaced by what the files hold; they\n"
    "are looked up from the current directory, then from that of this file. A variable beats the file; those that\n"
    "begin with SRS_VHOST_ reach every vhost.\n";

std::string quoted(const std::string& text, const Type& type) {
  if (text.empty()) return "\"\"";
  // A path or text may hold what would end a word.
  const bool one_word = type.kind == Kind::text && text.find_first_of(" ;{}#") != std::string::npos;
  return one_word ? "\"" + text + "\"" : text;
}

class Writer {
 public:
  std::string take() { return std::move(out_); }

  void comment(std::string_view text) {
    std::string line;
    for (const std::string& word : split_words(text)) {
      if (!line.empty() && depth_ * 4 + line.size() + word.size() + 3 > widest_line) flush(line);
      line += " " + word;
    }
    flush(line);
  }

  void raw_comment(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      const auto line = text.substr(0, end);
      out_ += line.empty() ? "#\n" : fmt::format("# {}\n", line);
      text.remove_prefix(end + 1);
    }
  }

  // A line across the file: what stands at the root, then a block each.
  void heading(std::string_view title) {
    out_ += fmt::format("\n# ---- {} {:-<{}}\n", title, "", widest_line - 8 - title.size());
  }

  void rows(Rows rows, const std::string& path, bool readable) {
    for (const Directive& row : rows) {
      if (!row.is_block() && row.type.kind != Kind::ignored) directive(row, path, readable);
    }
    for (const Directive& row : rows) {
      if (row.is_block()) block(row, path, readable);
    }
    std::string without_effect;
    for (const Directive& row : rows) {
      if (row.type.kind == Kind::ignored && row.name != "is_full") without_effect += fmt::format(" {},", row.name);
    }
    if (without_effect.empty()) return;
    without_effect.back() = '.';
    comment("Accepted for the sake of old files, without any effect:" + without_effect);
  }

 private:
  void line(std::string_view text) { out_ += std::string(depth_ * 4, ' ') + std::string(text) + "\n"; }

  void flush(std::string& text) {
    line("#" + text);
    text.clear();
  }

  void directive(const Directive& row, const std::string& path, bool readable) {
    if (depth_ == 0) out_ += "\n";
    comment(row.meaning);
    std::string facts = row.read ? "May be written several times." : "Takes " + describe(row.type) + ".";
    if (row.fallback.empty())
      facts += row.read              ? " None by default."
               : row.example.empty() ? " Empty by default."
                                     : " Nothing by default; this is an example.";
    if (readable) {
      const auto names = environment_names(row, path.empty() ? row.name : path + "." + std::string(row.name));
      if (!names.empty()) facts += fmt::format(" Variable {}.", fmt::join(names, " or "));
    }
    facts += fmt::format(" Changes act {}.", to_text(row.effect));
    comment(facts);
    if (row.read && row.open) {
      line(fmt::format("{} {{ {}; }}", row.name, row.example));
      return;
    }
    const bool is_example = row.fallback.empty();
    line(fmt::format("{} {};", row.name,
                     is_example && !row.example.empty() && row.type.kind != Kind::text
                         ? std::string(row.example)
                         : quoted(std::string(is_example ? row.example : row.fallback), row.type)));
  }

  void block(const Directive& row, const std::string& path, bool readable) {
    if (depth_ == 0) heading(row.name);
    out_ += "\n";
    comment(row.meaning);
    const bool is_vhost = row.name == "vhost";
    const std::string example = row.example.empty() ? "example" : std::string(row.example);
    const std::string name = is_vhost ? " __defaultVhost__" : row.set_name && !row.first ? " " + example : "";
    line(fmt::format("{}{} {{", row.name, name));
    ++depth_;
    rows(row.children(), path.empty() ? std::string(row.name) : path + "." + std::string(row.name),
         readable && row.environment != "-");
    --depth_;
    line("}");
  }

  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string reference_text() {
  Writer writer;
  writer.raw_comment(introduction);
  writer.comment("With 'is_full on;' a file says that it is such a reference, and is refused.");
  writer.heading("the root of the file");
  writer.rows(root_rows(), "", true);
  return writer.take();
}

}  // namespace weir::config
