#include "app/cluster/answer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace weir::cluster {

using nlohmann::json;

namespace {

bool is_loopback(std::string_view host) { return host.starts_with("127.") || host == "::1" || host == "localhost"; }

std::optional<std::uint16_t> port_in(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  if (value < 1 || value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

}  // namespace

bool is_host(std::string_view text) {
  constexpr std::size_t longest = 253;  // RFC 1035 2.3.4
  return !text.empty() && text.size() <= longest && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
                  c == ':' || c == '_';
         });
}

const char* describe(AnswerErrc code) {
  switch (code) {
    case AnswerErrc::ok:
      return "ok";
    case AnswerErrc::not_json:
      return "the answer is no JSON object";
    case AnswerErrc::no_success:
      return "the answer has no code 0";
    case AnswerErrc::bad_origin:
      return "the answer names no origin: 'data.origin' is neither null nor an address and a port";
  }
  return "unknown";
}

base::Result<std::optional<Origin>> parse_answer(std::string_view text, std::string_view asked) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object()) return AnswerErrc::not_json;
  const auto code = answer.find("code");
  if (code == answer.end() || !code->is_number_integer() || code->get<std::int64_t>() != 0) {
    return AnswerErrc::no_success;
  }
  const auto data = answer.find("data");
  if (data == answer.end() || !data->is_object()) return AnswerErrc::bad_origin;
  const auto origin = data->find("origin");
  if (origin == data->end()) return AnswerErrc::bad_origin;
  if (origin->is_null()) return std::optional<Origin>();
  if (!origin->is_object()) return AnswerErrc::bad_origin;
  const auto ip = origin->find("ip");
  const auto port = port_in(*origin, "port");
  if (ip == origin->end() || !ip->is_string() || !port) return AnswerErrc::bad_origin;
  Origin out{.host = ip->get<std::string>(), .rtmp_port = *port};
  const bool leads_nowhere =
      out.host.empty() || out.host == "0.0.0.0" || out.host == "::" || (is_loopback(out.host) && !is_loopback(asked));
  if (leads_nowhere) out.host = asked;
  if (!is_host(out.host)) return AnswerErrc::bad_origin;
  if (const auto http = port_in(*origin, "http_port")) out.http_port = *http;
  return std::optional(std::move(out));
}

}  // namespace weir::cluster
