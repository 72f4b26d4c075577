// See the header for the format.
#include "wire/copy_reader.h"

#include <algorithm>
#include <cstring>

#include "wire/byte_order.h"
#include "wire/copy_format.h"

namespace lake::wire {

namespace {

/// Moves bytes from `input` to `carry` until it has `wanted` bytes. False when the input did not suffice.
bool Fill(std::string& carry, std::string_view& input, size_t wanted) {
  if (carry.size() >= wanted) return true;
  size_t count = std::min(wanted - carry.size(), input.size());
  carry.append(input.substr(0, count));
  input.remove_prefix(count);
  return carry.size() >= wanted;
}

}  // namespace

Error CopyReader::BadTuple(std::string_view what) const {
  return Corrupt("invalid binary COPY stream: {} in tuple {}", what, tuples_ + 1);
}

Result<bool> CopyReader::ReadHeader() {
  if (!Fill(carry_, input_, kCopyHeaderBytes)) return false;
  if (std::memcmp(carry_.data(), kCopySignature, sizeof(kCopySignature)) != 0) {
    return Corrupt("invalid binary COPY stream: it does not start with the signature");
  }
  uint32_t flags = LoadBig32(carry_.data() + sizeof(kCopySignature));
  if ((flags & 0xffff0000u) != 0) {
    return Corrupt("invalid binary COPY stream: header flags {:#x} are not supported", flags);
  }
  uint32_t extension = LoadBig32(carry_.data() + sizeof(kCopySignature) + 4);
  if (extension > static_cast<uint32_t>(kMaxFieldBytes)) {
    return Corrupt("invalid binary COPY stream: header extension of {} bytes", extension);
  }
  skip_ = extension;
  carry_.clear();
  state_ = State::kSkip;
  return true;
}

Result<CopyReader::Step> CopyReader::Next() {
  if (carry_used_) {
    carry_.clear();
    carry_used_ = false;
  }
  if (state_ == State::kHeader) {
    LAKE_ASSIGN_OR_RETURN(bool complete, ReadHeader());
    if (!complete) return Step::kNeedMore;
  }
  if (state_ == State::kSkip) {
    size_t count = std::min<size_t>(skip_, input_.size());
    input_.remove_prefix(count);
    skip_ -= count;
    if (skip_ > 0) return Step::kNeedMore;
    state_ = State::kTuples;
  }
  if (state_ == State::kEnded) {
    if (!input_.empty()) return Corrupt("invalid binary COPY stream: {} bytes after its end", input_.size());
    return Step::kEnd;
  }
  return cut_ ? ReadCutTuple() : ReadTuple();
}

/// The usual case: a whole tuple lies in the input.
Result<CopyReader::Step> CopyReader::ReadTuple() {
  const char* at = input_.data();
  size_t left = input_.size();
  auto cut = [&]() -> Result<Step> {
    if (input_.empty()) return Step::kNeedMore;
    cut_ = true;
    cut_field_ = 0;
    cut_position_ = 2;
    return ReadCutTuple();
  };
  if (left < 2) return cut();
  auto count = static_cast<int16_t>(LoadBig16(at));
  at += 2;
  left -= 2;
  if (count == -1) {
    state_ = State::kEnded;
    input_.remove_prefix(2);
    return Next();
  }
  if (static_cast<size_t>(count) != fields_.size()) {
    return BadTuple(fmt::format("{} fields instead of {}", count, fields_.size()));
  }
  for (CopyField& field : fields_) {
    if (left < 4) return cut();
    auto length = static_cast<int32_t>(LoadBig32(at));
    at += 4;
    left -= 4;
    if (length < -1 || length > kMaxFieldBytes) return BadTuple(fmt::format("a field of {} bytes", length));
    size_t bytes = length < 0 ? 0 : static_cast<size_t>(length);
    if (left < bytes) return cut();
    field = {at, length};
    at += bytes;
    left -= bytes;
  }
  input_ = {at, left};
  ++tuples_;
  return Step::kTuple;
}

/// A tuple that the end of a piece cuts: it is put together in carry_, taking no more of the input than it needs.
Result<CopyReader::Step> CopyReader::ReadCutTuple() {
  if (!Fill(carry_, input_, 2)) return Step::kNeedMore;
  auto count = static_cast<int16_t>(LoadBig16(carry_.data()));
  if (count == -1) {
    carry_.clear();
    cut_ = false;
    state_ = State::kEnded;
    return Next();
  }
  if (static_cast<size_t>(count) != fields_.size()) {
    return BadTuple(fmt::format("{} fields instead of {}", count, fields_.size()));
  }
  while (cut_field_ < fields_.size()) {
    if (!Fill(carry_, input_, cut_position_ + 4)) return Step::kNeedMore;
    auto length = static_cast<int32_t>(LoadBig32(carry_.data() + cut_position_));
    if (length < -1 || length > kMaxFieldBytes) return BadTuple(fmt::format("a field of {} bytes", length));
    size_t bytes = length < 0 ? 0 : static_cast<size_t>(length);
    if (!Fill(carry_, input_, cut_position_ + 4 + bytes)) return Step::kNeedMore;
    fields_[cut_field_].length = length;
    offsets_[cut_field_] = cut_position_ + 4;
    cut_position_ += 4 + bytes;
    ++cut_field_;
  }
  for (size_t i = 0; i < fields_.size(); ++i) fields_[i].data = carry_.data() + offsets_[i];
  cut_ = false;
  carry_used_ = true;
  ++tuples_;
  return Step::kTuple;
}

}  // namespace lake::wire
