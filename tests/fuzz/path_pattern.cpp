// Names that publishers choose, in patterns of paths and commands: none leaves its folder, none becomes an option.
#include <cstdlib>
#include <filesystem>
#include <string>

#include "app/exec/command.h"
#include "app/record/path.h"
#include "session/common/path_pattern.h"
#include "session/common/protocol.h"

using namespace weir;

namespace {

void check_inside(const std::string& path, const std::string& folder) {
  const std::string relative = std::filesystem::path(path).lexically_normal().lexically_relative(folder).string();
  if (relative.empty() || relative == ".." || relative.starts_with("../")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t cut = text.size() * data[0] / 256;
  auto vhost = std::make_shared<config::Vhost>();
  vhost->name = "a.example";
  hub::Request request;
  request.vhost = vhost;
  request.app = text.substr(0, cut);
  request.stream = text.substr(cut);
  request.facts.set(session::facts::tc_url, std::string(text));
  request.facts.set(session::facts::page_url, request.stream);

  for (const char* pattern : {"/d/e/[app]/[stream].flv", "/d/e/[vhost].[stream]/x.mp4", "/d/e/.[stream]/[app].ts",
                              "/d/e/[app]-[stream].flv"}) {
    const std::string path = record::expand(pattern, {vhost->name, request.app, request.stream, {}});
    check_inside(path, "/d/e");
    if (!record::may_come_from(pattern, path)) std::abort();
  }
  for (const char* file : {"/d/e/[app]/[stream]", "/d/e/.[stream]/[app]", "/d/e/[tcUrl]", "/d/e/a[pageUrl].[app]"}) {
    const auto command = exec::command_of({"x", ">", file}, {request, 1935, {}});
    if (command) check_inside(command->redirects[0].path, "/d/e");
  }
  const auto command =
      exec::command_of({"x", "[stream]", "[app][stream]", "a[tcUrl]", "[pageUrl]"}, {request, 1935, {}});
  if (command) {
    for (const std::string& word : command->words) {
      if (word.starts_with('-') || word.find('\0') != std::string::npos) std::abort();
    }
  }
  // The publisher's text as a pattern: whatever comes out of one filling stays as it is.
  const session::PathValues values{.vhost = "[app]", .app = "[stream]", .stream = "[vhost]", .sequence = 7};
  (void)session::fill_path(text, values);
  (void)record::complete_template(std::string(text));
  (void)record::fixed_folder(text);
  return 0;
}
