// Deletion vectors (specification, "Deletion Vectors"): the deleted rows of one data file as a blob in a Puffin file.
//
//   length:be32 of what follows but the CRC; D1 D3 39 64; bitmap; crc32:be32 over magic and bitmap
//   bitmap := count:le64 (key:le32 <portable 32-bit roaring bitmap>)*, keys ascending
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "iceberg/manifest.h"
#include "iceberg/puffin.h"
#include "server/lake/row_set.h"

namespace lake::server {

/// The positions in a deletion vector's blob, ascending; there must be `cardinality` of them, as its entry says: a few
/// bytes can stand for billions. kCorrupt names `location`.
Result<std::vector<int64_t>> ParseDeletionVector(std::string_view blob, int64_t cardinality,
                                                 const std::string& location);

/// The blob of a set that is not empty.
std::string DeletionVectorBlob(const RowSet& rows);

/// Adds the rows that are deleted in a data file to a Puffin file. The answer is the manifest entry of the vector, but
/// for the size of the Puffin file, which is the caller's to set (rule 64).
iceberg::DataFile AddDeletionVector(iceberg::PuffinWriter& puffin, const iceberg::Location& location,
                                    const iceberg::DataFile& data_file, const RowSet& rows);

}  // namespace lake::server
