// See the header.
#include "iceberg/theta_sketch.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace lake::iceberg {

namespace {

constexpr uint64_t kSeed = 9001;  // DEFAULT_UPDATE_SEED of Apache DataSketches
constexpr size_t kFirstTableSize = 64;
constexpr size_t kLargestTableSize = 4 * ThetaSketch::kNominalEntries;

uint64_t Load64(const char* bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof(value));
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

uint64_t Mix(uint64_t k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccdULL;
  k ^= k >> 33;
  k *= 0xc4ceb9fe1a85ec53ULL;
  return k ^ k >> 33;
}

/// The first half of MurmurHash3_x64_128.
uint64_t Murmur(std::string_view bytes, uint64_t seed) {
  constexpr uint64_t kFirst = 0x87c37b91114253d5ULL;
  constexpr uint64_t kSecond = 0x4cf5ad432745937fULL;
  uint64_t h1 = seed;
  uint64_t h2 = seed;
  size_t at = 0;
  for (; at + 16 <= bytes.size(); at += 16) {
    h1 ^= std::rotl(Load64(bytes.data() + at) * kFirst, 31) * kSecond;
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= std::rotl(Load64(bytes.data() + at + 8) * kSecond, 33) * kFirst;
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  if (at < bytes.size()) {
    char tail[16] = {};
    std::memcpy(tail, bytes.data() + at, bytes.size() - at);
    h2 ^= std::rotl(Load64(tail + 8) * kSecond, 33) * kFirst;
    h1 ^= std::rotl(Load64(tail) * kFirst, 31) * kSecond;
  }
  h1 ^= bytes.size();
  h2 ^= bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = Mix(h1);
  h2 = Mix(h2);
  return h1 + h2;
}

/// What tells sketches of different seeds apart.
uint64_t SeedHash() {
  char seed[8] = {};
  for (int i = 0; i < 8; ++i) seed[i] = static_cast<char>(kSeed >> 8 * i & 0xff);
  return Murmur({seed, sizeof(seed)}, 0) & 0xffff;
}

double EstimateOf(uint64_t hashes, uint64_t theta) {
  return static_cast<double>(hashes) / (static_cast<double>(theta) / static_cast<double>(INT64_MAX));
}

void AppendLittle(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> 8 * i & 0xff));
}

}  // namespace

void ThetaSketch::Add(std::string_view bytes) {
  if (!bytes.empty()) Insert(Murmur(bytes, kSeed) >> 1);
}

void ThetaSketch::Insert(uint64_t hash) {
  if (hash >= theta_ || hash == 0) return;
  if (table_.empty()) table_.resize(kFirstTableSize);
  size_t mask = table_.size() - 1;
  size_t at = hash & mask;
  while (table_[at] != 0) {
    if (table_[at] == hash) return;
    at = (at + 1) & mask;
  }
  table_[at] = hash;
  if (++count_ * 2 <= table_.size()) return;
  std::vector<uint64_t> hashes;
  hashes.reserve(count_);
  std::copy_if(table_.begin(), table_.end(), std::back_inserter(hashes), [](uint64_t kept) { return kept != 0; });
  Keep(std::move(hashes));
}

/// Half of a table is in use: it grows, and, once it is as large as it gets, forgets all but the smallest hashes.
void ThetaSketch::Keep(std::vector<uint64_t> hashes) {
  size_t size = table_.size() * 2;
  if (size > kLargestTableSize) {
    size = kLargestTableSize;
    auto bound = hashes.begin() + kNominalEntries;
    std::nth_element(hashes.begin(), bound, hashes.end());
    theta_ = std::min(theta_, *bound);  // which a merge may have lowered
    hashes.erase(bound, hashes.end());
  }
  table_.assign(size, 0);
  count_ = 0;
  for (uint64_t hash : hashes) Insert(hash);
}

void ThetaSketch::Merge(const ThetaSketch& other) {
  theta_ = std::min(theta_, other.theta_);  // what is above it here goes with Smallest()
  for (uint64_t hash : other.table_) {
    if (hash != 0) Insert(hash);
  }
}

std::pair<std::vector<uint64_t>, uint64_t> ThetaSketch::Smallest() const {
  std::vector<uint64_t> hashes;
  std::copy_if(table_.begin(), table_.end(), std::back_inserter(hashes),
               [&](uint64_t hash) { return hash != 0 && hash < theta_; });
  std::sort(hashes.begin(), hashes.end());
  uint64_t theta = theta_;
  if (hashes.size() > kNominalEntries) {
    theta = hashes[kNominalEntries];
    hashes.resize(kNominalEntries);
  }
  return {std::move(hashes), theta};
}

double ThetaSketch::Estimate() const {
  auto [hashes, theta] = Smallest();
  return EstimateOf(hashes.size(), theta);
}

std::string ThetaSketch::Serialize() const {
  static const uint64_t kSeedHash = SeedHash();
  auto [hashes, theta] = Smallest();
  bool is_estimate = theta != INT64_MAX;
  bool is_empty = hashes.empty() && !is_estimate;
  bool is_single = hashes.size() == 1 && !is_estimate;
  int preamble = is_estimate ? 3 : is_empty || is_single ? 1 : 2;
  int flags = 2 | 8 | 16 | (is_empty ? 4 : 0) | (is_single ? 32 : 0);
  std::string bytes = {static_cast<char>(preamble), 3, 3, 0, 0, static_cast<char>(flags)};
  AppendLittle(bytes, kSeedHash, 2);
  if (preamble > 1) AppendLittle(bytes, hashes.size(), 8);
  if (preamble > 2) AppendLittle(bytes, theta, 8);
  for (uint64_t hash : hashes) AppendLittle(bytes, hash, 8);
  return bytes;
}

Result<double> EstimateOfThetaSketch(std::string_view bytes) {
  if (bytes.size() < 8 || bytes[1] != 3 || bytes[2] != 3) return Corrupt("a blob is no compact theta sketch");
  auto preamble = static_cast<size_t>(bytes[0]);
  if (preamble < 1 || preamble > 3 || bytes.size() < preamble * 8) return Corrupt("a theta sketch is cut off");
  if (preamble == 1) return (bytes[5] & 4) != 0 ? 0 : 1;
  uint64_t count = Load64(bytes.data() + 8) & 0xffffffff;
  uint64_t theta = preamble == 3 ? Load64(bytes.data() + 16) : INT64_MAX;
  if (bytes.size() - preamble * 8 != count * 8 || theta == 0) return Corrupt("a theta sketch is cut off");
  return EstimateOf(count, theta);
}

}  // namespace lake::iceberg
