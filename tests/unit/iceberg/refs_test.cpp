#include "iceberg/operation/update_refs.h"
#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::HasSubstr;

using Kind = SnapshotRef::Kind;

/// main: 1001, 1002, 1003.
struct Refs : public testing::Test {
  Refs() {
    for (const char* name : {"a", "b", "c"}) EXPECT_OK(table.Append({table.File(name, 1, 10)}));
  }

  void Apply(Result<Update> update) {
    ASSERT_OK(update);
    auto changed = ApplyUpdates(&table.metadata, {*update}, {9000, Location("file:///t/metadata/x.metadata.json")});
    ASSERT_OK(changed);
    table.metadata = *changed;
    EXPECT_OK(ParseMetadataJson(MetadataToJson(table.metadata), "again"));
  }

  TestTable table;
};

TEST_F(Refs, ComeAndGo) {
  Apply(CreateRef(table.metadata, "tag", Kind::kTag, SnapshotId{1001}, {.max_ref_age_ms = 5}));
  Apply(CreateRef(table.metadata, "branch", Kind::kBranch, {}, {.min_snapshots_to_keep = 2, .max_snapshot_age_ms = 3}));
  EXPECT_EQ(table.metadata.refs["tag"], (SnapshotRef{SnapshotId{1001}, Kind::kTag, {}, {}, 5}));
  EXPECT_EQ(table.metadata.refs["branch"], (SnapshotRef{SnapshotId{1003}, Kind::kBranch, 2, 3, {}}));
  Apply(SetRetention(table.metadata, "branch", {}));
  EXPECT_EQ(table.metadata.refs["branch"], (SnapshotRef{SnapshotId{1003}, Kind::kBranch, {}, {}, {}}));
  Apply(DropRef(table.metadata, "tag", Kind::kTag));
  EXPECT_FALSE(table.metadata.refs.contains("tag"));
  EXPECT_EQ(table.metadata.current_snapshot_id, SnapshotId{1003});
}

TEST_F(Refs, WhatCannotBe) {
  TableMetadata& t = table.metadata;
  EXPECT_THAT(CreateRef(t, "main", Kind::kTag, {}, {}), HasMessage("branch \"main\" already exists"));
  EXPECT_THAT(CreateRef(t, "x", Kind::kTag, SnapshotId{7}, {}), HasMessage("snapshot 7 does not exist"));
  EXPECT_THAT(CreateRef(t, "x", Kind::kTag, {}, {.min_snapshots_to_keep = 1}), HasMessage(HasSubstr("one snapshot")));
  EXPECT_THAT(CreateRef(t, "x", Kind::kBranch, {}, {.max_ref_age_ms = 0}), HasMessage(HasSubstr("must be positive")));
  EXPECT_THAT(DropRef(t, "main", Kind::kBranch), HasMessage("branch \"main\" cannot be dropped"));
  EXPECT_THAT(DropRef(t, "main", Kind::kTag), HasMessage("\"main\" is a branch, not a tag"));
  EXPECT_THAT(CreateRef(TestTable().metadata, "x", Kind::kTag, {}, {}), HasMessage(HasSubstr("has none yet")));
  EXPECT_THAT(CreateRef(TestTable().metadata, "main", Kind::kBranch, {}, {}),
              HasMessage(HasSubstr("of the table itself")));
}

TEST_F(Refs, BackAndForth) {
  Apply(SetCurrent(table.metadata, SnapshotId{1001}, true));
  EXPECT_EQ(table.metadata.current_snapshot_id, SnapshotId{1001});
  EXPECT_EQ(table.metadata.snapshot_log.back().snapshot_id, SnapshotId{1001});  // rule 49
  EXPECT_THAT(SetCurrent(table.metadata, SnapshotId{1003}, true), HasMessage(HasSubstr("no ancestor")));
  Apply(SetCurrent(table.metadata, SnapshotId{1003}, false));
  int64_t second = table.metadata.FindSnapshot(SnapshotId{1002})->timestamp_ms;
  EXPECT_THAT(RollbackToTime(table.metadata, 0), HasMessage(HasSubstr("so old")));
  Apply(RollbackToTime(table.metadata, second));
  EXPECT_EQ(table.metadata.current_snapshot_id, SnapshotId{1002});
}

TEST_F(Refs, ABranchIsWrittenAndMainGoesThere) {
  Apply(CreateRef(table.metadata, "work", Kind::kBranch, SnapshotId{1002}, {.min_snapshots_to_keep = 4}));
  SnapshotUpdate update(table.metadata, table.source, "work");
  update.AddDataFile(table.File("d", 1, 5));
  ASSERT_OK_AND_ASSIGN(PreparedCommit commit, table.Apply(update));
  EXPECT_EQ(commit.metadata.current_snapshot_id, SnapshotId{1003});
  EXPECT_EQ(commit.metadata.refs["main"].snapshot_id, SnapshotId{1003});
  EXPECT_EQ(commit.metadata.refs["work"], (SnapshotRef{SnapshotId{1004}, Kind::kBranch, 4, {}, {}}));
  const Snapshot& snapshot = *commit.metadata.FindSnapshot(SnapshotId{1004});
  EXPECT_EQ(snapshot.parent_snapshot_id, SnapshotId{1002});
  EXPECT_EQ(snapshot.summary.at("total-records"), "25");
  EXPECT_EQ(commit.metadata.snapshot_log.back().snapshot_id, SnapshotId{1003});
  table.metadata = commit.metadata;
  EXPECT_THAT(FastForward(table.metadata, "main", "work"), HasMessage(HasSubstr("1003 is no ancestor of 1004")));
  Apply(SetCurrent(table.metadata, SnapshotId{1002}, true));
  Apply(FastForward(table.metadata, "main", "work"));
  EXPECT_EQ(table.metadata.current_snapshot_id, SnapshotId{1004});
  Apply(FastForward(table.metadata, "new", "work"));
  EXPECT_EQ(table.metadata.refs["new"].snapshot_id, SnapshotId{1004});
}

}  // namespace
}  // namespace lake::iceberg
