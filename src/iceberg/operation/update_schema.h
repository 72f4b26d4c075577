// Schema evolution ("Schema Evolution" in the specification): columns added, dropped, renamed, retyped, made required
// or optional. Ids never change meaning; a dropped name that comes back gets a new id.
//
//   LAKE_ASSIGN_OR_RETURN(TableMetadata changed,
//                         UpdateSchema(base).Rename("a", "b").Add({"c", TypeId::kLong}).Build(context));
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iceberg/commit.h"
#include "iceberg/operation/create_table.h"

namespace lake::iceberg {

class UpdateSchema {
 public:
  /// `base` must outlive the update. Columns are named by what they are called when their step comes.
  explicit UpdateSchema(const TableMetadata& base) : base_(base) {}

  /// A column at the end. A required one without an initial default becomes optional in a table that has a snapshot:
  /// its rows have no value for it (rule 10).
  UpdateSchema& Add(NewColumn column);
  /// Source columns of partition specs cannot go: kUnsupported.
  UpdateSchema& Drop(std::string name);
  UpdateSchema& Rename(std::string from, std::string to);
  /// Promotions only (rule 6): kInvalidInput `cannot change type of column "a" from long to int`.
  UpdateSchema& ChangeType(std::string name, Type type);
  /// Where all rows are written anew: a type that is no promotion makes it another column, of a new id, in the same
  /// place.
  UpdateSchema& ReplaceType(std::string name, Type type);
  /// What other writers fill in (format version 3), of a type that can be cast to the column's; null: nothing.
  UpdateSchema& SetWriteDefault(std::string name, std::shared_ptr<const Literal> value);
  UpdateSchema& SetRequired(std::string name, bool required);
  UpdateSchema& SetDoc(std::string name, std::optional<std::string> doc);

  /// The new metadata, with the new schema current; the base when nothing changes. kInvalidInput: unknown or duplicate
  /// names; kUnsupported: types of a later format version.
  Result<TableMetadata> Build(const CommitContext& context) const;

 private:
  struct Draft;
  using Step = std::function<Status(Draft&)>;

  const TableMetadata& base_;
  std::vector<Step> steps_;
};

}  // namespace lake::iceberg
