#include "app/hooks/verdict.h"

#include <nlohmann/json.hpp>

namespace weir::hooks {

using base::Result;
using Json = nlohmann::json;

namespace {

constexpr std::size_t most_urls = 64;
constexpr int most_ttl_seconds = 86'400;

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

Result<session::srt::KeyAnswer> srt_key(int status, std::string_view body) {
  Json json;
  TRY_VOID(parse(status, body, json));
  session::srt::KeyAnswer answer{.kind = session::srt::KeyAnswer::Kind::key};
  const auto data = json.is_object() ? json.find("data") : json.end();
  if (data == json.end() || data->is_null()) return answer;
  if (!data->is_object()) return Errc::bad_key;
  if (const auto text = data->find("passphrase"); text != data->end()) {
    if (!text->is_string()) return Errc::bad_key;
    answer.secret.passphrase = text->get<std::string>();
    const std::size_t size = answer.secret.passphrase.size();
    if (size < 10 || size > 79) return Errc::bad_key;
  }
  if (const auto bytes = data->find("pbkeylen"); bytes != data->end()) {
    if (*bytes != 0 && *bytes != 16 && *bytes != 24 && *bytes != 32) return Errc::bad_key;
    answer.secret.key_bytes = bytes->get<int>();
  }
  if (const auto ttl = data->find("ttl"); ttl != data->end()) {
    if (!ttl->is_number_integer() || *ttl < 1 || *ttl > most_ttl_seconds) return Errc::bad_key;
    answer.good_for = std::chrono::seconds(ttl->get<int>());
  }
  return answer;
}

}  // namespace weir::hooks
