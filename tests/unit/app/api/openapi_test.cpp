#include "app/api/openapi.h"

#include <set>

#include "support/catch.h"
#include "unit/app/api/server_in_a_box.h"

namespace weir::test::openapi_test {

using test::Json;
using test::ServerInABox;

namespace {

// The part of JSON Schema that the document uses. Gives what is wrong, or nothing.
class Checker {
 public:
  explicit Checker(const Json& document) : document_(document) {}

  std::string fault(const Json& value, const Json& schema, const std::string& at = "answer") const {
    if (schema.contains("$ref")) {
      const std::string name = schema["$ref"].get<std::string>().substr(1);
      return fault(value, document_.at(Json::json_pointer(name)), at);
    }
    if (schema.contains("oneOf")) {
      std::string all;
      for (const Json& one : schema["oneOf"]) {
        const std::string why = fault(value, one, at);
        if (why.empty()) return {};
        all += why + "; ";
      }
      return all;
    }
    const std::string type = schema["type"];
    const bool fits = type == "integer"   ? value.is_number_integer()
                      : type == "number"  ? value.is_number()
                      : type == "string"  ? value.is_string()
                      : type == "boolean" ? value.is_boolean()
                      : type == "null"    ? value.is_null()
                      : type == "array"   ? value.is_array()
                                          : value.is_object();
    if (!fits) return at + " is no " + type;
    if (type == "array") return fault_of_items(value, schema, at);
    return type == "object" ? fault_of_members(value, schema, at) : std::string();
  }

 private:
  std::string fault_of_items(const Json& value, const Json& schema, const std::string& at) const {
    for (const Json& item : value) {
      if (auto why = fault(item, schema["items"], at + "[]"); !why.empty()) return why;
    }
    return {};
  }
  std::string fault_of_members(const Json& value, const Json& schema, const std::string& at) const {
    const Json properties = schema.value("properties", Json::object());
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) return at + " lacks " + name.get<std::string>();
    }
    for (const auto& [name, member] : value.items()) {
      if (properties.contains(name)) {
        if (auto why = fault(member, properties[name], at + "." + name); !why.empty()) return why;
      } else if (schema["additionalProperties"].is_object()) {
        if (auto why = fault(member, schema["additionalProperties"], at + "." + name); !why.empty()) return why;
      } else if (schema["additionalProperties"] == false) {
        return at + " has the undocumented " + name;
      }
    }
    return {};
  }

  const Json& document_;
};

struct Filled {
  ServerInABox box{[](config::Config& config) { config.http_api.raw_api = {.enabled = true, .allow_reload = true}; }};
  Filled() {
    box.publish(0, box.request("live", "a", "fmle-publish"));
    box.play(1, box.request("live", "a", "rtmp-play"));
    box.play(0, box.request("live", "b", "flv-play"));
  }
  std::string id_of(const std::string& list) {
    return box.ask("/api/v1/" + list + "/")[list][0]["id"].get<std::string>();
  }
};

}  // namespace

TEST_CASE("every answer is as the OpenAPI document has it", "[api]") {
  Filled filled;
  const Json document = filled.box.ask("/api/v1/openapi.json");
  REQUIRE(document["openapi"] == "3.1.0");
  const Checker checker(document);
  const auto check = [&](const std::string& method, const std::string& target, const Json& operation) {
    const std::string answer = filled.box.send(method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    INFO(method << " " << target << "\n" << answer);
    const std::string status = std::to_string(test::status_of(answer));
    REQUIRE(operation["responses"].contains(status));
    Json response = operation["responses"][status];
    if (response.contains("$ref")) {
      response = document.at(Json::json_pointer(response["$ref"].get<std::string>().substr(1)));
    }
    if (!response.contains("content")) return;
    const auto media = response["content"].items().begin();
    CHECK(test::contains(answer, "Content-Type: " + media.key()));
    if (media.key() != "application/json") return;
    CHECK(checker.fault(Json::parse(test::body_of(answer)), media.value()["schema"]) == "");
  };
  for (const auto& [path, operations] : document["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      const std::size_t brace = path.find('{');
      if (method == "post" && brace == std::string::npos) check("POST", path, operation);
      if (method != "get") continue;
      if (brace == std::string::npos) {
        check("GET", path, operation);
        continue;
      }
      if (path.starts_with("/gb/")) {  // there are no devices in this box
        check("GET", path.substr(0, brace) + "34020000001110000001" + path.substr(path.find('}') + 1), operation);
        continue;
      }
      const std::string base = path.substr(0, brace);  // "/api/v1/streams/"
      check("GET", base + filled.id_of(base.substr(8, base.size() - 9)), operation);
      check("GET", base + "unknown", operation);
    }
  }
  const Json& raw = document["paths"]["/api/v1/raw"]["get"];
  for (const char* rpc : {"raw", "reload", "reload-fetch", "query"})
    check("GET", std::string("/api/v1/raw?rpc=") + rpc, raw);
  for (const char* filter : {"protocol=rtmp", "protocol=srt", "stream=a&app=live", "stream=none", "start=1&count=11"}) {
    for (const char* list : {"streams", "clients"}) {
      const std::string path = std::string("/api/v1/") + list;
      check("GET", path + "/?" + filter, document["paths"][path]["get"]);
    }
  }
  check("GET", "/api/v1/clusters?vhost=x&app=live&stream=a", document["paths"]["/api/v1/clusters"]["get"]);
  check("DELETE", "/api/v1/clients/unknown", document["paths"]["/api/v1/clients/{id}"]["delete"]);
  check("DELETE", "/api/v1/clients/" + filled.id_of("clients"), document["paths"]["/api/v1/clients/{id}"]["delete"]);
  check("DELETE", "/api/v1/streams/" + filled.id_of("streams"), document["paths"]["/api/v1/streams/{id}"]["delete"]);
}

TEST_CASE("every endpoint that the map names is documented or said not to be there", "[api]") {
  ServerInABox box;
  const Json document = Json::parse(api::openapi_document());
  const Json map = box.ask("/api/v1/");
  for (const auto& [name, text] : map["urls"].items()) {
    INFO(name);
    if (text == "not available") continue;
    const std::string path = "/api/v1/" + (name == "requests" ? "tests/requests" : name);
    CHECK(document["paths"].contains(path));
  }
}

TEST_CASE("every route of the API is documented, and every operation tells what clients are made from", "[api]") {
  ServerInABox box;
  const Json document = Json::parse(api::openapi_document());
  std::set<std::string> documented, names, tags;
  for (const Json& tag : document["tags"]) tags.insert(tag["name"].get<std::string>());
  for (const auto& [path, operations] : document["paths"].items()) {
    documented.insert(path.substr(0, path.find("/{")));
    for (const auto& [method, operation] : operations.items()) {
      INFO(method << " " << path);
      CHECK(names.insert(operation["operationId"].get<std::string>()).second);
      REQUIRE(operation["tags"].size() == 1);
      CHECK(tags.count(operation["tags"][0].get<std::string>()) == 1);
      bool refuses = false;
      for (const auto& [status, response] : operation["responses"].items()) {
        if (status < "400" || !response.contains("$ref")) continue;
        const Json shared = document.at(Json::json_pointer(response["$ref"].get<std::string>().substr(1)));
        CHECK(shared["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Error");
        refuses = refuses || status < "500";
      }
      CHECK(refuses);
    }
  }
  // What this server never has is not described; the rest of the list are hosts and prefixes of what is.
  const std::set<std::string> left_out{"/api/v1/perf",   "/api/v1/tcmalloc",        "/api/v1/valgrind",
                                       "/api/v1/signal", "/api/v1/tests/redirects", "/gb/v1",
                                       "/rtc/v1"};
  box.router(0).for_each([&](const std::string& pattern, const http::Route&) {
    const std::string path =
        pattern == "/" || !pattern.ends_with('/') ? pattern : pattern.substr(0, pattern.size() - 1);
    if (path.starts_with('/') && left_out.count(path) == 0) CHECK(documented.count(path) == 1);
    INFO(path);
  });
}

}  // namespace weir::test::openapi_test
