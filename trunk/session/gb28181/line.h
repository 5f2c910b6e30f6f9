#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "proto/sip/dialog.h"
#include "proto/sip/transactions.h"

namespace weir::session::gb28181 {

// The SIP side of the server: who it is, what it sends, and who waits for which answer. No socket: what is to be sent
// goes to `send`, and a clock comes in as `now`.
class Line {
 public:
  struct Parts {
    std::string id, domain;  // of the server
    std::function<std::string()> make_id;
    std::function<void(const sip::Outgoing&)> send;
    std::function<void(const sip::Message&, const sip::Way&)> on_request;
  };
  explicit Line(Parts parts) : parts_(std::move(parts)), transactions_({.proof = true}, parts_.make_id) {}

  void input(sip::Message message, const sip::Way& way, base::Instant now);
  void connection_lost(std::uint64_t connection);
  void tick(base::Instant now);
  // Hands out what has come and what is to be sent. After everything else that is called here from outside.
  void run();

  // "<sip:ID@ADDRESS:PORT>" of the way's end here.
  static std::string contact_of(const std::string& id, const sip::Way& way);
  // A request outside a dialogue, to `target` at the other end of the way.
  sip::Message make(std::string method, const std::string& target, const sip::Way& way);
  // Called for each answer, and once for the end of time: then the event is timed_out.
  using OnAnswer = std::function<void(const sip::Event&)>;
  // 0: too many wait already; nothing is sent.
  sip::RequestId send(sip::Message message, const sip::Way& way, base::Instant now, OnAnswer on_answer = {});
  // A MESSAGE with that XML.
  sip::RequestId send_body(const std::string& target, const sip::Way& way, std::string xml, base::Instant now,
                           OnAnswer on_answer = {});

  // `more` adds header fields to the answer.
  void answer(const sip::Message& request, const sip::Way& way, unsigned status, base::Instant now,
              const std::function<void(sip::Message&)>& more = {});
  // A 2xx to an INVITE that was cancelled, since the two crossed: what was accepted has to be ended (RFC 3261 9.1).
  void end_late(const sip::Message& invite, const sip::Event& accepted, base::Instant now);
  sip::Transactions& transactions() { return transactions_; }
  const sip::Transactions& transactions() const { return transactions_; }
  const std::string& id() const { return parts_.id; }
  const std::string& domain() const { return parts_.domain; }
  std::string make_id() { return parts_.make_id(); }

 private:
  // given
  Parts parts_;

  // owned
  sip::Transactions transactions_;
  std::unordered_map<sip::RequestId, OnAnswer> waiting_;

  // state
  std::uint32_t cseq_ = 0;
  bool running_ = false;
};

}  // namespace weir::session::gb28181
