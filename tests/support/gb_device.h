#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "format/manscdp/message.h"
#include "proto/sip/digest.h"
#include "proto/sip/message.h"

namespace weir::test {

// A camera or recorder of GB/T 28181 without a socket: what it sends goes to `send`, what comes is given to input().
// It answers as devices do, and lies as devices do where it is told to.
class GbDevice {
 public:
  std::string id = "34020000001110000001";
  std::string password, server = "34020000002000000001", domain = "3402000000";
  std::string address = "192.0.2.7";  // as it writes in Via, Contact and SDP
  std::uint16_t port = 5060;
  std::uint16_t contact_port = 0;  // of Contact; 0: its port
  bool tcp = false;
  std::string version;  // X-GB-Ver
  std::vector<std::string> channels{"34020000001320000001"};

  // How it behaves.
  std::size_t items_in_piece = 2;        // of the catalogue
  std::vector<std::size_t> piece_order;  // which pieces are sent, and in which order; empty: all, from the first on
  bool answers_catalogue = true, answers_invite = true, answers_anything = true, cached_authorization = false;
  bool rings = true;                              // 100 before the answer
  unsigned refuses_with = 0;                      // INVITE
  unsigned subscribe_status = 200;                // to SUBSCRIBE
  std::string y;                                  // of its answer; empty: as asked; "none": no y=
  std::uint16_t media_port = 15060;               // of its answer; 0: no media
  std::uint64_t file_bytes = 0;                   // a=filesize of its answer; 0: unsaid
  std::string format = "v/2/5/25/1/4096a/1/8/1";  // f= of its answer
  std::function<void(std::string)> send;
  std::function<void()> on_ack;  // media is to begin

  // Its loudspeaker: asks for what is announced, and answers who invites it.
  bool takes_broadcast = true, asks_for_sound = true;
  std::string voice_from;  // of its INVITE; empty: its own id
  std::string voice_media = "m=audio 15062 RTP/AVP 8\r\na=recvonly\r\na=rtpmap:8 PCMA/8000\r\n";
  std::string voice_y = "0200000042";
  std::function<void()> on_voice;  // sound is to come
  struct Voice {
    std::string target;
    sip::Message invite;  // of its own
    std::string to;       // of the answer, with its tag
    std::string sdp;      // what the other side said
    unsigned status = 0;
    bool ended = false;
  };
  std::vector<Voice> voices;

  // What it has seen.
  struct Call {
    std::string channel, call_id, ssrc, session, subject, setup, address, invite_text;
    std::uint16_t port = 0;
    std::int64_t start = 0, stop = 0;
    bool acknowledged = false, ended = false, cancelled = false;
  };
  std::vector<Call> calls;
  std::vector<sip::Message> answers;       // to its own requests
  std::vector<manscdp::Message> commands;  // controls and queries
  std::vector<std::string> infos;          // bodies of INFO
  std::vector<sip::Message> subscribes;

  void register_now(unsigned expires = 3600) {
    expires_ = expires;
    register_call_ = "reg" + std::to_string(++call_);
    send_register(cached_authorization ? authorization_ : std::string());
  }
  // With the words of the last registration: what somebody who heard them would send.
  void replay() {
    register_call_ = "replay" + std::to_string(++call_);
    send_register(authorization_);
  }
  void keepalive() { say(manscdp::keepalive(++sn_, id)); }
  void say(std::string xml) {
    sip::Message out = request("MESSAGE");
    out.add("Content-Type", "Application/MANSCDP+xml");
    out.body = std::move(xml);
    send(to_text(out));
  }
  // In the dialogue of a SUBSCRIBE.
  void notify(std::size_t subscribe, std::string xml, const std::string& state = "active") {
    const sip::Message& asked = subscribes.at(subscribe);
    sip::Message out{.method = "NOTIFY", .uri = "sip:" + server + "@" + domain};
    out.add("Via", via()).add("From", std::string(asked.header("To")) + ";tag=dev");
    out.add("To", std::string(asked.header("From"))).add("Call-ID", asked.call_id);
    out.add("CSeq", std::to_string(++cseq_) + " NOTIFY").add("Event", std::string(asked.header("Event")));
    out.add("Subscription-State", state).add("Content-Type", "Application/MANSCDP+xml");
    out.body = std::move(xml);
    send(to_text(out));
  }
  void hang_up(std::size_t call) {
    const auto invite = sip::parse(calls.at(call).invite_text);
    sip::Message bye{.method = "BYE", .uri = "sip:" + server + "@" + domain};
    bye.add("Via", via()).add("From", std::string(invite->header("To")) + ";tag=dev");
    bye.add("To", std::string(invite->header("From"))).add("Call-ID", invite->call_id).add("CSeq", "1 BYE");
    send(to_text(bye));
  }
  void ask_for_sound(const std::string& target) {
    sip::Message out{.method = "INVITE", .uri = "sip:" + server + "@" + domain};
    const std::string user = voice_from.empty() ? id : voice_from;
    const std::string call = "voice" + std::to_string(++call_) + id;
    out.add("Via", via()).add("From", "<sip:" + user + "@" + domain + ">;tag=v" + std::to_string(++branch_));
    out.add("To", "<sip:" + server + "@" + domain + ">").add("Call-ID", call).add("CSeq", "20 INVITE");
    out.add("Contact", "<sip:" + id + "@" + sip::host_port(address, port) + ">").add("Max-Forwards", "70");
    out.add("Subject", server + ":" + voice_y + "," + target + ":1").add("Content-Type", "APPLICATION/SDP");
    out.body = voice_sdp("Play");
    voices.push_back({.target = target, .invite = *sip::parse(to_text(out))});
    send(to_text(out));
  }
  // Of what its loudspeaker plays.
  void end_voice(std::size_t voice) { send(to_text(of_voice(voices.at(voice), "BYE"))); }
  void cancel_voice(std::size_t voice) {
    sip::Message out = of_voice(voices.at(voice), "CANCEL");
    send(to_text(out));
  }
  unsigned last_status() const { return answers.empty() ? 0 : answers.back().status; }

  void input(std::string_view text) {
    auto message = sip::parse(text);
    if (!message) return;
    if (!message->is_request()) return on_answer(*message);
    on_request(*message, std::string(text));
  }

 private:
  std::string via() {
    return std::string(tcp ? "SIP/2.0/TCP " : "SIP/2.0/UDP ") + sip::host_port(address, port) +
           ";rport;branch=z9hG4bKdev" + id + std::to_string(++branch_);
  }
  sip::Message request(const std::string& method, const std::string& call = {}) {
    sip::Message out{.method = method, .uri = "sip:" + server + "@" + domain};
    out.add("Via", via()).add("From", "<sip:" + id + "@" + domain + ">;tag=t" + std::to_string(++branch_));
    out.add("To", "<sip:" + (method == "REGISTER" ? id : server) + "@" + domain + ">");
    out.add("Call-ID", call.empty() ? "c" + std::to_string(++call_) + id : call + id);
    out.add("CSeq", std::to_string(++cseq_) + " " + method).add("Max-Forwards", "70");
    return out;
  }
  void send_register(const std::string& authorization) {
    sip::Message out = request("REGISTER", register_call_);
    out.add("Contact", "<sip:" + id + "@" + sip::host_port(address, contact_port == 0 ? port : contact_port) + ">");
    out.add("Expires", std::to_string(expires_));
    if (!version.empty()) out.add("X-GB-Ver", version);
    if (!authorization.empty()) out.add("Authorization", authorization);
    send(to_text(out));
  }
  void on_answer(const sip::Message& answer) {
    answers.push_back(answer);
    if (answer.method == "INVITE") on_voice_answer(answer);
    if (answer.method != "REGISTER" || answer.status != 401 || password.empty()) return;
    const auto challenge = sip::parse_challenge(answer.header("WWW-Authenticate"));
    if (!challenge || tried_ == challenge->nonce) return;
    tried_ = challenge->nonce;
    authorization_ = sip::make_authorization(*challenge, id, password, "REGISTER", "sip:" + server + "@" + domain);
    send_register(authorization_);
  }
  void reply(const sip::Message& request, unsigned status, const std::function<void(sip::Message&)>& more = {}) {
    sip::Message out = sip::make_answer(request, status, "dev", "198.51.100.1", 5060);
    if (more) more(out);
    send(to_text(out));
  }
  void on_request(const sip::Message& message, const std::string& text) {
    if (!answers_anything) return;
    if (message.method == "INVITE") return on_invite(message, text);
    if (message.method == "ACK") {
      for (Call& call : calls) {
        if (call.call_id == message.call_id && !call.acknowledged && refuses_with == 0) {
          call.acknowledged = true;
          if (on_ack) on_ack();
        }
      }
      return;
    }
    if (message.method == "BYE" || message.method == "CANCEL") {
      reply(message, 200);
      for (Voice& voice : voices) voice.ended = voice.ended || voice.invite.call_id == message.call_id;
      for (Call& call : calls) {
        if (call.call_id != message.call_id) continue;
        call.ended = true;
        if (message.method == "CANCEL") {
          call.cancelled = true;
          reply(*sip::parse(call.invite_text), 487);
        }
      }
      return;
    }
    if (message.method == "SUBSCRIBE") {
      subscribes.push_back(message);
      return reply(message, subscribe_status, [&](sip::Message& out) { out.add("Expires", "600"); });
    }
    reply(message, 200);
    if (message.method == "INFO") infos.push_back(message.body);
    if (message.method != "MESSAGE") return;
    auto said = manscdp::parse(message.body);
    if (!said) return;
    if (said->command == "Catalog" && answers_catalogue) send_catalogue(said->sn);
    if (said->command == "DeviceInfo") {
      say("<Response><CmdType>DeviceInfo</CmdType><SN>" + std::to_string(said->sn) + "</SN><DeviceID>" + id +
          "</DeviceID><Result>OK</Result><DeviceName>gate</DeviceName><Manufacturer>Maker</Manufacturer>"
          "<Model>M1</Model><Firmware>V1</Firmware></Response>");
    }
    if (said->command == "RecordInfo") send_records(*said);
    if (said->command == "Broadcast") on_broadcast(*said);
    commands.push_back(std::move(*said));
  }
  void on_broadcast(const manscdp::Message& said) {
    const std::string target(said.root.text_of("TargetID"));
    say("<Response><CmdType>Broadcast</CmdType><SN>" + std::to_string(said.sn) + "</SN><DeviceID>" + target +
        "</DeviceID><Result>" + (takes_broadcast ? "OK" : "ERROR") + "</Result></Response>");
    if (takes_broadcast && asks_for_sound) ask_for_sound(target);
  }
  std::string voice_sdp(const std::string& session) const {
    return "v=0\r\no=" + id + " 0 0 IN IP4 " + address + "\r\ns=" + session + "\r\nc=IN IP4 " + address +
           "\r\nt=0 0\r\n" + voice_media + (voice_y.empty() ? "" : "y=" + voice_y + "\r\n") + "f=v/////a/1/8/1\r\n";
  }
  void on_voice_answer(const sip::Message& answer) {
    for (Voice& voice : voices) {
      if (voice.invite.call_id != answer.call_id || answer.status < 200) continue;
      voice.status = answer.status;
      voice.sdp = answer.body;
      voice.to = answer.header("To");
      send(to_text(of_voice(voice, "ACK")));
      if (answer.status < 300 && on_voice) on_voice();
    }
  }
  sip::Message of_voice(const Voice& voice, const std::string& method) {
    sip::Message out{.method = method, .uri = "sip:" + server + "@" + domain};
    const std::string to = voice.to.empty() ? std::string(voice.invite.header("To")) : voice.to;
    out.add("Via", method == "CANCEL" ? std::string(voice.invite.header("Via")) : via());
    out.add("From", std::string(voice.invite.header("From"))).add("To", to).add("Call-ID", voice.invite.call_id);
    out.add("CSeq", (method == "BYE" ? "21 " : "20 ") + method).add("Max-Forwards", "70");
    return out;
  }
  void on_talk(const sip::Message& message) {
    voices.push_back({.target = sip::parse_uri(message.uri)->user, .invite = message, .sdp = message.body});
    if (rings) reply(message, 100);
    if (!answers_invite) return;
    if (refuses_with != 0) return reply(message, refuses_with);
    voices.back().status = 200;
    reply(message, 200, [&](sip::Message& out) {
      out.add("Contact", "<sip:" + id + "@" + sip::host_port(address, port) + ">");
      out.add("Content-Type", "APPLICATION/SDP");
      out.body = voice_sdp("Talk");
    });
    if (on_voice) on_voice();
  }
  void on_invite(const sip::Message& message, const std::string& text) {
    if (message.body.find("s=Talk") != std::string::npos) return on_talk(message);
    Call call{.channel = sip::parse_uri(message.uri)->user,
              .call_id = message.call_id,
              .subject = std::string(message.header("Subject")),
              .invite_text = text};
    for (const std::string_view line : base::split(message.body, '\n')) {
      const std::string_view value = base::trim(line).size() > 2 ? base::trim(line).substr(2) : std::string_view();
      if (line.starts_with("y=")) call.ssrc = value;
      if (line.starts_with("s=")) call.session = value;
      if (line.starts_with("a=setup:")) call.setup = value.substr(6);
      if (line.starts_with("c=")) call.address = value.substr(7);
      if (line.starts_with("m=")) {
        call.port = static_cast<std::uint16_t>(base::parse_number(base::split(value, ' ').at(1)).value_or(0));
      }
      if (line.starts_with("t=")) {
        const auto [from, to] = base::split_first(value, ' ');
        call.start = static_cast<std::int64_t>(base::parse_number(from).value_or(0));
        call.stop = static_cast<std::int64_t>(base::parse_number(to).value_or(0));
      }
    }
    const bool again = !calls.empty() && calls.back().call_id == call.call_id;
    if (!again) calls.push_back(call);
    if (rings) reply(message, 100);
    if (!answers_invite) return;
    if (refuses_with != 0) return reply(message, refuses_with);
    reply(message, 200, [&](sip::Message& out) {
      out.add("Contact", "<sip:" + call.channel + "@" + sip::host_port(address, port) + ">");
      out.add("Content-Type", "APPLICATION/SDP");
      out.body = "v=0\r\no=" + call.channel + " 0 0 IN IP4 " + address + "\r\ns=Play\r\nc=IN IP4 " + address +
                 "\r\nt=0 0\r\nm=video " + std::to_string(media_port) +
                 " TCP/RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\na=setup:active\r\n";
      if (file_bytes > 0) out.body += "a=filesize:" + std::to_string(file_bytes) + "\r\n";
      if (y != "none") out.body += "y=" + (y.empty() ? call.ssrc : y) + "\r\n";
      out.body += "f=" + format + "\r\n";
    });
  }
  void send_catalogue(std::uint32_t sn) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < channels.size() || pieces.empty(); at += items_in_piece) {
      std::string items;
      for (std::size_t i = at; i < std::min(at + items_in_piece, channels.size()); ++i) {
        items += "<Item><DeviceID>" + channels[i] + "</DeviceID><Name>c" + std::to_string(i) +
                 "</Name><Status>ON</Status><ParentID>" + id + "</ParentID></Item>";
      }
      pieces.push_back("<?xml version=\"1.0\" encoding=\"GB2312\"?><Response><CmdType>Catalog</CmdType><SN>" +
                       std::to_string(sn) + "</SN><DeviceID>" + id + "</DeviceID><SumNum>" +
                       std::to_string(channels.size()) + "</SumNum><DeviceList>" + items + "</DeviceList></Response>");
    }
    if (piece_order.empty()) {
      for (const std::string& piece : pieces) say(piece);
    }
    for (const std::size_t i : piece_order) say(pieces.at(i));
  }
  void send_records(const manscdp::Message& asked) {
    for (int i = 0; i < 2; ++i) {
      say("<Response><CmdType>RecordInfo</CmdType><SN>" + std::to_string(asked.sn) + "</SN><DeviceID>" + asked.device +
          "</DeviceID><SumNum>2</SumNum><RecordList Num=\"1\"><Item><DeviceID>" + asked.device +
          "</DeviceID><Name>r</Name><StartTime>2026-01-02T0" + std::to_string(i) +
          ":00:00</StartTime><EndTime>2026-01-02T0" + std::to_string(i) +
          ":30:00</EndTime></Item></RecordList></Response>");
    }
  }

  std::string authorization_, register_call_, tried_;
  unsigned expires_ = 3600, branch_ = 0, call_ = 0, cseq_ = 0;
  std::uint32_t sn_ = 0;
};

}  // namespace weir::test
