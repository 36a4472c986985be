/**
 * Tokens of TypeScript, one after the other, with the brackets that are open: TypeScript's own scanner, told where a slash begins a
 * regular expression and where a brace ends a template's `${`, which only a parser would know for sure.
 */
import ts from 'typescript';

export interface Token {
  kind: ts.SyntaxKind;
  start: number;
  end: number;
}

/** An open bracket. Statements can begin only where all open ones are blocks. */
export interface OpenBracket {
  kind: 'block' | 'object' | 'group' | 'template';
  /** Of the statements inside: column of the first one that begins a line. */
  indent: number | undefined;
  /** A group behind `if`, `for`, `while` or `with`, after which a statement follows. */
  isCondition?: boolean;
}

const K = ts.SyntaxKind;

export class TokenReader {
  /** Innermost last. */
  readonly open: OpenBracket[] = [];
  /** The token read last; undefined where a statement begins. */
  previous: Token | undefined;
  private readonly scanner: ts.Scanner;
  /** The group that closed last was a condition. */
  private endedCondition = false;
  /** What the brace that closed last had opened. */
  private endedBrace: OpenBracket['kind'] = 'block';
  /** `name<` that are open: their `>` ends a type, other ones compare. */
  private openTypeArguments = 0;
  private endedTypeArguments = false;
  private topIndent: number | undefined;

  constructor(
    private readonly source: string,
    from = 0,
  ) {
    this.scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, source);
    this.scanner.resetTokenState(from);
  }

  /** Column of the first statement of the innermost block that begins a line, as far as it is known. */
  get indent(): number | undefined {
    const block = this.open.at(-1);
    return block ? block.indent : this.topIndent;
  }

  set indent(column: number | undefined) {
    const block = this.open.at(-1);
    if (block) block.indent = column;
    else this.topIndent = column;
  }

  next(): Token | null {
    let kind = this.scanner.scan();
    if (kind === K.EndOfFileToken) return null;
    if ((kind === K.SlashToken || kind === K.SlashEqualsToken) && !this.isOperandBefore()) {
      kind = this.scanner.reScanSlashToken();
    }
    if (kind === K.CloseBraceToken && this.open.at(-1)?.kind === 'template') {
      kind = this.scanner.reScanTemplateToken(false);
    }
    this.follow(kind);
    this.previous = { kind, start: this.scanner.getTokenStart(), end: this.scanner.getTokenEnd() };
    return this.previous;
  }

  /** Goes on behind something that is no TypeScript; a statement begins there. */
  skipTo(offset: number): void {
    this.scanner.resetTokenState(offset);
    this.previous = undefined;
  }

  /** Whether the token read last may end an expression, so that an operator may follow. */
  isOperandBefore(): boolean {
    const kind = this.previous?.kind;
    if (kind === undefined) return false;
    if (kind === K.CloseParenToken) return !this.endedCondition;
    if (kind === K.CloseBraceToken) return this.endedBrace === 'object';
    if (kind === K.GreaterThanToken) return this.endedTypeArguments;
    return isOperandEnd(kind);
  }

  private follow(kind: ts.SyntaxKind): void {
    const before = this.previous?.kind;
    switch (kind) {
      case K.LessThanToken:
        if (before === K.Identifier) this.openTypeArguments++;
        else if (!this.isOperandBefore() && this.opensElement()) this.push('group');
        break;
      case K.GreaterThanToken:
        this.endedTypeArguments = this.openTypeArguments > 0;
        if (this.endedTypeArguments) this.openTypeArguments--;
        break;
      case K.OpenBraceToken:
        this.push(this.opensBlock() ? 'block' : 'object');
        break;
      case K.OpenParenToken:
        this.push('group', before !== undefined && conditionKeywords.has(before));
        break;
      case K.OpenBracketToken:
        this.push('group');
        break;
      case K.TemplateHead:
        this.push('template');
        break;
      case K.CloseBraceToken:
        this.endedBrace = this.open.pop()?.kind ?? 'block';
        break;
      case K.CloseParenToken:
        this.endedCondition = this.open.pop()?.isCondition === true;
        break;
      case K.CloseBracketToken:
      case K.LessThanSlashToken:
      case K.TemplateTail:
        this.open.pop();
        break;
    }
  }

  /** Whether a `<` is that of a JSX element: the element is closed further on. */
  private opensElement(): boolean {
    const name = /^[A-Za-z][\w.]*/.exec(this.source.slice(this.scanner.getTokenEnd()))?.[0];
    return name !== undefined && this.source.includes(`</${name}>`, this.scanner.getTokenEnd());
  }

  private push(kind: OpenBracket['kind'], isCondition = false): void {
    this.open.push({ kind, indent: undefined, isCondition });
  }

  /** Whether a brace that comes now opens statements and not an object, by what stands before it. */
  private opensBlock(): boolean {
    const kind = this.previous?.kind;
    if (kind === undefined || blockOpeners.has(kind)) return true;
    return kind === K.CloseBraceToken ? this.endedBrace === 'block' : isOperandEnd(kind);
  }
}

const conditionKeywords = new Set([K.IfKeyword, K.ForKeyword, K.WhileKeyword, K.WithKeyword]);

const blockOpeners = new Set([
  K.SemicolonToken,
  K.OpenBraceToken,
  K.EqualsGreaterThanToken,
  K.ElseKeyword,
  K.DoKeyword,
  K.TryKeyword,
  K.FinallyKeyword,
  K.CatchKeyword,
  K.GreaterThanToken,
]);

/** Keywords after which an expression goes on. Other keywords may be names or end a type. */
const unfinishedKeywords = new Set([
  K.AwaitKeyword,
  K.CaseKeyword,
  K.ConstKeyword,
  K.DeleteKeyword,
  K.DoKeyword,
  K.ElseKeyword,
  K.ExportKeyword,
  K.ExtendsKeyword,
  K.FunctionKeyword,
  K.ImportKeyword,
  K.InKeyword,
  K.InstanceOfKeyword,
  K.NewKeyword,
  K.ReturnKeyword,
  K.ThrowKeyword,
  K.TypeOfKeyword,
  K.VarKeyword,
  K.VoidKeyword,
  K.YieldKeyword,
]);

function isOperandEnd(kind: ts.SyntaxKind): boolean {
  if (kind >= K.FirstKeyword && kind <= K.LastKeyword) return !unfinishedKeywords.has(kind);
  switch (kind) {
    case K.Identifier:
    case K.PrivateIdentifier:
    case K.NumericLiteral:
    case K.BigIntLiteral:
    case K.StringLiteral:
    case K.RegularExpressionLiteral:
    case K.NoSubstitutionTemplateLiteral:
    case K.TemplateTail:
    case K.CloseParenToken:
    case K.CloseBracketToken:
    case K.PlusPlusToken:
    case K.MinusMinusToken:
      return true;
    default:
      return false;
  }
}
