#include "app/cluster/store_texts.h"

#include "base/text.h"

namespace weir::cluster {

std::string text_of(const Holder& holder) {
  return holder.node + " " + holder.instance + " " + std::to_string(holder.epoch);
}

std::optional<Holder> holder_of(const std::string& text) {
  const auto words = base::split(text, ' ');
  if (words.size() != 3) return std::nullopt;
  const auto epoch = base::parse_number(words[2]);
  if (!epoch) return std::nullopt;
  return Holder{std::string(words[0]), std::string(words[1]), *epoch};
}

std::string instance_of(const std::string& text) { return text.substr(0, text.find(' ')); }

std::string record_of(const std::string& text) {
  const auto space = text.find(' ');
  return space == std::string::npos ? std::string() : text.substr(space + 1);
}

}  // namespace weir::cluster
