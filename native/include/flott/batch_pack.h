// Rows of a batch as one piece of bytes, for another process.
//
// The rows that one receiver gets are written column by column straight into what will be sent: no batch
// is made of them first. Texts that many rows point to are written once. The other end copies each
// column whole. Only batches without nested columns are packed.
//
//   packed    rows (8) | columns (4) | columns' heads | columns
//   head      NULLs (8) | bytes of long texts (8) | size, format (2 + n) | size, name (2 + n)
//   column    validity bits, if there are NULLs | values, views of texts | long texts
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "flott/column_builder.h"
#include "flott/columns.h"

namespace flott {

// Packs rows of a frame; made for one frame and one selection of its rows.
class BatchPacker {
 public:
  // `rows` are positions in the frame; all rows if `takes_all`.
  BatchPacker(Frame& frame, std::span<const std::uint32_t> rows, bool takes_all);

  // Whether the batch can be packed.
  static bool takes(const Frame& frame);
  // How many bytes `write` needs at most.
  std::size_t bytes_max();
  // Writes them; how many there are.
  std::size_t write(char* out);

 private:
  std::uint32_t row(std::size_t i) const { return takes_all_ ? static_cast<std::uint32_t>(i) : rows_[i]; }
  char* write_validity(const Column& column, char* out, std::uint64_t& nulls) const;
  char* write_views(const Column& column, char* out, std::uint64_t& chars) const;

  Frame& frame_;
  std::span<const std::uint32_t> rows_;
  bool takes_all_;
  std::size_t count_;
};

// Fails with std::invalid_argument where the bytes are not those of a packed batch.
Batch unpack_batch(std::string_view packed);

}  // namespace flott
