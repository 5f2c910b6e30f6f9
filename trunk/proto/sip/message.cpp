#include "proto/sip/message.h"

#include <algorithm>

#include "base/text.h"

namespace weir::sip {

using base::iequals;

namespace {

void append_line_text(std::string& out, std::string_view text) {
  for (const char c : text) out += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c;
}

// The first of the Vias in `value` with "received" and "rport" set, and the others as they are.
std::string with_received(std::string_view value, std::string_view address, std::uint16_t port) {
  const std::string_view first = first_value(value);
  const std::string_view others = value.substr(static_cast<std::size_t>(first.data() + first.size() - value.data()));
  std::string out;
  bool rport_asked = false;
  bool sent_by = true;
  for (const std::string_view part : base::split(first, ';')) {
    const std::string_view name = base::trim(base::split_first(part, '=').first);
    if (!sent_by && iequals(name, "rport")) {
      rport_asked = true;
      continue;
    }
    if (!sent_by && iequals(name, "received")) continue;
    if (!sent_by) out += ';';
    out += part;
    sent_by = false;
  }
  if (rport_asked) out += ";rport=" + std::to_string(port);
  out += ";received=" + std::string(address);
  return out + std::string(others);
}

}  // namespace

const std::string* Message::find(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const Header& one) { return iequals(one.name, name); });
  return found == headers.end() ? nullptr : &found->value;
}

std::string_view Message::header(std::string_view name) const {
  const std::string* value = find(name);
  return value ? std::string_view(*value) : std::string_view();
}

std::optional<std::uint32_t> Message::number(std::string_view name) const {
  const std::string* value = find(name);
  if (!value) return std::nullopt;
  const auto number = base::parse_number(*value);
  if (!number) return std::nullopt;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(*number, 0xffffffffU));
}

Message& Message::add(std::string_view name, std::string value) {
  headers.push_back({std::string(name), std::move(value)});
  return *this;
}

Message& Message::add_first(std::string_view name, std::string value) {
  headers.insert(headers.begin(), Header{std::string(name), std::move(value)});
  return *this;
}

std::string to_text(const Message& message) {
  std::string out;
  out.reserve(512 + message.body.size());
  if (message.is_request()) {
    append_line_text(out, message.method);
    out += ' ';
    append_line_text(out, message.uri);
    out += " SIP/2.0\r\n";
  } else {
    out += "SIP/2.0 " + std::to_string(message.status) + " ";
    append_line_text(out, message.reason);
    out += "\r\n";
  }
  for (const Header& header : message.headers) {
    if (iequals(header.name, "Content-Length")) continue;
    append_line_text(out, header.name);
    out += ": ";
    append_line_text(out, header.value);
    out += "\r\n";
  }
  out += "Content-Length: " + std::to_string(message.body.size()) + "\r\n\r\n";
  return out + message.body;
}

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 100:
      return "Trying";
    case 200:
      return "OK";
    case 302:
      return "Moved Temporarily";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 481:
      return "Call/Transaction Does Not Exist";
    case 487:
      return "Request Terminated";
    case 488:
      return "Not Acceptable Here";
    case 500:
      return "Server Internal Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "Version Not Supported";
    default:
      return "Unknown";
  }
}

Message make_answer(const Message& request, unsigned status, std::string_view tag, std::string_view from_address,
                    std::uint16_t from_port) {
  Message answer{.method = request.method, .status = status, .reason = std::string(reason_of(status))};
  bool first = true;
  for (const Header& header : request.headers) {
    if (iequals(header.name, "Via")) {
      answer.add("Via", first ? with_received(header.value, from_address, from_port) : header.value);
      first = false;
    }
  }
  for (const std::string_view name : {"From", "To", "Call-ID", "CSeq"}) {
    std::string value(request.header(name));
    if (name == "To" && request.to.tag.empty() && !tag.empty()) value += ";tag=" + std::string(tag);
    answer.add(name, std::move(value));
  }
  return answer;
}

}  // namespace weir::sip
