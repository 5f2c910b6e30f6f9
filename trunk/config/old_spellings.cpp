#include "config/old_spellings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace weir::config {
namespace {

// Takes the directives of one of these names out of a block.
std::vector<Node> take(std::vector<Node>& nodes, const std::vector<std::string_view>& names) {
  std::vector<Node> taken, kept;
  for (Node& node : nodes) {
    const bool wanted = std::find(names.begin(), names.end(), node.name) != names.end();
    (wanted ? taken : kept).push_back(std::move(node));
  }
  nodes = std::move(kept);
  return taken;
}

// The first block of that name; a new one if there is none.
Node& block_of(std::vector<Node>& nodes, std::string_view name, const Place& place) {
  for (Node& node : nodes) {
    if (node.name == name && node.is_block) return node;
  }
  return nodes.emplace_back(Node{.name = std::string(name), .is_block = true, .place = place});
}

void put(Node& block, Node node, std::string_view name, Problems& problems) {
  if (const Node* present = block.child(name)) {
    return problems.warn(node.place, fmt::format("'{}' is ignored: '{}' in '{}' says the same in line {}", node.name,
                                                 name, block.name, present->place.line));
  }
  node.name = name;
  block.children.push_back(std::move(node));
}

// Moves directives into a block, under the same names.
void move_into(std::vector<Node>& nodes, std::string_view block, const std::vector<std::string_view>& names,
               Problems& problems) {
  for (Node& node : take(nodes, names)) {
    const std::string name = node.name;
    Node& target = block_of(nodes, block, node.place);
    put(target, std::move(node), name, problems);
  }
}

void rename(std::vector<Node>& nodes, std::string_view from, std::string_view to) {
  for (Node& node : nodes) {
    if (node.name == from) node.name = to;
  }
}

void drop_with_warning(std::vector<Node>& nodes, const std::vector<std::string_view>& names, Problems& problems) {
  for (const Node& node : take(nodes, names)) {
    problems.warn(node.place, fmt::format("'{}' does nothing any more", node.name));
  }
}

Node on(std::string_view name, const Place& place) {
  return {.name = std::string(name), .words = {"on"}, .place = place};
}

void convert_stream_caster(Node& caster, Problems& problems) {
  auto& nodes = caster.children;
  drop_with_warning(nodes,
                    {"tcp_enable", "rtp_port_min", "rtp_port_max", "wait_keyframe", "rtp_idle_timeout", "audio_enable",
                     "auto_create_channel"},
                    problems);
  for (Node& host : take(nodes, {"host"})) {
    Node& target = block_of(nodes, "sip", host.place);
    put(target, std::move(host), "candidate", problems);
  }
  for (Node& sip : nodes) {
    if (sip.name != "sip") continue;
    drop_with_warning(sip.children,
                      {"serial", "realm", "ack_timeout", "keepalive_timeout", "invite_port_fixed",
                       "query_catalog_interval", "auto_play"},
                      problems);
  }
}

// "refer A; refer_play B; refer_publish C;" of SRS 1.
void convert_refer(std::vector<Node>& nodes, Problems& problems) {
  const bool is_new =
      std::any_of(nodes.begin(), nodes.end(), [](const Node& n) { return n.name == "refer" && n.is_block; });
  auto old = take(nodes, is_new ? std::vector<std::string_view>{"refer_play", "refer_publish"}
                                : std::vector<std::string_view>{"refer", "refer_play", "refer_publish"});
  for (Node& node : old) {
    Node& refer = block_of(nodes, "refer", node.place);
    if (!refer.child("enabled")) refer.children.push_back(on("enabled", node.place));
    const std::string_view name = node.name == "refer" ? "all" : node.name == "refer_play" ? "play" : "publish";
    put(refer, std::move(node), name, problems);
  }
}

// "forward A B;" of SRS 2.
void convert_forward(std::vector<Node>& nodes) {
  for (Node& node : nodes) {
    if (node.name != "forward" || node.is_block) continue;
    Node destination{.name = "destination", .words = std::exchange(node.words, {}), .place = node.place};
    node.is_block = true;
    node.children.push_back(on("enabled", node.place));
    node.children.push_back(std::move(destination));
  }
}

struct Moved {
  std::string_view from;
  std::string_view to;
};

// A block whose directives now stand in another one: "mr { enabled; latency; }" is "publish { mr; mr_latency; }".
template <std::size_t N>
void move_block(std::vector<Node>& nodes, std::string_view from, std::string_view to, const std::array<Moved, N>& names,
                Problems& problems) {
  for (Node& old : take(nodes, {from})) {
    for (Node& node : old.children) {
      const auto moved = std::find_if(names.begin(), names.end(), [&](const Moved& m) { return m.from == node.name; });
      if (moved == names.end()) {
        problems.error(node.place, fmt::format("'{}' is not known in '{}'", node.name, from));
      } else {
        put(block_of(nodes, to, old.place), std::move(node), moved->to, problems);
      }
    }
  }
}

void convert_rtc(std::vector<Node>& nodes, Problems& problems) {
  move_block(nodes, "nack", "rtc", std::array{Moved{"enabled", "nack"}, Moved{"no_copy", "nack_no_copy"}}, problems);
  move_block(nodes, "twcc", "rtc", std::array{Moved{"enabled", "twcc"}}, problems);
  for (Node& rtc : nodes) {
    if (rtc.name != "rtc") continue;
    for (Node& node : take(rtc.children, {"aac", "bframe"})) {
      const bool is_aac = node.name == "aac";
      const bool yes = !node.words.empty() && node.words.front() == (is_aac ? "transcode" : "keep");
      node.words = {yes ? "on" : "off"};
      put(rtc, std::move(node), is_aac ? "rtmp_to_rtc" : "keep_bframe", problems);
    }
  }
}

void convert_vhost(std::vector<Node>& nodes, Problems& problems) {
  rename(nodes, "http", "http_static");
  for (Node& node : nodes) {
    if (node.name == "http_remux") take(node.children, {"hstrs"});
  }
  convert_refer(nodes, problems);
  convert_forward(nodes);
  move_block(nodes, "mr", "publish", std::array{Moved{"enabled", "mr"}, Moved{"latency", "mr_latency"}}, problems);
  for (Node& node : take(nodes, {"publish_1stpkt_timeout", "publish_normal_timeout"})) {
    const std::string_view name = node.name == "publish_1stpkt_timeout" ? "firstpkt_timeout" : "normal_timeout";
    Node& target = block_of(nodes, "publish", node.place);
    put(target, std::move(node), name, problems);
  }
  move_into(nodes, "play",
            {"time_jitter", "mix_correct", "atc", "atc_auto", "mw_latency", "gop_cache", "gop_cache_max_frames",
             "queue_length", "send_min_interval", "reduce_sequence_header"},
            problems);
  move_into(nodes, "cluster", {"mode", "origin", "token_traverse", "vhost", "debug_srs_upnode"}, problems);
  convert_rtc(nodes, problems);
}

}  // namespace

void convert_old_spellings(std::vector<Node>& root, Problems& problems) {
  rename(root, "http_stream", "http_server");
  move_into(root, "rtmp", {"listen", "chunk_size"}, problems);
  for (Node& node : root) {
    if (node.name == "rtc_server") take(node.children, {"perf_stat", "queue_length"});
    if (node.name == "srt_server") rename(node.children, "tlpkdrop", "tlpktdrop");
    if (node.name == "stream_caster") convert_stream_caster(node, problems);
    if (node.name == "vhost") convert_vhost(node.children, problems);
  }
}

std::vector<std::string_view> other_spellings(std::string_view block) {
  if (block.empty()) return {"listen", "chunk_size", "include"};
  return {"include"};
}

}  // namespace weir::config
