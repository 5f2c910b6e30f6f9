#include "app/hooks/verdict.h"

#include <nlohmann/json.hpp>

namespace weir::hooks {

using base::Result;
using Json = nlohmann::json;

namespace {

constexpr std::size_t most_urls = 64;

Result<void> parse(int status, std::string_view body, Json& json) {
  if (status != 200 && status != 201) return Errc::bad_status;
  if (body.empty()) return Errc::empty_answer;
  if (body == "0") return {};
  json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return Errc::not_an_answer;
  const auto code = json.find("code");
  if (code == json.end() || !code->is_number_integer()) return Errc::no_code;
  if (*code != 0) return Errc::denied;
  return {};
}

}  // namespace

Result<void> judge(int status, std::string_view body) {
  Json json;
  return parse(status, body, json);
}

Result<std::vector<std::string>> forward_urls(int status, std::string_view body) {
  Json json;
  TRY_VOID(parse(status, body, json));
  const auto data = json.find("data");
  if (data == json.end() || !data->is_object()) return Errc::no_urls;
  const auto list = data->find("urls");
  if (list == data->end() || !list->is_array()) return Errc::no_urls;
  std::vector<std::string> urls;
  for (const Json& url : *list) {
    if (!url.is_string() || url.get_ref<const std::string&>().empty()) continue;
    if (urls.size() == most_urls) break;
    urls.push_back(url.get<std::string>());
  }
  return urls;
}

}  // namespace weir::hooks
