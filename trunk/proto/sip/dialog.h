#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/sip/message.h"

namespace weir::sip {

// RFC 3261 12, of an INVITE: what requests inside it say of themselves.
class Dialog {
 public:
  // Of a 2xx, or of a provisional answer with a tag.
  static Dialog of(const Message& invite, const Message& answer);
  // Of an INVITE that came to us, and the 2xx that we gave.
  static Dialog accepted(const Message& invite, const Message& answer);

  // BYE, INFO, ... with From, To, Call-ID, CSeq, Route and Max-Forwards.
  Message request(std::string method);
  Message ack() const;
  // Whether a request of the peer is of this dialogue.
  bool owns(const Message& request) const {
    return request.call_id == call_id_ && request.to.tag == local_tag_ &&
           (remote_tag_.empty() || request.from.tag == remote_tag_);
  }
  const std::string& call_id() const { return call_id_; }

 private:
  Message make(std::string method, std::uint32_t cseq) const;

  std::string call_id_, local_, remote_, local_tag_, remote_tag_;  // From and To as they are written
  std::string target_;                                             // the Contact of the peer
  std::vector<std::string> routes_;
  std::uint32_t invite_cseq_ = 0, cseq_ = 0;
};

}  // namespace weir::sip
