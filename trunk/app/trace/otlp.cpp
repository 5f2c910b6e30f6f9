#include "app/trace/otlp.h"

#include "app/api/json_writer.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/version.h"

namespace weir::trace {

using api::JsonWriter;

namespace {

constexpr int status_error = 2;  // Status.StatusCode

std::string nanoseconds(Wall time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

template <std::size_t Size>
std::string hex_of(const std::array<std::uint8_t, Size>& id) {
  return base::to_hex(base::Bytes(id));
}

void write_attribute(JsonWriter& out, const Attribute& attribute) {
  out.begin_object().field("key", attribute.name).begin_object("value");
  if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    out.field("stringValue", *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
    out.field("intValue", std::to_string(*number));
  } else {
    out.field("boolValue", std::get<bool>(attribute.value));
  }
  out.end_object().end_object();
}

void write_span(JsonWriter& out, const Span& span) {
  out.begin_object().field("traceId", hex_of(span.context.trace)).field("spanId", hex_of(span.context.span));
  if (span.parent != SpanId{}) out.field("parentSpanId", hex_of(span.parent));
  out.field("name", span.name)
      .field("kind", static_cast<int>(span.kind))
      .field("startTimeUnixNano", nanoseconds(span.begin))
      .field("endTimeUnixNano", nanoseconds(span.end))
      .begin_array("attributes");
  for (const Attribute& attribute : span.attributes) write_attribute(out, attribute);
  out.end_array();
  if (span.admitted != Wall{}) {
    out.begin_array("events")
        .begin_object()
        .field("timeUnixNano", nanoseconds(span.admitted))
        .field("name", "admitted")
        .end_object()
        .end_array();
  }
  out.begin_object("status");
  if (!span.fault.empty()) out.field("code", status_error).field("message", span.fault);
  out.end_object().end_object();
}

}  // namespace

std::string traceparent(const Context& context) {
  return "00-" + hex_of(context.trace) + "-" + hex_of(context.span) + "-01";
}

std::string export_request(const Resource& resource, std::span<const Span> spans) {
  JsonWriter out;
  out.begin_object().begin_array("resourceSpans").begin_object().begin_object("resource").begin_array("attributes");
  write_attribute(out, {"service.name", resource.service_name});
  write_attribute(out, {"service.version", std::string(base::version)});
  write_attribute(out, {"service.instance.id", resource.service_id});
  out.end_array().end_object().begin_array("scopeSpans").begin_object().begin_object("scope");
  out.field("name", "weir").field("version", base::version).end_object().begin_array("spans");
  for (const Span& span : spans) write_span(out, span);
  out.end_array().end_object().end_array().end_object().end_array().end_object();
  return std::string(out.text());
}

std::string traces_url(const std::string& endpoint) {
  const std::size_t scheme = endpoint.find("://");
  const std::size_t from = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t path = endpoint.find_first_of("/?", from);
  if (path == std::string::npos) return endpoint + "/v1/traces";
  return path + 1 == endpoint.size() && endpoint[path] == '/' ? endpoint + "v1/traces" : endpoint;
}

}  // namespace weir::trace
