#include "app/cluster/node.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace weir::cluster {

using nlohmann::json;

namespace {

constexpr std::size_t longest_text = 253;

std::string text_in(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  auto text = found->get<std::string>();
  return text.size() <= longest_text ? text : std::string();
}

// Of what no real figure goes beyond.
double number_in(const json& object, const char* name, double least, double most, double usual) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? std::clamp(found->get<double>(), least, most) : usual;
}

std::uint64_t count_in(const json& object, const char* name) {
  return static_cast<std::uint64_t>(number_in(object, name, 0, 1e15, 0));
}

}  // namespace

std::string to_json(const Node& node) {
  const json out{{"name", node.name},
                 {"instance", node.instance},
                 {"host", node.at.host},
                 {"rtmp", node.at.rtmp_port},
                 {"http", node.at.http_port},
                 {"srt", node.srt_port},
                 {"api", node.api_port},
                 {"region", node.region},
                 {"draining", node.draining},
                 {"report", node.report},
                 {"cpu", node.cpu},
                 {"memory", node.memory},
                 {"sent_mbps", node.sent_mbps},
                 {"capacity_mbps", node.capacity_mbps},
                 {"streams", node.streams},
                 {"clients", node.clients}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

namespace {

base::Result<Node> node_of(const json& object) {
  if (!object.is_object()) return AnswerErrc::not_json;
  constexpr double last_port = 65'535, most_mbps = 1e9;
  const auto port = [&](const char* name) {
    return static_cast<std::uint16_t>(number_in(object, name, 0, last_port, 0));
  };
  Node node;
  node.name = text_in(object, "name");
  node.instance = text_in(object, "instance");
  node.at = {.host = text_in(object, "host"), .rtmp_port = port("rtmp"), .http_port = port("http")};
  if (node.name.empty() || !is_host(node.at.host) || node.at.rtmp_port == 0) return AnswerErrc::bad_origin;
  node.srt_port = port("srt");
  node.api_port = port("api");
  node.region = text_in(object, "region");
  const auto draining = object.find("draining");
  node.draining = draining != object.end() && draining->is_boolean() && draining->get<bool>();
  node.report = count_in(object, "report");
  node.cpu = number_in(object, "cpu", 0, 1, 0);
  node.memory = number_in(object, "memory", 0, 1, 0);
  node.sent_mbps = number_in(object, "sent_mbps", 0, most_mbps, 0);
  node.capacity_mbps = number_in(object, "capacity_mbps", 1, most_mbps, node.capacity_mbps);
  node.streams = count_in(object, "streams");
  node.clients = count_in(object, "clients");
  return node;
}

}  // namespace

base::Result<Node> parse_node(std::string_view text) { return node_of(json::parse(text, nullptr, false)); }

base::Result<Node> parse_own_node(std::string_view text) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object()) return AnswerErrc::not_json;
  const auto node = answer.find("node");
  if (node == answer.end()) return AnswerErrc::bad_origin;
  return node_of(*node);
}

}  // namespace weir::cluster
