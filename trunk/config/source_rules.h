#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/cluster.h"
#include "config/transcode.h"
#include "config/vhost.h"

namespace weir::config {

// The URL of what comes to the server's standard input.
inline constexpr std::string_view standard_input = "-";

// Why no stream can be fetched by this URL; empty: it may be tried.
std::string fault_of_source_url(const std::string& url);

// Why no file below the directory of http_server is called so; empty: one may be.
std::string fault_of_file_name(std::string_view name);

// A URL of a stream that is no RTMP server's: by HTTP, of a file or a program.
bool is_source_url(std::string_view text);

// What an ingest without a program fetches. A file may be named without "file:", as SRS names it.
std::string source_url_of(const Ingest& ingest);

// The words of a command line, as if there were no shell: parted by blanks; '...' and "..." keep what is in them
// together. None: one of these is not closed.
std::optional<std::vector<std::string>> words_of_command(std::string_view line);

// What it is fetched from, and where it is sent to, for checks of both.
inline std::span<const std::string> urls_of(const Source& source) { return source.urls; }
// The URL of that number, without what was filled in.
inline const std::string& written_url(std::span<const std::string> urls, const AsWritten& written, std::size_t number) {
  return written.urls.empty() ? urls[number] : written.urls[number];
}
inline std::span<const std::string> urls_of(const Push& push) { return {&push.url, 1}; }

// What tells two of a virtual host apart for the API: eight digits, the same as long as it says the same.
std::string name_of(const Source& source);
std::string name_of(const Push& push);

// Whether a push is for this stream.
bool applies(const Push& push, std::string_view app, std::string_view stream);

// Whether the scope of a source names one stream.
bool names_one_stream(const Source& source);
// Whether it names this one.
bool applies(const Source& source, std::string_view app, std::string_view stream);
// Whether the virtual host has any for it: it may have several inputs, and others than those it has may come.
bool has_sources(const Vhost& vhost, std::string_view app, std::string_view stream);

}  // namespace weir::config
