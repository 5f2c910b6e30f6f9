#include "proto/sip/transactions.h"

#include "proto/sip/dialog.h"
#include "support/catch.h"

namespace weir::test::transactions_test {

using namespace std::chrono_literals;
using sip::Event;

namespace {

const sip::Way udp{.address = "192.0.2.7", .port = 5060, .local_address = "192.0.2.1", .local_port = 5060};
const sip::Way tcp{
    .connection = 3, .address = "192.0.2.7", .port = 40000, .local_address = "192.0.2.1", .local_port = 5060};

struct Fixture {
  sip::Transactions machine{{}, [n = 0]() mutable { return "id" + std::to_string(++n); }};
  base::Instant now{1000s};

  std::vector<sip::Message> sent() {
    std::vector<sip::Message> out;
    for (const sip::Outgoing& one : machine.take_output()) {
      auto message = sip::parse(one.bytes);
      REQUIRE(message.has_value());
      out.push_back(*std::move(message));
    }
    return out;
  }
  // How many are sent in that time, ticking when the machine wants it.
  std::size_t sent_within(base::Millis time) {
    const base::Instant end = now + time;
    std::size_t count = 0;
    for (auto next = machine.next_tick(); next && *next <= end; next = machine.next_tick()) {
      now = *next;
      machine.tick(now);
      count += machine.take_output().size();
    }
    now = end;
    return count;
  }
  void answer(const sip::Message& request, unsigned status, const sip::Way& way = udp) {
    const auto message = sip::parse(to_text(sip::make_answer(request, status, "peer", "192.0.2.1", 5060)));
    REQUIRE(message.has_value());
    machine.input(*message, way, now);
  }
};

sip::Message request_of(std::string method) {
  sip::Message out{.method = method, .uri = "sip:34020000001320000001@192.0.2.7:5060"};
  out.add("From", "<sip:34020000002000000001@3402000000>;tag=ours").add("To", "<sip:34020000001320000001@3402000000>");
  out.add("Call-ID", "call").add("CSeq", "20 " + method).add("Max-Forwards", "70");
  return out;
}

sip::Message of_peer(std::string method, std::string branch = "z9hG4bKpeer") {
  sip::Message out = request_of(std::move(method));
  out.add_first("Via", "SIP/2.0/UDP 192.0.2.7:5060;rport;branch=" + branch);
  auto message = sip::parse(to_text(out));
  REQUIRE(message.has_value());
  return *std::move(message);
}

}  // namespace

TEST_CASE_METHOD(Fixture, "a request over UDP is repeated until it times out after 32 seconds", "[sip]") {
  const auto id = machine.request(request_of("MESSAGE"), udp, now);
  REQUIRE(id != 0);
  REQUIRE(sent().size() == 1);
  // RFC 3261 17.1.2.2: 0.5, 1, 2, 4, 4, ... : at 0.5, 1.5, 3.5, 7.5, 11.5, ... 31.5.
  CHECK(sent_within(31'999ms) == 10);
  CHECK_FALSE(machine.poll());
  CHECK(sent_within(1ms) == 0);
  const auto event = machine.poll();
  REQUIRE(event);
  CHECK(event->kind == Event::Kind::timed_out);
  CHECK(event->request == id);
  CHECK(machine.waiting() == 0);
}

TEST_CASE_METHOD(Fixture, "a request over TCP is sent once and times out all the same", "[sip]") {
  machine.request(request_of("MESSAGE"), tcp, now);
  const auto out = machine.take_output();
  REQUIRE(out.size() == 1);
  CHECK(out[0].way == tcp);
  CHECK(out[0].bytes.find("Via: SIP/2.0/TCP 192.0.2.1:5060;rport;branch=z9hG4bKid1") != std::string::npos);
  CHECK(sent_within(32s) == 0);
  CHECK(machine.poll()->kind == Event::Kind::timed_out);
}

TEST_CASE_METHOD(Fixture, "the answer ends a request; what comes again is a stray", "[sip]") {
  machine.request(request_of("MESSAGE"), udp, now);
  const auto request = sent().at(0);
  answer(request, 200);
  const auto event = machine.poll();
  REQUIRE(event);
  CHECK(event->message.status == 200);
  answer(request, 200);
  CHECK_FALSE(machine.poll());
  CHECK(machine.counts().strays == 1);
  CHECK(sent_within(60s) == 0);
}

TEST_CASE_METHOD(Fixture, "an INVITE that is refused is acknowledged, each time", "[sip]") {
  machine.request(request_of("INVITE"), udp, now);
  const auto invite = sent().at(0);
  answer(invite, 486);
  CHECK(machine.poll()->message.status == 486);
  auto acks = sent();
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].method == "ACK");
  CHECK(acks[0].via.branch == invite.via.branch);
  CHECK(acks[0].cseq == 20);
  CHECK(acks[0].to.tag == "peer");
  answer(invite, 486);
  CHECK(sent().size() == 1);
  CHECK_FALSE(machine.poll());
  CHECK(sent_within(40s) == 0);
  CHECK(machine.waiting() == 0);
}

TEST_CASE_METHOD(Fixture, "an INVITE that is accepted is acknowledged in its dialogue, each time", "[sip]") {
  const auto id = machine.request(request_of("INVITE"), udp, now);
  const auto invite = sent().at(0);
  answer(invite, 100);
  answer(invite, 180);
  CHECK(machine.poll()->message.status == 100);
  CHECK(machine.poll()->message.status == 180);
  CHECK(sent_within(100s) == 0);  // it rings
  answer(invite, 200);
  const auto event = machine.poll();
  REQUIRE(event);
  const auto dialog = sip::Dialog::of(invite, event->message);
  machine.acknowledge(id, dialog.ack(), now);
  auto acks = sent();
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].via.branch != invite.via.branch);
  answer(invite, 200);
  CHECK(sent().size() == 1);
  CHECK_FALSE(machine.poll());
}

TEST_CASE_METHOD(Fixture, "a CANCEL waits for the first provisional answer and has the branch of its INVITE", "[sip]") {
  const auto id = machine.request(request_of("INVITE"), udp, now);
  const auto invite = sent().at(0);
  machine.cancel(id, now);
  CHECK(sent().empty());  // RFC 3261 9.1
  answer(invite, 100);
  auto out = sent();
  REQUIRE(out.size() == 1);
  CHECK(out[0].method == "CANCEL");
  CHECK(out[0].via.branch == invite.via.branch);
  answer(out[0], 200);
  machine.cancel(id, now);
  CHECK(sent().empty());
  answer(invite, 487);
  CHECK(sent().at(0).method == "ACK");
  CHECK(machine.poll()->message.status == 100);
  CHECK(machine.poll()->message.status == 487);
  CHECK_FALSE(machine.poll());
}

TEST_CASE_METHOD(Fixture, "an INVITE that was cancelled and is accepted all the same is told of", "[sip]") {
  const auto id = machine.request(request_of("INVITE"), udp, now);
  const auto invite = sent().at(0);
  answer(invite, 100);
  machine.cancel(id, now);
  answer(invite, 200);
  CHECK(machine.poll()->message.status == 100);
  CHECK(machine.poll()->message.status == 200);
}

TEST_CASE_METHOD(Fixture, "an INVITE that nobody answers after its CANCEL is over after 32 seconds", "[sip]") {
  const auto id = machine.request(request_of("INVITE"), udp, now);
  answer(sent().at(0), 100);
  (void)machine.poll();
  sent_within(300s);
  machine.cancel(id, now);
  sent_within(32s);
  CHECK(machine.poll()->kind == Event::Kind::timed_out);
  CHECK(machine.waiting() == 0);
}

TEST_CASE_METHOD(Fixture, "a request that comes again is told once and answered each time", "[sip]") {
  const auto request = of_peer("MESSAGE");
  machine.input(request, udp, now);
  machine.input(request, udp, now);
  CHECK(machine.poll()->kind == Event::Kind::request);
  CHECK_FALSE(machine.poll());
  CHECK(sent().empty());
  machine.respond(request, udp, sip::make_answer(request, 200, "t", "192.0.2.7", 5060), now);
  machine.input(request, udp, now);
  const auto out = sent();
  REQUIRE(out.size() == 2);
  CHECK(out[0].status == 200);
  CHECK(to_text(out[0]) == to_text(out[1]));
  sent_within(33s);
  machine.input(request, udp, now);  // after timer J it is a new one
  CHECK(machine.poll());
}

TEST_CASE_METHOD(Fixture, "requests without the magic branch are told apart as RFC 2543 did", "[sip]") {
  machine.input(of_peer("MESSAGE", "1"), udp, now);
  machine.input(of_peer("MESSAGE", "1"), udp, now);
  CHECK(machine.poll());
  CHECK_FALSE(machine.poll());
}

TEST_CASE("what is remembered and what waits is bounded", "[sip]") {
  sip::Transactions machine({.most_requests = 2, .most_remembered = 3},
                            [n = 0]() mutable { return std::to_string(++n); });
  const base::Instant now{1s};
  CHECK(machine.request(request_of("MESSAGE"), udp, now) != 0);
  CHECK(machine.request(request_of("MESSAGE"), udp, now) != 0);
  CHECK(machine.request(request_of("MESSAGE"), udp, now) == 0);
  for (int i = 0; i < 5; ++i) machine.input(of_peer("MESSAGE", "z9hG4bK" + std::to_string(i)), udp, now);
  CHECK(machine.counts().forgotten == 2);
}

TEST_CASE_METHOD(Fixture, "a connection that is lost ends what went over it", "[sip]") {
  const auto id = machine.request(request_of("MESSAGE"), tcp, now);
  machine.request(request_of("MESSAGE"), udp, now);
  machine.connection_lost(3);
  const auto event = machine.poll();
  REQUIRE(event);
  CHECK(event->kind == Event::Kind::timed_out);
  CHECK(event->request == id);
  CHECK(machine.waiting() == 1);
}

TEST_CASE("requests in a dialogue go to the Contact by the route of the answer", "[sip]") {
  const auto invite = of_peer("INVITE");
  auto text = to_text(sip::make_answer(invite, 200, "theirs", "192.0.2.1", 5060)
                          .add("Contact", "<sip:34020000001320000001@10.0.0.2:5060>")
                          .add("Record-Route", "<sip:one;lr>")
                          .add("Record-Route", "<sip:two;lr>"));
  const auto answer = sip::parse(text);
  REQUIRE(answer.has_value());
  auto dialog = sip::Dialog::of(invite, *answer);
  const auto ack = dialog.ack();
  CHECK(ack.uri == "sip:34020000001320000001@10.0.0.2:5060");
  CHECK(ack.header("CSeq") == "20 ACK");
  CHECK(ack.header("Route") == "<sip:two;lr>");
  const auto bye = dialog.request("BYE");
  CHECK(bye.header("CSeq") == "21 BYE");
  CHECK(bye.header("To") == "<sip:34020000001320000001@3402000000>;tag=theirs");
  CHECK(dialog.request("INFO").header("CSeq") == "22 INFO");
}

TEST_CASE("requests in a dialogue that the peer began go to its Contact, by its route as it stands", "[sip]") {
  auto text = to_text(sip::Message(of_peer("INVITE"))
                          .add("Contact", "<sip:34020000002000000009@10.0.0.9:5060>")
                          .add("Record-Route", "<sip:one;lr>")
                          .add("Record-Route", "<sip:two;lr>"));
  const auto invite = sip::parse(text);
  REQUIRE(invite.has_value());
  const auto answer = sip::make_answer(*invite, 200, "ours", "192.0.2.1", 5060);
  auto dialog = sip::Dialog::accepted(*invite, answer);
  const auto bye = dialog.request("BYE");
  CHECK(bye.uri == "sip:34020000002000000009@10.0.0.9:5060");
  CHECK(bye.header("Route") == "<sip:one;lr>");
  CHECK(bye.header("CSeq") == "1 BYE");
  CHECK(bye.header("To") == invite->header("From"));
  CHECK(std::string(bye.header("From")).ends_with(";tag=ours"));
  CHECK(bye.header("Call-ID") == invite->call_id);
}

namespace {

struct Proving : Fixture {
  Proving() {
    machine = sip::Transactions({.proof = true}, [n = 0]() mutable { return "id" + std::to_string(++n); });
  }
};

}  // namespace

TEST_CASE_METHOD(Proving, "an address that has answered nothing is sent one request, once", "[sip]") {
  const auto first = machine.request(request_of("MESSAGE"), udp, now),
             second = machine.request(request_of("INVITE"), udp, now);
  REQUIRE(first != 0);
  REQUIRE(second != 0);
  CHECK(sent().size() == 1);
  CHECK(machine.counts().held == 1);
  CHECK(sent_within(31'999ms) == 0);
  CHECK(sent_within(2s) == 0);
  std::size_t timed_out = 0;
  while (const auto event = machine.poll()) timed_out += event->kind == Event::Kind::timed_out;
  CHECK(timed_out == 2);
  CHECK(machine.waiting() == 0);
  // The next one is a first again.
  (void)machine.request(request_of("MESSAGE"), udp, now);
  CHECK(sent().size() == 1);
}

TEST_CASE_METHOD(Proving, "what waits goes when the first request is answered, and is repeated as ever", "[sip]") {
  (void)machine.request(request_of("MESSAGE"), udp, now);
  const auto first = sent();
  (void)machine.request(request_of("SUBSCRIBE"), udp, now);
  (void)machine.request(request_of("INFO"), udp, now);
  CHECK(sent().empty());
  answer(of_peer("MESSAGE", "z9hG4bKguess"), 200);  // a branch that was guessed proves nothing
  CHECK(sent().empty());
  answer(first.at(0), 200);
  const auto released = sent();
  REQUIRE(released.size() == 2);
  CHECK(released[0].method == "SUBSCRIBE");
  CHECK(released[1].method == "INFO");
  CHECK(sent_within(1'600ms) == 4);
  (void)machine.request(request_of("MESSAGE"), udp, now);
  CHECK(sent().size() == 1);
  CHECK(sent_within(600ms) >= 1);
}

TEST_CASE_METHOD(Proving, "who goes on speaking is asked again, and no more often than he speaks", "[sip]") {
  (void)machine.request(request_of("MESSAGE"), udp, now);
  CHECK(sent().size() == 1);
  machine.input(of_peer("REGISTER", "z9hG4bK1"), udp, now);
  CHECK(sent().empty());  // it has just gone
  now += 600ms;
  machine.input(of_peer("REGISTER", "z9hG4bK2"), udp, now);
  const auto again = sent();
  REQUIRE(again.size() == 1);
  CHECK(again[0].method == "MESSAGE");
  machine.input(of_peer("REGISTER", "z9hG4bK3"), udp, now);
  CHECK(sent().empty());
}

TEST_CASE_METHOD(Proving, "byte streams, and who is known from elsewhere, are not asked to prove themselves", "[sip]") {
  (void)machine.request(request_of("MESSAGE"), tcp, now);
  (void)machine.request(request_of("INFO"), tcp, now);
  CHECK(sent().size() == 2);
  machine.trust(udp, now);
  (void)machine.request(request_of("MESSAGE"), udp, now);
  (void)machine.request(request_of("INFO"), udp, now);
  CHECK(sent().size() == 2);
}

}  // namespace weir::test::transactions_test
