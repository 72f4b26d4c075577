// Just enough of SQL's lexical rules to find where statements begin and end: quotes, dollar quotes, comments.
// What a statement means is for DuckDB's parser; only statements DuckDB does not know are recognised here, by their
// first tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lake::server {

struct Token {
  enum class Kind {
    kEnd,
    kWord,        // identifier or keyword, unquoted
    kString,      // '...': text() is its value
    kQuotedName,  // "..."
    kSemicolon,
    kOther,         // numbers and one character of anything else; a dollar-quoted string as a whole
    kUnterminated,  // a quote or comment that does not end
  };
  Kind kind = Kind::kEnd;
  std::string_view source;  // as written
  std::string text;         // kString: without quotes

  /// Whether it is this keyword, in any case.
  bool Is(std::string_view lower_case_word) const;
  bool IsChar(char c) const { return kind == Kind::kOther && source.size() == 1 && source[0] == c; }
};

class SqlScanner {
 public:
  explicit SqlScanner(std::string_view sql) : sql_(sql) {}
  /// The next token; white space and comments are skipped.
  Token Next();
  /// Where the next token's search starts, in bytes.
  size_t position() const { return at_; }
  std::string_view rest() const { return sql_.substr(at_); }

 private:
  bool SkipSpaceAndComments();
  Token Make(Token::Kind kind, size_t start) const { return {kind, sql_.substr(start, at_ - start), {}}; }
  Token ReadQuoted(size_t start, char quote, bool backslashes);
  std::optional<Token> ReadDollarQuoted(size_t start);

  std::string_view sql_;
  size_t at_ = 0;
};

/// The statements of a text, split at the semicolons between them, without those; empty ones are left out.
std::vector<std::string_view> SplitStatements(std::string_view sql);

/// COPY lake_write('<spec>') FROM STDIN [[WITH] (FORMAT binary)]
struct CopyLakeWrite {
  std::string spec;
  std::string error;  // what is wrong after COPY lake_write( ; empty: nothing
};
/// nullopt when the statement does not begin with COPY lake_write (.
std::optional<CopyLakeWrite> MatchCopyLakeWrite(std::string_view statement);

/// COPY (query) | table TO STDOUT [[WITH] (option [value], ...)]. DuckDB's parser takes the statement, but not all
/// option values (FORMAT binary).
struct CopyToStdout {
  std::string_view statement;  // up to and with STDOUT
  std::vector<std::pair<std::string, std::string>>
      options;        // names in lower case, values as meant; "*" and "" for none
  std::string error;  // what is wrong behind STDOUT; empty: nothing
};
/// nullopt when it is no such statement.
std::optional<CopyToStdout> MatchCopyToStdout(std::string_view statement);

/// The query behind `transmit`; nullopt when the statement does not begin with it.
std::optional<std::string_view> MatchTransmit(std::string_view statement);

/// The name in `SHOW name`, in lower case, `SHOW TRANSACTION ISOLATION LEVEL` as transaction_isolation; nullopt for
/// everything else.
std::optional<std::string> MatchShow(std::string_view statement);

/// SET [SESSION | LOCAL] name {TO | =} value, ... and RESET name. The value of several items is joined with ", ".
/// SET NAMES sets client_encoding; SET [SESSION CHARACTERISTICS AS] TRANSACTION has the name transaction_isolation.
struct SetCommand {
  std::string name;  // lower case
  std::string value;
  bool reset = false;  // RESET, or SET ... TO DEFAULT
};
/// nullopt for everything else, for example SET GLOBAL.
std::optional<SetCommand> MatchSet(std::string_view statement);

/// DEALLOCATE [PREPARE] name | ALL; DISCARD ALL counts as the latter. The name, empty for all; nullopt for everything
/// else.
std::optional<std::string> MatchDeallocate(std::string_view statement);

}  // namespace lake::server
