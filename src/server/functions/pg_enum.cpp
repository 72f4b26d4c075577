// See the header.
#include "server/functions/pg_enum.h"

#include <charconv>
#include <unordered_map>

#include "fmt/format.h"
#include "server/engine/lake_exception.h"
#include "server/functions/vector_function.h"

namespace lake::server {

namespace {

struct EnumLabels {
  std::string type_name;
  std::unordered_map<std::string, int32_t> ranks;

  static EnumLabels Parse(std::string_view text) {
    EnumLabels labels;
    for (int32_t rank = 0; !text.empty(); ++rank) {
      size_t length = 0;
      const char* digits_end = std::from_chars(text.data(), text.data() + text.size(), length).ptr;
      text.remove_prefix(std::min(static_cast<size_t>(digits_end - text.data()) + 1, text.size()));
      std::string label(text.substr(0, length));
      text.remove_prefix(label.size());
      if (rank == 0) {
        labels.type_name = std::move(label);
      } else {
        labels.ranks.emplace(std::move(label), rank);
      }
    }
    return labels;
  }
};

int32_t EnumRank(std::string_view label, const EnumLabels& labels) {
  auto found = labels.ranks.find(std::string(label));
  if (found == labels.ranks.end())
    ThrowReport("22P02", fmt::format("invalid input value for enum {}: \"{}\"", labels.type_name, label));
  return found->second;
}

}  // namespace

template <>
class vector_function::Argument<const EnumLabels&> : public vector_function::ParsedArgument<EnumLabels> {
 public:
  const EnumLabels& Get(duckdb::idx_t row) { return ParsedArgument<EnumLabels>::Get(row, EnumLabels::Parse); }
};

void RegisterPgEnum(duckdb::ExtensionLoader& loader) {
  using duckdb::LogicalType;
  RegisterValueFunction<EnumRank>(loader, "pg_enum_rank", {LogicalType::VARCHAR, LogicalType::VARCHAR},
                                  LogicalType::INTEGER);
}

}  // namespace lake::server
