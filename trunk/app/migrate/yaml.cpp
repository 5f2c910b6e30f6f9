#include "app/migrate/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

namespace weir::migrate {

namespace {

constexpr std::size_t most_values = 10'000;
constexpr std::size_t deepest_value = 32;

class YamlReader {
 public:
  explicit YamlReader(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~YamlReader() { yaml_parser_delete(&parser_); }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  YamlDocument read() {
    bool more = true;
    while (more && document_.mistake.empty()) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) == 0) {
        fail(parser_.problem_mark.line, parser_.problem ? parser_.problem : "this is no YAML");
        break;
      }
      more = take(event);
      yaml_event_delete(&event);
    }
    return std::move(document_);
  }

 private:
  // A map takes keys and values in turn; a list numbers its elements.
  struct Level {
    bool is_map = false;
    bool has_key = false;
    std::size_t count = 0;
  };

  void fail(std::size_t line, const std::string& why) { document_.mistake = fmt::format("line {}: {}", line + 1, why); }

  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        scalar(event);
        return true;
      case YAML_MAPPING_START_EVENT:
      case YAML_SEQUENCE_START_EVENT:
        if (!levels_.empty() && levels_.back().is_map && !levels_.back().has_key) {
          fail(event.start_mark.line, "a key is a word");
        } else if (levels_.size() == deepest_value) {
          fail(event.start_mark.line, "nested deeper than 32");
        }
        begin_value();
        levels_.push_back({.is_map = event.type == YAML_MAPPING_START_EVENT});
        return true;
      case YAML_MAPPING_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
        levels_.pop_back();
        end_value();
        return true;
      case YAML_ALIAS_EVENT:
        fail(event.start_mark.line, "aliases are not read");
        return true;
      case YAML_DOCUMENT_END_EVENT:
      case YAML_STREAM_END_EVENT:
        return false;
      default:
        return true;
    }
  }

  void scalar(const yaml_event_t& event) {
    const std::string text(reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length);
    if (!levels_.empty() && levels_.back().is_map && !levels_.back().has_key) {
      levels_.back().has_key = true;
      path_.push_back(text);
      return;
    }
    if (levels_.empty()) return fail(event.start_mark.line, "one value alone is no configuration");
    begin_value();
    if (document_.values.size() == most_values) fail(event.start_mark.line, "more than 10,000 values");
    document_.values.push_back({path_, text, static_cast<unsigned>(event.start_mark.line + 1)});
    end_value();
  }

  // Around a value: in a list its number is its name.
  void begin_value() {
    if (!levels_.empty() && !levels_.back().is_map) path_.push_back(std::to_string(levels_.back().count++));
  }
  void end_value() {
    if (levels_.empty()) return;
    path_.pop_back();
    levels_.back().has_key = false;
  }

  yaml_parser_t parser_{};
  std::vector<Level> levels_;
  std::vector<std::string> path_;
  YamlDocument document_;
};

}  // namespace

YamlDocument read_yaml(std::string_view text) { return YamlReader(text).read(); }

}  // namespace weir::migrate
