// Theta sketches of Apache DataSketches: about how many distinct values there are, from the smallest of their hashes.
// The blobs "apache-datasketches-theta-v1" of Puffin files are their compact, ordered form (serial version 3):
//
//   0 longs of the preamble (1: nothing or one hash, 2: all hashes there were, 3: with theta)
//   1 serial version 3    2 family 3 (compact)    3, 4 unused
//   5 flags: 2 read only, 4 empty, 8 compact, 16 ordered, 32 one hash
//   6 hash of the seed:le16
//   8 number of hashes:le32, unused:le32     if the preamble has 2 longs or more
//  16 theta:le64                             if it has 3
//   the hashes, ascending:le64
//
// What is hashed is a value's single-value serialization (appendix D of the specification), with the default seed.
// A hash is the first half of MurmurHash3_x64_128, without its lowest bit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lake::iceberg {

/// What it says depends on the set of values alone, whatever their order and however they were divided between
/// sketches that were merged.
class ThetaSketch {
 public:
  /// Hashes that are kept at least, once there were more values: the default of Apache DataSketches. The estimate is
  /// off by 1.6 % (one standard deviation); below that many values it is exact.
  static constexpr size_t kNominalEntries = 4096;

  /// Adds a value by its bytes. Empty ones are passed over, as by the Java and C++ libraries.
  void Add(std::string_view bytes);
  void Merge(const ThetaSketch& other);

  /// The number of distinct values.
  double Estimate() const;
  /// The compact form, for a blob.
  std::string Serialize() const;

 private:
  void Insert(uint64_t hash);
  void Keep(std::vector<uint64_t> hashes);
  /// The hashes that count: the smallest ones, ascending, and the bound that all of them are below.
  std::pair<std::vector<uint64_t>, uint64_t> Smallest() const;

  std::vector<uint64_t> table_;  // open addressing, 0: free; its size is a power of 2
  size_t count_ = 0;
  uint64_t theta_ = INT64_MAX;  // hashes from here on are not kept
};

/// What a compact sketch, as Serialize() or another engine wrote it, estimates. kCorrupt for other bytes.
Result<double> EstimateOfThetaSketch(std::string_view bytes);

}  // namespace lake::iceberg
