#pragma once

#include <string_view>

#include "app/api/call.h"

// What the API adds, removes and takes back. Only for the .cpp files of this folder.
namespace weir::api {

// By the JSON of the body: "app", "stream", "url" or, of a source, "urls", and the settings of such a block; "vhost".
Answer add_entry(Call& call, std::string_view kind);
// A variable, by the JSON of the body: "name" and "value".
Answer set_variable(Call& call);
// The one whose name is the rest of the path.
Answer remove_entry(Call& call, std::string_view kind);

}  // namespace weir::api
