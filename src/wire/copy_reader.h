// Reads PostgreSQL's binary COPY stream, cut anywhere, field by field without copying.
//
//   stream   := header tuple* trailer
//   header   := "PGCOPY\n\377\r\n\0" flags:int32 extension_length:int32 extension_bytes
//   tuple    := field_count:int16 field*
//   field    := length:int32 bytes        (-1 = null, no bytes)
//   trailer  := -1:int16
//
// Only a tuple that is cut by the end of what was fed is copied. Memory grows with the bytes that really arrived, never
// with a length that was only claimed.
//
//   reader.Feed(bytes);
//   for (;;) {
//     LAKE_ASSIGN_OR_RETURN(CopyReader::Step step, reader.Next());
//     if (step != CopyReader::Step::kTuple) break;
//     use(reader.fields());
//   }
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lake::wire {

/// One field of a tuple, in its type's binary send format.
struct CopyField {
  const char* data = nullptr;
  int32_t length = -1;  // -1: null

  bool is_null() const { return length < 0; }
  std::string_view bytes() const { return {data, length < 0 ? 0 : static_cast<size_t>(length)}; }
};

class CopyReader {
 public:
  enum class Step {
    kTuple,     // fields() holds a tuple
    kNeedMore,  // everything fed was consumed: Feed() again, or the stream was cut off
    kEnd,       // the trailer was read
  };
  static constexpr int32_t kMaxFieldBytes = 1 << 30;

  /// Every tuple must have exactly `columns` fields.
  explicit CopyReader(size_t columns) : fields_(columns), offsets_(columns) {}

  /// The next piece of the stream. It must stay valid until Next() answers kNeedMore, which it must have done before.
  void Feed(std::string_view bytes) { input_ = bytes; }

  /// Errors are kCorrupt and final.
  Result<Step> Next();

  /// The tuple of the last Next(); spans are valid until the next call of Next() or Feed().
  std::span<const CopyField> fields() const { return fields_; }
  /// Whether the trailer was read. A stream that ends without it was cut off.
  bool at_end() const { return state_ == State::kEnded; }
  int64_t tuples() const { return tuples_; }

 private:
  enum class State {
    kHeader,  // the fixed 19 bytes are not complete
    kSkip,    // skip_ bytes of the header extension are left
    kTuples,  // between or inside tuples
    kEnded,   // the trailer was read
  };

  Result<bool> ReadHeader();
  Result<Step> ReadTuple();
  Result<Step> ReadCutTuple();
  Error BadTuple(std::string_view what) const;

  State state_ = State::kHeader;
  std::string_view input_;  // what was fed and not consumed yet
  uint32_t skip_ = 0;
  std::vector<CopyField> fields_;
  int64_t tuples_ = 0;
  std::string carry_;            // the header, or the tuple that was cut, as far as it came
  bool cut_ = false;             // a tuple is being put together in carry_
  bool carry_used_ = false;      // fields_ point into carry_
  size_t cut_field_ = 0;         // in a cut tuple: the field whose length or bytes come next
  size_t cut_position_ = 0;      //   and where it starts in carry_
  std::vector<size_t> offsets_;  //   and where the bytes of earlier fields start
};

}  // namespace lake::wire
