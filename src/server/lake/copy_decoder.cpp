// See the header.
#include "server/lake/copy_decoder.h"

namespace lake::server {

Result<CopyDecoder> CopyDecoder::Create(const std::vector<StreamColumn>& columns) {
  CopyDecoder decoder;
  for (const StreamColumn& from : columns) {
    LAKE_ASSIGN_OR_RETURN(WireType wire, ParseWireType(from.wire));
    LAKE_ASSIGN_OR_RETURN(auto column, ValueDecoder::Create(from.name, wire, from.field, from.allows_infinite));
    decoder.types_.push_back(column.type());
    decoder.columns_.push_back(std::move(column));
  }
  return decoder;
}

void CopyDecoder::SetTarget(duckdb::DataChunk& chunk) {
  for (size_t i = 0; i < columns_.size(); ++i) columns_[i].SetTarget(chunk.data[i]);
}

Status CopyDecoder::Decode(std::span<const wire::CopyField> fields, duckdb::idx_t row) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    ValueDecoder& column = columns_[i];
    if (fields[i].is_null()) {
      LAKE_RETURN_IF_ERROR(column.SetNull(row));
    } else if (!column.DecodeCommon(fields[i].bytes(), row)) {
      LAKE_RETURN_IF_ERROR(column.Decode(fields[i].bytes(), row));
    }
  }
  return {};
}

}  // namespace lake::server
