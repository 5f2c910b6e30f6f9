#include "proto/sip/message.h"

#include "support/bytes.h"
#include "support/catch.h"

namespace weir::test::message_test {

namespace {

const std::string register_text =
    "REGISTER sip:34020000002000000001@3402000000 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.168.1.64:5060;rport;branch=z9hG4bK1371463273\r\n"
    "From: <sip:34020000001320000001@3402000000>;tag=2043466181\r\n"
    "To: <sip:34020000001320000001@3402000000>\r\n"
    "Call-ID: 1011047669\r\n"
    "CSeq: 1 REGISTER\r\n"
    "Contact: <sip:34020000001320000001@192.168.1.64:5060>\r\n"
    "Max-Forwards: 70\r\n"
    "User-Agent: Camera\r\n"
    "Expires: 3600\r\n"
    "Content-Length: 0\r\n\r\n";

std::string with(std::string text, std::string_view what, std::string_view instead) {
  text.replace(text.find(what), what.size(), instead);
  return text;
}

}  // namespace

TEST_CASE("a REGISTER of a camera is read", "[sip]") {
  const auto message = sip::parse(register_text);
  REQUIRE(message.has_value());
  CHECK(message->is_request());
  CHECK(message->method == "REGISTER");
  CHECK(message->uri == "sip:34020000002000000001@3402000000");
  CHECK(message->via.transport == "UDP");
  CHECK(message->via.host == "192.168.1.64");
  CHECK(message->via.port == 5060);
  CHECK(message->via.branch == "z9hG4bK1371463273");
  CHECK(message->from.uri.user == "34020000001320000001");
  CHECK(message->from.tag == "2043466181");
  CHECK(message->to.tag.empty());
  CHECK(message->call_id == "1011047669");
  CHECK(message->cseq == 1);
  CHECK(message->number("expires") == 3600U);
}

TEST_CASE("short names, folded lines, bare line feeds and blanks before a colon are read", "[sip]") {
  // After RFC 4475 3.1.1.1.
  const auto message = sip::parse(
      "\r\nMESSAGE sip:34020000002000000001@3402000000 SIP/2.0\n"
      "v: SIP / 2.0 / TCP [2001:db8::9:1]:5061 ;\n branch=z9hG4bK30239, SIP/2.0/UDP 192.0.2.2;branch=390skdjuw\n"
      "f   : \"J Rosenberg \\\\\\\"<\" <sip:jdrosen@example.com>\n  ; tag = 98asjd8\n"
      "t: sip:vivekg@chair-dnrc.example.com ;tag=1918181833n\n"
      "i: f81d4fae\nCSeq: 0009\n MESSAGE\nc: Application/MANSCDP+xml\nl: 3\n\nabcdef");
  REQUIRE(message.has_value());
  CHECK(message->via.transport == "TCP");
  CHECK(message->via.host == "2001:db8::9:1");
  CHECK(message->via.port == 5061);
  CHECK(message->via.branch == "z9hG4bK30239");
  CHECK(message->from.uri.user == "jdrosen");
  CHECK(message->from.tag == "98asjd8");
  CHECK(message->to.uri.host == "chair-dnrc.example.com");
  CHECK(message->to.tag == "1918181833n");
  CHECK(message->cseq == 9);
  CHECK(message->header("content-type") == "Application/MANSCDP+xml");
  CHECK(message->body == "abc");
}

TEST_CASE("a body that is shorter than it says is taken as it is in a datagram", "[sip]") {
  const auto message =
      sip::parse(with(register_text, "Content-Length: 0\r\n\r\n", "Content-Length: 999\r\n\r\n<Notify/>"));
  REQUIRE(message.has_value());
  CHECK(message->body == "<Notify/>");
  const auto without = sip::parse(with(register_text, "Content-Length: 0\r\n\r\n", "\r\n<Notify/>"));
  REQUIRE(without.has_value());
  CHECK(without->body == "<Notify/>");
}

TEST_CASE("malformed messages say what is wrong", "[sip]") {
  using sip::Errc;
  const auto error = [](const std::string& text) { return sip::parse(text).error(); };
  CHECK(error("") == Errc::not_sip);
  CHECK(error("GET / HTTP/1.1\r\n\r\n") == Errc::not_sip);
  CHECK(error(with(register_text, "SIP/2.0\r\n", "SIP/7.0\r\n")) == Errc::bad_version);
  CHECK(error(with(register_text, "REGISTER sip", "REG<ISTER sip")) == Errc::not_sip);
  CHECK(error(with(register_text, "Max-Forwards: 70", "no colon here")) == Errc::bad_header);
  CHECK(error(with(register_text, "Max-Forwards:", ":")) == Errc::bad_header);
  CHECK(error(with(register_text, "Call-ID:", "Call-Id-Not:")) == Errc::missing_header);
  CHECK(error(with(register_text, "Via: SIP/2.0/UDP 192.168.1.64:5060", "Via: SIP/2.0/UDP")) == Errc::bad_via);
  CHECK(error(with(register_text, "Via: SIP/2.0/UDP 192.168.1.64:5060", "Via: SIP/2.0/UDP 1.2.3.4:99999")) ==
        Errc::bad_via);
  CHECK(error(with(register_text, "From: <sip:", "From: <tel:")) == Errc::bad_address);
  CHECK(error(with(register_text, "From: <sip:34020000001320000001@3402000000>", "From: <sip:1@3402000000")) ==
        Errc::bad_address);
  CHECK(error(with(register_text, "CSeq: 1 REGISTER", "CSeq: 1 INVITE")) == Errc::bad_cseq);  // RFC 4475 3.1.2.17
  CHECK(error(with(register_text, "CSeq: 1 REGISTER", "CSeq: 36893488147419103232 REGISTER")) == Errc::bad_cseq);
  CHECK(error(with(register_text, "CSeq: 1 REGISTER", "CSeq: REGISTER")) == Errc::bad_cseq);
  CHECK(error(with(register_text, "Content-Length: 0", "Content-Length: -999")) == Errc::bad_content_length);
  CHECK(error(with(register_text, "Content-Length: 0", "Content-Length: 99999999")) == Errc::too_long);
  std::string many = register_text.substr(0, register_text.size() - 2);
  for (int i = 0; i < 64; ++i) many += "X: y\r\n";
  CHECK(error(many + "\r\n") == Errc::too_many_headers);
  CHECK(error("SIP/2.0 42 Strange\r\n\r\n") == Errc::not_sip);
  CHECK(error("SIP/2.0 4294967301 better not break the receiver\r\n\r\n") == Errc::not_sip);  // RFC 4475 3.1.2.19
}

TEST_CASE("an answer carries what the request had, and from where it came", "[sip]") {
  const auto request = sip::parse(register_text);
  REQUIRE(request.has_value());
  const auto text = to_text(sip::make_answer(*request, 401, "9cf", "203.0.113.5", 40123));
  const auto answer = sip::parse(text);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 401);
  CHECK(answer->reason == "Unauthorized");
  CHECK(answer->method == "REGISTER");
  CHECK(answer->header("Via") ==
        "SIP/2.0/UDP 192.168.1.64:5060;branch=z9hG4bK1371463273;rport=40123;received=203.0.113.5");
  CHECK(answer->to.tag == "9cf");
  CHECK(answer->from.tag == "2043466181");
  CHECK(answer->header("Content-Length") == "0");
}

TEST_CASE("what a device said ends no line of ours", "[sip]") {
  sip::Message message{.method = "MESSAGE", .uri = "sip:1@2\r\nX: y"};
  message.add("Subject", "a\r\nInjected: yes");
  CHECK(to_text(message) == "MESSAGE sip:1@2  X: y SIP/2.0\r\nSubject: a  Injected: yes\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("URIs are read, and others are none", "[sip]") {
  const auto uri = sip::parse_uri("sip:34020000001320000001:secret@[2001:db8::1]:5060;transport=tcp?x=y");
  REQUIRE(uri.has_value());
  CHECK(uri->user == "34020000001320000001");
  CHECK(uri->host == "2001:db8::1");
  CHECK(uri->port == 5060);
  CHECK(uri->text() == "sip:34020000001320000001@[2001:db8::1]:5060;transport=tcp");
  CHECK_FALSE(sip::parse_uri("tel:123").has_value());
  CHECK_FALSE(sip::parse_uri("sip:").has_value());
  CHECK_FALSE(sip::parse_uri("sip:a b@c").has_value());
  CHECK_FALSE(sip::parse_uri("sip:[::1").has_value());
  CHECK_FALSE(sip::parse_uri("sip:" + std::string(600, 'a') + "@b").has_value());
  const auto contact = sip::parse_name_address("<sip:a@b>;expires=0, <sip:c@d>");
  REQUIRE(contact.has_value());
  CHECK(contact->expires == 0U);
}

namespace {

struct Machine {
  sip::StreamReader reader;
  std::vector<std::string> bodies;
  base::ErrorCode error;
  std::size_t pings = 0;

  void feed(base::Bytes piece) {
    reader.input(base::as_text(piece));
    for (;;) {
      auto message = reader.poll();
      pings += reader.take_pings();
      if (!message) error = message.error();
      if (!message || !*message) return;
      bodies.push_back((*message)->body);
    }
  }
};

}  // namespace

TEST_CASE("messages on a connection are found however they are cut", "[sip]") {
  const std::string one = with(register_text, "Content-Length: 0\r\n\r\n", "Content-Length: 5\r\n\r\nfirst");
  const std::string two = with(register_text, "Content-Length: 0\r\n\r\n", "l: 8\n\nse\r\n\r\nnd");
  const std::string all = "\r\n\r\n" + one + "\r\n\r\n" + two + register_text;
  const auto bytes = base::as_bytes(all);
  test::feed_every_way(
      {bytes.begin(), bytes.end()}, [] { return Machine(); },
      [](Machine& machine, base::Bytes piece) { machine.feed(piece); },
      [](const Machine& machine) {
        REQUIRE(machine.bodies.size() == 3);
        CHECK(machine.bodies[0] == "first");
        CHECK(machine.bodies[1] == "se\r\n\r\nnd");
        CHECK(machine.bodies[2].empty());
        CHECK(machine.pings == 2);
        CHECK_FALSE(machine.error);
      });
}

TEST_CASE("a connection without lengths or ends of heads is given up", "[sip]") {
  Machine machine;
  machine.feed(base::as_bytes(with(register_text, "Content-Length: 0\r\n", "")));
  CHECK(machine.error == sip::Errc::no_content_length);
  Machine endless;
  for (int i = 0; i < 40 && !endless.error; ++i) endless.feed(base::as_bytes(std::string(1000, 'a')));
  CHECK(endless.error == sip::Errc::too_long);
}

}  // namespace weir::test::message_test
