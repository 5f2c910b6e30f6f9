#include "app/api/openapi.h"

namespace weir::api {

// This server among others.
std::string_view openapi_cluster_paths() {
  return R"json(  "/api/v1/clusters": {"get":{"summary":"Which origin has a stream", "parameters":[{"name":"vhost", "in":"query",
    "schema":{"type":"string"}}, {"name":"ip", "in":"query", "schema":{"type":"string"}}, {"name":"app", "in":"query",
    "schema":{"type":"string"}}, {"name":"stream", "in":"query", "schema":{"type":"string"}}, {"name":"coworker",
    "in":"query", "schema":{"type":"string"}}, {"$ref":"#/components/parameters/callback"}],
    "responses":{"200":{"description":"the answer", "content":{"application/json":{"schema":{"type":"object",
    "additionalProperties":false, "required":["code", "server", "service", "pid", "data"],
    "properties":{"code":{"type":"integer"}, "server":{"type":"string"}, "service":{"type":"string"},
    "pid":{"type":"string"}, "data":{"type":"object", "additionalProperties":false, "required":["query", "origin"],
    "properties":{"query":{"type":"object", "additionalProperties":false, "required":["ip", "vhost", "app", "stream"],
    "properties":{"ip":{"type":"string"}, "vhost":{"type":"string"}, "app":{"type":"string"},
    "stream":{"type":"string"}}}, "origin":{"oneOf":[{"$ref":"#/components/schemas/Origin"},
    {"type":"null"}]}}}}}}}}}}},
  "/api/v1/drain": {"get":{"summary":"Whether newcomers are sent elsewhere, and how many clients are still here",
    "parameters":[{"$ref":"#/components/parameters/callback"}], "responses":{"200":{"description":"the answer",
    "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Drain"}}}}}},
    "post":{"summary":"From now on newcomers are sent elsewhere, or away with 503; whoever is here stays",
    "responses":{"200":{"description":"the answer",
    "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Drain"}}}}}},
    "delete":{"summary":"Newcomers are welcome again", "responses":{"200":{"description":"the answer",
    "content":{"application/json":{"schema":{"$ref":"#/components/schemas/Drain"}}}}}}},
)json";
}

}  // namespace weir::api
