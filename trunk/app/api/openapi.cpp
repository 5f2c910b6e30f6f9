#include "app/api/openapi.h"

#include "base/text.h"

namespace weir::api {

namespace {

// What stands between the braces of an object.
std::string_view members_of(std::string_view object) {
  object = base::trim(object);
  return base::trim(object.substr(1, object.size() - 2));
}

// The empty object of that name gets these members.
void fill(std::string& document, std::string_view name, std::string_view members) {
  const std::string empty = "\"" + std::string(name) + "\": {}";
  document.insert(document.find(empty) + empty.size() - 1, members);
}

}  // namespace

std::string openapi_document() {
  std::string paths;
  for (const std::string_view one : openapi_paths()) {
    if (!paths.empty()) paths += ",\n";
    paths += members_of(one);
  }
  std::string document(openapi_base());
  fill(document, "paths", paths);
  fill(document, "schemas", members_of(openapi_schemas()));
  return document;
}

}  // namespace weir::api
