/** A statement of a script. `line`: where it begins, from 1. */
export interface ScriptStatement {
  readonly sql: string;
  readonly line: number;
}

/** A script that nobody could split: where, and why. Says nothing of its text. */
export interface ScriptFault {
  readonly line: number;
  readonly what: string;
}

export type Script = { readonly type: 'statements'; readonly statements: readonly ScriptStatement[] } | ({ readonly type: 'fault' } & ScriptFault);

/** A file of words, not a program: more than this is a mistake; characters. */
const DELIMITER_MOST = 16;

/**
 * Splits a script as the `mysql` client does: at the delimiter, outside of quotes, names and comments. `DELIMITER //` sets another one until the next such line.
 * A backslash escapes in texts, as in Doris without NO_BACKSLASH_ESCAPES, and not in names; a doubled quote is two texts side by side, which splits alike. Comments
 * are taken out; hints (`/*+`) and versioned ones (`/*!`) are statements' own. `--` begins a comment only before a blank, as in MySQL: `1--1` is a sum.
 */
export function splitScript(text: string): Script {
  const statements: ScriptStatement[] = [];
  let delimiter = ';';
  let part = '';
  let began = 0;
  let at = 0;
  /** Lines are counted as they are asked for, going forward alone. */
  let counted = { to: 0, line: 1 };
  const lineOf = (index: number): number => {
    for (let i = counted.to; i < index; i += 1) if (text[i] === '\n') counted = { to: i + 1, line: counted.line + 1 };
    return counted.line;
  };
  const flush = (): void => {
    const sql = part.trim();
    if (sql !== '') statements.push({ sql, line: lineOf(began) });
    part = '';
  };
  const take = (piece: string): void => {
    if (part.trim() === '') began = at + (piece.length - piece.trimStart().length);
    part += piece;
  };
  while (at < text.length) {
    const command = part.trim() === '' ? delimiterAt(text, at) : undefined;
    if (command !== undefined) {
      if (!isDelimiter(command.word)) return fault(lineOf(at), `DELIMITER takes a word of at most ${DELIMITER_MOST} characters without quotes and backslashes`);
      delimiter = command.word;
      part = '';
      at = command.end;
      continue;
    }
    if (text.startsWith(delimiter, at)) {
      flush();
      at += delimiter.length;
      continue;
    }
    const found = pieceAt(text, at);
    if (found.type === 'open') return fault(lineOf(at), found.what);
    // A blank after two dashes would make a comment of what follows.
    if (found.type === 'comment') part += part.endsWith('-') ? '/**/' : ' ';
    else take(text.slice(at, found.end));
    at = found.end;
  }
  flush();
  return { type: 'statements', statements };
}

const fault = (line: number, what: string): Script => ({ type: 'fault', line, what });

type Piece = { readonly type: 'text' | 'comment'; readonly end: number } | { readonly type: 'open'; readonly what: string };

/** What begins at an index: a quoted text or name, a comment, or one character. */
function pieceAt(text: string, at: number): Piece {
  const here = text[at]!;
  if (here === "'" || here === '"' || here === '`') return quoted(text, at, here);
  if (here === '#' || (here === '-' && /^--(?:[\s\p{Cc}]|$)/u.test(text.slice(at, at + 3)))) {
    const end = text.indexOf('\n', at);
    return { type: 'comment', end: end < 0 ? text.length : end };
  }
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2);
    if (end < 0) return { type: 'open', what: 'a comment that begins here is never closed' };
    return { type: /[+!]/.test(text[at + 2] ?? '') ? 'text' : 'comment', end: end + 2 };
  }
  return { type: 'text', end: at + 1 };
}

function quoted(text: string, at: number, quote: string): Piece {
  let end = at + 1;
  while (end < text.length && text[end] !== quote) end += text[end] === '\\' && quote !== '`' ? 2 : 1;
  return end < text.length ? { type: 'text', end: end + 1 } : { type: 'open', what: `a ${quote} that stands here is never closed` };
}

const DELIMITER = /[^\S\n]*delimiter(?:[^\S\n]+([^\n]*)|(?=\n|$))/iy;

/** The client's own command, on a line of its own where no statement has begun. */
function delimiterAt(text: string, at: number): { readonly word: string; readonly end: number } | undefined {
  if (at > 0 && text[at - 1] !== '\n' && text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() !== '') return undefined;
  DELIMITER.lastIndex = at;
  const match = DELIMITER.exec(text);
  return match === null ? undefined : { word: (match[1] ?? '').trim(), end: at + match[0].length };
}

const isDelimiter = (word: string): boolean => word !== '' && word.length <= DELIMITER_MOST && !/[\s'"`\\]/.test(word);
