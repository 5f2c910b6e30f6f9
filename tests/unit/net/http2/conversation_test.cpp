#include "net/http2/conversation.h"

#include "support/catch.h"
#include "support/http2_peer.h"

namespace weir::test::conversation_test {

using namespace std::chrono_literals;
using http2::Conversation;
using http2::Errc;
using http2::Output;
using http2::Reason;
using http2::StreamId;
using test::Http2Peer;

namespace {

// A conversation and a client of nghttp2, and what the one heard of the other.
struct Talk final : Conversation::Events {
  struct Asked {
    base::Result<http::Request> request = http::Errc::ok;
    bool has_body = false, body_ended = false, closed = false;
    std::string body;
  };
  http2::Limits limits;
  Http2Peer peer;
  Conversation conversation;
  std::map<StreamId, Asked> asked;
  std::vector<StreamId> opened;
  base::Instant now{1h};
  base::Result<void> fault;

  explicit Talk(http2::Limits given = {}, std::uint32_t window = 65'535)
      : limits(given), peer(window), conversation(limits, *this) {}

  void requested(StreamId id, base::Result<http::Request> request, bool has_body) override {
    asked[id].request = std::move(request);
    asked[id].has_body = has_body;
  }
  void body_came(StreamId id, base::Bytes bytes) override {
    asked[id].body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void body_ended(StreamId id) override { asked[id].body_ended = true; }
  void closed(StreamId id) override { asked[id].closed = true; }
  void window_opened(StreamId id) override { opened.push_back(id); }

  bool hear(std::string_view bytes) {
    const auto heard = conversation.input(base::as_bytes(bytes), now);
    if (!heard && fault) fault = heard;
    return heard.has_value();
  }
  void deliver(Output& out) {
    for (const iovec& part : out.parts()) {
      REQUIRE(peer.input({static_cast<const std::uint8_t*>(part.iov_base), part.iov_len}));
    }
  }
  // Until neither has anything to say.
  void exchange() {
    for (int i = 0; i < 50; ++i) {
      const std::string said = peer.output();
      if (!said.empty()) hear(said);
      Output out;
      conversation.gather(out);
      deliver(out);
      if (said.empty() && out.bytes() == 0) return;
    }
  }
  std::size_t write(StreamId id, std::string_view text, bool ends, std::size_t most = 1 << 20) {
    const iovec part{const_cast<char*>(text.data()), text.size()};
    Output out;
    const std::size_t taken = conversation.write(id, {&part, text.empty() ? 0u : 1u}, most, ends, out);
    deliver(out);
    return taken;
  }
  void answer(StreamId id, bool bare = false) {
    conversation.answer(id, 200, {{"Content-Type", "text/plain"}}, std::nullopt, bare);
  }
};

// Frame head (RFC 9113 4.1).
std::string frame(std::size_t size, int type, int flags, std::uint32_t id, const std::string& payload = "") {
  std::string out{static_cast<char>(size >> 16), static_cast<char>(size >> 8), static_cast<char>(size),
                  static_cast<char>(type), static_cast<char>(flags)};
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(id >> shift & 0xff);
  return out + payload;
}

}  // namespace

TEST_CASE("a request comes as one of HTTP/1 does, and its answer goes back", "[http2]") {
  Talk talk;
  const StreamId id = talk.peer.ask("/live/a%20b.m3u8?x=1", "GET", nullptr, {{"range", "bytes=0-"}, {"cookie", "a=b"}});
  talk.exchange();
  REQUIRE(talk.asked[id].request.has_value());
  const http::Request& request = *talk.asked[id].request;
  CHECK(request.method == "GET");
  CHECK(request.path == "/live/a b.m3u8");
  CHECK(request.query == "x=1");
  CHECK(request.host == "example.org");
  CHECK(request.headers.find("Range") == "bytes=0-");
  CHECK(request.headers.find("Host") == "example.org:8080");
  CHECK(request.major_version == 2);
  CHECK(request.minor_version == 0);
  CHECK_FALSE(request.has_body());
  talk.conversation.answer(id, 206, {{"Content-Type", "video/mp2t"}, {"X-A", "1"}}, 5, false);
  CHECK(talk.write(id, "hello", true) == 5);
  talk.exchange();
  Http2Peer::Answer& answer = talk.peer.answer(id);
  CHECK(answer.status() == "206");
  CHECK(answer.fields["content-type"] == "video/mp2t");
  CHECK(answer.fields["content-length"] == "5");
  CHECK(answer.fields["x-a"] == "1");
  CHECK(answer.body == "hello");
  CHECK(answer.ended);
  CHECK(answer.reset == 0);
  CHECK(talk.asked[id].closed);
}

TEST_CASE("it is read however it is cut", "[http2]") {
  Http2Peer peer;
  peer.ask("/a");
  const std::string body = "some body";
  peer.ask("/b", "POST", &body);
  const std::string said = peer.output();
  for (std::size_t cut = 0; cut <= said.size(); ++cut) {
    Talk talk;
    REQUIRE(talk.hear(said.substr(0, cut)));
    REQUIRE(talk.hear(said.substr(cut)));
    REQUIRE(talk.asked.size() == 2);
    REQUIRE(talk.asked[3].body == body);
    REQUIRE(talk.asked[3].body_ended);
  }
  Talk talk;
  for (const char c : said) REQUIRE(talk.hear({&c, 1}));
  CHECK(talk.asked.size() == 2);
}

TEST_CASE("a body is pointed to and not copied, as far as the windows go", "[http2]") {
  Talk talk({}, 40'000);
  const StreamId id = talk.peer.ask("/a");
  talk.exchange();
  talk.answer(id);
  talk.exchange();
  CHECK(talk.conversation.room(id) == 40'000);
  const std::string text(100'000, 'x');
  const iovec parts[] = {
      {const_cast<char*>(text.data()), 30'000}, {nullptr, 0}, {const_cast<char*>(text.data()) + 30'000, 70'000}};
  Output out;
  CHECK(talk.conversation.write(id, parts, 1 << 20, true, out) == 40'000);
  std::size_t pointed = 0;
  for (const iovec& part : out.parts()) {
    const char* const at = static_cast<const char*>(part.iov_base);
    if (at >= text.data() && at < text.data() + text.size()) pointed += part.iov_len;
  }
  CHECK(pointed == 40'000);
  CHECK(out.bytes() == 40'000 + 9 * 3);  // frames of 16,384 bytes at most
  talk.deliver(out);
  CHECK(talk.write(id, text, true) == 0);
  talk.peer.consume(id, 40'000);
  talk.exchange();
  CHECK(std::find(talk.opened.begin(), talk.opened.end(), id) != talk.opened.end());
  CHECK(talk.write(id, text, false, 10'000) == 10'000);  // most
  CHECK(talk.write(id, std::string_view(text).substr(0, 30'000), false) > 0);
  CHECK_FALSE(talk.peer.answer(id).ended);
}

TEST_CASE("the end of a body gets through a window that is shut", "[http2]") {
  Talk talk({}, 1'000);
  const StreamId id = talk.peer.ask("/a");
  talk.exchange();
  talk.answer(id);
  CHECK(talk.write(id, std::string(1'000, 'x'), false) == 1'000);
  CHECK(talk.conversation.room(id) == 0);
  CHECK(talk.write(id, "", true) == 0);
  talk.exchange();
  talk.peer.consume(id, 1'000);
  talk.exchange();
  CHECK(talk.peer.answer(id).ended);
  CHECK(talk.peer.answer(id).body.size() == 1'000);
}

TEST_CASE("streams do not mix, whoever writes when", "[http2]") {
  Talk talk;
  const StreamId first = talk.peer.ask("/1"), second = talk.peer.ask("/2"), third = talk.peer.ask("/3");
  talk.exchange();
  for (const StreamId id : {first, second}) talk.answer(id);
  talk.answer(third, true);
  for (int i = 0; i < 10; ++i) {
    talk.write(first, "1", false);
    talk.write(second, "22", i == 9);
  }
  talk.write(first, "", true);
  talk.exchange();
  CHECK(talk.peer.answer(first).body == std::string(10, '1'));
  CHECK(talk.peer.answer(second).body == std::string(20, '2'));
  CHECK(talk.peer.answer(first).ended);
  CHECK(talk.peer.answer(second).ended);
  CHECK(talk.peer.answer(third).ended);
}

TEST_CASE("what is wrong with a request is said of it alone", "[http2]") {
  http2::Limits limits;
  limits.head = {2'000, 200, 10};
  Talk talk(limits);
  const auto fault_of = [&](const std::string& path, std::vector<std::pair<std::string, std::string>> more) {
    const StreamId id = talk.peer.ask(path, "GET", nullptr, std::move(more));
    talk.exchange();
    return talk.asked[id].request.has_error() ? talk.asked[id].request.error() : base::ErrorCode();
  };
  CHECK(fault_of("/" + std::string(300, 'a'), {}) == http::Errc::target_too_long);
  CHECK(fault_of("/", {{"x", std::string(3'000, 'a')}}) == http::Errc::head_too_large);
  CHECK(fault_of("/", std::vector<std::pair<std::string, std::string>>(11, {"x", "1"})) ==
        http::Errc::too_many_headers);
  CHECK(fault_of("/../a", {}) == http::Errc::path_leaves_root);
  CHECK(fault_of("/a?vhost=a/b", {}) == http::Errc::bad_virtual_host);
  CHECK_FALSE(fault_of("/good", {}));
  CHECK(talk.fault.has_value());
}

TEST_CASE("a body of a request waits for its reader", "[http2]") {
  http2::Limits limits;
  limits.stream_window_bytes = 70'000;
  Talk talk(limits);
  talk.exchange();  // settings first
  const std::string body(200'000, 'b');
  const StreamId id = talk.peer.ask("/a", "POST", &body);
  talk.exchange();
  CHECK(talk.asked[id].request->chunked);  // of a size that was not said
  CHECK(talk.asked[id].body.size() == 70'000);
  CHECK_FALSE(talk.asked[id].body_ended);
  for (int i = 0; i < 4; ++i) {
    talk.conversation.consumed(id, 50'000);
    talk.exchange();
  }
  CHECK(talk.asked[id].body == body);
  CHECK(talk.asked[id].body_ended);
}

TEST_CASE("rapid reset: streams that are begun and reset end the connection", "[http2]") {  // CVE-2023-44487
  Talk talk;
  talk.exchange();
  bool heard = true;
  int count = 0;
  for (; count < 1'000 && heard; ++count) {
    const StreamId id = talk.peer.ask("/a");
    std::string said = talk.peer.output();
    talk.peer.reset(id);
    said += talk.peer.output();
    heard = talk.hear(said);
  }
  CHECK(count > 100);
  CHECK(count < 300);
  CHECK(talk.fault.error() == Errc::too_many_resets);
  Output out;
  talk.conversation.gather(out);
  talk.deliver(out);
  CHECK(talk.peer.told_to_go);
  CHECK(talk.peer.why == NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_CASE("a player that zaps now and then is no attacker", "[http2]") {
  Talk talk;
  for (int i = 0; i < 2'000; ++i) {
    const StreamId id = talk.peer.ask("/a");
    talk.exchange();
    talk.peer.reset(id);
    talk.exchange();
    talk.now += 100ms;
  }
  CHECK(talk.fault.has_value());
}

TEST_CASE("floods of frames that carry nothing end the connection", "[http2]") {
  const std::string ping(8, 'p');
  for (const auto& [name, bytes, fault] :
       {std::tuple{"PING", frame(8, 6, 0, 0, ping), Errc::too_many_controls},
        std::tuple{"SETTINGS", frame(0, 4, 0, 0), Errc::too_many_controls},
        std::tuple{"PRIORITY", frame(5, 2, 0, 7, std::string(5, '\0')), Errc::too_many_controls},
        std::tuple{"WINDOW_UPDATE", frame(4, 8, 0, 0, std::string("\0\0\0\1", 4)), Errc::too_many_updates}}) {
    INFO(name);
    Talk talk;
    talk.exchange();
    int count = 0;
    while (count < 100'000 && talk.hear(bytes)) {
      Output out;  // what is answered is taken
      talk.conversation.gather(out);
      ++count;
    }
    CHECK(talk.fault.error() == fault);
    CHECK(count >= 900);
    CHECK(count < 25'000);
  }
}

TEST_CASE("no more streams at a time than were promised", "[http2]") {
  http2::Limits limits;
  limits.streams = 10;
  Talk talk(limits);
  talk.exchange();
  std::vector<StreamId> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(talk.peer.ask("/a"));
  talk.exchange();
  CHECK(talk.asked.size() == 10);  // nghttp2 keeps the others back
  talk.answer(ids[0], true);
  talk.exchange();
  CHECK(talk.asked.size() == 11);
}

TEST_CASE("what is no HTTP/2 is refused", "[http2]") {
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), std::string("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"),
        preface + frame(8, 6, 0, 0, "12345678"),                              // the first frame is SETTINGS (3.4)
        preface + frame(0, 4, 0, 0) + frame(0x100000, 0, 0, 1),               // larger than we said (4.2)
        preface + frame(0, 4, 0, 0) + frame(1, 0, 0, 1, "x"),                 // DATA of no stream (5.1)
        preface + frame(0, 4, 0, 0) + frame(4, 1, 5, 2, "\x82\x84\x86\x41"),  // an even number (5.1.1)
        preface + frame(0, 4, 0, 0) + frame(1, 1, 5, 1, "\xff")}) {           // broken HPACK
    Talk talk;
    const bool heard = talk.hear(bytes);
    Output out;
    talk.conversation.gather(out);
    CHECK((!heard || talk.conversation.over()));
    for (const auto& [id, asked] : talk.asked) CHECK(asked.request.has_error());
  }
}

TEST_CASE("a few bytes that stand for a long head end the connection", "[http2]") {  // RFC 7541 7.3
  const std::string long_field = std::string("\x40\x01x\x7f\xa1\x1e", 6) + std::string(4'000, 'a');
  const std::string again(2'000, '\xbe');  // that field, each
  const std::string block =
      "\x82\x84\x86\x41\x01"
      "a" +
      long_field + again;
  Talk talk;
  talk.exchange();
  CHECK_FALSE(talk.hear(frame(block.size(), 1, 5, 1, block)));
  CHECK(talk.fault.error() == Errc::head_without_end);
  CHECK(talk.asked.empty());
  Output out;
  talk.conversation.gather(out);
  talk.deliver(out);
  CHECK(talk.peer.told_to_go);
  CHECK(talk.peer.why == NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_CASE("streams that we are made to reset count as those that the peer resets", "[http2]") {  // CVE-2025-8671
  Talk talk;
  talk.exchange();
  int count = 0;
  while (count < 1'000 && talk.fault) {
    const StreamId id = talk.peer.ask("/a");
    talk.exchange();
    talk.hear(frame(4, 8, 0, static_cast<std::uint32_t>(id), "\x7f\xff\xff\xff"));  // beyond the largest window
    talk.exchange();
    ++count;
  }
  CHECK(count > 100);
  CHECK(count < 300);
  CHECK(talk.fault.error() == Errc::too_many_resets);
}

TEST_CASE("answers that we break off ourselves are nobody's fault", "[http2]") {
  Talk talk;
  for (int i = 0; i < 1'000; ++i) {
    const StreamId id = talk.peer.ask("/a");
    talk.exchange();
    talk.conversation.reset(id, Reason::internal_error);
    talk.exchange();
  }
  CHECK(talk.fault.has_value());
}

TEST_CASE("a request and a fault of the connection behind it: no answer goes out", "[http2]") {
  Talk talk;
  talk.exchange();
  const std::string block =
      "\x82\x84\x86\x41\x01"
      "a";
  (void)talk.hear(frame(block.size(), 1, 5, 1, block) + frame(1, 6, 0, 0, "x"));  // a PING of one byte
  CHECK(talk.asked.size() == 1);
  Output out;
  talk.conversation.gather(out);
  CHECK(talk.conversation.broken());
  CHECK(talk.conversation.over());
}

}  // namespace weir::test::conversation_test
