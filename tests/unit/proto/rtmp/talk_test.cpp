#include "unit/proto/rtmp/talk.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "proto/rtmp/chunk_writer.h"
#include "proto/rtmp/command.h"
#include "proto/rtmp/control.h"
#include "support/catch.h"

namespace weir::test {
namespace {

std::string status_line(const rtmp::Command& command) {
  const amf0::Value& answer = command.argument(0);
  if (answer.has_properties()) return std::string(answer.text_at("code"));
  if (answer.is_number()) return fmt::format("{}", answer.as_number());
  return answer.type() == amf0::Type::null ? "null" : answer.type() == amf0::Type::undefined ? "undefined" : "?";
}

std::string_view kind_name(rtmp::MessageType type) {
  return type == rtmp::MessageType::audio ? "audio" : type == rtmp::MessageType::video ? "video" : "data";
}

}  // namespace

ByteVector client_handshake() { return bytes("03") + repeat(0, 8) + repeat(0x33, 1528) + repeat(0x44, 1536); }

ByteVector message(rtmp::MessageType type, std::uint32_t chunk_stream, std::uint32_t stream_id, std::uint32_t time_ms,
                   const ByteVector& payload) {
  base::Buffer out;
  rtmp::append_message(out, {type, chunk_stream, stream_id, time_ms}, payload, 128);
  return {out.data(), out.data() + out.size()};
}

ByteVector command(std::uint32_t chunk_stream, std::uint32_t stream_id, std::string_view name, double transaction,
                   std::vector<amf0::Value> values) {
  rtmp::Command command{std::string(name), transaction, amf0::Value::null(), {}};
  if (!values.empty()) {
    command.object = std::move(values.front());
    command.arguments.assign(std::make_move_iterator(values.begin() + 1), std::make_move_iterator(values.end()));
  }
  const base::Buffer payload = rtmp::write_command(command);
  return message(rtmp::MessageType::command, chunk_stream, stream_id, 0,
                 {payload.data(), payload.data() + payload.size()});
}

amf0::Value connect_object(std::string_view tc_url) {
  amf0::Value object = amf0::Value::object();
  object.set("app", "live")
      .set("type", "nonprivate")
      .set("flashVer", "FMLE/3.0 (compatible; test)")
      .set("tcUrl", tc_url);
  return object;
}

std::string line_of(const rtmp::Message& message) {
  std::string fault;
  switch (message.type) {
    case rtmp::MessageType::window_acknowledgement_size:
      return fmt::format("window {}", rtmp::parse_number_message(message.payload).value_or(0));
    case rtmp::MessageType::set_peer_bandwidth:
      return fmt::format("bandwidth {}", rtmp::parse_number_message(message.payload).value_or(0));
    case rtmp::MessageType::acknowledgement:
      return fmt::format("acknowledge {}", rtmp::parse_number_message(message.payload).value_or(0));
    case rtmp::MessageType::user_control: {
      const auto control = rtmp::parse_user_control(message.payload).value_or(rtmp::UserControl{});
      return fmt::format("user {} {}", static_cast<int>(control.event), control.value);
    }
    case rtmp::MessageType::command: {
      const auto parsed = rtmp::parse_command(message.type, message.payload, fault);
      if (!parsed) return "unreadable command: " + fault;
      const std::string transaction = parsed->transaction != 0 ? fmt::format(" {}", parsed->transaction) : "";
      return parsed->name + transaction + " " + status_line(*parsed);
    }
    case rtmp::MessageType::data: {
      const std::string text(base::as_text(message.payload));
      return "data " + text.substr(3, std::min<std::size_t>(text.size() - 3, static_cast<std::uint8_t>(text[2])));
    }
    default:
      return fmt::format("type {} {} {} bytes", static_cast<int>(message.type), message.time_ms, message.size_bytes);
  }
}

std::string line_of(const rtmp::ServerEvent& event) {
  static constexpr const char* kinds[] = {"live", "record", "append"};
  static constexpr const char* dialects[] = {"fmle", "flash", "haivision"};
  return std::visit(
      [](const auto& e) -> std::string {
        using E = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<E, rtmp::MediaReceived>) {
          return fmt::format("{} {} {} bytes", kind_name(e.type), e.time_ms, e.payload.size());
        } else if constexpr (std::is_same_v<E, rtmp::ConnectRequested>) {
          return "connect " + e.request->tc_url;
        } else if constexpr (std::is_same_v<E, rtmp::PublishRequested>) {
          return fmt::format("publish {} {} {}", e.name, kinds[static_cast<int>(e.kind)],
                             dialects[static_cast<int>(e.dialect)]);
        } else if constexpr (std::is_same_v<E, rtmp::PlayRequested>) {
          return fmt::format("play {} {} {} {}", e.name, e.start, e.duration, e.reset);
        } else if constexpr (std::is_same_v<E, rtmp::Unpublished>) {
          return "unpublished";
        } else if constexpr (std::is_same_v<E, rtmp::StreamClosed>) {
          return "closed";
        } else if constexpr (std::is_same_v<E, rtmp::Paused>) {
          return e.paused ? "pause" : "unpause";
        } else if constexpr (std::is_same_v<E, rtmp::SeekRefused>) {
          return fmt::format("seek {}", e.target_ms);
        } else if constexpr (std::is_same_v<E, rtmp::BufferLengthSet>) {
          return fmt::format("buffer {}", e.length_ms);
        } else if constexpr (std::is_same_v<E, rtmp::Acknowledged>) {
          return fmt::format("acknowledged {}", e.sequence);
        } else {
          return "unknown " + e.name;
        }
      },
      event);
}

void ServerRun::feed(base::Bytes in) {
  if (!result) return;
  result = server.input(in);
  while (result) {
    const auto event = server.poll();
    if (!event) break;
    events.push_back(line_of(*event));
    result = answer(*event);
  }
  take_replies();
}

base::Result<void> ServerRun::answer(const rtmp::ServerEvent& event) {
  const bool connect = std::holds_alternative<rtmp::ConnectRequested>(event);
  const bool publish = std::holds_alternative<rtmp::PublishRequested>(event);
  const bool play = std::holds_alternative<rtmp::PlayRequested>(event);
  if ((!connect && !publish && !play) || !answers) return {};
  const bool yes = requests_++ != refuse;
  if (connect && yes) return server.accept_connect({"0.1.0", "https://weir.example", "192.0.2.1", "abcd1234", 42});
  if (connect) server.reject_connect("No such virtual host.");
  if (publish && yes) return server.accept_publish();
  if (publish) return server.reject_publish("NetStream.Publish.BadName", "Stream already exists.");
  if (play && yes) return server.accept_play();
  if (play) return server.reject_play("NetStream.Play.StreamNotFound", "No such stream.");
  return {};
}

void ServerRun::take_replies() {
  const base::Buffer out = server.take_output();
  base::Bytes in = out;
  const std::size_t skip = std::min(handshake_left_, in.size());
  handshake_left_ -= skip;
  in = in.subspan(skip);
  while (!in.empty()) {
    auto reply = reader_.next(in);
    if (!reply) {
      replies.push_back("unreadable: " + reader_.diagnostic().sentence());
      return;
    }
    if (*reply) replies.push_back(line_of(**reply));
  }
}

}  // namespace weir::test

TEST_CASE("the tests' own client writes what a client writes", "[rtmp]") {
  // Chunk stream 3, 25 bytes, type 20, stream 0; "createStream", 2, null
  CHECK(weir::test::hex(weir::test::command(3, 0, "createStream", 2, {weir::test::null()})) ==
        "03000000000019140000000002000c63726561746553747265616d00400000000000000005");
}
