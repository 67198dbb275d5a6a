#include "power/liberty_syntax.h"

#include <cctype>
#include <utility>

#include "base/error.h"

namespace assay {
namespace {

enum class TokenKind { word, string, punctuation, end };

struct Token {
  TokenKind kind;
  std::string text;
  int line;
  size_t begin;  // offsets in the file
  size_t end;

  bool is(char c) const { return kind == TokenKind::punctuation && text[0] == c; }
  bool is_value() const { return kind == TokenKind::word || kind == TokenKind::string; }
};

class Lexer {
 public:
  Lexer(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  Token next() {
    skip_blanks();
    if (position_ == text_.size())
      return {TokenKind::end, "the end of the file", line_, position_, position_};
    const char c = text_[position_];
    if (c == '"') return quoted_string();
    if (is_punctuation(c)) {
      ++position_;
      return {TokenKind::punctuation, std::string(1, c), line_, position_ - 1, position_};
    }
    const size_t begin = position_;
    while (position_ < text_.size() && !ends_word(text_[position_])) ++position_;
    return {TokenKind::word, std::string(text_.substr(begin, position_ - begin)), line_, begin, position_};
  }

 private:
  static bool is_punctuation(char c) {
    return c == '{' || c == '}' || c == '(' || c == ')' || c == ':' || c == ';' || c == ',';
  }
  // A backslash only continues a line, so it counts as a blank.
  static bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0 || c == '\\'; }
  static bool ends_word(char c) { return is_punctuation(c) || is_blank(c) || c == '"'; }

  void skip_blanks() {
    while (position_ < text_.size()) {
      if (is_blank(text_[position_])) {
        if (text_[position_] == '\n') ++line_;
        ++position_;
      } else if (text_.substr(position_, 2) == "/*") {
        skip_comment();
      } else if (text_.substr(position_, 2) == "//") {
        while (position_ < text_.size() && text_[position_] != '\n') ++position_;
      } else {
        return;
      }
    }
  }

  void skip_comment() {
    const size_t close = text_.find("*/", position_ + 2);
    if (close == std::string_view::npos) fail("{}:{}: comment without an end", file_, line_);
    for (; position_ < close + 2; ++position_) line_ += text_[position_] == '\n';
  }

  Token quoted_string() {
    Token token{TokenKind::string, {}, line_, position_, position_};
    for (++position_; position_ < text_.size() && text_[position_] != '"'; ++position_) {
      const char c = text_[position_];
      if (c == '\n') ++line_;
      token.text += c == '\\' || c == '\n' || c == '\r' ? ' ' : c;
    }
    if (position_ == text_.size()) fail("{}:{}: string without an end", file_, token.line);
    token.end = ++position_;
    return token;
  }

  std::string_view text_;
  std::string_view file_;
  size_t position_ = 0;
  int line_ = 1;
};

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : lexer_(text, file), file_(file) { advance(); }

  LibertyGroup parse() {
    if (token_.kind != TokenKind::word || token_.text != "library") fail_here("library (NAME) {");
    const Token name = take();
    LibertyGroup library{name.text, parse_arguments(), {}, {}, name.line, name.begin, 0};
    if (!token_.is('{')) fail_here("'{'");
    parse_body(library, 0);
    while (token_.is(';')) advance();
    if (token_.kind != TokenKind::end) fail_here("the end of the file");
    return library;
  }

 private:
  static constexpr int kMaxDepth = 100;

  [[noreturn]] void fail_here(std::string_view expected) const {
    fail("{}:{}: expected {}, found {}", file_, token_.line, expected, token_.text);
  }

  void advance() { token_ = lexer_.next(); }
  Token take() {
    Token taken = std::move(token_);
    advance();
    return taken;
  }

  // `( value, ... )`; a value is one string, or words up to the next comma joined by blanks.
  std::vector<std::string> parse_arguments() {
    if (!token_.is('(')) fail_here("'('");
    advance();
    std::vector<std::string> arguments;
    bool joins_previous = false;
    for (;;) {
      if (token_.is(')')) break;
      if (token_.is(',')) {
        advance();
        joins_previous = false;
      } else if (token_.is_value() || token_.is(':')) {
        const bool word = token_.kind != TokenKind::string;
        const Token value = take();
        if (joins_previous && word) {
          arguments.back() += " " + value.text;
        } else {
          arguments.push_back(value.text);
        }
        joins_previous = word;
      } else {
        fail_here("a value or ')'");
      }
    }
    advance();
    return arguments;
  }

  // The part after ':'. Some writers leave out the semicolon, so a value also ends with its line.
  std::string parse_simple_value() {
    advance();
    const int line = token_.line;
    std::string value;
    while (!token_.is(';') && !token_.is('}') && token_.kind != TokenKind::end && token_.line == line) {
      if (!value.empty()) value += ' ';
      value += take().text;
    }
    if (token_.kind == TokenKind::end) fail_here("';'");
    if (token_.is(';')) advance();
    return value;
  }

  // From '{' to the matching '}', both included.
  void parse_body(LibertyGroup& group, int depth) {
    if (depth > kMaxDepth) fail_here("fewer nested groups");
    const int opened = token_.line;
    advance();
    while (!token_.is('}')) {
      if (token_.is(';')) {
        advance();
        continue;
      }
      if (token_.kind == TokenKind::end) {
        fail("{}:{}: group {} has no closing '}}'", file_, opened, group.name);
      }
      if (token_.kind != TokenKind::word) fail_here("an attribute or a group");
      parse_statement(group, depth);
    }
    group.end = token_.end;
    advance();
  }

  void parse_statement(LibertyGroup& group, int depth) {
    const Token name = take();
    if (token_.is(':')) {
      group.attributes.push_back({name.text, {parse_simple_value()}, name.line});
      return;
    }
    if (!token_.is('(')) fail_here(fmt::format("':' or '(' after {}", name.text));
    std::vector<std::string> arguments = parse_arguments();
    if (token_.is('{')) {
      group.groups.push_back({name.text, std::move(arguments), {}, {}, name.line, name.begin, 0});
      parse_body(group.groups.back(), depth + 1);
    } else {
      group.attributes.push_back({name.text, std::move(arguments), name.line});
    }
  }

  Lexer lexer_;
  std::string_view file_;
  Token token_{TokenKind::end, {}, 0, 0, 0};
};

}  // namespace

const LibertyAttribute* LibertyGroup::find(std::string_view attribute) const {
  for (auto it = attributes.rbegin(); it != attributes.rend(); ++it) {
    if (it->name == attribute) return &*it;
  }
  return nullptr;
}

LibertyGroup parse_liberty_syntax(std::string_view text, std::string_view file) {
  return Parser(text, file).parse();
}

}  // namespace assay
