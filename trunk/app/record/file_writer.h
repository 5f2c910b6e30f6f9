#pragma once

#include <memory>
#include <vector>

#include "app/record/disk_file.h"
#include "app/record/path.h"
#include "media/frame.h"
#include "media/track.h"

namespace weir::record {

// Makes the bytes of one file out of frames whose times begin near zero. What it appends is whole: a file that ends
// after it can be played.
class FileWriter {
 public:
  virtual ~FileWriter() = default;
  // Whether the tracks may become these within the file; else another file begins.
  virtual bool takes(const media::Tracks& tracks) const = 0;
  // Where it does not: whether what it writes stays as it is until that other file begins, since tracks only come or
  // go.
  virtual bool runs_on(const media::Tracks& tracks) const { return takes(tracks); }
  virtual void set_tracks(const media::Tracks& tracks, base::Buffer& out) = 0;
  virtual bool carries_media() const = 0;
  // `entry`: a player may start here. The error says why no file can be made of this.
  virtual base::Result<void> write(const media::Frame& frame, bool entry, base::Buffer& out) = 0;
  virtual base::Result<void> finish(base::Buffer& out) = 0;
  // What is known at the end alone; `file_bytes` with what finish() gave.
  virtual std::vector<DiskFile::Patch> patches(std::uint64_t file_bytes) const = 0;
};

// Begins with the first call of set_tracks().
std::unique_ptr<FileWriter> make_file_writer(Container container);

}  // namespace weir::record
