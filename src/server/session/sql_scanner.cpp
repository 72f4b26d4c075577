#include "server/session/sql_scanner.h"

#include <fmt/format.h>

namespace lake::server {

namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) {
  return (Lower(c) >= 'a' && Lower(c) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c) || c == '$'; }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}

}  // namespace

bool Token::Is(std::string_view lower_case_word) const {
  if (kind != Kind::kWord || source.size() != lower_case_word.size()) return false;
  for (size_t i = 0; i < source.size(); ++i) {
    if (Lower(source[i]) != lower_case_word[i]) return false;
  }
  return true;
}

/// False for a comment without end. Block comments nest, as in PostgreSQL.
bool SqlScanner::SkipSpaceAndComments() {
  while (at_ < sql_.size()) {
    if (IsSpace(sql_[at_])) {
      ++at_;
    } else if (sql_.substr(at_, 2) == "--") {
      size_t end = sql_.find('\n', at_);
      at_ = end == std::string_view::npos ? sql_.size() : end;
    } else if (sql_.substr(at_, 2) == "/*") {
      int depth = 0;
      do {
        if (at_ >= sql_.size()) return false;
        if (sql_.substr(at_, 2) == "/*") {
          ++depth;
          at_ += 2;
        } else if (sql_.substr(at_, 2) == "*/") {
          --depth;
          at_ += 2;
        } else {
          ++at_;
        }
      } while (depth > 0);
    } else {
      break;
    }
  }
  return true;
}

Token SqlScanner::ReadQuoted(size_t start, char quote, bool backslashes) {
  std::string text;
  for (++at_; at_ < sql_.size(); ++at_) {
    char c = sql_[at_];
    if (backslashes && c == '\\' && at_ + 1 < sql_.size()) {
      text.push_back(sql_[++at_]);
      continue;
    }
    if (c != quote) {
      text.push_back(c);
      continue;
    }
    if (at_ + 1 < sql_.size() && sql_[at_ + 1] == quote) {
      text.push_back(quote);
      ++at_;
      continue;
    }
    ++at_;
    Token token = Make(quote == '"' ? Token::Kind::kQuotedName : Token::Kind::kString, start);
    token.text = std::move(text);
    return token;
  }
  return Make(Token::Kind::kUnterminated, start);
}

/// $tag$ ... $tag$. nullopt when the dollar sign does not start one.
std::optional<Token> SqlScanner::ReadDollarQuoted(size_t start) {
  size_t end = start + 1;
  if (end < sql_.size() && IsDigit(sql_[end])) return std::nullopt;  // $1
  while (end < sql_.size() && IsWordPart(sql_[end]) && sql_[end] != '$') ++end;
  if (end >= sql_.size() || sql_[end] != '$') return std::nullopt;
  std::string_view tag = sql_.substr(start, end + 1 - start);
  size_t close = sql_.find(tag, end + 1);
  if (close == std::string_view::npos) {
    at_ = sql_.size();
    return Make(Token::Kind::kUnterminated, start);
  }
  at_ = close + tag.size();
  return Make(Token::Kind::kOther, start);
}

Token SqlScanner::Next() {
  size_t before = at_;
  if (!SkipSpaceAndComments()) return Make(Token::Kind::kUnterminated, before);
  if (at_ >= sql_.size()) return Token();
  size_t start = at_;
  char c = sql_[at_];
  if (c == '\'' || c == '"') return ReadQuoted(start, c, false);
  if (Lower(c) == 'e' && at_ + 1 < sql_.size() && sql_[at_ + 1] == '\'') {
    ++at_;
    return ReadQuoted(start, '\'', true);
  }
  if (c == '$') {
    if (auto token = ReadDollarQuoted(start)) return *token;
  }
  if (IsWordStart(c)) {
    while (at_ < sql_.size() && IsWordPart(sql_[at_])) ++at_;
    return Make(Token::Kind::kWord, start);
  }
  ++at_;
  return Make(c == ';' ? Token::Kind::kSemicolon : Token::Kind::kOther, start);
}

std::vector<std::string_view> SplitStatements(std::string_view sql) {
  std::vector<std::string_view> statements;
  SqlScanner scanner(sql);
  size_t start = 0;
  bool has_token = false;
  for (;;) {
    Token token = scanner.Next();
    bool at_end = token.kind == Token::Kind::kEnd || token.kind == Token::Kind::kUnterminated;
    if (token.kind == Token::Kind::kUnterminated) has_token = true;
    if (at_end || token.kind == Token::Kind::kSemicolon) {
      size_t end = at_end ? sql.size() : scanner.position() - 1;
      if (has_token) statements.push_back(sql.substr(start, end - start));
      if (at_end) return statements;
      start = scanner.position();
      has_token = false;
    } else {
      has_token = true;
    }
  }
}

std::optional<CopyLakeWrite> MatchCopyLakeWrite(std::string_view statement) {
  SqlScanner scanner(statement);
  if (!scanner.Next().Is("copy") || !scanner.Next().Is("lake_write") || !scanner.Next().IsChar('('))
    return std::nullopt;
  CopyLakeWrite copy;
  copy.error = "syntax error: expected COPY lake_write('<json>') FROM STDIN (FORMAT binary)";
  Token spec = scanner.Next();
  if (spec.kind != Token::Kind::kString || !scanner.Next().IsChar(')')) return copy;
  if (!scanner.Next().Is("from") || !scanner.Next().Is("stdin")) return copy;
  Token token = scanner.Next();
  if (token.Is("with")) token = scanner.Next();
  if (token.IsChar('(')) {
    if (!scanner.Next().Is("format")) return copy;
    Token format = scanner.Next();
    if (!format.Is("binary") && format.text != "binary") return copy;
    if (!scanner.Next().IsChar(')')) return copy;
    token = scanner.Next();
  } else if (token.Is("binary")) {
    token = scanner.Next();
  }
  if (token.kind != Token::Kind::kEnd) return copy;
  copy.spec = std::move(spec.text);
  copy.error.clear();
  return copy;
}

namespace {

/// Options in parentheses, the first token read already. False when they are malformed.
bool ReadCopyOptions(SqlScanner& scanner, std::vector<std::pair<std::string, std::string>>& options) {
  for (;;) {
    Token name = scanner.Next();
    if (name.kind != Token::Kind::kWord) return false;
    std::string value;
    Token token = scanner.Next();
    if (token.IsChar('(')) {  // force_quote (a, b)
      while (!(token = scanner.Next()).IsChar(')')) {
        if (token.kind == Token::Kind::kEnd || token.kind == Token::Kind::kUnterminated) return false;
        value += token.source;
      }
      token = scanner.Next();
    } else if (!token.IsChar(',') && !token.IsChar(')')) {
      bool literal = token.kind == Token::Kind::kString || token.kind == Token::Kind::kQuotedName;
      if (!literal && token.kind != Token::Kind::kWord && token.kind != Token::Kind::kOther) return false;
      value = literal ? token.text : std::string(token.source);
      token = scanner.Next();
    }
    options.emplace_back(LowerCase(name.source), std::move(value));
    if (token.IsChar(')')) return true;
    if (!token.IsChar(',')) return false;
  }
}

}  // namespace

std::optional<CopyToStdout> MatchCopyToStdout(std::string_view statement) {
  SqlScanner scanner(statement);
  if (!scanner.Next().Is("copy")) return std::nullopt;
  int depth = 0;
  for (Token token = scanner.Next();; token = scanner.Next()) {
    if (token.kind == Token::Kind::kEnd || token.kind == Token::Kind::kUnterminated) return std::nullopt;
    if (token.IsChar('(')) ++depth;
    if (token.IsChar(')')) --depth;
    if (depth == 0 && token.Is("to")) break;
  }
  if (!scanner.Next().Is("stdout")) return std::nullopt;
  CopyToStdout copy;
  copy.statement = statement.substr(0, scanner.position());
  Token token = scanner.Next();
  if (token.Is("with")) token = scanner.Next();
  if (token.kind == Token::Kind::kEnd) return copy;
  if (token.Is("binary") || token.Is("csv")) {
    copy.options.emplace_back("format", LowerCase(token.source));
  } else if (!token.IsChar('(') || !ReadCopyOptions(scanner, copy.options)) {
    copy.error = fmt::format("syntax error at or near \"{}\" in the options of COPY", token.source);
    return copy;
  }
  token = scanner.Next();
  if (token.kind != Token::Kind::kEnd) copy.error = fmt::format("syntax error at or near \"{}\"", token.source);
  return copy;
}

std::optional<std::string_view> MatchTransmit(std::string_view statement) {
  SqlScanner scanner(statement);
  if (!scanner.Next().Is("transmit")) return std::nullopt;
  return scanner.rest();
}

std::optional<std::string> MatchShow(std::string_view statement) {
  SqlScanner scanner(statement);
  if (!scanner.Next().Is("show")) return std::nullopt;
  Token name = scanner.Next();
  if (name.kind != Token::Kind::kWord) return std::nullopt;
  Token next = scanner.Next();
  if (name.Is("transaction") && next.Is("isolation") && scanner.Next().Is("level")) {
    return scanner.Next().kind == Token::Kind::kEnd ? std::optional<std::string>("transaction_isolation")
                                                    : std::nullopt;
  }
  if (next.kind != Token::Kind::kEnd) return std::nullopt;
  return LowerCase(name.source);
}

std::optional<SetCommand> MatchSet(std::string_view statement) {
  SqlScanner scanner(statement);
  Token verb = scanner.Next();
  SetCommand command;
  command.reset = verb.Is("reset");
  if (!command.reset && !verb.Is("set")) return std::nullopt;
  Token name = scanner.Next();
  bool session = !command.reset && name.Is("session");
  if (session || (!command.reset && name.Is("local"))) name = scanner.Next();
  if (session && name.Is("characteristics") && scanner.Next().Is("as")) name = scanner.Next();
  if (name.kind != Token::Kind::kWord) return std::nullopt;
  command.name = LowerCase(name.source);
  if (command.reset) return scanner.Next().kind == Token::Kind::kEnd ? std::optional(command) : std::nullopt;
  Token token = scanner.Next();
  if (name.Is("names")) {
    command.name = "client_encoding";
  } else if (name.Is("transaction")) {
    command.name = "transaction_isolation";
  } else if (token.Is("to") || token.IsChar('=')) {
    token = scanner.Next();
  } else {
    return std::nullopt;
  }
  command.reset = token.Is("default");
  bool separate = false;
  for (; token.kind != Token::Kind::kEnd; token = scanner.Next()) {
    if (token.kind == Token::Kind::kUnterminated) return std::nullopt;
    if (token.IsChar(',')) {
      command.value += ", ";
      separate = false;
      continue;
    }
    bool word = token.kind == Token::Kind::kWord;
    if (separate && word) command.value += ' ';
    command.value += word || token.kind == Token::Kind::kOther ? std::string(token.source) : token.text;
    separate = word;
  }
  return command;
}

std::optional<std::string> MatchDeallocate(std::string_view statement) {
  SqlScanner scanner(statement);
  Token verb = scanner.Next();
  bool discard = verb.Is("discard");
  if (!discard && !verb.Is("deallocate")) return std::nullopt;
  Token name = scanner.Next();
  if (!discard && name.Is("prepare")) name = scanner.Next();
  if (scanner.Next().kind != Token::Kind::kEnd) return std::nullopt;
  if (name.Is("all")) return std::string();
  if (discard) return std::nullopt;
  if (name.kind == Token::Kind::kQuotedName) return name.text;
  if (name.kind != Token::Kind::kWord) return std::nullopt;
  return LowerCase(name.source);
}

}  // namespace lake::server
