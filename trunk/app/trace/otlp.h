#pragma once

#include <span>
#include <string>

#include "app/trace/span.h"

namespace weir::trace {

// Whose spans they are.
struct Resource {
  std::string service_name, service_id;
};

// ExportTraceServiceRequest as JSON (OTLP 1.x, "JSON Protobuf Encoding": ids in hexadecimal, 64-bit numbers as text).
std::string export_request(const Resource& resource, std::span<const Span> spans);

// Where spans are posted: the endpoint, and /v1/traces behind one that has no path.
std::string traces_url(const std::string& endpoint);

}  // namespace weir::trace
