#include "storage/local_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/pending_file.h"

namespace lake::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LocalStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "lake-local-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    base_ = fs::canonical(pattern).string();
    root_ = base_ + "/root";
    store_ = std::make_unique<LocalStore>(LocalPolicy({root_}));
  }
  void TearDown() override { fs::remove_all(base_); }

  std::string At(const std::string& name) const { return "file://" + root_ + "/" + name; }

  std::vector<std::string> Names(const std::string& prefix) {
    std::vector<std::string> names;
    auto status = store_->List(prefix, [&](const ObjectInfo& info) {
      names.push_back(info.location);
      return true;
    });
    EXPECT_TRUE(status.ok());
    return names;
  }

  /// Every regular file below the root, temporary ones included.
  size_t FilesOnDisk() const {
    size_t count = 0;
    if (!fs::exists(root_)) return 0;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) count += entry.is_regular_file() ? 1 : 0;
    return count;
  }

  std::string base_;
  std::string root_;
  std::unique_ptr<LocalStore> store_;
};

TEST_F(LocalStoreTest, WritesAndReadsBack) {
  std::string location = At("t/data/a b%20\xc3\xa9+.bin");
  auto put = store_->Put(location, "hello world");
  ASSERT_TRUE(put.ok()) << put.error().message();
  EXPECT_EQ(put->location, location);
  EXPECT_EQ(put->size, 11u);
  EXPECT_GT(put->modified_us, 1600000000000000);
  EXPECT_FALSE(put->etag.empty());
  EXPECT_EQ(*store_->Get(location), "hello world");
  EXPECT_EQ(*store_->GetRange(location, 6, 3), "wor");
  EXPECT_EQ(*store_->GetRange(location, 6, 100), "world");
  EXPECT_EQ(*store_->GetRange(location, 100, 1), "");
  EXPECT_EQ(store_->Head(location)->etag, put->etag);
  auto reader = store_->OpenReader(location);
  ASSERT_TRUE(reader.ok());
  char buffer[20];
  EXPECT_EQ(*(*reader)->ReadAt(9, buffer, 20), 2u);
  EXPECT_EQ(std::string(buffer, 2), "ld");
  struct stat status;
  ASSERT_EQ(::stat((root_ + "/t/data").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(LocalStoreTest, IfAbsentKeepsTheFirst) {
  ASSERT_TRUE(store_->Put(At("x"), "one", {.if_absent = true}).ok());
  auto second = store_->Put(At("x"), "two", {.if_absent = true});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kAlreadyExists);
  EXPECT_EQ(*store_->Get(At("x")), "one");
  ASSERT_TRUE(store_->Put(At("x"), "three").ok());
  EXPECT_EQ(*store_->Get(At("x")), "three");
  EXPECT_EQ(FilesOnDisk(), 1u);
}

TEST_F(LocalStoreTest, ExactlyOneOfManyConcurrentWritersWins) {
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      auto put = store_->Put(At("race/x"), std::to_string(i), {.if_absent = true});
      if (put.ok())
        ++winners;
      else
        EXPECT_EQ(put.error().kind(), ErrorKind::kAlreadyExists);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(FilesOnDisk(), 1u);
}

TEST_F(LocalStoreTest, UnfinishedWritesAreInvisibleAndLeaveNothing) {
  auto writer = store_->OpenWriter(At("t/data/x"));
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append(std::string(1 << 20, 'x')).ok());
  EXPECT_THAT(Names(At("")), ElementsAre());
  EXPECT_EQ(store_->Head(At("t/data/x")).error().kind(), ErrorKind::kNotFound);
  (*writer)->Abort();
  EXPECT_FALSE((*writer)->Finish().ok());
  EXPECT_EQ(FilesOnDisk(), 0u);
  { auto dropped = store_->OpenWriter(At("t/data/y")); }
  EXPECT_EQ(FilesOnDisk(), 0u);
}

TEST_F(LocalStoreTest, StreamsInPieces) {
  auto writer = store_->OpenWriter(At("x"), {.if_absent = true});
  ASSERT_TRUE(writer.ok());
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    std::string piece(static_cast<size_t>(i * 7), static_cast<char>('a' + i % 26));
    expected += piece;
    ASSERT_TRUE((*writer)->Append(piece).ok());
  }
  auto info = (*writer)->Finish();
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->size, expected.size());
  EXPECT_EQ(*store_->Get(At("x")), expected);
}

TEST_F(LocalStoreTest, ListsInByteOrderByPlainPrefix) {
  for (const char* name : {"t/b", "t/a/z", "t/a.x", "t/a/b/c", "t0", "ta", "t/ab"})
    ASSERT_TRUE(store_->Put(At(name), "").ok());
  std::ofstream(root_ + "/t/" + std::string(kTemporaryPrefix) + "left") << "by a crash";
  EXPECT_THAT(Names(At("t/")), ElementsAre(At("t/a.x"), At("t/a/b/c"), At("t/a/z"), At("t/ab"), At("t/b")));
  EXPECT_THAT(Names(At("t/a")), ElementsAre(At("t/a.x"), At("t/a/b/c"), At("t/a/z"), At("t/ab")));
  EXPECT_THAT(Names(At("t")),
              ElementsAre(At("t/a.x"), At("t/a/b/c"), At("t/a/z"), At("t/ab"), At("t/b"), At("t0"), At("ta")));
  EXPECT_THAT(Names(At("none/")), ElementsAre());
  int visited = 0;
  ASSERT_TRUE(store_->List(At("t/"), [&](const ObjectInfo&) { return ++visited < 2; }).ok());
  EXPECT_EQ(visited, 2);
}

TEST_F(LocalStoreTest, RemoveTakesEmptyDirectoriesAlong) {
  ASSERT_TRUE(store_->Put(At("t/a/b/x"), "1").ok());
  ASSERT_TRUE(store_->Put(At("t/y"), "1").ok());
  ASSERT_TRUE(store_->Remove(At("t/a/b/x")).ok());
  EXPECT_FALSE(fs::exists(root_ + "/t/a"));
  EXPECT_TRUE(fs::exists(root_ + "/t/y"));
  ASSERT_TRUE(store_->Remove(At("t/a/b/x")).ok());
  ASSERT_TRUE(store_->RemoveMany({At("t/y"), At("t/z")}).ok());
  EXPECT_FALSE(fs::exists(root_ + "/t"));
  EXPECT_TRUE(fs::exists(root_));
}

TEST_F(LocalStoreTest, FinishSurvivesTheRemovalOfItsEmptyDirectory) {
  auto writer = store_->OpenWriter(At("t/data/x"), {.if_absent = true});
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(store_->Remove(At("t/data/other")).ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  EXPECT_EQ(*store_->Get(At("t/data/x")), "");
}

TEST_F(LocalStoreTest, NamesMayBeMadeDurableLater) {
  for (std::string name : {"t/1", "t/2"}) {
    ASSERT_TRUE(store_->Put(At(name), name, {.if_absent = true, .name_later = true}).ok());
    EXPECT_EQ(*store_->Get(At(name)), name);
  }
  EXPECT_EQ(store_->Put(At("t/1"), "", {.if_absent = true, .name_later = true}).error().kind(),
            ErrorKind::kAlreadyExists);
  EXPECT_TRUE(store_->SyncNames(At("t/3")).ok());
  auto gone = store_->SyncNames(At("none/1"));
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().kind(), ErrorKind::kUnknownOutcome);
  EXPECT_THAT(gone.error().message(), HasSubstr(root_ + "/none"));
  EXPECT_EQ(store_->SyncNames("file:///etc/x").error().kind(), ErrorKind::kPermissionDenied);
}

TEST_F(LocalStoreTest, NamesThatLookLikeThoseOfRemovedFiles) {
  std::string location = At("t (deleted)/x (deleted)");
  ASSERT_TRUE(store_->Put(location, "1").ok());
  EXPECT_EQ(*store_->Get(location), "1");
  EXPECT_TRUE(fs::exists(root_ + "/t (deleted)/x (deleted)"));
}

TEST_F(LocalStoreTest, RefusesPathsOutsideTheRoots) {
  std::ofstream(base_ + "/secret") << "secret";
  for (const std::string& location : {"file://" + base_ + "/secret", std::string("file:///etc/passwd"),
                                      "file://" + base_ + "/root2/x", "file://" + base_ + "/missing"}) {
    EXPECT_EQ(store_->Get(location).error().kind(), ErrorKind::kPermissionDenied) << location;
    EXPECT_EQ(store_->Put(location, "x").error().kind(), ErrorKind::kPermissionDenied) << location;
    EXPECT_EQ(store_->Remove(location).error().kind(), ErrorKind::kPermissionDenied) << location;
  }
  EXPECT_EQ(store_->List("file://" + base_ + "/", [](const ObjectInfo&) { return true; }).error().kind(),
            ErrorKind::kPermissionDenied);
  ASSERT_TRUE(store_->Put(At("x"), "1").ok());
  for (const std::vector<std::string>& roots : {std::vector<std::string>(), {""}, {"relative"}, {root_ + "/other"}}) {
    EXPECT_EQ(LocalStore{LocalPolicy(roots)}.Get(At("x")).error().kind(), ErrorKind::kPermissionDenied);
  }
  EXPECT_EQ(*LocalStore{LocalPolicy({"/"})}.Get(At("x")), "1");
}

TEST_F(LocalStoreTest, RefusesLinksThatLeaveTheRoots) {
  ASSERT_TRUE(store_->Put(At("in/x"), "inside").ok());
  fs::create_directory(base_ + "/out");
  std::ofstream(base_ + "/out/x") << "outside";
  fs::create_directory_symlink(base_ + "/out", root_ + "/escape");
  fs::create_symlink(base_ + "/out/x", root_ + "/file");
  fs::create_symlink(base_ + "/out/new", root_ + "/dangling");
  fs::create_symlink(root_ + "/loop", root_ + "/loop");
  fs::create_directory_symlink("in", root_ + "/inner");
  EXPECT_EQ(store_->Get(At("escape/x")).error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(store_->Put(At("escape/y"), "1").error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(store_->Put(At("escape/d/y"), "1").error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(store_->Get(At("file")).error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(store_->Put(At("dangling"), "1").error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_EQ(store_->Get(At("loop")).error().kind(), ErrorKind::kPermissionDenied);
  EXPECT_FALSE(fs::exists(base_ + "/out/new"));
  EXPECT_EQ(*store_->Get(At("inner/x")), "inside");
  EXPECT_THAT(Names(At("")), ElementsAre(At("in/x")));
}

TEST_F(LocalStoreTest, SaysWhatIsWrong) {
  ASSERT_TRUE(store_->Put(At("d/x"), "1").ok());
  auto missing = store_->Get(At("d/none"));
  EXPECT_EQ(missing.error().kind(), ErrorKind::kNotFound);
  EXPECT_THAT(missing.error().message(), HasSubstr(At("d/none")));
  EXPECT_EQ(store_->Get(At("d")).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->Get(At("d/")).error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(store_->Put(At("d/x/y"), "1").error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(store_->Put(At("d"), "1").error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(store_->Put(At(std::string(kTemporaryPrefix) + "x"), "1").error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(store_->Get("s3://b/k").error().kind(), ErrorKind::kInvalidInput);
  ASSERT_EQ(::mkfifo((root_ + "/fifo").c_str(), 0600), 0);
  EXPECT_EQ(store_->Get(At("fifo")).error().kind(), ErrorKind::kNotFound);
}

TEST_F(LocalStoreTest, TemporaryNamesServeWhereFilesMustHaveOne) {
  for (bool if_absent : {true, false}) {
    auto file = PendingFile::Create(root_ + "/d/x", false);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Append("content").ok());
    EXPECT_EQ(FilesOnDisk(), if_absent ? 1u : 2u);
    ASSERT_TRUE((*file)->Publish(if_absent).ok());
    EXPECT_EQ(FilesOnDisk(), 1u);
  }
  EXPECT_EQ(*store_->Get(At("d/x")), "content");
  auto again = PendingFile::Create(root_ + "/d/x", false);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->Publish(true).error().kind(), ErrorKind::kAlreadyExists);
  again->reset();
  EXPECT_EQ(FilesOnDisk(), 1u);
}

TEST_F(LocalStoreTest, CancelStopsEverything) {
  ASSERT_TRUE(store_->Put(At("x"), "1").ok());
  CancelFlag cancel = true;
  EXPECT_EQ(store_->Get(At("x"), {&cancel}).error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(store_->Put(At("y"), "1", {.cancel = &cancel}).error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(store_->List(At(""), [](const ObjectInfo&) { return true; }, {&cancel}).error().kind(),
            ErrorKind::kCancelled);
  EXPECT_EQ(FilesOnDisk(), 1u);
}

/// Runs `body` in a child process, where limits and users can be changed; true when it returns true.
bool InChild(const std::function<bool()>& body) {
  pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(LocalStoreTest, FullDiskIsItsOwnKindAndLeavesNothing) {
  EXPECT_TRUE(InChild([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto put = store_->Put(At("big"), std::string(2 << 20, 'x'));
    if (put.ok() || put.error().kind() != ErrorKind::kDiskFull) return false;
    auto writer = store_->OpenWriter(At("big"));
    if (!writer.ok() || (*writer)->Append(std::string(2 << 20, 'x')).ok()) return false;
    return !(*writer)->Finish().ok();
  }));
  EXPECT_EQ(FilesOnDisk(), 0u);
}

TEST_F(LocalStoreTest, DirectoriesWithoutRightsAreDenied) {
  ASSERT_TRUE(store_->Put(At("locked/x"), "1").ok());
  fs::permissions(root_ + "/locked", fs::perms::none);
  fs::permissions(base_, fs::perms::owner_all | fs::perms::group_all | fs::perms::others_all);
  fs::permissions(root_, fs::perms::owner_all | fs::perms::group_all | fs::perms::others_all);
  EXPECT_TRUE(InChild([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return false;
    auto get = store_->Get(At("locked/x"));
    auto put = store_->Put(At("locked/y"), "1");
    return !get.ok() && get.error().kind() == ErrorKind::kPermissionDenied && !put.ok() &&
           put.error().kind() == ErrorKind::kPermissionDenied;
  }));
  fs::permissions(root_ + "/locked", fs::perms::owner_all);
}

}  // namespace
}  // namespace lake::storage
